from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.audit import AuditRecord, Opening, Schema
from lhwa.domain.merkle import Frontier, leaf_hash
from lhwa.services.audit.verify import Verified, schema_flaws, verify_log, verify_stored
from lhwa.testing.fakes import NOON

OPENING = Opening("test.noted", "t:0")
SCHEMA: Schema = {
    ("table", "audit_entry"): "CREATE TABLE audit_entry",
    ("trigger", "no_update"): "CREATE TRIGGER no_update",
    ("trigger", "no_delete"): "CREATE TRIGGER no_delete",
}


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
    assert found.first_bad is None
    first, last = (0, 7) if at < 8 else (8, 9)
    assert found.reason == (
        "the tree is not the one written: the difference lies somewhere in records"
        f" {first} to {last}, or in the frontier itself"
    )


@pytest.mark.parametrize("left", range(10))
def test_a_cut_tail_is_noticed_by_the_frontier(left: int) -> None:
    rows = log(10)
    found = check(rows[:left], written=rows)
    assert (found.ok, found.first_bad, found.entries) == (False, left, left)
    assert found.reason == f"the end is cut off: 10 entries were written, {left} are here"


@given(data=st.data(), size=st.integers(1, 70))
def test_the_records_that_are_named_hold_every_rewritten_one(data: st.DataObject, size: int) -> None:
    rows = log(size)
    at = data.draw(st.integers(0, size - 1))
    found = check(changed_with_its_hash(rows, at), written=rows)
    numbers = re.search(r"records (\d+) to (\d+)", found.reason)
    assert numbers is not None
    assert int(numbers[1]) <= at <= int(numbers[2]) < size


def test_entries_past_the_frontier_are_noticed() -> None:
    rows = log(10)
    found = check(rows, written=rows[:7])
    assert (found.ok, found.first_bad) == (False, 7)
    assert "3 entries" in found.reason


@pytest.mark.parametrize("stack", [b"", b"x", bytes(33), bytes(66)], ids=["empty", "short", "zeroes", "two"])
def test_a_damaged_frontier_is_noticed(stack: bytes) -> None:
    found = verify_log(log(5), stored_size=5, stored_stack=stack)
    assert (found.ok, found.first_bad) == (False, None)
    assert "frontier" in found.reason
    assert not verify_log([], stored_size=0, stored_stack=bytes(33)).ok
    assert not verify_log([], stored_size=-1, stored_stack=b"").ok
    assert not verify_log(log(1), stored_size=-1, stored_stack=b"").ok


def test_a_frontier_that_is_gone_is_noticed() -> None:
    found = verify_log(log(5), stored_size=None, stored_stack=b"")
    assert (found.ok, found.entries, found.first_bad) == (False, 5, None)
    assert "the frontier is gone" in found.reason
    assert not verify_log([], stored_size=None, stored_stack=b"", opening=OPENING).ok


OUTSIDE = [
    # label, numbers of rows beside 0 to 4, first bad, reason
    ("before the first", (-1,), -1, "added"),
    ("far before the first", (-(1 << 63),), -(1 << 63), "added"),
    ("the next one", (5,), 5, "past the frontier"),
    ("after a gap", (6,), 6, "5 entries were written"),
    ("the largest there is", ((1 << 63) - 1,), (1 << 63) - 1, "5 entries were written"),
    ("on both sides", (-7, 9), -7, "added"),
]


@pytest.mark.parametrize(("label", "numbers", "first_bad", "reason"), OUTSIDE, ids=[case[0] for case in OUTSIDE])
def test_a_row_outside_of_the_log_is_noticed(label: str, numbers: tuple[int, ...], first_bad: int, reason: str) -> None:
    rows = log(5)
    added = [row_of(AuditRecord("a", "test.noted", "t:x").canonical(seq=seq, at=NOON), seq=seq) for seq in (5, 6)]
    extra = [next((row for row in added if row.seq == seq), replace(added[0], seq=seq)) for seq in numbers]
    found = check(sorted([*rows, *extra], key=lambda row: row.seq), written=rows)
    assert (found.ok, found.first_bad) == (False, first_bad)
    assert reason in found.reason


