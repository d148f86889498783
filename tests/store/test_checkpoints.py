"""The spool's log is copied beside the commits, and begins anew before it grows without end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.store import checkpoints
from lhwa.store.spool import Spool, SpoolRequest, create_spool
from lhwa.store.spool_rows import SpoolReader

WAIT_S = 10


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_spool(tmp_path / "spool.db")
    return tmp_path / "spool.db"


@pytest.fixture
def spool(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spool]:
    monkeypatch.setattr(checkpoints, "PAGES_BETWEEN", 20)
    monkeypatch.setattr(checkpoints, "PAGES_MAX", 60)
    opened = Spool(path, log="in_background")
    yield opened
    opened.close()


def put(spool: Spool, first: int, count: int) -> None:
    for number in range(first, first + count):
        event = RawEventId(f"event-{number}")
        request = SpoolRequest(event, TenantId("firma"), "main", number, number.to_bytes(20, "big"), 1, b"x" * 20_000)
        assert spool.put([request]).result(WAIT_S) == 1


def grows(path: Path, size: int) -> bool:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if path.stat().st_size > size:
            return True
        time.sleep(0.01)
    return False


def test_what_was_committed_reaches_the_database_while_the_spool_is_open(spool: Spool, path: Path) -> None:
    before = path.stat().st_size
    put(spool, 0, 30)
    assert grows(path, before)
    put(spool, 30, 5)
    assert len(spool.read.of_tenant(TenantId("firma"))) == 35


def test_a_log_without_a_pause_begins_anew(spool: Spool, path: Path) -> None:
    log = path.with_name("spool.db-wal")
    put(spool, 0, 1)
    salt = log.read_bytes()[16:24]
    for batch in range(1, 200):
        put(spool, batch * 10, 10)
        if log.read_bytes()[16:24] != salt:
            return
    pytest.fail("the log only grew")


def test_a_log_that_another_process_copies_stays_as_it_is(path: Path) -> None:
    before = path.stat().st_size
    spool = Spool(path, log="by_another")
    reader = SpoolReader.open(path)  # keeps the last close from copying it
    put(spool, 0, 300)
    assert path.stat().st_size == before
    spool.close()
    assert path.stat().st_size == before
    reader.close()
    assert sum(SpoolReader.open(path).counts().by_state.values()) == 300


def test_what_another_process_writes_is_copied_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "PAGES_BETWEEN", 20)
    monkeypatch.setattr(checkpoints, "LOOK_S", 0.05)
    daemon, worker = Spool(path, log="in_background"), Spool(path, log="by_another")
    before = path.stat().st_size
    put(worker, 0, 30)
    assert grows(path, before)
    worker.close()
    daemon.close()


def test_the_copying_goes_on_whatever_went_wrong_once(
    spool: Spool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = checkpoints.Checkpointer._checkpoint
    failed: list[int] = []

    def fails_once(checkpointer: checkpoints.Checkpointer) -> None:
        if not failed:
            failed.append(1)
            raise RuntimeError("once")
        real(checkpointer)

    monkeypatch.setattr(checkpoints.Checkpointer, "_checkpoint", fails_once)
    before = path.stat().st_size
    put(spool, 0, 60)
    assert grows(path, before)
    assert failed
