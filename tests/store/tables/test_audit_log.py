from __future__ import annotations

import json

import pytest

from lhwa.domain.audit import END_ROWS_MAX, AuditRecord, firm_opening, read_entry
from lhwa.domain.merkle import leaf_hash, root_of
from lhwa.errors import VerificationError
from lhwa.store.connection import open_connection, rows
from lhwa.store.store import Store
from lhwa.store.transaction import Tx


def note(tx: Tx, *targets: str) -> list[int]:
    return [tx.audit.append(AuditRecord("system:test", "test.noted", target)) for target in targets]


def test_numbers_follow_each_other_and_the_root_is_that_of_the_entries(store: Store) -> None:
    assert store.write(note, "a:1", "a:2") == [1, 2]
    assert store.write(note, "a:1") == [3]

    def check(tx: Tx) -> None:
        entries = list(tx.audit.entries())
        assert [entry.seq for entry in entries] == [0, 1, 2, 3]
        assert [entry.leaf_hash for entry in entries] == [leaf_hash(entry.entry) for entry in entries]
        assert [json.loads(entry.entry)["seq"] for entry in entries] == [0, 1, 2, 3]
        assert tx.audit.frontier().root() == root_of([entry.leaf_hash for entry in entries])

    store.read(check)


def test_entries_are_found_by_number_and_target(store: Store) -> None:
    store.write(note, "a:1", "a:2", "a:1")

    def check(tx: Tx) -> None:
        assert [entry.seq for entry in tx.audit.entries(start=1, stop=3)] == [1, 2]
        assert list(tx.audit.entries(start=9)) == []
        assert [entry.seq for entry in tx.audit.about("a:1")] == [1, 3]
        assert tx.audit.about("a:") == []
        assert [entry.seq for entry in tx.audit.newest(rows_max=2)] == [2, 3]

    store.read(check)


def test_looking_for_a_target_does_not_read_the_whole_log(store: Store) -> None:
    plan = store.read(
        lambda tx: rows(
            tx._connection,
            "EXPLAIN QUERY PLAN SELECT seq FROM audit_entry"
            " WHERE json_extract(CAST(entry AS TEXT), '$.target') = ? ORDER BY seq",
            ("a:1",),
        )
    )
    assert "audit_entry_target" in str(plan)


def test_a_damaged_frontier_stops_every_append(store: Store) -> None:
    store.write(note, "a:1")
    other = open_connection(store._database)
    other.execute("UPDATE audit_frontier SET n = 3")
    other.close()
    with pytest.raises(VerificationError):
        store.write(note, "a:2")
    assert len(store.read(lambda tx: list(tx.audit.entries()))) == 2


NOTE = '{"action":"test.noted","actor":"x","data":{},"seq":%d,"target":"a:9","ts":"2026-11-22T05:00:00Z","v":1}'


def added(seq: int) -> str:
    entry = (NOTE % seq).encode()
    return f"INSERT INTO audit_entry VALUES ({seq}, x'{entry.hex()}', x'{leaf_hash(entry).hex()}')"


def rewritten(seq: int) -> str:
    entry = (NOTE % seq).encode()
    return f"UPDATE audit_entry SET entry = x'{entry.hex()}', leaf_hash = x'{leaf_hash(entry).hex()}' WHERE seq = {seq}"


def tamper(store: Store, sql: str) -> None:
    """Somebody with the file and any SQLite tool."""
    intruder = open_connection(store._database)
    for trigger in ("no_update", "no_delete", "no_gap"):
        intruder.execute(f"DROP TRIGGER IF EXISTS audit_entry_{trigger}")
    intruder.execute(sql)
    intruder.close()


ENDS = {
    # Of a log of seven records: what was done -> SQL
    "the newest is gone": "DELETE FROM audit_entry WHERE seq = 6",
    "the newest is changed": "UPDATE audit_entry SET entry = x'7b7d' WHERE seq = 6",
    "the newest is rewritten": rewritten(6),
    "one was added": added(7),
    "one was added far behind": added(9_000_000_000_000_000_000),
    "one was added before the first": added(-1),
    "the first is gone": "DELETE FROM audit_entry WHERE seq = 0",
    "all is gone": "DELETE FROM audit_entry",
    "all is gone and the frontier reset": "DELETE FROM audit_entry; UPDATE audit_frontier SET n = 0, stack = x''",
    "the frontier is gone": "DELETE FROM audit_frontier",
    "the frontier is another": f"UPDATE audit_frontier SET stack = x'02{'00' * 32}01{'00' * 32}00{'00' * 32}'",
    "the frontier is set back": "UPDATE audit_frontier SET n = 6, stack = substr(stack, 1, 66)",
    "the table is gone": "DROP TABLE audit_entry",
    "the frontier's table is gone": "DROP TABLE audit_frontier",
    "the table is a loose one": "DROP TABLE audit_entry; CREATE TABLE audit_entry (seq, entry, leaf_hash);"
    " INSERT INTO audit_entry VALUES (6, 'x', NULL)",
}


