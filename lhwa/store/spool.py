"""The spool: sealed webhook requests on disk before anybody is told 200.

One writer connection on one thread commits everything that waits in one transaction with one fsync; the callers
wait for that commit. Marks of progress ride along in the same commits. Reading has its own connection.

Invariants: `put` returns only after a commit with fsync; a request seen before changes nothing; a failed commit
keeps nothing of its group and closes the connection, because after a failed fsync the file must be read anew.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import apsw

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.errors import LhwaError, StorageError, UnavailableError
from lhwa.store.connection import open_connection, storage_errors
from lhwa.store.migrate import migrate
from lhwa.store.spool_rows import SpoolChange, SpoolReader

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


class Spool:
    """The spool file with its writer thread. Safe to call from any thread and from asyncio.

    `on_commit` is called on the writer thread after each commit that stored new requests for a firm.
    """

    def __init__(self, path: Path, *, pending_bytes_max: int = PENDING_BYTES_MAX) -> None:
        self._path = path
        self._pending_bytes_max = pending_bytes_max
        self._pending_bytes = 0
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._closed = False
        self._connection: apsw.Connection | None = None
        self.on_commit: Callable[[], None] = lambda: None
        self.on_fsync: Callable[[float, int], None] = lambda _seconds, _requests: None
        self._open_now()
        self.read = SpoolReader(open_connection(path))
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
        outcome: list[int] = []
        error: LhwaError | None = None
        try:
            with storage_errors("spool.db"):
                outcome = self._transaction(group)
        except LhwaError as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001 -- whatever it was, the callers must not be told 200
            error = StorageError(f"The spool could not commit ({type(failure).__name__}).")
        if error is not None:
            self._abandon()
        with self._lock:
            self._pending_bytes -= sum(pending.size for pending in group)
        if error is None and any(pending.requests for pending in group):
            self.on_commit()
        for index, pending in enumerate(group):
            # A cancelled caller has gone: its rows are stored all the same, which is safe.
            if not pending.stored.set_running_or_notify_cancel():
                continue
            if error is not None:
                pending.stored.set_exception(error)
            else:
                pending.stored.set_result(outcome[index])

    def _transaction(self, group: list[_Pending]) -> list[int]:
        connection = self._connection or self._open_now()
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
        self.on_fsync(time.perf_counter() - started_s, len(group))
        return outcome

    def _open_now(self) -> apsw.Connection:
        connection = open_connection(self._path, create=True)
        migrate(connection, "spool")
        self._connection = connection
        return connection

    def _abandon(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close(True)
            except apsw.Error:
                return
