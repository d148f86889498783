"""One worker process: everything between the spool and the firms' files, beside the process that takes the webhooks,
for its share of the firms.

    line -> registry -> spool -> worker

It has the interpreter to itself, so that however much there is to apply, a webhook waits for its own commit alone; and
where both want the same core, the webhooks go first. Signals are the daemon's business: it says when to stop, and when
it dies the worker goes with it. Two of them on the same files for a moment do no harm.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import uvloop

from lhwa.bus.jobs import take_over
from lhwa.bus.serving import WorkerLimits
from lhwa.bus.worker import Worker
from lhwa.config import Home, Settings
from lhwa.daemon.folder_watch import FolderWatch
from lhwa.daemon.picture import RegistryPicture
from lhwa.daemon.ports import EffectPorts, OpenStore, Ports
from lhwa.daemon.watchdog import Watchdog
from lhwa.daemon.watching import WorkerWatch
from lhwa.daemon.worker_link import Report, WorkerLine
from lhwa.daemon.workers import Share
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import to_ms
from lhwa.domain.jobs import RetryPolicy
from lhwa.domain.sealing import Key
from lhwa.outbound.draining import Account, OutboundPorts
from lhwa.ports.channel import Channel
from lhwa.routes import ROUTES
from lhwa.store.pool import StorePool
from lhwa.store.spool import Spool
from lhwa.store.store import Store
from lhwa.telemetry.logs import Log, lines_lost

NICENESS = 5
"""Where there are fewer cores than work, a message may be applied later, but a webhook has to be answered."""
REPORT_S = 0.02
LOOK_ROUND_S = 600.0
LOOK_S_PER_FIRM = 1.0
"""How often every firm is looked into: a wake-up of another process can be missed."""
_PR_SET_PDEATHSIG = 1

_log = Log("worker")


def run_worker(
    line: socket.socket, *, share: Share, home: Home, settings: Settings, root: Key, ports: Ports, open_store: OpenStore
) -> int:
    """Serve a share of the firms of a home until the daemon says stop, or ends; returns the exit code."""
    _belong_to_the_daemon()
    end = WorkerLine(line)
    if not end.wait_for_start():
        return 0
    watchdog = Watchdog()
    try:
        process = _WorkerParts(
            home, settings, root, share=share, ports=ports, open_store=open_store, line=end, watchdog=watchdog
        )
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(process.run())
    except Exception as error:  # noqa: BLE001 -- the last to hear of it: the daemon learns only that we ended
        _log.error("worker_broke_down", error)
        return 1
    finally:
        watchdog.disarm()
    return 0


def _belong_to_the_daemon() -> None:
    """Leave signals to it, let it go first, and end with it even when it is killed."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with suppress(OSError):
        os.nice(NICENESS)


class _WorkerParts:
    """One worker process."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        root: Key,
        *,
        share: Share,
        ports: Ports,
        open_store: OpenStore,
        line: WorkerLine,
        watchdog: Watchdog,
    ) -> None:
        self._home = home
        self._settings = settings
        self._ports = ports
        self._open_store = open_store
        self._line = line
        self._watchdog = watchdog
        self._picture = RegistryPicture(home.registry_db, root, is_quiet=True, share=share.has)
        self._watch = WorkerWatch(self._report_soon)
        self._stop = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._taken_over: set[TenantId] = set()
        self._worker: Worker | None = None

    async def run(self) -> None:
        """Serve until told to stop."""
        await self._picture.load()
        async with AsyncExitStack() as parts:
            spool = Spool(self._home.spool_db, log="by_another")
            parts.push_async_callback(asyncio.to_thread, spool.close)
            channel = await parts.enter_async_context(self._ports.open_channel())
            worker = self._worker = self._made(spool, channel)
            changed = asyncio.Event()
            self._line.listen(wake=worker.wake, registry_changed=changed.set, stop=self._stop_now)
            working = asyncio.create_task(worker.run(), name="lhwa-worker")
            others = self._others(worker, changed)
            self._report_soon()
            ending = asyncio.create_task(self._stop.wait())
            await asyncio.wait([working, ending, *others], return_when=asyncio.FIRST_COMPLETED)
            self._watchdog.arm()
            await worker.stop()
            for task in (ending, *others):
                task.cancel()
            ended = await asyncio.gather(working, *others, return_exceptions=True)
            await worker.close()
            self._report()
            for outcome in ended:
                if isinstance(outcome, Exception):
                    raise outcome

    def _stop_now(self) -> None:
        self._watchdog.arm()
        self._stop.set()

    def _made(self, spool: Spool, channel: Channel) -> Worker:
        limits = self._settings.worker
        worker: Worker

        async def write(tenant: TenantId, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            return await worker.write(tenant, fn, *args, **kwargs)

        async def account_of(tenant: TenantId) -> Account:
            return await asyncio.to_thread(self._ports.account_of, tenant)

        outbound = OutboundPorts(
            channel=channel,
            write=write,
            account_of=account_of,
            clock=self._ports.clock,
            per_s=self._settings.outbound.messages_per_s,
        )
        worker = Worker(
            spool=spool,
            stores=StorePool(self._open_firm, open_max=limits.open_tenants_max),
            routes=ROUTES,
            clock=self._ports.clock,
            firms=self._picture.active,
            keys_of=self._picture.keys_of,
            context=EffectPorts(self._ports.notifier, outbound),
            limits=WorkerLimits(
                elements_max=limits.batch_elements_max,
                lease_ms=limits.lease_s * 1000,
                retries=RetryPolicy(limits.tries_max, limits.first_delay_s, 2.0, limits.delay_max_s),
            ),
            observer=self._watch,
        )
        return worker

    def _open_firm(self, tenant: TenantId) -> Store:
        picture = self._picture
        store = self._open_store(tenant, picture.keys_of(tenant), is_founded=picture.is_founded(tenant))
        if tenant not in self._taken_over:
            # This home has one daemon and this firm one worker, so who took its jobs is dead. Only the first time:
            # afterwards they may be ours.
            try:
                take_over(store)
            except BaseException:
                store.close()
                raise
            self._taken_over.add(tenant)
        return store

    def _others(self, worker: Worker, changed: asyncio.Event) -> list[asyncio.Task[None]]:
        async def on_other_firms() -> None:
            await worker.sweep()
            worker.wake()

        async def look_round() -> None:
            while True:
                await asyncio.sleep(max(LOOK_ROUND_S, len(self._picture.active()) * LOOK_S_PER_FIRM))
                await worker.sweep()

        following = self._picture.follow(changed, stop=self._stop, on_change=on_other_firms)
        edited = FolderWatch(self._home, firms=self._picture.active, record=worker.visit, clock=self._ports.clock)
        return [asyncio.create_task(part) for part in (following, look_round(), edited.run())]

    # Reporting: what was counted in a moment goes together, and what the line has no room for goes later.

    def _report_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(REPORT_S, self._report)

    def _report(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._worker is None:
            return
        counts = self._watch.taken()
        last_served = self._worker.last_served
        report = Report(
            counts,
            is_running=self._worker.is_running and not self._stop.is_set(),
            open_stores=self._worker.open_stores,
            last_served_ms=None if last_served is None else to_ms(last_served),
            lines_lost=lines_lost(),
        )
        if not self._line.report(report):
            self._watch.put_back(counts)
        if self._watch.has_counted:
            self._report_soon()
