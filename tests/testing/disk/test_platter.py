"""What a power loss leaves of a file, and what a failed sync loses."""

from __future__ import annotations

import random

import pytest

from lhwa.testing.disk.faults import Fault, Operation, Outcome, Plan
from lhwa.testing.disk.platter import PAGE_BYTES, SECTOR_BYTES, Platter, Survival


class Cached:
    """A file as it seems to be, over its platter."""

    def __init__(self) -> None:
        self.platter = Platter()
        self.content = bytearray()

    def write(self, offset: int, written: bytes) -> None:
        end = offset + len(written)
        self.content.extend(bytes(max(end - len(self.content), 0)))
        self.content[offset:end] = written
        self.platter.write(offset, written, read=lambda amount, at: bytes(self.content[at : at + amount]))

    def after(self, survival: Survival, seed: int = 0) -> bytes | None:
        return self.platter.after_power_loss(survival, random.Random(seed))


def test_what_was_synced_survives_and_the_rest_may_not() -> None:
    file = Cached()
    file.write(0, b"a" * 1_000)
    file.platter.sync()
    file.write(500, b"b" * 1_000)
    assert file.after(Survival.NOTHING) == b"a" * 1_000
    assert file.after(Survival.EVERYTHING) == bytes(file.content)


@pytest.mark.parametrize("survival", [Survival.PREFIX, Survival.PIECES])
def test_every_sector_is_old_or_new(survival: Survival) -> None:
    file = Cached()
    file.write(0, b"a" * SECTOR_BYTES * 8)
    file.platter.sync()
    file.write(0, b"b" * SECTOR_BYTES * 8)
    seen = set()
    for seed in range(50):
        left = file.after(survival, seed) or b""
        sectors = [left[start : start + SECTOR_BYTES] for start in range(0, len(left), SECTOR_BYTES)]
        assert set(sectors) <= {b"a" * SECTOR_BYTES, b"b" * SECTOR_BYTES}
        seen.add(bytes(sector[0] for sector in sectors))
    assert len(seen) > 5


def test_what_a_failed_sync_lost_is_not_written_by_the_next_one() -> None:
    file = Cached()
    file.write(0, b"a" * PAGE_BYTES * 3)
    file.platter.sync()
    file.write(0, b"b" * PAGE_BYTES * 2)
    file.platter.fail_sync(random.Random(1))
    file.write(PAGE_BYTES * 2, b"c")
    file.platter.sync()
    left = file.after(Survival.EVERYTHING) or b""
    assert b"a" in left[: PAGE_BYTES * 2]
    assert left[PAGE_BYTES * 2 :][:2] == b"ca"


def test_writing_to_a_lost_page_brings_back_all_of_it() -> None:
    file = Cached()
    file.write(0, b"a" * PAGE_BYTES)
    file.platter.sync()
    file.write(0, b"b" * PAGE_BYTES)
    file.platter.fail_sync(random.Random(1))
    file.write(10, b"c")
    file.platter.sync()
    assert file.after(Survival.NOTHING) == bytes(file.content)


def test_a_deleted_file_may_come_back_until_its_folder_is_written() -> None:
    old = Cached()
    old.write(0, b"old")
    old.platter.sync()
    new = Platter(before=old.platter)
    assert new.after_power_loss(Survival.NOTHING, random.Random(0)) == b"old"
    new.sync()
    assert new.after_power_loss(Survival.NOTHING, random.Random(0)) == b""


def test_a_fault_comes_after_so_many_good_ones_and_so_often() -> None:
    plan = Plan()
    plan.arm([Fault(Operation.SYNC, Outcome.ERROR, file="-wal", after=1, times=2)])
    hits = [plan.hit(Operation.SYNC, name) is not None for name in ("a-wal", "a.db", "a-wal", "b-wal", "a-wal")]
    assert hits == [False, False, True, True, False]


def test_a_disk_holds_as_much_as_it_has_room_for() -> None:
    plan = Plan(room_bytes=10)
    assert [plan.room_for(growth) for growth in (4, 0, 4, 4, 4)] == [4, 0, 4, 2, 0]
