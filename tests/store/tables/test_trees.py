from __future__ import annotations

import hashlib

import apsw
import msgspec
import pytest

from lhwa.errors import ConflictError
from lhwa.store.connection import rows
from lhwa.store.tables.trees import TreeRow
from lhwa.testing.intake import SMALL_TREE
from tests.store.tables.office_rows import OfficeRows

DEFINITION = msgspec.json.encode(SMALL_TREE, order="deterministic").decode()
OWNER, LAWYER = "contoh-owner", "contoh-lawyer"


def submit(office: OfficeRows, version_id: str, name: str = "umum", *, is_entry: bool = True) -> TreeRow:
    sha256 = hashlib.sha256(version_id.encode()).digest()
    office.write(
        lambda tx: tx.trees.submit(
            version_id, name, definition=DEFINITION, sha256=sha256, is_entry=is_entry, author=LAWYER
        )
    )
    return row_of(office, version_id)


def row_of(office: OfficeRows, version_id: str) -> TreeRow:
    row = office.store.read(lambda tx: tx.trees.get(version_id))
    assert row is not None
    return row


def test_a_version_waits_and_reads_as_it_was_submitted(office_rows: OfficeRows) -> None:
    row = submit(office_rows, "01A")
    assert (row.name, row.version, row.state, row.author, row.decided_by) == (
        "umum",
        None,
        "pending_approval",
        LAWYER,
        None,
    )
    assert row.tree() == SMALL_TREE
    assert row.is_entry
    assert office_rows.store.read(lambda tx: (tx.trees.is_used(), tx.trees.current("umum"), tx.trees.entry())) == (
        False,
        None,
        None,
    )
    assert office_rows.store.read(lambda tx: tx.trees.pending()) == [row]
    assert office_rows.store.read(lambda tx: tx.trees.get("01B")) is None


def publish(office: OfficeRows, row: TreeRow) -> int:
    return office.write(lambda tx: tx.trees.publish(row, by=OWNER))


def decline(office: OfficeRows, row: TreeRow) -> None:
    office.write(lambda tx: tx.trees.decline(row, by=OWNER))


def states(office: OfficeRows) -> dict[str, str]:
    return {row.id: row.state for row in office.store.read(lambda tx: tx.trees.all())}


def test_the_next_version_takes_the_place_of_the_one_before(office_rows: OfficeRows) -> None:
    assert [publish(office_rows, submit(office_rows, each)) for each in ("01A", "01B")] == [1, 2]
    decline(office_rows, submit(office_rows, "01C"))
    assert states(office_rows) == {"01A": "retired", "01B": "published", "01C": "declined"}
    current, first = office_rows.store.read(lambda tx: (tx.trees.current("umum"), tx.trees.version("umum", 1)))
    assert current == row_of(office_rows, "01B")
    assert first is not None
    assert (first.id, first.decided_by) == ("01A", OWNER), "running sessions go on with it"
    assert office_rows.store.read(lambda tx: (tx.trees.is_used(), tx.trees.pending())) == (True, [])


def test_a_version_is_decided_once(office_rows: OfficeRows) -> None:
    first, stale = submit(office_rows, "01A"), submit(office_rows, "01B")
    publish(office_rows, first)
    decline(office_rows, stale)
    for again in (publish, decline):
        for row in (first, stale):
            with pytest.raises(ConflictError, match="decided already"):
                again(office_rows, row)
    assert states(office_rows) == {"01A": "published", "01B": "declined"}, "what was in force still is"


def test_the_newest_tree_in_force_begins_intakes(office_rows: OfficeRows) -> None:
    for version_id, name, is_entry in (("01A", "waris", True), ("01B", "umum", True), ("01C", "tanah", False)):
        publish(office_rows, submit(office_rows, version_id, name, is_entry=is_entry))
    assert office_rows.store.read(lambda tx: tx.trees.entry()) == row_of(office_rows, "01B")
    publish(office_rows, submit(office_rows, "01D", is_entry=False))
    assert office_rows.store.read(lambda tx: tx.trees.entry()) == row_of(office_rows, "01A")


@pytest.mark.parametrize(
    ("column", "value"),
    [("definition", "{}"), ("sha256", b"x" * 32), ("author", OWNER), ("name", "lain"), ("id", "01Z")],
)
def test_what_was_submitted_never_changes(office_rows: OfficeRows, column: str, value: object) -> None:
    row = submit(office_rows, "01A")
    with pytest.raises(apsw.ConstraintError, match="never changes"):
        office_rows.write(lambda tx: rows(tx._connection, f"UPDATE tree_version SET {column} = ?", (value,)))
    assert row_of(office_rows, "01A") == row


def test_two_versions_of_a_tree_are_never_in_force_at_once(office_rows: OfficeRows) -> None:
    publish(office_rows, submit(office_rows, "01A"))
    publish(office_rows, submit(office_rows, "01B"))
    with pytest.raises(apsw.ConstraintError):
        office_rows.write(lambda tx: rows(tx._connection, "UPDATE tree_version SET state = 'published'"))


def test_ids_are_found_by_their_beginning(office_rows: OfficeRows) -> None:
    for version_id in ("01AB", "01AA", "01B"):
        submit(office_rows, version_id)
    assert office_rows.store.read(lambda tx: tx.trees.beginning_with("01A", rows_max=9)) == ["01AA", "01AB"]
    assert office_rows.store.read(lambda tx: tx.trees.beginning_with("01", rows_max=2)) == ["01AA", "01AB"]
