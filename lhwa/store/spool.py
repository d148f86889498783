"""The spool: sealed webhook requests on disk before anybody is told 200.

Whatever waits is committed together, in one transaction with one fsync: on the event loop when the disk is quick,
because a hand-over between threads costs more than the commit then, and on the spool's own thread when it is not.
Marks of progress ride along in the same commits. Reading has its own connection.

Invariants: nobody is told "stored" before the commit with fsync; a request seen before changes nothing; a failed
commit keeps nothing of its group.
"""

from __future__ import annotations

import asyncio
import os
import queue
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from lhwa.errors import LhwaError, StorageError, UnavailableError, VerificationError
from lhwa.store.checkpoints import Checkpointer
from lhwa.store.spool_rows import SpoolChange, SpoolReader, open_spool_file
from lhwa.store.spool_writer import Pending, SpoolRequest, SpoolWriter
from lhwa.telemetry.logs import Log

__all__ = ["PENDING_BYTES_MAX", "Settle", "Spool", "SpoolRequest", "create_spool"]

GROUP_ROWS_MAX = 1_024
PENDING_BYTES_MAX = 64 * 1024 * 1024
"""Bytes that may wait for a commit; more are refused with 503, so that a stalled disk cannot eat the memory."""
QUICK_S = 0.003
"""A disk whose commits take longer than this on average would hold up the event loop."""

LogCopier = Literal["in_commits", "in_background", "by_another"]

_log = Log("spool")

Settle = Callable[[int | LhwaError], None]
"""Told the number of rows that are new after the fsync, or why nothing is kept."""


class _Waiting(msgspec.Struct, gc=False):
    pending: Pending
    settle: Settle
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

    `on_commit` is called after each commit that stored new requests, on the thread that committed.

    It never makes its file: where requests were accepted before, that would hide their loss. See `create_spool`.

    Args:
        log: who copies the file's log into it: SQLite in some of these commits, a thread of this spool, or a process
            that has it open besides.
    Raises: StorageError when the file is missing; VerificationError when it is emptied.
    """

    def __init__(
        self, path: Path, *, pending_bytes_max: int = PENDING_BYTES_MAX, log: LogCopier = "in_commits"
    ) -> None:
        self._pending_bytes_max = pending_bytes_max
        self._pending_bytes = 0
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._soon: list[_Waiting] = []
        self.on_commit: Callable[[], None] = lambda: None
        self.on_fsync: Callable[[float, int], None] = lambda _seconds, _requests: None
        self._checkpointer = Checkpointer(path) if log == "in_background" else None
        on_log = self._checkpointer.note if self._checkpointer else None
        self._writer = SpoolWriter(
            path,
            on_fsync=self._fsynced,
            on_log=(lambda _pages: None) if log == "by_another" else on_log,
            is_copying=(lambda: False) if self._checkpointer is None else self._checkpointer.is_copying,
        )
        try:
            self.read = SpoolReader.open(path)
        except BaseException:
            self._writer.abandon()
            raise
        if self._checkpointer is not None:
            self._checkpointer.start()
        self._thread = threading.Thread(target=self._work, name="lhwa-spool", daemon=True)
        self._thread.start()

    def put(self, requests: Sequence[SpoolRequest]) -> Future[int]:
        """Store requests; the future resolves after the fsync, with the number of rows that were new.

        Raises (in the future): StorageError, UnavailableError. Nothing is kept then.
        """
        return self._promise(Pending(requests))

    def change(self, change: SpoolChange) -> Future[int]:
        """Run a change of states in the next group; resolves after its commit."""
        return self._promise(Pending((), change))

    async def put_async(self, requests: Sequence[SpoolRequest]) -> int:
        """`put` for coroutines. A cancelled caller does not undo a commit."""
        stored: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def settle(outcome: int | LhwaError) -> None:
            if stored.done():
                return  # the caller has gone: its rows are stored all the same, which is safe
            if isinstance(outcome, LhwaError):
                stored.set_exception(outcome)
            else:
                stored.set_result(outcome)

        self.put_soon(requests, settle)
        return await stored

    def put_soon(self, requests: Sequence[SpoolRequest], settle: Settle) -> None:
        """Store requests together with all others of this turn of the event loop, on which `settle` is called."""
        if self._soon or self.is_quick:
            if not self._soon:
                asyncio.get_running_loop().call_soon(self._commit_soon)
            self._soon.append(_Waiting(Pending(requests), settle, 0))
            return
        loop = asyncio.get_running_loop()

        def settle_on_loop(outcome: int | LhwaError) -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody waits for the answer
                loop.call_soon_threadsafe(settle, outcome)

        self._submit(_Waiting(Pending(requests), settle_on_loop, _size_of(requests)))

    @property
    def is_quick(self) -> bool:
        """True while a commit costs the event loop less than a hand-over to the spool's thread."""
        return self._writer.commit_s < QUICK_S and not self._writer.is_busy and self._queue.empty()

    def close(self) -> None:
        """Commit what waits, checkpoint, and close. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._queue.put(None)
        self._thread.join()
        if self._checkpointer is not None:
            self._checkpointer.close()
        self.read.close()
        self._writer.close()

    def _promise(self, pending: Pending) -> Future[int]:
        future: Future[int] = Future()

        def settle(outcome: int | LhwaError) -> None:
            # A cancelled caller has gone: its rows are stored all the same, which is safe.
            if not future.set_running_or_notify_cancel():
                return
            if isinstance(outcome, LhwaError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        self._submit(_Waiting(pending, settle, _size_of(pending.requests)))
        return future

    def _submit(self, waiting: _Waiting) -> None:
        with self._lock:
            refusal = self._refusal(waiting)
            if refusal is None:
                self._pending_bytes += waiting.size
                self._queue.put(waiting)
        if refusal is not None:
            waiting.settle(refusal)

    def _refusal(self, waiting: _Waiting) -> LhwaError | None:
        if self._closed:
            return UnavailableError("The spool is closing.", retry_after_s=5.0)
        if self._pending_bytes + waiting.size > self._pending_bytes_max:
            return UnavailableError("Too many requests wait for the disk.", retry_after_s=2.0)
        return None

    def _commit_soon(self) -> None:
        group, self._soon = self._soon, []
        if self._closed:
            for waiting in group:
                waiting.settle(UnavailableError("The spool is closing.", retry_after_s=5.0))
            return
        self._commit(group)

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
            with self._lock:
                self._pending_bytes -= sum(waiting.size for waiting in group)

    def _commit(self, group: Sequence[_Waiting]) -> None:
        outcomes = self._writer.commit([waiting.pending for waiting in group])
        for waiting, outcome in zip(group, outcomes, strict=True):
            try:
                waiting.settle(outcome)
            except Exception as error:  # noqa: BLE001 -- one who breaks must not keep the others from being told
                _log.error("settling_broke", error)
        is_stored = [not isinstance(outcome, LhwaError) for outcome in outcomes]
        if any(waiting.pending.requests for waiting, stored in zip(group, is_stored, strict=True) if stored):
            # A listener that breaks must not take the writer with it: the worker looks at the clock anyway.
            with suppress(Exception):
                self.on_commit()

    def _fsynced(self, seconds: float, waiting: int) -> None:
        self.on_fsync(seconds, waiting)


def _size_of(requests: Sequence[SpoolRequest]) -> int:
    return sum([len(request.sealed) for request in requests])
