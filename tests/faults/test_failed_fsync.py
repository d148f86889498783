"""A failed fsync: nobody is told 200, nothing is built on what it lost, and life goes on when the disk is well."""

from __future__ import annotations

from typing import Any

import apsw
import pytest

from lhwa.errors import StorageError
from lhwa.testing.disk import Fault, FaultyDisk, Operation, Outcome, Survival

SYNC = Operation.SYNC
LOGS = ["spool.db-wal", "tenant.db-wal", "keys.db-wal"]


@pytest.mark.parametrize("times", [1, 3, None])
def test_a_request_whose_fsync_failed_is_refused_and_the_next_one_is_taken(
    world: Any, disk: FaultyDisk, times: int | None
) -> None:
    firm = world.firms[0]
    assert world.put(firm, "before")
    disk.fail(Fault(SYNC, file="spool.db-wal", times=times))
    for nth in range(times or 5):
        assert not world.put(firm, f"refused {nth}")
    disk.heal()
    assert world.put(firm, "after")
    assert world.stored() == world.acked
    world.settled()
    assert world.answers == {"StorageError": times or 5}


def test_a_group_whose_fsync_failed_is_refused_as_a_whole(world: Any, disk: FaultyDisk) -> None:
    firm = world.firms[0]
    disk.fail(Fault(SYNC, file="spool.db-wal", times=None))
    waiting = [world.submit(firm, f"text {nth}") for nth in range(30)]
    assert not any(world.answer(*each) for each in waiting)
    disk.heal()
    assert world.stored() == set()
    world.settled()


@pytest.mark.parametrize("survival", [Survival.NOTHING, Survival.PIECES])
@pytest.mark.parametrize("ends", ["kill", "stop", "stay"])
@pytest.mark.parametrize("log", LOGS)
def test_what_comes_after_a_failed_fsync_does_not_stand_on_what_it_lost(
    world: Any, disk: FaultyDisk, log: str, ends: str, survival: Survival
) -> None:
    firm = world.firms[0]
    assert world.put(firm, "before")
    assert world.drain()
    disk.fail(Fault(SYNC, file=log, times=None))
    # New people, so that keys.db has something to write as well.
    world.put(firm, *(f"new {nth}" for nth in range(9)))
    world.serve_once()
    assert disk.fired
    if ends != "stay":
        getattr(world, ends)()
    disk.heal()
    if ends != "stay":
        assert world.start()
    # The lost frames can still be read, and no later fsync writes them.
    assert world.put(firm, "after")
    assert world.drain()
    world.lose_power(survival)
    world.settled()
    world.quick_check()


@pytest.mark.parametrize("name", ["tenant.db", "keys.db", "spool.db"])
@pytest.mark.parametrize("fault", [Fault(SYNC), Fault(Operation.WRITE, Outcome.TORN, after=1)])
def test_a_checkpoint_that_failed_condemns_no_file(world: Any, disk: FaultyDisk, name: str, fault: Fault) -> None:
    firm = world.firms[0]
    assert world.put(firm, "before")
    assert world.drain()
    disk.fail(Fault(fault.operation, fault.outcome, file=name, after=fault.after))
    world.checkpoint(firm)
    assert len(disk.fired) == 1
    assert world.put(firm, "after")
    world.serve_once()
    assert world.spool.read.counts().by_state == {"done": 2}
    assert world.watcher.troubles == []
    world.lose_power(Survival.PIECES)
    world.settled()
    world.quick_check()


def test_a_failed_commit_is_not_tried_again_on_the_same_connection(world: Any, disk: FaultyDisk) -> None:
    firm = world.firms[0]
    assert world.put(firm, "before")
    before = disk.counts["sync", "spool.db-wal"]
    disk.fail(Fault(SYNC, file="spool.db-wal"))
    assert not world.put(firm, "refused")
    # One sync that failed, and none that could have "succeeded" for the same frames.
    assert disk.counts["sync", "spool.db-wal"] == before + 1


def test_a_connection_whose_commit_failed_is_never_used_again(world: Any, disk: FaultyDisk) -> None:
    firm = world.firms[0]
    assert world.put(firm, "before")
    before = apsw.connections()
    disk.fail(Fault(SYNC, file="spool.db-wal"))
    assert not world.put(firm, "refused")
    assert world.put(firm, "after")
    assert [connection for connection in before if connection not in apsw.connections()]


@pytest.mark.parametrize("log", ["tenant.db-wal", "keys.db-wal"])
def test_a_decision_whose_fsync_failed_did_not_happen(world: Any, disk: FaultyDisk, log: str) -> None:
    firm = world.firms[0]
    disk.fail(Fault(SYNC, file=log))
    with pytest.raises(StorageError):
        world.decide(firm, "refused")
    world.decide(firm, "kept")
    world.lose_power(Survival.NOTHING)
    assert world.decisions(firm) == ["kept"]
    world.settled()
