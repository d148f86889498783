"""The daemon: parts start in order and stop in reverse, with a watchdog longer than the sum of their times.

    lock -> registry -> spool -> worker processes -> admin listener -> webhook listener -> watchers

This process takes the webhooks; those beside it (`worker_parts.py`) apply them.

Stopping: no new connection is taken, requests in flight get their answer, the batch in progress is committed, the
files are closed. Whatever is left waits in the spool. The admin listener outlives the webhook listener, so that it
can say "not ready" while the other drains.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from lhwa import __version__
from lhwa.config import Home, Settings
from lhwa.daemon.admin import admin_app
from lhwa.daemon.health import Health
from lhwa.daemon.lock import DaemonFacts, HomeLock
from lhwa.daemon.picture import RegistryPicture
from lhwa.daemon.ports import Ports
from lhwa.daemon.wakeup import watch
from lhwa.daemon.watchdog import Watchdog
from lhwa.daemon.watching import add_to
from lhwa.daemon.worker_link import Report
from lhwa.daemon.workers import Workers
from lhwa.domain.instants import rfc3339, to_ms
from lhwa.domain.sealing import Key
from lhwa.errors import InvariantError, LhwaError
from lhwa.gateway.app import WebhookApp
from lhwa.gateway.door import Door
from lhwa.gateway.server import HttpServer
from lhwa.gateway.sources import TrustedProxies
from lhwa.store.spool import Spool
from lhwa.store.spool_rows import SpoolReader, prune_done
from lhwa.telemetry.logs import Log
from lhwa.telemetry.metrics import Metrics

LISTENER_STOP_S = 2.0
"""For each of the two listeners."""
ADMIN_STOP_S = 0.5
WORKER_STOP_S = 4.0
HOUSEKEEPING_S = 600.0
PRUNE_PAUSE_S = 0.05


_log = Log("daemon")


class Daemon:
    """One home's daemon. `run` serves until SIGTERM or SIGINT.

    Args:
        workers: wait for the daemon to have its lock; ended with it.
        watchdog: armed when the stopping begins; its owner disarms it when `run` and what is around it have ended.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        root: Key,
        *,
        ports: Ports,
        workers: Workers,
        sqlite_version: str,
        watchdog: Watchdog,
    ) -> None:
        self._home = home
        self._settings = settings
        self._ports = ports
        self._workers = workers
        self._metrics = Metrics(version=__version__, sqlite=sqlite_version)
        self._stop = asyncio.Event()
        self._failed: BaseException | None = None
        self._watchdog = watchdog
        self._picture = RegistryPicture(home.registry_db, root)
        self._background: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until told to stop. Raises: LhwaError when a part cannot start, or when one broke down."""
        async with AsyncExitStack() as parts:
            # They wait since before the lock was asked for, and have to end also when nothing else begins.
            parts.push_async_callback(self._workers.stop, WORKER_STOP_S)
            lock = HomeLock(self._home.lock_file)
            lock.acquire()
            parts.callback(lock.release)
            self._catch_signals()
            try:
                await self._start(parts, lock)
                await self._stop.wait()
                _log.info("daemon_stopping")
            finally:
                # Also when a part could not start: those before it have to end as well.
                self._watchdog.arm()
        _log.info("daemon_stopped")
        if self._failed is not None:
            raise InvariantError(f"A part of the daemon broke down ({type(self._failed).__name__}).") from self._failed

    async def _start(self, parts: AsyncExitStack, lock: HomeLock) -> None:
        await self._picture.load()
        spool = self._start_spool(parts)
        self._start_workers(parts, spool)
        health = self._watch_health(parts, spool)
        admin = await self._start_admin(parts, health)
        webhook = health.webhook = await self._start_webhook(parts, spool)
        self._start_watchers(parts, spool, lock)
        if not await self._has_begun():
            return
        started_at = rfc3339(self._ports.clock.now())
        lock.tell(
            DaemonFacts(
                pid=os.getpid(),
                started_at=started_at,
                webhook=webhook.address,
                admin=admin.address,
                graph_url=self._settings.outbound.graph_url,
            )
        )
        _log.info("daemon_ready", tenants=len(self._picture.table.state_of_tenant), pid=os.getpid())

    def _catch_signals(self) -> None:
        # They stay caught until the loop closes: an impatient second signal must not cut the stopping short.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop_now)

    def _stop_now(self) -> None:
        # Before `run` hears of it: a signal that comes while a part starts may find one that hangs.
        self._watchdog.arm()
        self._stop.set()

    def _start_spool(self, parts: AsyncExitStack) -> Spool:
        spool = Spool(
            self._home.spool_db, pending_bytes_max=self._settings.spool.pending_bytes_max, log="in_background"
        )
        spool.on_fsync = lambda seconds, _rows: self._metrics.fsync_duration.observe(seconds)
        parts.push_async_callback(asyncio.to_thread, spool.close)
        return spool

    def _start_workers(self, parts: AsyncExitStack, spool: Spool) -> None:
        workers = self._workers
        workers.start(self._note_report)
        spool.on_commit = workers.wake
        self._spawn(self._watch_workers(), name="workers")

        async def stop() -> None:
            spool.on_commit = lambda: None
            await workers.stop(WORKER_STOP_S)

        # Before the spool is closed, so that what was answered last is applied as far as there is time.
        parts.push_async_callback(stop)

    async def _has_begun(self) -> bool:
        """Wait for the workers; False when the daemon is told to stop before."""
        waits = [asyncio.ensure_future(each) for each in (self._workers.began(), self._stop.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()
        return not self._stop.is_set()

    def _note_report(self, report: Report) -> None:
        add_to(self._metrics, report.counts)
        self._metrics.worker_lines_lost = self._workers.lines_lost

    async def _watch_workers(self) -> None:
        code = await self._workers.ended()
        if not self._stop.is_set():
            raise InvariantError(f"A worker process ended with {code}.")

    async def _start_webhook(self, parts: AsyncExitStack, spool: Spool) -> HttpServer:
        server, limits = self._settings.server, self._settings.limits
        proxies = TrustedProxies.of(server.trusted_proxies if server.forwarded != "off" else ())
        app = WebhookApp(
            table=lambda: self._picture.table,
            spool=spool,
            clock=self._ports.clock,
            limits=limits,
            metrics=self._metrics,
            proxies=proxies,
        )
        door = Door(limits=limits, proxies=proxies, on_refused=app.refused_at_the_door, short_way=app.short_way)
        listener = HttpServer(app, host=server.host, port=server.port, door=door, name="webhook")
        return await _listen(parts, listener, name="webhook", stop_s=LISTENER_STOP_S)

    async def _start_admin(self, parts: AsyncExitStack, health: Health) -> HttpServer:
        server = self._settings.server
        app = admin_app(readiness=health.readiness, render_metrics=health.metrics)
        door = Door(limits=self._settings.limits)
        listener = HttpServer(app, host=server.admin_host, port=server.admin_port, door=door, name="admin")
        return await _listen(parts, listener, name="admin", stop_s=ADMIN_STOP_S)

    def _watch_health(self, parts: AsyncExitStack, spool: Spool) -> Health:
        reader = SpoolReader.open(self._home.spool_db)
        parts.callback(reader.close)
        return Health(
            home=self._home,
            clock=self._ports.clock,
            metrics=self._metrics,
            spool=spool,
            reader=reader,
            workers=self._workers,
            is_stopping=self._stop.is_set,
        )

    def _start_watchers(self, parts: AsyncExitStack, spool: Spool, lock: HomeLock) -> None:
        changed = asyncio.Event()

        def registry_changed() -> None:
            changed.set()
            self._workers.look_at_registry()

        async def keep_house() -> None:
            while not self._stop.is_set():
                before = self._ports.clock.now() - timedelta(days=self._settings.spool.retention_days)
                try:
                    await _prune(spool, received_before_ms=to_ms(before))
                except LhwaError as error:
                    _log.warning("spool_not_pruned", reason=error.message)
                await asyncio.sleep(HOUSEKEEPING_S)

        tasks = [
            self._spawn(
                watch(self._home, stop=self._stop, wake=self._workers.wake, registry_changed=registry_changed),
                name="watcher",
            ),
            self._spawn(self._picture.follow(changed, stop=self._stop, on_look=lock.say_again), name="registry"),
            self._spawn(keep_house(), name="housekeeping"),
        ]

        async def stop() -> None:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        parts.push_async_callback(stop)

    def _spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"lhwa-{name}")
        self._background.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if self._stop.is_set():
            return
        # Nobody cancels a part before the stopping: one that says so was ended by something inside it.
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is not None:
            # A daemon without one of its parts would take messages that nobody serves: better to stop and be restarted.
            _log.error("part_broke_down", error, worker=task.get_name())
            self._failed = error
            self._stop_now()


async def _prune(spool: Spool, *, received_before_ms: int) -> None:
    """Forget old requests a few at a time: a webhook that comes meanwhile waits for one slice of them at most."""
    pruned = 1
    while pruned:
        pruned = await asyncio.wrap_future(spool.change(prune_done(received_before_ms=received_before_ms)))
        await asyncio.sleep(PRUNE_PAUSE_S)


async def _listen(parts: AsyncExitStack, listener: HttpServer, *, name: str, stop_s: float) -> HttpServer:
    await listener.start()
    parts.push_async_callback(listener.stop, stop_s)
    host, _, port = listener.address.rpartition(":")
    _log.info("listening", kind=name, host=host, port=int(port))
    return listener
