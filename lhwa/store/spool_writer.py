"""The one writing connection of the spool: a group of requests and changes becomes one transaction with one fsync.

Invariants: what is reported as stored was committed with an fsync; a failed commit keeps nothing of its group and
closes the connection, because after a failed fsync the file must be read anew; a file that took the place of the one
in use is never written to.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import apsw
import msgspec

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.errors import LhwaError, StorageError
from lhwa.store.checkpoints import LOG_BYTES_KEPT
from lhwa.store.connection import BUSY_TIMEOUT_MS, PAGE_BYTES, let_go, rows, settle_log, storage_errors
from lhwa.store.in_place import InPlace, overwritten
from lhwa.store.spool_rows import SpoolChange, open_spool_file

_INSERT = """
INSERT INTO webhook_request (event_id, tenant, app, received_at, dedup, body_bytes, sealed, state, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (dedup) DO NOTHING
"""
BUSY_LOOK_S = 0.0005
_RECENT = 0.2
"""How much the newest commit weighs in the average time of a commit."""


class SpoolRequest(msgspec.Struct, frozen=True, gc=False, repr_omit_defaults=True):
    """One webhook request, or one firm's part of it, ready to be stored. Fields in the order of the table's columns."""

    event_id: RawEventId
    tenant: TenantId | None
    app: str
    received_at_ms: int
    dedup: bytes
    body_bytes: int
    sealed: bytes
    state: str = "stored"
    reason: str = ""


class Pending(msgspec.Struct, frozen=True, gc=False):
    """What somebody waits for."""

    requests: Sequence[SpoolRequest]
    change: SpoolChange | None = None


class SpoolWriter:
    """Commits groups, one at a time, on whichever thread asks.

    Args:
        on_fsync: told after each commit how many seconds it took and how many requests it had.
        on_log: told after each commit how many pages lie in the log. Without it SQLite copies the log in some commits.
        is_copying: True while another thread of this process copies the log.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_fsync: Callable[[float, int], None],
        on_log: Callable[[int], None] | None = None,
        is_copying: Callable[[], bool] = lambda: False,
    ) -> None:
        self._path = path
        self._on_fsync = on_fsync
        self._on_log = on_log
        self._is_copying = is_copying
        self._lock = threading.Lock()
        self._inode = 0
        self.connection: apsw.Connection | None = None
        self._in_place: InPlace | None = None
        self._has_failed = False
        self.commit_s = 0.0
        """What a commit takes, on average of the latest."""
        self._open_now()

    @property
    def is_busy(self) -> bool:
        """True while a group is committed."""
        return self._lock.locked()

    def commit(self, group: Sequence[Pending]) -> list[int | LhwaError]:
        """Commit all of a group: for each how many rows are new, or why nothing of it is kept."""
        with self._lock:
            return self._commit(group)

    def close(self) -> None:
        """Close the connection; the last one to close copies the log."""
        with self._lock:
            if self.connection is not None:
                self.connection.close()
                self.connection = None

    def abandon(self) -> None:
        """Let go of a connection whose pages in memory may not be those on disk."""
        self._has_failed = True
        connection, self.connection = self.connection, None
        if connection is not None:
            let_go(connection)

    def _commit(self, group: Sequence[Pending]) -> list[int | LhwaError]:
        began_s = time.perf_counter()
        try:
            with storage_errors("spool.db"):
                return list(self._transaction(group))
        except LhwaError as failure:
            self.abandon()
            # What fails slowly must not hold up the event loop the next time.
            self._note_time(time.perf_counter() - began_s)
            return [failure] * len(group)
        except Exception as failure:  # noqa: BLE001 -- whatever it was, the callers must not be told 200
            self.abandon()
            if len(group) > 1:
                # One of them is at fault: each gets a transaction of its own, so that it fails alone.
                return [self._commit([pending])[0] for pending in group]
            return [StorageError(f"The spool could not commit ({type(failure).__name__}).")]

    def _transaction(self, group: Sequence[Pending]) -> list[int]:
        connection, in_place = self._open_now()
        in_place.require()
        began_s = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        waited_s = time.perf_counter() - began_s
        counts = _apply(connection, group)
        if self._has_failed:
            # Whoever asks whether the disk is well again gets an answer from the disk, also when nothing else changed.
            connection.pragma("user_version", connection.pragma("user_version"))
        started_s = time.perf_counter()
        # The fsync happens inside this statement: from here on, 200 is the truth.
        connection.execute("COMMIT")
        took_s = time.perf_counter() - started_s
        in_place.require()
        self._has_failed = False
        self._note_time(waited_s + took_s)
        with suppress(Exception):
            self._on_fsync(took_s, sum([len(pending.requests) for pending in group]))
        return counts

    def _note_time(self, seconds: float) -> None:
        self.commit_s += _RECENT * (seconds - self.commit_s)

    def _open_now(self) -> tuple[apsw.Connection, InPlace]:
        if self.connection is None or self._in_place is None:
            if self._in_place is not None:
                if self._in_place.is_overwritten:
                    raise overwritten(self._path.name)
                # Never make a new file in the place of one that is gone: its readers look at the old one.
                self._require_same_file()
            connection = open_spool_file(self._path)
            connection.set_busy_handler(_wait_a_little)
            try:
                settle_log(connection, self._path)
                if self._on_log is not None:
                    connection.set_wal_hook(self._note_log)
                    connection.pragma("journal_size_limit", LOG_BYTES_KEPT)
                in_place = InPlace(connection, self._path, before=self._in_place, is_copying=self._is_copying)
                inode = self._path.stat().st_ino
            except BaseException:
                let_go(connection)
                raise
            self.connection, self._in_place, self._inode = connection, in_place, inode
        return self.connection, self._in_place

    def _note_log(self, _connection: object, _database: str, pages: int) -> int:
        if self._on_log is not None:
            self._on_log(pages)
        return apsw.SQLITE_OK

    def _require_same_file(self) -> None:
        """Refuse to open a file that took the place of the one that this process has been using."""
        try:
            found = self._path.stat()
        except OSError:
            found = None
        if found is not None and found.st_ino == self._inode and found.st_size < PAGE_BYTES:
            raise overwritten(self._path.name)
        if found is None or found.st_ino != self._inode:
            raise StorageError(
                "spool.db was removed or replaced.",
                hint="Stop the daemon, put the right spool.db back with its -wal file, and start it again.",
            )


