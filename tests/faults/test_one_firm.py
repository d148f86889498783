"""A disk that fails under one firm costs that firm alone."""

from __future__ import annotations

from typing import Any

import pytest

from lhwa.testing.disk import Fault, FaultyDisk, Operation, Outcome

FAULTS = {
    "sync": Fault(Operation.SYNC, times=None),
    "write": Fault(Operation.WRITE, times=None),
    "full": Fault(Operation.WRITE, Outcome.FULL, times=None),
    "read": Fault(Operation.READ, times=None),
}


@pytest.mark.parametrize("name", ["tenant.db", "keys.db"])
@pytest.mark.parametrize("kind", FAULTS)
def test_its_neighbour_goes_on_and_it_comes_back_by_itself(world: Any, disk: FaultyDisk, kind: str, name: str) -> None:
    sick, well = world.firms
    fault = FAULTS[kind]
    for log in ("", "-wal"):
        disk.fail(Fault(fault.operation, fault.outcome, file=f"{sick}/{name}{log}", times=None))
    for nth in range(3):
        assert world.put(sick, f"sick {nth}", f"new {nth}")
        assert world.put(well, f"well {nth}")
        world.serve_once()
    assert sum(world.texts(well).values()) == 3
    assert {tenant for tenant, _ in world.watcher.troubles} == {sick}
    assert world.spool.read.counts(sick).by_state == {"stored": 3}
    disk.heal()
    world.settled()
