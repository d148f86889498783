"""Noticing what other processes touched: by the kernel's word, and by polling where the kernel gives none."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from watchfiles import awatch
from watchfiles._rust_notify import WatchfilesRustInternalError

from lhwa.config import Home
from lhwa.daemon import wakeup
from lhwa.domain.ids import TenantId
from lhwa.store import wake
from lhwa.telemetry import logs

NOTICED_S_MAX = 3.0
SETTLED_S = 0.2


class Heard:
    """What the watcher said."""

    def __init__(self) -> None:
        self.woken: list[TenantId] = []
        self.wakes = 0
        self.registry = 0

    def wake(self, tenants: Iterable[TenantId]) -> None:
        self.wakes += 1
        self.woken += tenants

    def registry_changed(self) -> None:
        self.registry += 1


@pytest.fixture
def home(tmp_path: Path) -> Home:
    root = tmp_path / "home"
    root.mkdir()
    (root / "registry.db").write_bytes(b"1")
    return Home(root)


def _without_the_kernel(*paths: Path, force_polling: bool, **more: Any) -> Any:
    if not force_polling:
        raise OSError(28, "OS file watch limit reached")
    return awatch(*paths, force_polling=True, **more)


@asynccontextmanager
async def watching(home: Home) -> AsyncIterator[Heard]:
    heard, stop = Heard(), asyncio.Event()
    task = asyncio.create_task(wakeup.watch(home, stop=stop, wake=heard.wake, registry_changed=heard.registry_changed))
    await asyncio.sleep(SETTLED_S)
    try:
        yield heard
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)


async def noticed(look: Callable[[], bool], again: Callable[[], object]) -> None:
    """Do it until it is noticed: a poller may have looked for the first time after it happened."""
    async with asyncio.timeout(NOTICED_S_MAX):
        while not look():
            again()
            await asyncio.sleep(0.1)


async def test_a_touched_firm_is_woken(home: Home) -> None:
    async with watching(home) as heard:
        await noticed(lambda: "firma" in heard.woken, lambda: wake.touch(home.wake_dir, "firma"))
        assert heard.registry == 0


async def test_the_spool_wakes_without_a_firm(home: Home) -> None:
    async with watching(home) as heard:
        await noticed(lambda: heard.wakes > 0, lambda: wake.touch(home.wake_dir, wake.SPOOL))
        assert heard.woken == []


async def test_a_name_that_is_no_firm_never_becomes_one(home: Home) -> None:
    async with watching(home) as heard:
        await noticed(lambda: heard.wakes > 0, lambda: (home.wake_dir / "Not A Firm!").write_bytes(b"x"))
        assert heard.woken == []


async def test_a_written_registry_is_noticed(home: Home) -> None:
    async with watching(home) as heard:
        await noticed(lambda: heard.registry > 0, lambda: home.registry_db.write_bytes(b"2"))


async def test_without_the_kernels_help_it_polls(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "awatch", _without_the_kernel)
    async with watching(home) as heard:
        await noticed(lambda: "firma" in heard.woken, lambda: wake.touch(home.wake_dir, "firma"))


VANISHING = ["wake", "registry.db", "home"]


@pytest.mark.parametrize("how", ["watching", "polling"])
@pytest.mark.parametrize("what", VANISHING)
async def test_what_vanishes_is_waited_for_and_then_watched_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, what: str, how: str
) -> None:
    monkeypatch.setattr(wakeup, "LOOK_S", 0.05)
    if how == "polling":
        monkeypatch.setattr(wakeup, "awatch", _without_the_kernel)
    path = home.root if what == "home" else home.root / what
    aside = path.with_name("aside")
    async with watching(home) as heard:
        path.rename(aside)
        await asyncio.sleep(0.5)
        assert what == "wake" or not path.exists()
        heard.registry = heard.wakes = 0
        aside.rename(path)
        await noticed(lambda: heard.registry > 0, lambda: None)
        await noticed(lambda: "firma" in heard.woken, lambda: wake.touch(home.wake_dir, "firma"))
        heard.registry = 0
        await noticed(lambda: heard.registry > 0, lambda: home.registry_db.write_bytes(b"3"))


async def test_a_file_that_is_put_in_the_place_of_another_is_watched(home: Home) -> None:
    fresh = home.root / "fresh.db"
    fresh.write_bytes(b"1")
    async with watching(home) as heard:
        fresh.rename(home.registry_db)
        await noticed(lambda: heard.registry > 0, lambda: None)
        await asyncio.sleep(SETTLED_S)
        heard.registry = 0
        await noticed(lambda: heard.registry > 0, lambda: home.registry_db.write_bytes(b"2"))


async def test_it_starts_without_a_registry_and_makes_no_home(home: Home) -> None:
    home.registry_db.unlink()
    home.root.rmdir()
    async with watching(home):
        await asyncio.sleep(SETTLED_S)
        assert not home.root.exists()


async def test_an_absence_is_said_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "LOOK_S", 0.01)
    stream = io.StringIO()
    logs.configure("debug", "json", stream=stream)
    home.registry_db.unlink()
    try:
        async with watching(home):
            await asyncio.sleep(SETTLED_S)
    finally:
        logs.close()
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["home_not_watched"]


BROKEN = [
    OSError(5, "Input/output error"),
    WatchfilesRustInternalError("x"),
    ExceptionGroup("x", [WatchfilesRustInternalError("y")]),
]


@pytest.mark.parametrize("error", BROKEN, ids=lambda error: type(error).__name__)
async def test_a_watcher_that_breaks_down_is_begun_anew(
    home: Home, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(wakeup, "LOOK_S", 0.01)
    left = [error] * 3

    def breaking(*paths: Path, **more: Any) -> Any:
        if left:
            raise left.pop()
        return awatch(*paths, **more)

    monkeypatch.setattr(wakeup, "awatch", breaking)
    async with watching(home) as heard:
        await noticed(lambda: "firma" in heard.woken, lambda: wake.touch(home.wake_dir, "firma"))
    assert left == []


async def test_it_ends_at_once_when_told(home: Home) -> None:
    started = asyncio.get_running_loop().time()
    async with watching(home):
        pass
    assert asyncio.get_running_loop().time() - started < SETTLED_S + 1.0
