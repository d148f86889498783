from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.audit import AuditRecord
from lhwa.domain.merkle import Frontier, leaf_hash
from lhwa.services.audit.verify import Verified, verify_log
from lhwa.testing.fakes import NOON


@dataclass(frozen=True)
class Row:
    seq: int
    entry: bytes
    leaf_hash: bytes


def row_of(entry: bytes, *, seq: int) -> Row:
    return Row(seq, entry, leaf_hash(entry))


def log(size: int) -> list[Row]:
    entries = [AuditRecord("system:test", "test.noted", f"t:{seq}").canonical(seq=seq, at=NOON) for seq in range(size)]
    return [row_of(entry, seq=seq) for seq, entry in enumerate(entries)]


def frontier_of(rows: list[Row]) -> Frontier:
    frontier = Frontier()
    for row in rows:
        frontier = frontier.append(row.leaf_hash)
    return frontier


def check(rows: list[Row], *, written: list[Row]) -> Verified:
    frontier = frontier_of(written)
    return verify_log(iter(rows), stored_size=frontier.size, stored_stack=frontier.to_bytes())


@given(size=st.integers(0, 40))
def test_a_sound_log_verifies(size: int) -> None:
    rows = log(size)
    assert check(rows, written=rows) == Verified(ok=True, entries=size, root=frontier_of(rows).root())


def changed(rows: list[Row], at: int) -> list[Row]:
    return [*rows[:at], replace(rows[at], entry=rows[at].entry.replace(b"test", b"TEST")), *rows[at + 1 :]]


def changed_with_its_hash(rows: list[Row], at: int) -> list[Row]:
    return [*rows[:at], row_of(rows[at].entry.replace(b"test", b"TEST"), seq=at), *rows[at + 1 :]]


def removed(rows: list[Row], at: int) -> list[Row]:
    return rows[:at] + rows[at + 1 :]


def removed_and_renumbered(rows: list[Row], at: int) -> list[Row]:
    return [replace(row, seq=seq) for seq, row in enumerate(removed(rows, at))]


def swapped(rows: list[Row], at: int) -> list[Row]:
    other = at - 1 if at else 1
    order = list(range(len(rows)))
    order[at], order[other] = other, at
    return [replace(rows[index], seq=seq) for seq, index in enumerate(order)]


def no_json(rows: list[Row], at: int) -> list[Row]:
    return [*rows[:at], row_of(b"\xff", seq=at), *rows[at + 1 :]]


TAMPERING: list[tuple[Callable[[list[Row], int], list[Row]], Callable[[int], int]]] = [
    (changed, lambda at: at),
    (removed, lambda at: at),
    (removed_and_renumbered, lambda at: at),
    (swapped, lambda at: max(at - 1, 0)),
    (no_json, lambda at: at),
]


@pytest.mark.parametrize(("tamper", "first_bad"), TAMPERING, ids=[case[0].__name__ for case in TAMPERING])
@pytest.mark.parametrize("at", range(9))
def test_tampering_names_the_first_bad_row(
    tamper: Callable[[list[Row], int], list[Row]], first_bad: Callable[[int], int], at: int
) -> None:
    rows = log(10)
    found = check(tamper(rows, at), written=rows)
    assert not found.ok
    assert found.first_bad == first_bad(at)
    assert found.reason
    assert found.entries == found.first_bad


@pytest.mark.parametrize("at", range(10))
def test_an_entry_rewritten_with_its_hash_is_noticed_by_the_tree(at: int) -> None:
    rows = log(10)
    found = check(changed_with_its_hash(rows, at), written=rows)
    assert not found.ok
    assert found.reason == "the tree is not the one written"


@pytest.mark.parametrize("left", range(10))
def test_a_cut_tail_is_noticed_by_the_frontier(left: int) -> None:
    rows = log(10)
    found = check(rows[:left], written=rows)
    assert (found.ok, found.first_bad, found.entries) == (False, left, left)
    assert found.reason == f"the end is cut off: 10 entries were written, {left} are here"


def test_entries_past_the_frontier_are_noticed() -> None:
    rows = log(10)
    found = check(rows, written=rows[:7])
    assert (found.ok, found.first_bad) == (False, 7)
    assert "3 entries" in found.reason


@pytest.mark.parametrize("stack", [b"", b"x", bytes(33), bytes(66)], ids=["empty", "short", "zeroes", "two"])
def test_a_damaged_frontier_is_noticed(stack: bytes) -> None:
    assert not verify_log(log(5), stored_size=5, stored_stack=stack).ok
    assert not verify_log([], stored_size=0, stored_stack=bytes(33)).ok
    assert not verify_log([], stored_size=-1, stored_stack=b"").ok
