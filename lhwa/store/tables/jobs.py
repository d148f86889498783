"""Jobs of one firm: put with the change that causes them, deleted with their effect.

Times on disk are of the machine's clock, and that may be set back, by a year if it was wrong by a year. So a job that
is due at once has no time; and one that was postponed, or is said to run, further ahead than anybody can have asked
for is due. Only a job that was put for a later time (`put(run_at_ms=…)`) waits for the clock, whatever it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import apsw

from lhwa.domain.jobs import Job, JobKind
from lhwa.errors import SealError
from lhwa.store.connection import rows
from lhwa.store.vault import FIRM, Vault

UNREADABLE_WAIT_MS = 3_600_000
"""How long a job that cannot be read is left alone: an update of lhwa or a restored key may mend it."""

AT_ONCE = 0
"""The time of a job that waits for no time."""
_COLUMNS = "SELECT seq, kind, payload, place, tries, created_at FROM job"
_DUE = (
    ("state = 'ready' AND run_at <= :now ORDER BY run_at, seq"),
    # Postponed by a clock that has been set back since: a postponed job is known by its error.
    ("state = 'ready' AND run_at > :postponed_max AND last_error <> '' ORDER BY run_at, seq"),
    ("state = 'running' AND (lease_until <= :now OR lease_until > :lease_max) ORDER BY lease_until"),
)
"""SQL: the jobs that may be claimed, in three kinds that each follow an index. For the numbers see `Jobs._bounds`."""


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs wait or run, and the creation of the oldest that is due."""

    waiting: int
    running: int
    oldest_due_ms: int | None


