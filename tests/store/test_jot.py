from __future__ import annotations

from collections.abc import Callable

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import ConversationId
from lhwa.errors import InvariantError, UnauditedWriteError
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER

GROUP = ConversationId("G")


@pytest.fixture
def firm(store: Store) -> Store:
    def add(tx: Tx) -> None:
        tx.audit.append(AuditRecord("system:test", "test.wrote", "test"))
        tx.conversations.add(GROUP, NUMBER, contact=None, group_hash=b"g")

    store.write(add)
    return store


def keep(tx: Tx) -> None:
    tx.drafts.keep(GROUP, "rina", "Selamat", contact=None)


def be_there(tx: Tx) -> None:
    tx.presence.put("rina", "desk-1", conversation=GROUP, is_writing=True, until_ms=tx.now_ms + 1)


def note(tx: Tx) -> None:
    tx.notes.add("N", "Contoh", conversation=GROUP, contact=None, author="rina")


def record(tx: Tx) -> None:
    tx.audit.append(AuditRecord("operator:rina", "draft.kept", "conversation:G"))


def test_what_lies_on_a_desk_needs_no_audit_record(firm: Store) -> None:
    before = firm.read(lambda tx: tx.audit.frontier().size)
    for change in (
        keep,
        be_there,
        lambda tx: tx.drafts.drop(GROUP, "rina"),
        lambda tx: tx.presence.take("rina", "desk-1"),
    ):
        firm.jot(change)
    assert firm.read(lambda tx: tx.audit.frontier().size) == before


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (note, "note"),
        (lambda tx: tx.conversations.assign(GROUP, "rina"), "conversation"),
        (record, "the audit log"),
        (lambda tx: [change(tx) for change in (keep, record)], "the audit log"),
        (lambda tx: [change(tx) for change in (keep, note)], "note"),
    ],
    ids=["a note", "an assignment", "a record", "a draft with a record", "a draft with a note"],
)
def test_nothing_else_goes_through_the_desks_door(firm: Store, change: Callable[[Tx], object], names: str) -> None:
    with pytest.raises(InvariantError, match=names):
        firm.jot(change)
    assert firm.read(lambda tx: (tx.drafts.of(GROUP, "rina"), tx.notes.of_conversation(GROUP))) == (None, [])


@pytest.mark.parametrize("change", [keep, be_there, note])
def test_through_the_common_door_it_needs_a_record_like_everything(firm: Store, change: Callable[[Tx], None]) -> None:
    with pytest.raises(UnauditedWriteError):
        firm.write(change)
    with pytest.raises(InvariantError):
        firm.read(change)
    with pytest.raises(InvariantError):
        firm.bookkeep(change)
