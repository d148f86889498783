"""What the admin listener says: is the daemon ready, and what do the queues hold.

Invariant: ready means that a request would be stored now: the spool commits, the disk has room, the worker runs, and
nobody has told the daemon to stop.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lhwa.config import Home
from lhwa.daemon.workers import Workers
from lhwa.domain.instants import rfc3339, to_ms
from lhwa.errors import LhwaError
from lhwa.gateway.server import HttpServer
from lhwa.ports.clock import Clock
from lhwa.store.spool import Spool
from lhwa.store.spool_rows import SpoolReader, requeue
from lhwa.telemetry.metrics import Metrics

STORE_ANSWER_S = 2.0
"""A spool that commits nothing for so long is not ready."""
DISK_FREE_BYTES_MIN = 8 * 1024 * 1024
"""Two of the largest bodies: with less, the next request may be refused."""
QUEUE_STATES = ("stored", "unrouted", "dead", "done")


class Health:
    """Looks at the parts of one daemon.

    Args:
        reader: reads the spool for this alone; closed by its owner.
        is_stopping: True once the daemon was told to stop.
    """

    def __init__(
        self,
        *,
        home: Home,
        clock: Clock,
        metrics: Metrics,
        spool: Spool,
        reader: SpoolReader,
        workers: Workers,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._home = home
        self._spool_file = _identity(home.spool_db)
        self._clock = clock
        self._metrics = metrics
        self._spool = spool
        self._reader = reader
        self._reading = asyncio.Lock()
        self._workers = workers
        self._is_stopping = is_stopping
        self.webhook: HttpServer | None = None
        """The webhook listener, as soon as it listens."""

    async def metrics(self) -> bytes:
        """The page for Prometheus."""
        async with self._reading:
            await asyncio.to_thread(self._measure)
        self._metrics.connections.labels("webhook").set(0 if self.webhook is None else self.webhook.connections)
        self._metrics.open_databases.set(self._workers.open_stores)
        return self._metrics.render()

    async def readiness(self) -> dict[str, Any]:
        """`{"ready": bool, ...}`, with the reason when it is not."""
        try:
            waiting = await self._waiting_requests()
        except LhwaError as error:
            return {"ready": False, "reason": error.message}
        except TimeoutError:
            return {"ready": False, "reason": "The spool does not commit."}
        reason = self._unready_reason()
        last_served = self._workers.last_served
        return {
            "ready": not reason,
            **({"reason": reason} if reason else {}),
            "waitingRequests": waiting,
            "openFirms": self._workers.open_stores,
            "lastServedAt": None if last_served is None else rfc3339(last_served),
        }

    async def _waiting_requests(self) -> int:
        async with self._reading:
            waiting = await asyncio.to_thread(self._reader.waiting)
        # An empty transaction behind everything that waits: the writer is alive and the file is usable.
        async with asyncio.timeout(STORE_ANSWER_S):
            await asyncio.wrap_future(self._spool.change(requeue(())))
        return waiting

    def _unready_reason(self) -> str:
        if self._is_stopping():
            return "The daemon is stopping."
        if self.webhook is None or not self._workers.is_running:
            return "The daemon is starting."
        if _identity(self._home.spool_db) != self._spool_file:
            return "spool.db was removed or replaced; restart the daemon."
        if _free_bytes(self._home.root) < DISK_FREE_BYTES_MIN:
            return "The disk is full."
        return ""

    def _measure(self) -> None:
        self._metrics.disk_free.set(_free_bytes(self._home.root))
        try:
            counts = self._reader.counts()
        except LhwaError:
            # The other numbers are still worth having, most of all when the spool is in trouble.
            self._metrics.db_busy.inc()
            return
        for state in QUEUE_STATES:
            self._metrics.queue_depth.labels("spool", state).set(counts.by_state.get(state, 0))
        now_ms = to_ms(self._clock.now())
        age_s = 0.0 if counts.oldest_stored_ms is None else max(now_ms - counts.oldest_stored_ms, 0) / 1000
        self._metrics.queue_oldest_age.labels("spool").set(age_s)


def _free_bytes(folder: Path) -> int:
    """What can still be written there: nothing when the folder is gone."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a path leads to now."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