class Jobs:
    """The job table. `put` belongs to any transaction; claiming and finishing belong to the bus."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms
        self.put_any = False

    def put(
        self, kind: JobKind, payload: bytes, *, place: str, run_at_ms: int | None = None, once: bool = False
    ) -> bool:
        """Add a job; returns False when `once` and the same place already waits.

        Args:
            payload: JSON; it is sealed under the firm's key.
            place: what the job is about, such as `dead_letter:<id>`; part of the seal.
            run_at_ms: not before this time; now when None.
            once: at most one job of this place.
        """
        sealed = self._vault.seal(FIRM, self._vault.place("job", kind.value, place), payload, now_ms=self._now_ms)
        before = self._connection.total_changes()
        self._connection.execute(
            "INSERT INTO job (kind, once, payload, place, state, run_at, created_at) VALUES (?, ?, ?, ?, 'ready', ?, ?)"
            " ON CONFLICT (once) DO NOTHING",
            (
                kind.value,
                f"{kind.value}/{place}" if once else None,
                sealed,
                place,
                AT_ONCE if run_at_ms is None else run_at_ms,
                self._now_ms,
            ),
        )
        added = self._connection.total_changes() > before
        self.put_any = self.put_any or added
        return added

    def hasten(self, kind: JobKind, payload: bytes, *, place: str, run_at_ms: int | None) -> None:
        """Have the one job of this place run not later than at a time, None for now.

        One that runs already is left alone: it has to look again before it ends.
        """
        if self.put(kind, payload, place=place, run_at_ms=run_at_ms, once=True):
            return
        before = self._connection.total_changes()
        self._connection.execute(
            "UPDATE job SET run_at = min(run_at, ?) WHERE once = ? AND state = 'ready'",
            (AT_ONCE if run_at_ms is None else run_at_ms, f"{kind.value}/{place}"),
        )
        self.put_any = self.put_any or self._connection.total_changes() > before

    def claim(self, *, lease_ms: int, jobs_max: int, delay_ms_max: int = UNREADABLE_WAIT_MS) -> list[Job]:
        """Take due jobs, and those whose worker died: its lease has lapsed.

        Args:
            lease_ms: how long the caller may work on them.
            jobs_max: how many to take.
            delay_ms_max: the longest time for which anybody postpones a job.

        A job that does not open, or is of a kind that only a newer lhwa knows, waits: it must not stop the others.
        """
        bounds = self._bounds(lease_ms, delay_ms_max)
        due: list[tuple[Any, ...]] = []
        for condition in _DUE:
            left = jobs_max - len(due)
            due += self._connection.execute(f"{_COLUMNS} WHERE {condition} LIMIT {left}", bounds).fetchall()
        claimed = []
        for seq, kind, payload, place, tries, created in due:
            try:
                clear = self._vault.unseal(self._vault.place("job", kind, place), payload)
                claimed.append(Job(seq, JobKind(kind), clear, tries + 1, created))
            except (SealError, ValueError) as error:
                self.postpone(seq, run_at_ms=self._now_ms + UNREADABLE_WAIT_MS, error=type(error).__name__)
        self._connection.executemany(
            "UPDATE job SET state = 'running', tries = tries + 1, lease_until = ? WHERE seq = ?",
            [(self._now_ms + lease_ms, job.seq) for job in claimed],
        )
        return claimed

    def finish(self, seq: int) -> bool:
        """Delete a job with its effect; False when somebody else finished it: the caller must then undo."""
        before = self._connection.total_changes()
        self._connection.execute("DELETE FROM job WHERE seq = ?", (seq,))
        return self._connection.total_changes() > before

    def run_again(self, seq: int, *, run_at_ms: int) -> bool:
        """Have a job that runs wait for a later time, without a failure; False when it is gone."""
        before = self._connection.total_changes()
        self._connection.execute(
            "UPDATE job SET state = 'ready', run_at = ?, lease_until = NULL, tries = 0, last_error = ''"
            " WHERE seq = ? AND state = 'running'",
            (run_at_ms if run_at_ms > self._now_ms else AT_ONCE, seq),
        )
        return self._connection.total_changes() > before

    def postpone(self, seq: int, *, run_at_ms: int, error: str) -> None:
        """Give a failed job back, to be tried later."""
        self._connection.execute(
            "UPDATE job SET state = 'ready', run_at = ?, lease_until = NULL, last_error = ? WHERE seq = ?",
            (run_at_ms, error, seq),
        )

    def release(self, seq: int) -> None:
        """Give a job back as if it had not been claimed."""
        self._connection.execute(
            "UPDATE job SET state = 'ready', lease_until = NULL, tries = tries - 1 WHERE seq = ?", (seq,)
        )

    def give_back_all(self) -> int:
        """Give back every job that somebody took, who cannot be alive; their tries stay counted. Returns how many."""
        self._connection.execute("UPDATE job SET state = 'ready', lease_until = NULL WHERE state = 'running'")
        return self._connection.changes()

    def next_run_ms(self, *, lease_ms: int, delay_ms_max: int = UNREADABLE_WAIT_MS) -> int | None:
        """When the next job is due or its lease lapses, by the rules of `claim`; None when there is none."""
        bounds = self._bounds(lease_ms, delay_ms_max)
        for condition in _DUE:
            if self._connection.execute(f"{_COLUMNS} WHERE {condition} LIMIT 1", bounds).fetchone():
                return self._now_ms
        ((ready, running),) = rows(
            self._connection,
            "SELECT (SELECT min(run_at) FROM job WHERE state = 'ready'),"
            " (SELECT min(lease_until) FROM job WHERE state = 'running')",
        )
        return min((int(at) for at in (ready, running) if at is not None), default=None)

    def _bounds(self, lease_ms: int, delay_ms_max: int) -> dict[str, int]:
        """Now; the last moment at which a lease can end; the last moment to which a job can have been postponed."""
        # Two leases: a step back that is shorter than one must not take a job from a worker that lives.
        return {
            "now": self._now_ms,
            "lease_max": self._now_ms + 2 * lease_ms,
            "postponed_max": self._now_ms + max(delay_ms_max, UNREADABLE_WAIT_MS),
        }

    def counts(self) -> JobCounts:
        """For status and metrics."""
        ((waiting, running, oldest),) = rows(
            self._connection,
            "SELECT count(*) FILTER (WHERE state = 'ready'), count(*) FILTER (WHERE state = 'running'),"
            " min(created_at) FILTER (WHERE run_at <= ?) FROM job",
            (self._now_ms,),
        )
        return JobCounts(int(waiting), int(running), oldest)
