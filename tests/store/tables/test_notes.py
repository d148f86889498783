from __future__ import annotations

import apsw
import pytest

from lhwa.domain.ids import ContactId, ConversationId
from lhwa.errors import InvariantError, SealError
from lhwa.store.connection import open_connection, rows
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER
from tests.store.tables.office_rows import OfficeRows

WORDS = "Contoh catatan rahasia"
THREAD = ConversationId("T-A")


def noted(
    office_rows: OfficeRows, contact: ContactId | None, thread: ConversationId = THREAD, note: str = "N1"
) -> None:
    office_rows.write(lambda tx: tx.notes.add(note, WORDS, conversation=thread, contact=contact, author="rina"))


def texts(tx: Tx, thread: str = THREAD) -> list[str]:
    return [tx.notes.text(row) for row in tx.notes.of_conversation(thread)]


def test_a_note_is_sealed_under_the_clients_key(office_rows: OfficeRows) -> None:
    noted(office_rows, office_rows.client("A"))
    assert office_rows.holds(WORDS) == []
    assert office_rows.store.read(texts) == [WORDS]
    office_rows.destroy_key(ContactId("A"))
    with pytest.raises(SealError):
        office_rows.store.read(texts)
    assert [row.author for row in office_rows.store.read(lambda tx: tx.notes.of_conversation(THREAD))] == ["rina"]


def test_a_note_about_a_group_is_the_firms(office_rows: OfficeRows) -> None:
    group = ConversationId("G")
    office_rows.write(lambda tx: tx.conversations.add(group, NUMBER, contact=None, group_hash=b"g"))
    noted(office_rows, None, group)
    assert office_rows.store.read(texts, group) == [WORDS]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE note SET author = 'budi'",
        "DELETE FROM note",
        "REPLACE INTO note (seq, id, conversation, author, written_at, sealed) VALUES (1, 'N1', 'T-A', 'b', 1, x'00')",
    ],
)
def test_a_note_is_never_changed_nor_taken_away(office_rows: OfficeRows, sql: str) -> None:
    noted(office_rows, office_rows.client("A"))
    with pytest.raises((InvariantError, apsw.ConstraintError)):
        office_rows.write(lambda tx: rows(tx._connection, sql))
    beside = open_connection(office_rows.store._database)
    with pytest.raises(apsw.ConstraintError):
        beside.execute(sql)
    beside.close()
    assert office_rows.store.read(texts) == [WORDS]


def test_notes_are_read_from_any_moment_on_in_both_directions(office_rows: OfficeRows) -> None:
    contact = office_rows.client("A")
    for note in ("N1", "N2", "N3"):
        noted(office_rows, contact, note=note)
    at_ms = office_rows.store.read(lambda tx: tx.now_ms)

    def ids(tx: Tx) -> tuple[list[str], ...]:
        before = tx.notes.before(THREAD, at_ms=at_ms, rows_max=2)
        after = tx.notes.after(THREAD, at_ms=at_ms, rows_max=2)
        none = [*tx.notes.before(THREAD, at_ms=at_ms - 1, rows_max=2), *tx.notes.after("T-B", at_ms=0, rows_max=2)]
        return [row.id for row in before], [row.id for row in after], [row.id for row in none]

    assert office_rows.store.read(ids) == (["N3", "N2"], ["N1", "N2"], [])
