"""The worker processes of a daemon, as one: each serves its own share of the firms.

One that ends takes the daemon with it: its firms would wait for nobody.
"""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from socket import socket
from typing import Protocol

from lhwa.daemon.worker_link import Report, WorkerProcess
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant

PROCESSES_MAX = 4
"""Without a setting: more than these wait for each other at the spool."""


@dataclass(frozen=True, slots=True)
class Share:
    """The firms of one worker of several. Who serves a firm follows from its id, so that nobody has to agree on it."""

    index: int = 0
    of: int = 1

    def has(self, tenant: TenantId) -> bool:
        """True when this worker serves the firm."""
        return zlib.crc32(tenant.encode()) % self.of == self.index


def how_many(wanted: int) -> int:
    """Processes for a setting; 0 means one for each core that this process may use."""
    return wanted or max(1, min(len(os.sched_getaffinity(0)), PROCESSES_MAX))


class RunShare(Protocol):
    """What the process of a share does, with its end of the line; returns its exit code."""

    def __call__(self, line: socket, *, share: Share) -> int: ...


class Workers:
    """All worker processes.

    To be made before any thread, loop or database was started.
    """

    def __init__(self, run: RunShare, *, processes: int) -> None:
        self._processes: list[WorkerProcess] = []
        for index in range(processes):
            self._processes.append(
                WorkerProcess(partial(run, share=Share(index, processes)), beside=tuple(self._processes))
            )

    @property
    def pids(self) -> Sequence[int]:
        """Their process ids."""
        return [each.pid for each in self._processes]

    @property
    def is_running(self) -> bool:
        """True while every firm is served by somebody."""
        return all(each.is_running for each in self._processes)

    @property
    def open_stores(self) -> int:
        """How many firms' files are open."""
        return sum(each.open_stores for each in self._processes)

    @property
    def lines_lost(self) -> int:
        """How many log lines they could not write."""
        return sum(each.lines_lost for each in self._processes)

    @property
    def last_served(self) -> Instant | None:
        """When one of them last served a firm."""
        return max((each.last_served for each in self._processes if each.last_served), default=None)

    def start(self, on_report: Callable[[Report], None]) -> None:
        """Let them begin. Call on the event loop."""
        for each in self._processes:
            each.start(on_report)

    async def began(self) -> None:
        """Wait until all of them serve firms, or have ended."""
        for each in self._processes:
            await each.began()

    def wake(self, tenants: Iterable[TenantId] = ()) -> None:
        """There is new work; for these firms there may be new jobs. From any thread, if no firm is named."""
        named = tuple(tenants)
        for each in self._processes:
            each.wake(named)

    def look_at_registry(self) -> None:
        """The registry was written: firms, or their keys, may be others."""
        for each in self._processes:
            each.look_at_registry()

    async def ended(self) -> int:
        """Wait for the end of one of them; returns its exit code."""
        waits = [asyncio.ensure_future(each.ended()) for each in self._processes]
        try:
            done, _others = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for each in waits:
                each.cancel()

    async def stop(self, timeout_s: float) -> None:
        """Let them finish their batches and close their files; by force when that takes too long. Idempotent."""
        await asyncio.gather(*[each.stop(timeout_s) for each in self._processes])

    def kill(self) -> None:
        """End them by force. What they had not committed waits in the spool."""
        for each in self._processes:
            each.kill()
