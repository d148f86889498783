from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import ContactId, ConversationId
from lhwa.errors import LhwaError
from lhwa.store.store import Store
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, NUMBER, open_firm

A = ConversationId("A")
TAKEN = ((100, True, True), (300, False, False), (200, True, True), (50, False, True))


def count(tx: Tx, messages: tuple[tuple[int, bool, bool], ...]) -> None:
    tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
    tx.conversations.add(A, NUMBER, contact=None, group_hash=b"g")
    for sent_at_ms, opens_window, is_unread in messages:
        tx.conversations.count_message(A, sent_at_ms=sent_at_ms, opens_window=opens_window, is_unread=is_unread)


@pytest.mark.parametrize("is_together", [False, True])
def test_any_order_of_messages_ends_in_the_same_row(tmp_path: Path, *, is_together: bool) -> None:
    for number, order in enumerate(permutations(TAKEN)):
        with open_firm(tmp_path / str(number)) as store:
            (store.write_together if is_together else store.write)(count, order)
            row = store.read(lambda tx: tx.conversations.get(A))
        assert row is not None
        assert (row.last_message_at_ms, row.last_inbound_at_ms, row.messages, row.unread) == (300, 200, 4, 3)


def test_counts_that_are_held_back_are_there_for_whoever_asks(store: Store) -> None:
    def count_and_ask(tx: Tx) -> list[int]:
        count(tx, TAKEN[:2])
        asked = [len(tx.conversations.newest(rows_max=9)), tx.conversations.get(A).messages]  # type: ignore[union-attr]  # it is there
        tx.conversations.count_message(A, sent_at_ms=5, opens_window=False, is_unread=False)
        tx.threads.recount(A, not_opening=())
        tx.conversations.count_message(A, sent_at_ms=6, opens_window=False, is_unread=False)
        return [*asked, tx.conversations.get(A).messages]  # type: ignore[union-attr]  # as above

    assert store.write_together(count_and_ask) == [1, 2, 1], "counted anew there is no message, and then one more"


def test_a_thread_that_no_client_wrote_in_has_no_window(store: Store) -> None:
    store.write(count, ((100, False, True),))
    row = store.read(lambda tx: tx.conversations.get(A))
    assert isinstance(row, ConversationRow)
    assert row.last_inbound_at_ms is None


def test_a_thread_is_a_persons_or_a_groups(store: Store) -> None:
    def add_for(contact: ContactId | None, group: bytes | None) -> None:
        def run(tx: Tx) -> None:
            tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
            if contact is not None and tx.contacts.row(contact) is None:
                tx.contacts.add(contact, CLIENT, at_ms=1)
            tx.conversations.add(ConversationId(f"{contact}/{group!r}"), NUMBER, contact=contact, group_hash=group)

        store.write(run)

    add_for(ContactId("C"), None)
    add_for(None, b"g")
    for contact, group in ((ContactId("C"), b"g"), (None, None), (ContactId("C"), None), (None, b"g")):
        with pytest.raises(Exception, match="constraint failed") as refused:
            add_for(contact, group)
        assert not isinstance(refused.value, LhwaError)
    assert store.read(lambda tx: tx.conversations.find(NUMBER, contact=ContactId("C"))) == "C/None"
    assert store.read(lambda tx: tx.conversations.find(NUMBER, group_hash=b"g")) == "None/b'g'"
    assert store.read(lambda tx: tx.conversations.find("other", contact=ContactId("C"))) is None
