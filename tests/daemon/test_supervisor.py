"""The daemon in this process: order, a part that breaks, a disk that fails. Signals are in tests/journeys."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lhwa import bootstrap
from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import make_root_key
from lhwa.config import Home, Settings
from lhwa.config.settings import Server
from lhwa.daemon import supervisor
from lhwa.daemon.lock import running_daemon
from lhwa.daemon.ports import Ports
from lhwa.daemon.running import fork_workers
from lhwa.daemon.supervisor import Daemon
from lhwa.daemon.watchdog import Watchdog
from lhwa.domain.sealing import Key
from lhwa.errors import ConfigError, ConflictError, InvariantError, StorageError
from lhwa.services.access.apps import add_app
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.installation import init_installation
from lhwa.store.spool import Spool, create_spool
from lhwa.testing.fakes import FakeNotifier

SETTINGS = Settings(server=Server(port=0, admin_port=0))


class Installation:
    """A home with an app, and what it takes to serve it."""

    def __init__(self, root: Path, *, with_app: bool = True) -> None:
        root.chmod(0o700)
        self.home = Home(root)
        self.clock = bootstrap.open_clock()
        self.watchdog = Watchdog()
        self.key: Key = make_root_key(FileSecretStore(root / "secrets"))
        self.ports = Ports(
            clock=self.clock,
            notifier=FakeNotifier(),
            open_channel=bootstrap.open_channel,
            account_of=partial(bootstrap.open_account, self.home, SETTINGS, self.key),
        )
        create_spool(self.home.spool_db)
        me = Caller(os_uid=os_uid())
        with init_installation(
            root / "registry.db", self.key, operator="sari", name="Sari", os_uid=os_uid(), now=self.clock.now()
        ) as registry:
            if with_app:
                add_app(registry, me, "main", app_secret="x" * 32, verify_token="verify-me", now=self.clock.now())

    def daemon(self) -> Daemon:
        return Daemon(
            self.home,
            SETTINGS,
            self.key,
            ports=self.ports,
            workers=fork_workers(self.home, SETTINGS, self.key, self.ports),
            sqlite_version="0",
            watchdog=self.watchdog,
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.watchdog.disarm()


@asynccontextmanager
async def running(daemon: Daemon, home: Home) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(daemon.run())
    async with asyncio.timeout(10):
        while not ((facts := running_daemon(home.lock_file)) and facts.webhook) and not task.done():  # noqa: ASYNC110 -- a file has no event
            await asyncio.sleep(0.01)
    yield task
    daemon._stop.set()
    await asyncio.wait([task], timeout=10)


async def test_it_tells_where_it_listens_and_lets_go_at_the_end(place: Installation) -> None:
    async with running(place.daemon(), place.home) as task:
        facts = running_daemon(place.home.lock_file)
        assert facts is not None
        for address in (facts.webhook, facts.admin):
            host, _, port = address.rpartition(":")
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            await writer.wait_closed()
    assert task.exception() is None
    assert running_daemon(place.home.lock_file) is None
    assert not list(place.home.root.glob("*-wal"))


async def test_a_second_one_is_refused_and_the_first_goes_on(place: Installation) -> None:
    async with running(place.daemon(), place.home) as first:
        with pytest.raises(ConflictError):
            await place.daemon().run()
        assert not first.done()


async def test_without_a_secret_it_does_not_even_open_the_spool(tmp_path: Path) -> None:
    bare = Installation(tmp_path, with_app=False)
    with pytest.raises(ConfigError, match="no webhook could be verified"):
        await bare.daemon().run()
    bare.watchdog.disarm()
    assert not bare.home.spool_db.with_name("spool.db-wal").exists()
    assert running_daemon(bare.home.lock_file) is None


async def test_a_part_that_breaks_down_stops_the_daemon(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("kept out of every message")

    monkeypatch.setattr(supervisor, "watch", broken)
    with pytest.raises(InvariantError, match="RuntimeError") as raised:
        await asyncio.wait_for(place.daemon().run(), 10)
    assert "kept out" not in raised.value.message
    assert running_daemon(place.home.lock_file) is None


async def test_a_part_that_is_cancelled_from_inside_stops_the_daemon(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cancelled(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(supervisor, "watch", cancelled)
    with pytest.raises(InvariantError, match="CancelledError"):
        await asyncio.wait_for(place.daemon().run(), 10)


async def test_a_daemon_does_not_outlive_its_worker(place: Installation) -> None:
    daemon = place.daemon()
    async with running(daemon, place.home) as task:
        os.kill(daemon._workers.pids[-1], signal.SIGKILL)
        with pytest.raises(InvariantError, match="broke down"):
            await asyncio.wait_for(task, 10)
    assert running_daemon(place.home.lock_file) is None


async def test_the_watchdog_watches_from_the_stopping_to_the_very_end(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    close = Spool.close

    def closing(spool: Spool) -> None:
        seen.append(place.watchdog.is_armed)
        close(spool)

    monkeypatch.setattr(Spool, "close", closing)
    async with running(place.daemon(), place.home):
        assert not place.watchdog.is_armed
    assert seen == [True]
    assert place.watchdog.is_armed


async def test_a_start_that_fails_is_watched_too(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: Any, **__: Any) -> None:
        raise ConflictError("x")

    monkeypatch.setattr(Daemon, "_start_webhook", refused)
    with pytest.raises(ConflictError):
        await place.daemon().run()
    assert place.watchdog.is_armed


async def test_housekeeping_that_fails_is_tried_again_later(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0
    real = Spool.change

    def full(spool: Spool, change: Any) -> Any:
        nonlocal tries
        future = real(spool, change)
        if "prune_done" in change.__qualname__:
            tries += 1
            future = type(future)()
            future.set_exception(StorageError("spool.db: the disk is full."))
        return future

    monkeypatch.setattr(Spool, "change", full)
    monkeypatch.setattr(supervisor, "HOUSEKEEPING_S", 0.01)
    monkeypatch.setattr(supervisor, "PRUNE_PAUSE_S", 0.0)
    async with running(place.daemon(), place.home) as task:
        async with asyncio.timeout(5):
            while tries < 3:  # noqa: ASYNC110 -- the daemon tells nobody
                await asyncio.sleep(0.01)
        assert not task.done()
    assert task.exception() is None
