"""Running the daemon: its processes on fast event loops, with the adapters that bootstrap chooses."""

from __future__ import annotations

import asyncio
import gc
from functools import partial

import uvloop

from lhwa import bootstrap
from lhwa.config import Home, Settings
from lhwa.daemon.ports import Ports
from lhwa.daemon.supervisor import Daemon
from lhwa.daemon.watchdog import Watchdog
from lhwa.daemon.worker_parts import run_worker
from lhwa.daemon.workers import Workers, how_many
from lhwa.domain.sealing import Key
from lhwa.store.connection import require_safe_sqlite, sqlite_version


def run_daemon(home: Home, settings: Settings, root: Key) -> None:
    """Serve a home until SIGTERM or SIGINT. Raises: LhwaError when it cannot start, or broke down."""
    require_safe_sqlite()
    # Brings an older registry up to date, and refuses one of a newer lhwa: the daemon itself only looks things up.
    bootstrap.open_registry(home, root).close()
    ports = Ports(
        clock=bootstrap.open_clock(),
        notifier=bootstrap.open_notifier(),
        open_channel=bootstrap.open_channel,
        account_of=partial(bootstrap.open_account, home, settings, root),
    )
    # What was imported lives as long as the process: the collector need not look at it again.
    gc.freeze()
    workers = fork_workers(home, settings, root, ports)
    watchdog = Watchdog()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(home, settings, root, ports, workers, watchdog))
    finally:
        workers.kill()
        # Not before the loop is closed: it waits for its threads, and one of them may hang.
        watchdog.disarm()


def fork_workers(home: Home, settings: Settings, root: Key, ports: Ports) -> Workers:
    """The worker processes of a home; they wait to be started. To be called before any thread or database of ours."""
    open_store = partial(
        bootstrap.open_store,
        home,
        registry=partial(bootstrap.open_registry, home, root),
        clock=ports.clock,
        is_daemon=True,
    )
    run = partial(run_worker, home=home, settings=settings, root=root, ports=ports, open_store=open_store)
    return Workers(run, processes=how_many(settings.worker.processes))


async def _serve(home: Home, settings: Settings, root: Key, ports: Ports, workers: Workers, watchdog: Watchdog) -> None:
    daemon = Daemon(
        home,
        settings,
        root,
        ports=ports,
        workers=workers,
        sqlite_version=".".join(str(part) for part in sqlite_version()),
        watchdog=watchdog,
    )
    await daemon.run()
