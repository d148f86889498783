"""Noticing what other processes touched: by the kernel's word, and by polling where the kernel gives none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from watchfiles import awatch

from lhwa.config import Home
from lhwa.daemon import wakeup
from lhwa.domain.ids import TenantId
from lhwa.store import wake

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
    (tmp_path / "registry.db").write_bytes(b"1")
    return Home(tmp_path)


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
    def exhausted(*paths: Path, force_polling: bool, **more: Any) -> Any:
        if not force_polling:
            raise OSError(28, "OS file watch limit reached")
        return awatch(*paths, force_polling=True, **more)

    monkeypatch.setattr(wakeup, "awatch", exhausted)
    async with watching(home) as heard:
        await noticed(lambda: "firma" in heard.woken, lambda: wake.touch(home.wake_dir, "firma"))


async def test_it_ends_at_once_when_told(home: Home) -> None:
    started = asyncio.get_running_loop().time()
    async with watching(home):
        pass
    assert asyncio.get_running_loop().time() - started < SETTLED_S + 1.0
