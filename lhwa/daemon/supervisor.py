"""The daemon: parts start in order and stop in reverse, with a watchdog longer than the sum of their times.

    lock -> registry -> spool -> worker -> admin listener -> webhook listener -> watchers

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
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from lhwa import __version__
from lhwa.bus.worker import Worker, WorkerLimits
from lhwa.config import Home, Settings
from lhwa.daemon.admin import admin_app
from lhwa.daemon.health import Health
from lhwa.daemon.lock import DaemonFacts, HomeLock
from lhwa.daemon.picture import RegistryPicture
from lhwa.daemon.wakeup import watch
from lhwa.daemon.watchdog import Watchdog
from lhwa.daemon.watching import WorkerWatch
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import rfc3339, to_ms
from lhwa.domain.jobs import RetryPolicy
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.errors import InvariantError, LhwaError
from lhwa.gateway.app import WebhookApp
from lhwa.gateway.door import Door
from lhwa.gateway.server import HttpServer
from lhwa.gateway.sources import TrustedProxies
from lhwa.ports.clock import Clock
from lhwa.ports.notifier import Notifier
from lhwa.routes import ROUTES
from lhwa.store.pool import StorePool
from lhwa.store.spool import Spool
from lhwa.store.spool_rows import SpoolReader, prune_done
from lhwa.store.store import Store
from lhwa.telemetry.logs import Log
from lhwa.telemetry.metrics import Metrics

LISTENER_STOP_S = 2.0
"""For each of the two listeners."""
ADMIN_STOP_S = 0.5
WORKER_STOP_S = 4.0
REGISTRY_LOOK_S = 2.0
HOUSEKEEPING_S = 600.0


class OpenStore(Protocol):
    """Opens a firm's files, or makes them when the firm never had any."""

    def __call__(self, tenant: TenantId, keys: TenantKeys, /, *, is_founded: bool) -> Store: ...


_log = Log("daemon")


@dataclass(frozen=True, slots=True)
class Ports:
    """What the daemon needs from outside; also the context of effects."""

    clock: Clock
    notifier: Notifier


