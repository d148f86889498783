"""The spool: sealed webhook requests on disk before anybody is told 200.

One writer connection on one thread commits everything that waits in one transaction with one fsync; the callers
wait for that commit. Marks of progress ride along in the same commits. Reading has its own connection.

Invariants: `put` returns only after a commit with fsync; a request seen before changes nothing; a failed commit
keeps nothing of its group and closes the connection, because after a failed fsync the file must be read anew.
"""

from __future__ import annotations

import asyncio
import os
import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import apsw

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.errors import LhwaError, StorageError, UnavailableError, VerificationError
from lhwa.store.connection import PAGE_BYTES, storage_errors
from lhwa.store.in_place import InPlace, overwritten
from lhwa.store.spool_rows import SpoolChange, SpoolReader, open_spool_file

GROUP_ROWS_MAX = 1_024
PENDING_BYTES_MAX = 64 * 1024 * 1024
"""Bytes that may wait for a commit; more are refused with 503, so that a stalled disk cannot eat the memory."""


@dataclass(frozen=True, slots=True)
class SpoolRequest:
    """One webhook request, or one firm's part of it, ready to be stored."""

    event_id: RawEventId
    tenant: TenantId | None
    app: str
    received_at_ms: int
    dedup: bytes
    body_bytes: int
    sealed: bytes
    state: str = "stored"
    reason: str = ""


_INSERT = """
INSERT INTO webhook_request (event_id, tenant, app, received_at, dedup, body_bytes, sealed, state, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (dedup) DO NOTHING
"""


@dataclass(slots=True)
class _Pending:
    requests: Sequence[SpoolRequest]
    change: SpoolChange | None
    stored: Future[int]
    size: int


def create_spool(path: Path) -> None:
    """Make the spool of a new home; one that is there stays as it is.

    It is built beside and linked into place, so a crash never leaves half a spool under the name.

    Raises: VerificationError when a log lies there without its file: requests may wait in it.
    """
    if path.exists():
        return
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise VerificationError(
            f"There is a {log.name} without its {path.name}; accepted requests may wait in it.",
            hint=f"Put {path.name} back beside it; if that is lost for good, move {log.name} away.",
        )
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        open_spool_file(beside, create=True).close()
        with suppress(FileExistsError):
            os.link(beside, path)
    except OSError as error:
        raise StorageError(f"{path.name} could not be made: {error.strerror}.") from None
    finally:
        beside.unlink(missing_ok=True)


