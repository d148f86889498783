from __future__ import annotations

import json

import pytest

from lhwa.domain.audit import AuditRecord
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


def test_a_frontier_that_was_set_back_cannot_be_built_upon(store: Store) -> None:
    early = store.read(lambda tx: tx.audit.stored_frontier())
    store.write(note, "a:1", "a:2")
    other = open_connection(store._database)
    other.execute("UPDATE audit_frontier SET n = ?, stack = ?", early)
    other.close()
    with pytest.raises(Exception, match="gaps"):
        store.write(note, "a:3")