def _wait_a_little(times: int) -> bool:
    """Look again soon: SQLite's own handler waits longer and longer, and webhooks wait with it."""
    time.sleep(BUSY_LOOK_S)
    return times * BUSY_LOOK_S < BUSY_TIMEOUT_MS / 1000


def _apply(connection: apsw.Connection, group: Sequence[Pending]) -> list[int]:
    """Rows that are new, or rows that a change touched, for each of a group in its order."""
    counts: list[int] = []
    together: list[Pending] = []
    for pending in group:
        if pending.change is None:
            together.append(pending)
            continue
        counts += _insert(connection, together)
        together = []
        before = connection.total_changes()
        pending.change(connection)
        counts.append(connection.total_changes() - before)
    return counts + _insert(connection, together)


def _insert(connection: apsw.Connection, group: Sequence[Pending]) -> list[int]:
    wanted = [msgspec.structs.astuple(request) for pending in group for request in pending.requests]
    if not wanted:
        return [0] * len(group)
    before = connection.total_changes()
    connection.executemany(_INSERT, wanted)
    new = connection.total_changes() - before
    if new == len(wanted):
        return [len(pending.requests) for pending in group]
    if new == 0:
        return [0] * len(group)
    # Some were seen before, and each of them may have used up a number as well.
    first = connection.last_insert_rowid() - len(wanted)
    found = rows(connection, "SELECT event_id FROM webhook_request WHERE seq > ?", (first,))
    added = {event_id for (event_id,) in found}
    return [sum(request.event_id in added for request in pending.requests) for pending in group]
