"""A full disk: 503 and a resting firm, nothing by halves, and on again by itself once there is room."""

from __future__ import annotations

from typing import Any

import pytest

from lhwa.testing.disk import FaultyDisk, Survival


@pytest.mark.parametrize("room_bytes", [0, 700, 10_000, 30_000, 60_000, 120_000, 200_000])
def test_a_full_disk_takes_nothing_by_halves_and_gets_over_it(world: Any, disk: FaultyDisk, room_bytes: int) -> None:
    disk.fail(room_bytes=room_bytes)
    refused = 0
    for nth in range(40):
        refused += not world.put(world.firms[nth % 2], *(f"text {nth}.{each}" for each in range(6)))
        if nth % 4 == 3:
            world.serve_once()
    assert refused
    assert world.answers == {"StorageError": refused}
    assert world.stored() == world.acked
    disk.heal()
    assert world.put(world.firms[0], "room again")
    world.settled()
    world.quick_check()


@pytest.mark.parametrize("room_bytes", [0, 3_000, 40_000])
def test_a_full_disk_and_then_a_power_loss(world: Any, disk: FaultyDisk, room_bytes: int) -> None:
    disk.fail(room_bytes=room_bytes)
    for nth in range(12):
        world.put(world.firms[nth % 2], *(f"text {nth}.{each}" for each in range(6)))
        world.serve_once()
    world.lose_power(Survival.PIECES)
    world.settled()
    world.quick_check()


def test_a_start_on_a_full_disk_loses_nothing(world: Any, disk: FaultyDisk) -> None:
    firm = world.firms[0]
    assert world.put(firm, "before")
    world.kill()
    disk.fail(room_bytes=0)
    world.start()
    world.put(firm, "while full")
    world.serve_once()
    disk.heal()
    if world.spool is None:
        assert world.start()
    assert world.put(firm, "after")
    world.settled()