class Daemon:
    """One home's daemon. `run` serves until SIGTERM or SIGINT.

    Args:
        watchdog: armed when the stopping begins; its owner disarms it when `run` and what is around it have ended.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        root: Key,
        *,
        ports: Ports,
        open_store: OpenStore,
        sqlite_version: str,
        watchdog: Watchdog,
    ) -> None:
        self._home = home
        self._settings = settings
        self._ports = ports
        self._open_store = open_store
        self._metrics = Metrics(version=__version__, sqlite=sqlite_version)
        self._stop = asyncio.Event()
        self._failed: BaseException | None = None
        self._watchdog = watchdog
        self._picture = RegistryPicture(home.registry_db, root)
        self._background: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until told to stop. Raises: LhwaError when a part cannot start, or when one broke down."""
        async with AsyncExitStack() as parts:
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
        worker = await self._start_worker(parts, spool)
        health = self._watch_health(parts, spool, worker)
        admin = await self._start_admin(parts, health)
        webhook = health.webhook = await self._start_webhook(parts, spool)
        self._start_watchers(parts, spool, worker, lock)
        started_at = rfc3339(self._ports.clock.now())
        lock.tell(DaemonFacts(pid=os.getpid(), started_at=started_at, webhook=webhook.address, admin=admin.address))
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
        spool = Spool(self._home.spool_db, pending_bytes_max=self._settings.spool.pending_bytes_max)
        spool.on_fsync = lambda seconds, _rows: self._metrics.fsync_duration.observe(seconds)
        parts.push_async_callback(asyncio.to_thread, spool.close)
        return spool

    async def _start_worker(self, parts: AsyncExitStack, spool: Spool) -> Worker:
        limits = self._settings.worker
        pool = StorePool(self._open_firm, open_max=limits.open_tenants_max)
        worker = Worker(
            spool=spool,
            stores=pool,
            routes=ROUTES,
            clock=self._ports.clock,
            firms=self._picture.active,
            keys_of=self._picture.keys_of,
            context=self._ports,
            limits=WorkerLimits(
                elements_max=limits.batch_elements_max,
                lease_ms=limits.lease_s * 1000,
                retries=RetryPolicy(limits.tries_max, limits.first_delay_s, 2.0, limits.delay_max_s),
            ),
            observer=WorkerWatch(self._metrics),
        )
        loop = asyncio.get_running_loop()

        def wake_from_spool() -> None:
            loop.call_soon_threadsafe(worker.wake)

        spool.on_commit = wake_from_spool
        task = self._spawn(worker.run(), name="worker")

        async def stop() -> None:
            spool.on_commit = lambda: None
            await worker.stop()
            await asyncio.wait([task], timeout=WORKER_STOP_S)
            await worker.close()

        parts.push_async_callback(stop)
        return worker

    def _open_firm(self, tenant: TenantId) -> Store:
        picture = self._picture
        return self._open_store(tenant, picture.keys_of(tenant), is_founded=picture.is_founded(tenant))

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
        door = Door(limits=limits, proxies=proxies, on_refused=app.refused_at_the_door)
        listener = HttpServer(app, host=server.host, port=server.port, door=door, name="webhook")
        return await _listen(parts, listener, name="webhook", stop_s=LISTENER_STOP_S)

    async def _start_admin(self, parts: AsyncExitStack, health: Health) -> HttpServer:
        server = self._settings.server
        app = admin_app(readiness=health.readiness, render_metrics=health.metrics)
        door = Door(limits=self._settings.limits)
        listener = HttpServer(app, host=server.admin_host, port=server.admin_port, door=door, name="admin")
        return await _listen(parts, listener, name="admin", stop_s=ADMIN_STOP_S)

    def _watch_health(self, parts: AsyncExitStack, spool: Spool, worker: Worker) -> Health:
        reader = SpoolReader.open(self._home.spool_db)
        parts.callback(reader.close)
        return Health(
            home=self._home,
            clock=self._ports.clock,
            metrics=self._metrics,
            spool=spool,
            reader=reader,
            worker=worker,
            is_stopping=self._stop.is_set,
        )

    def _start_watchers(self, parts: AsyncExitStack, spool: Spool, worker: Worker, lock: HomeLock) -> None:
        changed = asyncio.Event()

        async def follow_registry() -> None:
            while not self._stop.is_set():
                try:
                    async with asyncio.timeout(REGISTRY_LOOK_S):
                        await changed.wait()
                except TimeoutError:
                    pass  # the watcher is fast, the look at the clock is sure
                changed.clear()
                lock.say_again()
                if await self._picture.refresh():
                    await worker.sweep()
                    worker.wake()

        async def keep_house() -> None:
            while not self._stop.is_set():
                before = self._ports.clock.now() - timedelta(days=self._settings.spool.retention_days)
                try:
                    await asyncio.wrap_future(spool.change(prune_done(received_before_ms=to_ms(before))))
                except LhwaError as error:
                    _log.warning("spool_not_pruned", reason=error.message)
                # A wake-up of another process can be missed; jobs must not wait for the next message then.
                worker.wake(self._picture.active())
                await asyncio.sleep(HOUSEKEEPING_S)

        tasks = [
            self._spawn(
                watch(self._home, stop=self._stop, wake=worker.wake, registry_changed=changed.set),
                name="watcher",
            ),
            self._spawn(follow_registry(), name="registry"),
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


async def _listen(parts: AsyncExitStack, listener: HttpServer, *, name: str, stop_s: float) -> HttpServer:
    await listener.start()
    parts.push_async_callback(listener.stop, stop_s)
    host, _, port = listener.address.rpartition(":")
    _log.info("listening", kind=name, host=host, port=int(port))
    return listener
