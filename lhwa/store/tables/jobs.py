"""Jobs of one firm: put with the change that causes them, deleted with their effect."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from lhwa.domain.jobs import Job, JobKind
from lhwa.errors import SealError
from lhwa.store.connection import rows
from lhwa.store.vault import FIRM, Vault

UNREADABLE_WAIT_MS = 3_600_000
"""How long a job that cannot be read is left alone: an update of lhwa or a restored key may mend it."""


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

    def claim(self, *, lease_ms: int, jobs_max: int) -> list[Job]:
        """Take due jobs, and those whose worker died: its lease has lapsed.

        A job that does not open, or is of a kind that only a newer lhwa knows, waits: it must not stop the others.
        """
        due = rows(
            self._connection,
            "SELECT seq, kind, payload, place, tries, created_at FROM job WHERE run_at <= ?"
            " AND (state = 'ready' OR lease_until <= ?) ORDER BY run_at, seq LIMIT ?",
            (self._now_ms, self._now_ms, jobs_max),
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

    def next_run_ms(self) -> int | None:
        """When the next job is due or its lease lapses; None when there is none."""
        ((earliest,),) = rows(
            self._connection,
            "SELECT min(CASE state WHEN 'ready' THEN run_at ELSE max(run_at, lease_until) END) FROM job",
        )
        return None if earliest is None else int(earliest)

    def counts(self) -> JobCounts:
        """For status and metrics."""
        ((waiting, running, oldest),) = rows(
            self._connection,
            "SELECT count(*) FILTER (WHERE state = 'ready'), count(*) FILTER (WHERE state = 'running'),"
            " min(created_at) FILTER (WHERE run_at <= ?) FROM job",
            (self._now_ms,),
        )
        return JobCounts(int(waiting), int(running), oldest)
