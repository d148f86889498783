"""A slow disk: it costs time and nothing else, and memory does not pay for it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.errors import UnavailableError
from lhwa.store.spool import SpoolRequest
from lhwa.testing.builders import open_spool
from lhwa.testing.disk import Fault, FaultyDisk, Operation, Outcome

SLOW_S = 0.15


def _slow(file: str) -> Fault:
    return Fault(Operation.SYNC, Outcome.SLOW, file=file, times=None, slow_s=SLOW_S)


@pytest.mark.parametrize("file", ["spool.db-wal", "tenant.db-wal", "keys.db-wal"])
def test_a_slow_disk_costs_time_alone(world: Any, disk: FaultyDisk, file: str) -> None:
    disk.fail(_slow(file))
    started_s = time.monotonic()
    waiting = [world.submit(world.firms[nth % 2], f"text {nth}") for nth in range(20)]
    assert all(world.answer(*each) for each in waiting)
    assert world.drain()
    assert time.monotonic() - started_s > SLOW_S
    assert world.watcher.troubles == []
    world.settled()


def test_a_checkpoint_that_takes_long_condemns_no_file(world: Any, disk: FaultyDisk) -> None:
    firm = world.firms[0]
    assert world.put(firm, "before")
    assert world.drain()
    disk.fail(Fault(Operation.SYNC, Outcome.SLOW, file=".db", times=None, slow_s=0.8))
    copying = threading.Thread(target=world.checkpoint, args=(firm,))
    copying.start()
    while copying.is_alive():
        assert world.put(firm, f"meanwhile {len(world.sent)}")
        world.serve_once()
    copying.join()
    assert world.watcher.troubles == []
    world.settled()


def test_more_than_may_wait_is_refused(tmp_path: Path, disk: FaultyDisk) -> None:
    spool = open_spool(tmp_path / "spool.db", pending_bytes_max=10_000)
    disk.fail(_slow("spool.db-wal"))
    requests = [
        SpoolRequest(RawEventId(f"raw-{n}"), TenantId("firma"), "main", 1, n.to_bytes(20, "big"), 1_000, bytes(1_000))
        for n in range(40)
    ]
    waiting = [spool.put([request]) for request in requests]
    refused = [future for future in waiting if isinstance(future.exception(20), UnavailableError)]
    assert 0 < len(refused) < 40
    assert len(spool.read.after(0)) == 40 - len(refused)
    assert spool.put([requests[-1]]).result(20) == 1
    spool.close()