@pytest.mark.parametrize("size", [0, 1, 5])
def test_a_log_begins_with_its_opening(size: int) -> None:
    rows, frontier = log(size), frontier_of(log(size))

    def opened(opening: Opening) -> Verified:
        return verify_log(rows, stored_size=size, stored_stack=frontier.to_bytes(), opening=opening)

    assert opened(OPENING).ok == (size > 0)
    for opening in (Opening("test.noted", "t:1"), Opening("firm.created", "t:0")):
        found = opened(opening)
        assert (found.ok, found.entries, found.first_bad) == (False, 0, 0)
        assert opening.action in found.reason


GUARDS: list[tuple[str, Mapping[tuple[str, str], str | None], tuple[str, ...], tuple[str, ...]]] = [
    # label, what is other than it should be (None: gone), flaws of tables, flaws of guards
    ("as written", {}, (), ()),
    ("a trigger is gone", {("trigger", "no_update"): None}, (), ("trigger no_update is missing",)),
    ("a trigger is another", {("trigger", "no_update"): "CREATE"}, (), ("trigger no_update is changed",)),
    ("a trigger is new", {("trigger", "evil"): "CREATE"}, (), ("trigger evil is added",)),
    ("the table is gone", {("table", "audit_entry"): None}, ("table audit_entry is missing",), ()),
    ("the table is another", {("table", "audit_entry"): "CREATE"}, ("table audit_entry is changed",), ()),
    ("a view stands there", {("view", "audit_entry"): "CREATE"}, ("view audit_entry is added",), ()),
]


@pytest.mark.parametrize(("label", "changes", "tables", "guards"), GUARDS, ids=[case[0] for case in GUARDS])
def test_what_holds_and_guards_a_log_is_compared_with_what_lhwa_makes(
    label: str, changes: Mapping[tuple[str, str], str | None], tables: tuple[str, ...], guards: tuple[str, ...]
) -> None:
    found = {place: sql for place, sql in {**SCHEMA, **changes}.items() if sql is not None}
    flaws = schema_flaws(found, SCHEMA)
    assert (flaws.tables, flaws.guards) == (tables, guards)
    assert all(flaw in flaws.reason() for flaw in (*tables, *guards))
    assert bool(flaws.reason()) == bool(changes)


@dataclass(frozen=True)
class Stored:
    rows: list[Row]
    frontier: Frontier
    found: Schema

    def schema(self) -> Schema:
        return self.found

    def written_schema(self) -> Schema:
        return SCHEMA

    def frontier_row(self) -> tuple[int, bytes]:
        return self.frontier.size, self.frontier.to_bytes()

    def entries(self) -> list[Row]:
        return self.rows


def test_a_log_without_its_guards_does_not_hold_even_when_each_record_does() -> None:
    rows = log(3)
    unguarded = {place: sql for place, sql in SCHEMA.items() if place[1] != "no_delete"}
    assert verify_stored(Stored(rows, frontier_of(rows), SCHEMA), OPENING).ok
    found = verify_stored(Stored(rows, frontier_of(rows), unguarded), OPENING)
    assert (found.ok, found.entries, found.first_bad) == (False, 3, None)
    assert "no_delete is missing" in found.reason
    both = verify_stored(Stored(changed(rows, 1), frontier_of(rows), unguarded), OPENING)
    assert (both.ok, both.first_bad) == (False, 1)
    assert both.reason.startswith("the entry was changed; ")
    assert "no_delete is missing" in both.reason


def test_rows_of_a_table_that_lhwa_did_not_make_are_not_read() -> None:
    found = verify_stored(Stored([], Frontier(), {}), OPENING)
    assert (found.ok, found.entries, found.first_bad) == (False, 0, None)
    assert "table audit_entry is missing" in found.reason
