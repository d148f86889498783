"""A power loss at any point: what was answered 200 is there, and in the end every element is applied exactly once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from lhwa.testing.disk import Fault, FaultyDisk, Operation, Outcome, Survival

CUTS = 6
"""Points of each kind, spread over the whole series."""
WRITES, SYNCS = 230, 36
"""About how many the series needs."""


def _series(world: Any) -> None:
    """Requests, batches, people who are new, a decision, a checkpoint, until the power goes."""
    firm, other = world.firms
    for nth in range(3):
        world.put(firm, f"a{nth}", f"b{nth}")
        world.put(other, f"a{nth}")
        world.drain()
        world.put(firm, f"c{nth}", again="raw-0" if nth else "")
    world.checkpoint(firm)
    world.put(other, "last")
    world.drain()


def _point(nth: int, most: int) -> int:
    return most * nth // CUTS


CASES = [
    pytest.param(operation, _point(nth, most), survival, id=f"{operation.value}-{_point(nth, most)}-{survival.value}")
    for operation, most in ((Operation.WRITE, WRITES), (Operation.SYNC, SYNCS))
    for nth in range(CUTS)
    for survival in (Survival.NOTHING, Survival.PREFIX, Survival.PIECES)
]


@pytest.mark.parametrize(("operation", "after", "survival"), CASES)
def test_all_that_was_promised_survives_and_is_applied_once(
    world: Any, disk: FaultyDisk, operation: Operation, after: int, survival: Survival
) -> None:
    disk.fail(Fault(operation, Outcome.POWER_CUT, after=after))
    _series(world)
    assert disk.is_dark
    world.lose_power(survival)
    world.quick_check()
    world.settled()
    world.lose_power(Survival.NOTHING)
    world.settled()


def test_the_series_is_as_long_as_the_cuts_assume(world: Any, disk: FaultyDisk) -> None:
    before = Counter(disk.counts)
    _series(world)
    done = Counter(disk.counts) - before
    for operation, least in ((Operation.WRITE, WRITES), (Operation.SYNC, SYNCS)):
        assert sum(count for (name, _), count in done.items() if name == operation.value) > least
    world.settled()


@pytest.mark.parametrize("survival", list(Survival))
def test_a_decision_that_was_answered_is_there_and_opens(world: Any, survival: Survival) -> None:
    firm = world.firms[0]
    for name in ("satu", "dua"):
        world.decide(firm, name)
    with world.store(firm):
        # As in a daemon: the file is open when the power goes, and nothing was copied at its closing.
        world.decide(firm, "tiga")
        world.lose_power(survival)
    assert world.decisions(firm) == ["satu", "dua", "tiga"]
    world.settled()


def test_keys_are_on_disk_before_what_they_seal(world: Any, disk: FaultyDisk) -> None:
    firm = world.firms[0]
    syncs: list[str] = []
    disk.on_sync = syncs.append
    with world.store(firm):
        world.decide(firm, "orang baru")
    assert syncs.index("keys.db-wal") < syncs.index("tenant.db-wal")


@pytest.mark.parametrize("name", ["tenant.db", "keys.db"])
def test_a_firm_whose_disk_forgot_all_that_was_not_synced_is_caught_up(world: Any, disk: FaultyDisk, name: str) -> None:
    firm = world.firms[0]
    for nth in range(4):
        assert world.put(firm, f"a{nth}", f"b{nth}")
        assert world.drain()
    world.stop_dark()
    disk.restore_power(Survival.NOTHING, only=(name, f"{name}-wal"))
    world.settled()
