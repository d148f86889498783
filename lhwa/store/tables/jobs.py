"""Jobs of one firm: put with the change that causes them, deleted with their effect.

Times on disk are of the machine's clock, and that may be set back, by a year if it was wrong by a year. So a job that
was postponed, or is said to run, further ahead than anybody can have asked for is due; and one that was due when it
was put stays due. Only a job that was put for a later time (`put(run_at_ms=…)`) waits for the clock, whatever it says.
"""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from lhwa.domain.jobs import Job, JobKind
from lhwa.errors import SealError
from lhwa.store.connection import rows
from lhwa.store.vault import FIRM, Vault

UNREADABLE_WAIT_MS = 3_600_000
"""How long a job that cannot be read is left alone: an update of lhwa or a restored key may mend it."""

_DUE = (
    "CASE state WHEN 'running' THEN lease_until <= ?1 OR lease_until > ?2"
    " ELSE run_at <= ?1 OR (last_error = '' AND run_at <= created_at) OR (last_error <> '' AND run_at > ?3) END"
)
"""SQL: the job may be claimed, given the numbers of `Jobs._bounds`. A postponed job is known by its error."""


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
                self._now_ms if run_at_ms is None else run_at_ms,
                self._now_ms,
            ),
        )
        added = self._connection.total_changes() > before
        self.put_any = self.put_any or added
        return added

    def claim(self, *, lease_ms: int, jobs_max: int, delay_ms_max: int = UNREADABLE_WAIT_MS) -> list[Job]:
        """Take due jobs, and those whose worker died: its lease has lapsed.

        Args:
            lease_ms: how long the caller may work on them.
            jobs_max: how many to take.
            delay_ms_max: the longest time for which anybody postpones a job.

        A job that does not open, or is of a kind that only a newer lhwa knows, waits: it must not stop the others.
        """
        due = rows(
            self._connection,
            f"SELECT seq, kind, payload, place, tries, created_at FROM job WHERE {_DUE}"  # noqa: S608 -- fixed text
            " ORDER BY run_at, seq LIMIT ?4",
            (*self._bounds(lease_ms, delay_ms_max), jobs_max),
        )
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

    def next_run_ms(self, *, lease_ms: int, delay_ms_max: int = UNREADABLE_WAIT_MS) -> int | None:
        """When the next job is due or its lease lapses, by the rules of `claim`; None when there is none."""
        ((earliest,),) = rows(
            self._connection,
            f"SELECT min(CASE WHEN {_DUE} THEN min(at, ?1) ELSE at END)"  # noqa: S608 -- fixed text
            " FROM (SELECT *, iif(state = 'running', lease_until, run_at) AS at FROM job)",
            self._bounds(lease_ms, delay_ms_max),
        )
        return None if earliest is None else int(earliest)

    def _bounds(self, lease_ms: int, delay_ms_max: int) -> tuple[int, int, int]:
        """Now; the last moment at which a lease can end; the last moment to which a job can have been postponed."""
        # Two leases: a step back that is shorter than one must not take a job from a worker that lives.
        return self._now_ms, self._now_ms + 2 * lease_ms, self._now_ms + max(delay_ms_max, UNREADABLE_WAIT_MS)

    def counts(self) -> JobCounts:
        """For status and metrics."""
        ((waiting, running, oldest),) = rows(
            self._connection,
            "SELECT count(*) FILTER (WHERE state = 'ready'), count(*) FILTER (WHERE state = 'running'),"
            " min(created_at) FILTER (WHERE run_at <= ?) FROM job",
            (self._now_ms,),
        )
        return JobCounts(int(waiting), int(running), oldest)
