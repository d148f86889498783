from __future__ import annotations

import json

import pytest

from lhwa.domain.access import Role
from lhwa.domain.ids import ConversationId
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.inbox.notes import NOTE_CHARS_MAX, add_note, list_notes, show_notes
from lhwa.testing.builders import acting_as
from tests.services.intake.office import Office

LAWYER, STAFF, AUDITOR = acting_as(Role.LAWYER), acting_as(Role.STAFF), acting_as(Role.AUDITOR)
WORDS = "Contoh: telepon dulu ke pengadilan."


def test_a_note_is_there_for_colleagues_and_its_record_says_no_word_of_it(
    office: Office, thread: ConversationId
) -> None:
    added = office.store.write(add_note, STAFF, thread, f"  {WORDS}\n", note_id=office.next_id())
    assert (added.text, added.author) == (WORDS, STAFF.operator)
    office.store.write(add_note, LAWYER, thread[:8], "Contoh kedua", note_id=office.next_id())
    assert [note.text for note in office.store.read(list_notes, LAWYER, thread)] == [WORDS, "Contoh kedua"]
    first, _second = office.audited("note.added")
    assert (first["actor"], first["target"]) == (f"operator:{STAFF.operator}", f"conversation:{thread}")
    assert first["data"] == {"note": added.id, "characters": len(WORDS)}
    assert WORDS not in json.dumps(office.store.read(lambda tx: [each.entry.decode() for each in tx.audit.entries()]))
    assert WORDS not in repr(added)


def test_a_role_without_content_sees_that_a_note_exists(office: Office, thread: ConversationId) -> None:
    office.store.write(add_note, LAWYER, thread, WORDS, note_id=office.next_id())
    (shown,) = office.store.read(list_notes, AUDITOR, thread)
    assert (shown.text, shown.author, shown.unreadable) == (None, LAWYER.operator, False)


def test_showing_notes_leaves_a_record_of_who_saw_what(office: Office, thread: ConversationId) -> None:
    office.store.write(show_notes, LAWYER, thread[:6])
    office.store.write(show_notes, AUDITOR, thread)
    assert [(each["target"], each["data"]) for each in office.audited("note.read")] == [
        (f"conversation:{thread}", {"count": 0, "saw": "content"}),
        (f"conversation:{thread}", {"count": 0, "saw": "records"}),
    ]


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_whoever_may_not_write_to_clients_notes_nothing(office: Office, thread: ConversationId, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        office.store.write(add_note, acting_as(role), thread, WORDS, note_id=office.next_id())


@pytest.mark.parametrize(
    "text", ["", " \n\t", "x" * (NOTE_CHARS_MAX + 1), "Contoh \ud800"], ids=["empty", "blank", "long", "half"]
)
def test_a_note_that_is_none_is_refused(office: Office, thread: ConversationId, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        office.store.write(add_note, LAWYER, thread, text, note_id=office.next_id())
    assert refused.value.hint
    assert office.store.read(list_notes, LAWYER, thread) == []


def test_the_longest_note_is_kept_whole(office: Office, thread: ConversationId) -> None:
    text = "\U0001f600" * NOTE_CHARS_MAX
    office.store.write(add_note, LAWYER, thread, text, note_id=office.next_id())
    assert [note.text for note in office.store.read(list_notes, LAWYER, thread)] == [text]


@pytest.mark.parametrize("named", ["", "ABC", "0000000000000000", "%", "7~"])
def test_a_thread_that_is_not_there_is_as_one_of_somebody_else(
    office: Office, thread: ConversationId, named: str
) -> None:
    with pytest.raises(NotAllowedError):
        office.store.read(list_notes, LAWYER, named)
