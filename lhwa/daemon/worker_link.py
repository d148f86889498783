"""The line between the daemon and one worker process: small messages over a pair of sockets.

The daemon says when there is new work and when to stop; the worker reports what it did. If the daemon dies, the line
breaks and the worker ends. Every message is whole or not there (SOCK_SEQPACKET). Losing a wake-up that
names nobody costs nothing: the line is full then, so the worker has others to read. Every other order waits for room.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import msgspec

from lhwa.daemon.watching import Counts
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant, from_ms

MESSAGE_BYTES_MAX = 128 * 1024
BUFFER_BYTES = 1024 * 1024
NAMED_MAX = 1_000
"""Firms in one order: their names have to fit into one message."""
SAY_AGAIN_S = 0.05


class Order(msgspec.Struct, omit_defaults=True):
    """From the daemon: there is new work."""

    tenants: Sequence[str] = ()
    registry: bool = False
    """The registry was written."""
    start: bool = False
    stop: bool = False


class Report(msgspec.Struct, omit_defaults=True):
    """From the worker: what it did since the last report, and how it is."""

    counts: Counts
    is_running: bool = False
    open_stores: int = 0
    last_served_ms: int | None = None
    lines_lost: int = 0


WAKE = msgspec.json.encode(Order())
_ORDER = msgspec.json.Decoder(Order)
_REPORT = msgspec.json.Decoder(Report)


class WorkerProcess:
    """The daemon's end: one worker as the daemon sees it.

    Args:
        run: what the worker process does, with its end of the line. It never returns into the caller's code.
        beside: other workers, whose lines this one must not hold open.
    """

    def __init__(self, run: Callable[[socket.socket], int], *, beside: Sequence[WorkerProcess] = ()) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (self._line, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        self.pid = _fork(run, theirs, not_theirs=[self._line, *(other._line for other in beside)])  # noqa: SLF001 -- of this class
        theirs.close()
        self._line.setblocking(False)
        self._on_report: Callable[[Report], None] = lambda _report: None
        self._began = asyncio.Event()
        self._ended = asyncio.Event()
        self._unsaid: deque[bytes] = deque()
        self._reaping: asyncio.Task[int] | None = None
        self.exit_code: int | None = None
        self.is_running = False
        """True while it serves firms."""
        self.open_stores = 0
        self.last_served: Instant | None = None
        self.lines_lost = 0

    def start(self, on_report: Callable[[Report], None]) -> None:
        """Let it begin. Call on the event loop."""
        self._on_report = on_report
        self._listen()
        self._say(Order(start=True))

    async def began(self) -> None:
        """Wait until it serves firms, or has ended."""
        await self._began.wait()

    def wake(self, tenants: Iterable[TenantId] = ()) -> None:
        """There is new work; for these firms there may be new jobs. From any thread, if no firm is named."""
        named = tuple(tenants)
        if not named:
            self._send(WAKE)
        for start in range(0, len(named), NAMED_MAX):
            self._say(Order(named[start : start + NAMED_MAX]))

    def look_at_registry(self) -> None:
        """The registry was written: firms, or their keys, may be others."""
        self._say(Order(registry=True))

    async def ended(self) -> int:
        """Wait for its end; returns its exit code."""
        await self._ended.wait()
        return await self._reaped()

    async def stop(self, timeout_s: float) -> None:
        """Let it finish its batch and close its files; by force when that takes too long. Idempotent."""
        if self.exit_code is not None:
            return
        self._listen()
        self._say(Order(stop=True))
        try:
            async with asyncio.timeout(timeout_s):
                await self.ended()
        except TimeoutError:
            self.kill()
            await self._reaped()
        self._hang_up()

    def kill(self) -> None:
        """End it by force. What it had not committed waits in the spool."""
        if self.exit_code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _listen(self) -> None:
        if self._line.fileno() >= 0:
            asyncio.get_running_loop().add_reader(self._line.fileno(), self._read)

    def _say(self, order: Order) -> None:
        """Say what may not be lost: it waits for room. Call on the event loop."""
        self._unsaid.append(msgspec.json.encode(order))
        self._say_on()

    def _say_on(self) -> None:
        while self._unsaid:
            try:
                self._line.send(self._unsaid[0])
            except BlockingIOError:
                asyncio.get_running_loop().call_later(SAY_AGAIN_S, self._say_on)
                return
            except OSError:
                self._unsaid.clear()  # nobody listens any more
                return
            self._unsaid.popleft()

    def _send(self, message: bytes) -> None:
        with suppress(BlockingIOError, OSError):  # see the module docstring; its end is noticed by reading
            self._line.send(message)

    def _read(self) -> None:
        while True:
            try:
                message = self._line.recv(MESSAGE_BYTES_MAX)
            except BlockingIOError:
                return
            except OSError:
                message = b""
            if not message:
                self._hang_up()
                return
            report = _REPORT.decode(message)
            self.is_running, self.open_stores = report.is_running, report.open_stores
            self.lines_lost = report.lines_lost
            self.last_served = None if report.last_served_ms is None else from_ms(report.last_served_ms)
            self._began.set()
            self._on_report(report)

    def _hang_up(self) -> None:
        if self._line.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._line.fileno())
            self._line.close()
        self.is_running = False
        self._began.set()
        self._ended.set()

    async def _reaped(self) -> int:
        if self._reaping is None:
            self._reaping = asyncio.create_task(self._reap())
        # A child can be waited for once: whoever is cancelled meanwhile must not take the answer from the others.
        return await asyncio.shield(self._reaping)

    async def _reap(self) -> int:
        _pid, status = await asyncio.to_thread(os.waitpid, self.pid, 0)
        self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code


class WorkerLine:
    """The worker's end of the line."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def wait_for_start(self) -> bool:
        """Wait until the daemon holds its lock and lets us begin; False when it ended before."""
        self._line.setblocking(True)
        message = self._line.recv(MESSAGE_BYTES_MAX)
        return bool(message) and _ORDER.decode(message).start

    def listen(
        self,
        *,
        wake: Callable[[Iterable[TenantId]], None],
        registry_changed: Callable[[], None],
        stop: Callable[[], None],
    ) -> None:
        """Hear orders on the event loop; the end of the daemon is one to stop."""
        self._line.setblocking(False)
        loop = asyncio.get_running_loop()

        def read() -> None:
            named: set[TenantId] = set()
            while True:
                try:
                    message = self._line.recv(MESSAGE_BYTES_MAX)
                except BlockingIOError:
                    break
                except OSError:
                    message = b""
                if not message:
                    loop.remove_reader(self._line.fileno())
                    stop()
                    return
                if message != WAKE:
                    order = _ORDER.decode(message)
                    named.update(TenantId(tenant) for tenant in order.tenants)
                    if order.registry:
                        registry_changed()
                    if order.stop:
                        stop()
            wake(named)

        loop.add_reader(self._line.fileno(), read)

    def report(self, report: Report) -> bool:
        """Tell the daemon; False when the line is full, so that the same is told later."""
        try:
            self._line.send(msgspec.json.encode(report))
        except BlockingIOError:
            return False
        except OSError:
            return True  # nobody listens any more
        return True


def _fork(run: Callable[[socket.socket], int], theirs: socket.socket, *, not_theirs: Sequence[socket.socket]) -> int:
    """A copy of this process that runs `run` and nothing else. Before any thread, loop or database was started."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for line in not_theirs:
            line.close()
        code = run(theirs)
    finally:
        # Nothing of the parent's is ours to clean up: no exit handlers, no buffers.
        os._exit(code)