@pytest.mark.parametrize("sql", ENDS.values(), ids=ENDS)
def test_nothing_is_added_to_a_log_whose_end_was_changed(store: Store, sql: str) -> None:
    store.write(note, *(f"a:{number}" for number in range(6)))
    tamper(store, sql)
    with pytest.raises(VerificationError) as refused:
        store.write(note, "a:9")
    assert "lhwa audit verify" in refused.value.hint


@pytest.mark.parametrize("size", [2, 4, 6, 8, 32])
def test_a_rewritten_newest_record_is_noticed_at_even_sizes_too(store: Store, size: int) -> None:
    store.write(note, *("a:1" for _ in range(size - 1)))
    tamper(store, rewritten(size - 1))
    with pytest.raises(VerificationError):
        store.write(note, "a:9")


@pytest.mark.parametrize("size", [64, 128])
def test_a_changed_newest_record_is_noticed_where_its_subtree_is_large(store: Store, size: int) -> None:
    store.write(note, *("a:1" for _ in range(size - 1)))
    tamper(store, f"UPDATE audit_entry SET entry = x'7b7d' WHERE seq = {size - 1}")
    with pytest.raises(VerificationError):
        store.write(note, "a:9")


def test_a_sound_log_of_any_size_takes_its_next_record(store: Store) -> None:
    for size in range(1, 140):
        assert store.write(note, "a:1") == [size]


@pytest.mark.parametrize("size", [1_000, 1_024])
def test_looking_at_the_end_reads_a_few_rows_however_long_the_log_is(store: Store, size: int) -> None:
    store.write(note, *("a:1" for _ in range(size - 1)))

    def look(tx: Tx) -> int:
        read: list[object] = []

        def count(_cursor: object, row: object) -> object:
            read.append(row)
            return row

        tx._connection.set_row_trace(count)
        try:
            tx.audit.require_sound_end()
        finally:
            tx._connection.set_row_trace(None)
        return len(read)

    assert store.read(look) <= END_ROWS_MAX + 3


def test_a_record_that_the_table_refuses_is_no_error_of_sqlite(store: Store) -> None:
    store.write(note, "a:1")

    def slip_in(tx: Tx) -> None:
        note(tx, "a:2")
        tx.audit.write_entries()
        tx._connection.execute(added(3))
        note(tx, "a:4")

    with pytest.raises(VerificationError):
        store.write(slip_in)
    assert store.write(note, "a:2") == [2]


def test_a_firms_log_begins_with_the_firm(store: Store) -> None:
    [first] = store.read(lambda tx: list(tx.audit.entries(start=0, stop=1)))
    entry, opening = read_entry(first), firm_opening(store.tenant)
    assert (entry.action, entry.target) == (opening.action, opening.target)


def test_every_row_is_walked_and_the_newest_found(store: Store) -> None:
    store.write(note, "a:1", "a:2")
    tamper(store, f"{added(-5)}; {added((1 << 63) - 1)}")

    def check(tx: Tx) -> None:
        assert [entry.seq for entry in tx.audit.entries()] == [-5, 0, 1, 2, (1 << 63) - 1]
        assert [entry.seq for entry in tx.audit.newest(rows_max=2)] == [2, (1 << 63) - 1]
        assert [entry.seq for entry in tx.audit.entries(start=0, stop=1 << 70)] == [0, 1, 2]

    store.read(check)


def test_what_surrounds_the_log_is_what_a_new_file_has(store: Store) -> None:
    found, written = store.read(lambda tx: (tx.audit.schema(), tx.audit.written_schema()))
    assert found == written
    assert {name for kind, name in found if kind == "trigger"} >= {"audit_entry_no_update", "audit_entry_no_gap"}
    assert {name for kind, name in found if kind == "table"} == {"audit_entry", "audit_frontier", "audit_checkpoint"}
