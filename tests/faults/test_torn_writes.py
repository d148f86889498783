"""Writes that arrive in part: no half transaction is ever seen."""

from __future__ import annotations

from typing import Any

import pytest

from lhwa.testing.disk import Fault, FaultyDisk, Operation, Outcome, Survival

FILES = ["spool.db-wal", "tenant.db-wal", "keys.db-wal", "spool.db", "tenant.db", "keys.db"]


@pytest.mark.parametrize("outcome", [Outcome.TORN, Outcome.FULL])
@pytest.mark.parametrize("after", [0, 3])
@pytest.mark.parametrize("file", FILES)
def test_a_write_that_arrives_in_part_leaves_nothing_behind(
    world: Any, disk: FaultyDisk, file: str, after: int, outcome: Outcome
) -> None:
    firm = world.firms[0]
    assert world.put(firm, "before")
    assert world.drain()
    disk.fail(Fault(Operation.WRITE, outcome, file=file, after=after, times=2))
    for nth in range(4):
        world.put(firm, *(f"text {nth}.{each}" for each in range(3)))
        world.serve_once()
    world.checkpoint(firm)
    assert disk.fired
    disk.heal()
    assert world.put(firm, "after")
    world.settled()
    world.quick_check()


@pytest.mark.parametrize("seed", range(6))
def test_a_group_is_there_as_a_whole_or_not_at_all(world: Any, disk: FaultyDisk, seed: int) -> None:
    firm = world.firms[0]
    disk.chance.seed(seed)
    disk.fail(Fault(Operation.WRITE, Outcome.POWER_CUT, file="spool.db-wal", after=1 + seed))
    parts = [f"part {nth}" for nth in range(40)]
    name, stored = world.submit(firm, *parts)
    assert not world.answer(name, stored)
    world.lose_power(Survival.EVERYTHING)
    world.settled()
    assert sum(world.texts(firm).values()) in (0, 40)


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_cannot_be_read_for_a_while_is_taken_up_again(world: Any, disk: FaultyDisk, file: str) -> None:
    firm, other = world.firms
    assert world.put(firm, "before")
    disk.fail(Fault(Operation.READ, file=file, times=None))
    world.serve_once()
    world.kill()
    world.start()
    world.put(other, "meanwhile")
    world.serve_once()
    disk.heal()
    world.settled()
