"""Ready means: a request would be stored now."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from lhwa.config import Home
from lhwa.daemon import health as module
from lhwa.daemon.health import Health
from lhwa.store.connection import open_connection
from lhwa.store.spool import SpoolRequest
from lhwa.store.spool_rows import SpoolReader
from lhwa.telemetry.metrics import Metrics
from lhwa.testing.builders import open_spool
from lhwa.testing.fakes import FakeClock


class Usage(NamedTuple):
    """What `shutil.disk_usage` gives."""

    total: int
    used: int
    free: int


class Setting:
    """A Health with a real spool and a worker that is only said to run."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.clock = FakeClock()
        self.spool = open_spool(self.home.spool_db)
        self.reader = SpoolReader(open_connection(self.home.spool_db))
        self.worker = SimpleNamespace(is_running=True, open_stores=2, last_served=None)
        self.stopping = False
        self.metrics = Metrics(version="0", sqlite="0")
        self.health = Health(
            home=self.home,
            clock=self.clock,
            metrics=self.metrics,
            spool=self.spool,
            reader=self.reader,
            workers=self.worker,  # type: ignore[arg-type]  # three facts of it are enough
            is_stopping=lambda: self.stopping,
        )
        listener: Any = SimpleNamespace(connections=5)
        self.health.webhook = listener

    def put(self) -> None:
        now_ms = int(self.clock.now().timestamp() * 1000)
        request = SpoolRequest("01KAN5T9YB6Q2R8W4X7V3M0ZJD", "firma", "main", now_ms, b"1" * 20, 1, b"x")  # type: ignore[arg-type]  # ids are text
        self.spool.put([request]).result()

    def close(self) -> None:
        self.reader.close()
        self.spool.close()


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    made = Setting(tmp_path)
    yield made
    made.close()


async def test_ready_when_all_is_well(setting: Setting) -> None:
    setting.put()
    assert await setting.health.readiness() == {
        "ready": True,
        "waitingRequests": 1,
        "openFirms": 2,
        "lastServedAt": None,
    }


async def test_the_reasons_why_not(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    async def reason() -> str:
        facts = await setting.health.readiness()
        assert facts["ready"] is False
        return str(facts["reason"])

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 1024))
    assert await reason() == "The disk is full."
    setting.worker.is_running = False
    assert await reason() == "The daemon is starting."
    setting.stopping = True
    assert await reason() == "The daemon is stopping."


async def test_not_ready_before_it_listens(setting: Setting) -> None:
    setting.health.webhook = None
    assert (await setting.health.readiness())["ready"] is False


async def test_not_ready_when_the_spool_refuses(setting: Setting) -> None:
    setting.spool.close()
    assert await setting.health.readiness() == {"ready": False, "reason": "The spool is closing."}


async def test_not_ready_when_the_spool_hangs(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STORE_ANSWER_S", 0.05)
    from concurrent.futures import Future  # noqa: PLC0415 -- only here

    never: Future[int] = Future()
    monkeypatch.setattr(setting.spool, "change", lambda _change: never)
    assert await setting.health.readiness() == {"ready": False, "reason": "The spool does not commit."}


async def test_not_ready_when_the_spool_is_another_file(setting: Setting) -> None:
    path = setting.home.spool_db
    path.rename(path.with_name("moved.db"))
    facts = await setting.health.readiness()
    assert facts["ready"] is False


async def test_without_a_home_there_is_still_a_page_and_a_reason(setting: Setting) -> None:
    root = setting.home.root
    aside = root.with_name("aside")
    root.rename(aside)
    assert (await setting.health.readiness())["ready"] is False
    assert b"lhwa_http_connections" in await setting.health.metrics()
    aside.rename(root)
    assert b"lhwa_http_connections" in await setting.health.metrics()


async def test_the_page_counts_what_waits(setting: Setting) -> None:
    setting.put()
    setting.clock.advance(12)
    page = (await setting.health.metrics()).decode()
    for line in (
        'lhwa_queue_depth{queue="spool",state="stored"} 1.0',
        'lhwa_queue_oldest_age_seconds{queue="spool"} 12.0',
        'lhwa_http_connections{listener="webhook"} 5.0',
        "lhwa_open_databases 2.0",
    ):
        assert line in page.splitlines()


async def test_the_page_is_there_when_the_spool_is_not(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    from lhwa.errors import StorageError  # noqa: PLC0415 -- only here

    def broken() -> None:
        raise StorageError("spool.db cannot be read.")

    for asked in ("counts", "waiting"):
        monkeypatch.setattr(setting.reader, asked, broken)
    page = (await setting.health.metrics()).decode()
    assert "lhwa_db_busy_total 1.0" in page.splitlines()
    assert not (await setting.health.readiness())["ready"]