class Spool:
    """The spool file with its writer thread. Safe to call from any thread and from asyncio.

    `on_commit` is called on the writer thread after each commit that stored new requests for a firm.

    It never makes its file: where requests were accepted before, that would hide their loss. See `create_spool`.

    Raises: StorageError when the file is missing; VerificationError when it is emptied.
    """

    def __init__(self, path: Path, *, pending_bytes_max: int = PENDING_BYTES_MAX) -> None:
        self._path = path
        self._pending_bytes_max = pending_bytes_max
        self._pending_bytes = 0
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._closed = False
        self._connection: apsw.Connection | None = None
        self._in_place: InPlace | None = None
        self._inode = 0
        self.on_commit: Callable[[], None] = lambda: None
        self.on_fsync: Callable[[float, int], None] = lambda _seconds, _requests: None
        self._open_now()
        try:
            self.read = SpoolReader.open(path)
        except BaseException:
            self._abandon()
            raise
        self._thread = threading.Thread(target=self._work, name="lhwa-spool", daemon=True)
        self._thread.start()

    def put(self, requests: Sequence[SpoolRequest]) -> Future[int]:
        """Store requests; the future resolves after the fsync, with the number of rows that were new.

        Raises (in the future): StorageError, UnavailableError. Nothing is kept then.
        """
        return self._submit(requests, None, sum(len(request.sealed) for request in requests))

    async def put_async(self, requests: Sequence[SpoolRequest]) -> int:
        """`put` for coroutines. A cancelled caller does not undo a commit."""
        return await asyncio.shield(asyncio.wrap_future(self.put(requests)))

    def change(self, change: SpoolChange) -> Future[int]:
        """Run a change of states in the next group; resolves after its commit."""
        return self._submit((), change, 0)

    def close(self) -> None:
        """Commit what waits, checkpoint, and close. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._queue.put(None)
        self._thread.join()
        self.read.close()
        if self._connection is not None:
            self._connection.close()

    def _submit(self, requests: Sequence[SpoolRequest], change: SpoolChange | None, size: int) -> Future[int]:
        future: Future[int] = Future()
        with self._lock:
            if self._closed:
                future.set_exception(UnavailableError("The spool is closing.", retry_after_s=5.0))
                return future
            if self._pending_bytes + size > self._pending_bytes_max:
                future.set_exception(UnavailableError("Too many requests wait for the disk.", retry_after_s=2.0))
                return future
            self._pending_bytes += size
            self._queue.put(_Pending(requests, change, future, size))
        return future

    def _work(self) -> None:
        last = False
        while not last:
            first = self._queue.get()
            if first is None:
                return
            group = [first]
            while len(group) < GROUP_ROWS_MAX:
                try:
                    waiting = self._queue.get_nowait()
                except queue.Empty:
                    break
                if waiting is None:
                    last = True
                    break
                group.append(waiting)
            self._commit(group)

    def _commit(self, group: list[_Pending]) -> None:
        try:
            with storage_errors("spool.db"):
                outcome = self._transaction(group)
        except LhwaError as failure:
            self._abandon()
            self._refuse(group, failure)
        except Exception as failure:  # noqa: BLE001 -- whatever it was, the callers must not be told 200
            self._abandon()
            if len(group) > 1:
                # One of them is at fault: each gets a transaction of its own, so that it fails alone.
                for pending in group:
                    self._commit([pending])
            else:
                self._refuse(group, StorageError(f"The spool could not commit ({type(failure).__name__})."))
        else:
            self._settle(group, outcome)

    def _settle(self, group: list[_Pending], outcome: list[int]) -> None:
        self._forget_sizes(group)
        for pending, count in zip(group, outcome, strict=True):
            # A cancelled caller has gone: its rows are stored all the same, which is safe.
            if pending.stored.set_running_or_notify_cancel():
                pending.stored.set_result(count)
        if any(pending.requests for pending in group):
            # A listener that breaks must not take the writer with it: the worker looks at the clock anyway.
            with suppress(Exception):
                self.on_commit()

    def _refuse(self, group: list[_Pending], error: LhwaError) -> None:
        self._forget_sizes(group)
        for pending in group:
            if pending.stored.set_running_or_notify_cancel():
                pending.stored.set_exception(error)

    def _forget_sizes(self, group: list[_Pending]) -> None:
        with self._lock:
            self._pending_bytes -= sum(pending.size for pending in group)

    def _transaction(self, group: list[_Pending]) -> list[int]:
        connection, in_place = self._open_now()
        in_place.require()
        outcome: list[int] = []
        connection.execute("BEGIN IMMEDIATE")
        for pending in group:
            before = connection.total_changes()
            for request in pending.requests:
                connection.execute(
                    _INSERT,
                    (
                        request.event_id,
                        request.tenant,
                        request.app,
                        request.received_at_ms,
                        request.dedup,
                        request.body_bytes,
                        request.sealed,
                        request.state,
                        request.reason,
                    ),
                )
            if pending.change is not None:
                pending.change(connection)
            outcome.append(connection.total_changes() - before)
        started_s = time.perf_counter()
        # The fsync happens inside this statement: from here on, 200 is the truth.
        connection.execute("COMMIT")
        in_place.require()
        with suppress(Exception):
            self.on_fsync(time.perf_counter() - started_s, len(group))
        return outcome

    def _open_now(self) -> tuple[apsw.Connection, InPlace]:
        if self._connection is None or self._in_place is None:
            if self._in_place is not None:
                if self._in_place.is_overwritten:
                    raise overwritten(self._path.name)
                # Never make a new file in the place of one that is gone: its readers look at the old one.
                self._require_same_file()
            connection = open_spool_file(self._path)
            try:
                in_place = InPlace(connection, self._path, before=self._in_place)
                inode = self._path.stat().st_ino
            except BaseException:
                connection.close(True)
                raise
            self._connection, self._in_place, self._inode = connection, in_place, inode
        return self._connection, self._in_place

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

    def _abandon(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close(True)
            except apsw.Error:
                return
