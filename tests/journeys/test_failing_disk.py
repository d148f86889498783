"""The running daemon on a failing disk: 503 and never a lie, and on again by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[1] / "faults" / "daemon.py"


class Orders:
    """What the disk under the daemon is told."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def give(self, *faults: dict[str, Any], **more: Any) -> None:
        """Replace all orders."""
        fresh = self.path.with_suffix(".fresh")
        fresh.write_text(json.dumps({"faults": [{"outcome": "error", **fault} for fault in faults], **more}))
        fresh.replace(self.path)

    def fired(self) -> list[str]:
        """What went wrong so far, without what the daemon has not told yet."""
        told = self.path.with_suffix(".fired")
        return told.read_text().splitlines() if told.exists() else []


@pytest.fixture
def orders(place: Any) -> Orders:
    made = Orders(place.root / "orders.json")
    made.give()
    return made


@pytest.fixture
def daemon(place: Any, orders: Orders) -> Iterator[Any]:
    started = place.serve(program=[str(PROGRAM), str(orders.path)])
    yield started
    started.kill()


def test_a_failing_fsync_is_503_and_the_same_daemon_goes_on_when_the_disk_is_well(
    place: Any, orders: Orders, daemon: Any
) -> None:
    assert daemon.post(place.text("sebelum")) == 200
    daemon.settle()
    orders.give({"operation": "sync", "file": "spool.db-wal", "times": None})
    assert [daemon.post(place.text(f"ditolak {nth}")) for nth in range(5)] == [503] * 5
    assert daemon.ready().status_code == 503
    orders.give()
    assert orders.fired()
    assert daemon.post(place.text("sesudah")) == 200
    daemon.settle()
    assert daemon.ready().status_code == 200
    daemon.stop()
    assert place.texts() == ["sebelum", "sesudah"]
    assert place.data("audit", "verify")["ok"] is True


@pytest.mark.parametrize("file", ["firma/tenant.db-wal", "firma/keys.db-wal"])
def test_a_firm_on_a_bad_disk_rests_and_its_neighbour_does_not_notice(
    place: Any, orders: Orders, daemon: Any, file: str
) -> None:
    orders.give({"operation": "sync", "file": file, "times": 2})
    for nth in range(3):
        assert daemon.post(place.text(f"sakit {nth}")) == 200
        assert daemon.post(place.text(f"sehat {nth}", firm="lain")) == 200
    daemon.settle()
    assert len(orders.fired()) == 2
    daemon.stop()
    assert place.texts() == ["sakit 0", "sakit 1", "sakit 2"]
    assert place.texts("lain") == ["sehat 0", "sehat 1", "sehat 2"]
    assert place.data("audit", "verify")["ok"] is True


def test_a_disk_without_room_is_503_until_there_is_some(place: Any, orders: Orders, daemon: Any) -> None:
    orders.give(room_bytes=100_000)
    pad = {"pad": "x" * 20_000}
    taken = []
    for nth in range(20):
        status = daemon.post(place.text(f"penuh {nth}") | pad)
        assert status in (200, 503)
        taken += [f"penuh {nth}"] if status == 200 else []
    assert 0 < len(taken) < 20
    orders.give()
    place.eventually(lambda: daemon.post(place.text("ada tempat")) == 200)
    daemon.settle()
    daemon.stop()
    assert place.texts() == sorted([*taken, "ada tempat"])
    assert place.data("audit", "verify")["ok"] is True


def test_a_start_on_a_disk_that_cannot_sync_ends_with_what_to_do_and_the_next_one_recovers(
    place: Any, orders: Orders, daemon: Any
) -> None:
    assert daemon.post(place.text("sebelum")) == 200
    orders.give({"operation": "sync", "file": "spool.db-wal", "times": None})
    assert daemon.post(place.text("ditolak")) == 503
    daemon.kill()
    orders.give({"operation": "sync", "times": None})
    failed = place.start(program=[str(PROGRAM), str(orders.path)])
    assert failed.wait() == 3
    assert "spool.db" in failed.said()
    assert "Traceback" not in failed.said()
    orders.give()
    again = place.serve(program=[str(PROGRAM), str(orders.path)])
    assert again.post(place.text("sesudah")) == 200
    again.settle()
    again.stop()
    assert {"sebelum", "sesudah"} <= set(place.texts())


def test_a_slow_disk_costs_time_alone(place: Any, orders: Orders, daemon: Any) -> None:
    orders.give({"operation": "sync", "outcome": "slow", "slow_s": 0.05, "times": None})
    assert [daemon.post(place.text(f"lambat {nth}")) for nth in range(10)] == [200] * 10
    daemon.settle()
    orders.give()
    daemon.stop()
    assert len(place.texts()) == 10
