from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.access import Principal, Role
from lhwa.domain.elements import MessageElement, Party
from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.intake.choices import RejectionCode
from lhwa.domain.messages import MessageType
from lhwa.domain.outbound import OutboundState, Recipient, Text
from lhwa.errors import NotAllowedError
from lhwa.routes import REACTIONS
from lhwa.services.inbox.assigning import assign_thread
from lhwa.services.inbox.notes import add_note
from lhwa.services.inbox.pages import Cursor, Entry, ThreadPage, find_in_thread, read_page
from lhwa.services.intake.reviewing import assign, reject
from lhwa.services.messaging.handlers import apply_batch
from lhwa.services.messaging.holds import add_hold, release_hold
from lhwa.services.messaging.sending import TemplateChoice
from lhwa.services.messaging.sourced import SourcedElement
from lhwa.store.connection import open_connection, rows
from lhwa.store.tables.outbox import Letter, NewOutbound
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, NUMBER, acting_as, message, open_firm, reply
from lhwa.testing.fakes import FakeClock
from lhwa.testing.intake import SMALL_TREE
from tests.outbound.desk import SECOND_NUMBER
from tests.services.inbox.scene import AUDITOR, LAWYER, STAFF
from tests.services.intake.office import Office
from tests.services.intake.test_reviewing import through
from tests.services.query_plans import asked, careless_steps

DOCUMENT: dict[str, Any] = {
    "type": "document",
    "document": {"filename": "surat kuasa.pdf", "mime_type": "application/pdf", "id": "1234567890"},
}


def page(office: Office, thread: str, me: Principal = LAWYER, *, rows_max: int = 50, **place: Any) -> ThreadPage:
    return office.store.read(read_page, me, thread, rows_max=rows_max, **place)


def entries(office: Office, thread: str, me: Principal = LAWYER) -> tuple[Entry, ...]:
    """The whole thread."""
    return page(office, thread, me, rows_max=1_000).entries


def said(office: Office, thread: str, me: Principal = LAWYER) -> list[tuple[str, str | None]]:
    return [(entry.kind, entry.text) for entry in entries(office, thread, me)]


def test_both_sides_stand_in_one_order(office: Office, thread: ConversationId) -> None:
    office.clock.advance(5)
    sent = office.send()
    office.clock.advance(5)
    office.apply(reply("Dari telepon.", sent_at_ms=office.now_ms))
    office.clock.advance(5)
    office.store.write(add_note, STAFF, thread, "Besok telepon.", note_id=office.next_id())
    office.clock.advance(5)
    office.hear(text="Baik.")
    shown = entries(office, thread)
    assert [(each.kind, each.text, each.via) for each in shown] == [
        ("client", "Selamat siang.", "messages"),
        ("firm", "Kami bantu.", "api"),
        ("firm", "Dari telepon.", "echo"),
        ("note", "Besok telepon.", ""),
        ("client", "Baik.", "messages"),
    ]
    assert [each.author for each in shown] == [None, "contoh-lawyer", None, "contoh-staff", None]
    assert shown[1].key == f"outbound:{sent}"
    assert [each.status for each in shown] == [None, "queued", None, None, None]


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_a_role_without_content_sees_that_something_was_said(
    office: Office, thread: ConversationId, role: Role
) -> None:
    office.hear(text="RAHASIA", type=MessageType.DOCUMENT, wire_type="document", content=DOCUMENT, wamid="wamid.D")
    office.hear(text="RAHASIA dua", type=MessageType.EDIT, wire_type="edit", target_wamid="wamid.D")
    office.hear(text="RAHASIA", type=MessageType.REACTION, wire_type="reaction", target_wamid="wamid.D")
    office.hear(text="RAHASIA", reply_to_wamid="wamid.D")
    office.send(Text(body="RAHASIA"))
    office.store.write(add_note, STAFF, thread, "RAHASIA", note_id=office.next_id())
    shown = entries(office, thread, acting_as(role))
    assert len(shown) == 5
    assert {(each.text, each.unreadable) for each in shown} == {(None, False)}
    written = msgspec.json.encode(shown).decode()
    assert all(secret not in written for secret in ("RAHASIA", "surat", "1111", "Contoh Klien", "wamid"))
    assert [len(each.edits) + len(each.reactions) for each in shown] == [0, 2, 0, 0, 0]


def test_what_was_said_of_a_message_stands_with_it(office: Office, thread: ConversationId) -> None:
    office.hear(text="Hari Senin.", wamid="wamid.S")
    for seconds, kind, text in ((1, "edit", "Hari Selasa."), (2, "edit", "Hari Rabu."), (3, "reaction", "👍")):
        office.clock.advance(seconds)
        office.hear(text=text, type=MessageType(kind), wire_type=kind, target_wamid="wamid.S")
    office.clock.advance(1)
    office.apply(
        reply("🙏", type=MessageType.REACTION, wire_type="reaction", target_wamid="wamid.S", sent_at_ms=office.now_ms)
    )
    [_, entry] = entries(office, thread)
    assert entry.text == "Hari Senin."
    assert [(each.text, each.by) for each in entry.edits] == [("Hari Selasa.", "client"), ("Hari Rabu.", "client")]
    assert [(each.text, each.by) for each in entry.reactions] == [("👍", "client"), ("🙏", "firm")]
    office.clock.advance(1)
    office.hear(text=None, type=MessageType.REACTION, wire_type="reaction", target_wamid="wamid.S", wamid="wamid.R2")
    office.clock.advance(1)
    office.hear(text=None, type=MessageType.REVOKE, wire_type="revoke", target_wamid="wamid.S", wamid="wamid.V")
    [_, entry] = entries(office, thread)
    assert (entry.text, entry.revoked_at_ms) == ("Hari Senin.", office.now_ms)
    assert [each.by for each in entry.reactions] == ["firm"]


def test_a_reaction_to_a_message_of_the_outbox_stands_with_that(office: Office, thread: ConversationId) -> None:
    sent = office.send()
    office.take()
    office.accept(sent)
    office.clock.advance(9)
    office.hear(text="👍", type=MessageType.REACTION, wire_type="reaction", target_wamid="wamid.OUT1")
    office.hear(text="Ya.", reply_to_wamid="wamid.OUT1")
    _, mine, answer = entries(office, thread)
    assert [each.text for each in mine.reactions] == ["👍"]
    assert answer.quoted is not None
    assert (answer.quoted.id, answer.quoted.by, answer.quoted.text) == (f"outbound:{sent}", "firm", "Kami bantu.")


def test_an_edit_of_what_is_not_here_is_not_lost(office: Office, thread: ConversationId) -> None:
    office.hear(text="Hari Rabu.", type=MessageType.EDIT, wire_type="edit", target_wamid="wamid.BEFORE")
    assert [(each.type, each.text) for each in entries(office, thread)][1:] == [("edit", "Hari Rabu.")]


def test_a_reaction_to_an_edit_is_not_lost(office: Office, thread: ConversationId) -> None:
    office.hear(text="Hari Senin.", wamid="wamid.S")
    office.hear(text="Hari Rabu.", type=MessageType.EDIT, wire_type="edit", target_wamid="wamid.S", wamid="wamid.E")
    office.hear(text="👍", type=MessageType.REACTION, wire_type="reaction", target_wamid="wamid.E")
    assert [(each.type, each.text) for each in entries(office, thread)][1:] == [
        ("text", "Hari Senin."),
        ("reaction", "👍"),
    ]


def test_a_file_says_where_it_is(office: Office, thread: ConversationId) -> None:
    office.hear(text="surat kuasa.pdf", type=MessageType.DOCUMENT, wire_type="document", content=DOCUMENT)
    file = entries(office, thread)[1].file
    assert file is not None
    assert (file.name, file.mime, file.bytes) == ("surat kuasa.pdf", "application/pdf", None)
    assert file.state == "at Meta, not fetched, not scanned"


def test_hostile_text_is_handed_on_as_it_is(office: Office, thread: ConversationId) -> None:
    office.hear(text="\x1b[2J\u202egnp.exe")
    assert entries(office, thread)[1].text == "\x1b[2J\u202egnp.exe"


def test_a_system_message_is_nobodys_and_its_numbers_are_masked(office: Office, thread: ConversationId) -> None:
    office.hear(text="User changed to 6281230004444", type=MessageType.SYSTEM, wire_type="system")
    entry = entries(office, thread)[-1]
    assert entry.kind == "system"
    assert "81230004444" not in (entry.text or "")


def test_in_a_group_it_is_said_who_wrote(office: Office) -> None:
    other = Party(wa_id="6281230002222", profile_name="Contoh Lain")
    for party in (CLIENT, other, CLIENT):
        office.clock.advance(1)
        office.hear(party, text="Halo", group_id="GROUP-1")
    [group] = [row for row in office.store.read(lambda tx: tx.conversations.newest(rows_max=9)) if row.contact is None]
    assert [each.sender for each in entries(office, group.id)] == ["Contoh Klien", "Contoh Lain", "Contoh Klien"]
    assert {each.sender for each in entries(office, group.id, AUDITOR)} == {None}


def test_a_template_is_shown_as_the_client_reads_it(office: Office, thread: ConversationId) -> None:
    office.put_template()
    office.clock.advance(1)
    office.send(TemplateChoice(name="kabar_berkas", language="id", values={"1": "Contoh"}))
    entry = entries(office, thread)[-1]
    assert (entry.type, entry.template) == ("template", "kabar_berkas")
    assert entry.text == "Halo Contoh, berkas Anda sudah kami terima dan sedang diperiksa."


def test_what_waits_for_a_person_says_what_to_do_and_who_decided(office: Office, thread: ConversationId) -> None:
    doubtful = office.in_doubt()
    entry = entries(office, thread)[-1]
    assert (entry.status, "resolve" in (entry.hint or "")) == ("in_doubt", True)
    office.resend(doubtful)
    entry = entries(office, thread)[-1]
    assert [(each.what, each.by, each.reason) for each in entry.decisions] == [
        ("resolved: sent again", "contoh-owner", "did not arrive")
    ]
    assert entries(office, thread, acting_as(Role.FINANCE))[-1].decisions[0].reason is None


def test_acts_of_an_intake_stand_in_the_thread_and_answers_only_once(office: Office) -> None:
    office.publish(SMALL_TREE)
    intake = through(office)
    thread = office.intake().conversation
    office.clock.advance(60)
    office.store.write(assign, STAFF, intake, operator=LAWYER.operator)
    office.clock.advance(60)
    office.store.write(reject, LAWYER, intake, code=RejectionCode.OTHER, reason="not our field")
    done = [each for each in entries(office, thread) if each.kind == "system"]
    assert [(each.type, each.status) for each in done] == [
        ("intake", "begun"),
        ("consent", "given"),
        ("consent", "refused"),
        ("intake", "submitted"),
        ("intake", "review"),
        ("assignment", "assigned"),
        ("intake", "reject"),
    ]
    assert [each.author for each in done] == [None, None, None, None, "contoh-staff", "contoh-staff", "contoh-lawyer"]
    assert done[-1].decisions[0].reason == "other: not our field"
    assert done[5].text == "The intake was given to contoh-lawyer."
    assert entries(office, thread, acting_as(Role.FINANCE))[-1].decisions[0].reason is None
    heard = [each.id for each in entries(office, thread) if each.kind == "client"]
    assert len(heard) == len(set(heard)) == office.store.read(lambda tx: tx.messages.count())
    assert {each.automatic for each in entries(office, thread) if each.kind == "firm"} == {"intake"}


def test_what_was_done_on_another_number_of_the_firm_stands_there_alone(office: Office) -> None:
    office.publish(SMALL_TREE)
    through(office)
    office.hear(number=SECOND_NUMBER)
    intakes = {office.intake().conversation}
    [other] = [
        row.id for row in office.store.read(lambda tx: tx.conversations.newest(rows_max=9)) if row.id not in intakes
    ]
    assert [each.kind for each in entries(office, other)] == ["client"]


def test_assignments_and_holds_stand_in_the_thread(office: Office, thread: ConversationId) -> None:
    for seconds in range(3):  # what others do with it leaves records of the same thread
        office.clock.advance(seconds)
        office.store.write(assign_thread, STAFF, thread, operator=None if seconds == 1 else LAWYER.operator)
    contact = office.store.read(lambda tx: tx.conversations.newest(rows_max=1))[0].contact
    assert contact is not None
    office.store.write(add_hold, LAWYER, contact, "outbound_hold", reason="he is in hospital")
    office.clock.advance(1)
    office.store.write(release_hold, LAWYER, contact, "outbound_hold", reason="he is back")
    done = [each for each in entries(office, thread) if each.kind == "system"]
    assert [(each.text, each.author, each.decisions[0].reason) for each in done] == [
        ("The conversation was given to contoh-lawyer.", "contoh-staff", None),
        ("The conversation is nobody's now.", "contoh-staff", None),
        ("The conversation was given to contoh-lawyer.", "contoh-staff", None),
        ("Messages to this contact are kept back: outbound_hold.", "contoh-lawyer", "he is in hospital"),
        ("Messages to this contact may leave again: outbound_hold.", "contoh-lawyer", "he is back"),
    ]


def test_a_thread_is_readable_whatever_became_of_the_log(office: Office, thread: ConversationId, folder: Path) -> None:
    office.store.write(assign_thread, STAFF, thread, operator=LAWYER.operator)
    assert len(entries(office, thread)) == 2
    intruder = open_connection(folder / "tenant.db")
    intruder.execute(
        "DROP INDEX audit_entry_target; DROP INDEX audit_entry_assigned; DROP TRIGGER audit_entry_no_update"
    )
    intruder.execute("UPDATE audit_entry SET entry = x'7878'")
    intruder.close()
    assert said(office, thread) == [("client", "Selamat siang.")]


def test_a_thread_that_is_not_there_is_not_told_from_one_of_others(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        page(office, "NOSUCHTHREAD0000")
    with pytest.raises(NotAllowedError):
        office.store.read(find_in_thread, AUDITOR, "NOSUCHTHREAD0000", "x", before=None, scan_max=9)


def test_a_page_says_whether_there_is_more(office: Office, thread: ConversationId) -> None:
    for number in range(4):
        office.clock.advance(1)
        office.hear(text=f"{number}")
    newest = page(office, thread, rows_max=2)
    assert ([each.text for each in newest.entries], newest.has_older, newest.has_newer) == (["2", "3"], True, False)
    older = page(office, thread, rows_max=3, before=newest.entries[0].cursor)
    assert (len(older.entries), older.has_older, older.has_newer) == (3, False, True)
    first = page(office, thread, rows_max=5, from_start=True)
    assert (len(first.entries), first.has_older, first.has_newer) == (5, False, False)
    rest = page(office, thread, rows_max=9, after=older.entries[-1].cursor)
    assert (rest.entries, rest.has_older, rest.has_newer) == (newest.entries, True, False)
    hit = newest.entries[0].cursor
    assert page(office, thread, rows_max=1, before=hit.past()).entries == newest.entries[:1]
    none = page(office, thread, rows_max=9, after=newest.entries[-1].cursor)
    assert (none.entries, none.has_older, none.has_newer) == ((), True, False)


def test_a_text_is_found_entry_by_entry_from_the_newest_on(office: Office, thread: ConversationId) -> None:
    for number in range(12):
        office.clock.advance(1)
        office.hear(text=f"Sengketa {number}" if number % 5 == 0 else f"lain {number}")
    office.clock.advance(1)
    office.store.write(add_note, STAFF, thread, "sengketa itu besar", note_id=office.next_id())

    def look(before: Cursor | None, scan_max: int = 100) -> tuple[Cursor | None, Cursor | None]:
        return office.store.read(find_in_thread, LAWYER, thread, "SENGKETA", before=before, scan_max=scan_max)

    found, before = list[str | None](), None
    while True:
        hit, before = look(before)
        if hit is None:
            break
        found.append(page(office, thread, rows_max=1, before=hit.past()).entries[0].text)
    assert found == ["sengketa itu besar", "Sengketa 10", "Sengketa 5", "Sengketa 0"]
    _, before = look(None)
    hit, go_on = look(before, scan_max=1)
    assert (hit, go_on is None) == (None, False)
    assert look(go_on, scan_max=1)[0] is not None


def test_what_a_page_costs_does_not_grow_with_the_file(office: Office) -> None:
    office.publish(SMALL_TREE)
    through(office)
    thread = office.intake().conversation
    middle = entries(office, thread)[5].cursor
    with asked(office.store) as queries:
        page(office, thread, before=middle, rows_max=3)
        page(office, thread, after=middle, rows_max=3)
    assert len(queries) > 10
    found = {sql: careless_steps(office.store, sql) for sql in queries}
    assert {sql: steps for sql, steps in found.items() if steps} == {}


KINDS = ("text", "text", "text", "reaction", "edit", "orphan", "sent", "note", "block", "block")
THINGS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 3)), min_size=4, max_size=20)


def test_going_through_a_thread_shows_each_entry_once_in_order(tmp_path: Path, clock: FakeClock) -> None:
    with open_firm(tmp_path / "firma", clock=clock, reactions=REACTIONS) as store:
        office = Office(store, clock)
        examples = iter(range(10_000))

        @settings(max_examples=25)
        @given(things=THINGS, rows_max=st.integers(1, 5))
        def check(things: list[tuple[str, int]], rows_max: int) -> None:
            party = Party(wa_id=f"62812300{next(examples):05}", profile_name="Contoh")
            expected = _make(office, party, things)
            thread = _thread_of(office, party)
            everything = entries(office, thread)
            assert {each.key.partition(":")[0] for each in everything} <= {"message", "outbound", "note"}
            assert len({each.key for each in everything}) == len(everything) == expected
            assert [each.cursor for each in everything] == sorted(each.cursor for each in everything)
            assert [each.at_ms for each in everything] == [each.cursor.at_ms for each in everything]
            assert _downwards(office, thread, rows_max) == [each.key for each in everything]
            assert _upwards(office, thread, rows_max) == [each.key for each in everything]

        check()


def _make(office: Office, party: Party, things: list[tuple[str, int]]) -> int:
    """Put these things into the thread of a new client, at only four times; returns how many entries that is."""
    first = f"wamid.{party.wa_id}"
    contact = office.hear(party, wamid=first)
    thread = _thread_of(office, party)

    def put(tx: Tx) -> None:
        for number, (kind, second) in enumerate(things):
            at_ms, named = office.now_ms + second * 1_000, f"{first}/{number}"
            match kind:
                case "text":
                    _hear(tx, message(party=party, sent_at_ms=at_ms, wamid=named))
                case "reaction" | "edit":
                    about = {"type": MessageType(kind), "wire_type": kind, "target_wamid": first}
                    _hear(tx, message(party=party, sent_at_ms=at_ms, wamid=named, **about))
                case "orphan":
                    about = {"type": MessageType.EDIT, "wire_type": "edit", "target_wamid": "wamid.ELSEWHERE"}
                    _hear(tx, message(party=party, sent_at_ms=at_ms, wamid=named, **about))
                case "sent":
                    _send(tx, thread, contact, office.next_id(), at_ms)
                case "note":
                    tx.notes.add(office.next_id(), "Catatan", conversation=thread, contact=contact, author="contoh")
                case "block":
                    _next_block(tx)

    office.write(put)
    return 1 + sum(kind in ("text", "orphan", "sent", "note") for kind, _second in things)


def _hear(tx: Tx, element: MessageElement) -> None:
    apply_batch(tx, [SourcedElement(element=element, raw_event="01RAW", received_at_ms=element.sent_at_ms or 0)])


def _send(tx: Tx, thread: ConversationId, contact: ContactId, outbound: str, at_ms: int) -> None:
    message = NewOutbound(
        id=outbound,
        conversation=thread,
        contact=contact,
        phone_number_id=NUMBER,
        recipient_hash=bytes(32),
        kind="text",
        template=None,
        language=None,
        author_kind="person",
        author="contoh-lawyer",
        state=OutboundState.QUEUED,
        send_at_ms=at_ms,
        expires_at_ms=at_ms,
        letter=Letter(recipient=Recipient(phone="+6281230001111"), content=Text(body="Baik.")),
    )
    tx.outbox.add(message)
    row = tx.outbox.get(outbound)
    assert row is not None
    tx.outbox.move(row, OutboundState.SENT, posted_at=at_ms)


def _next_block(tx: Tx) -> None:
    """The newest message is the first of another block of the table, so those after it are in that block, too."""
    ((seq, dedup),) = rows(tx._connection, "SELECT seq, dedup FROM message ORDER BY seq DESC LIMIT 1")
    moved = ((seq >> 14) + 1) << 14
    tx._connection.execute("UPDATE message SET seq = ? WHERE seq = ?", (moved, seq))
    tx._connection.execute("UPDATE message_key_new SET message = ? WHERE dedup = ?", (moved, dedup))
    tx._connection.execute("UPDATE message_key SET message = ? WHERE dedup = ?", (moved, dedup))


def _thread_of(office: Office, party: Party) -> ConversationId:
    def find(tx: Tx) -> ConversationId:
        contact = tx.contacts.own_id("wa_id", tx.contacts.alias_hash("wa_id", party.wa_id or ""))
        found = tx.conversations.find(NUMBER, contact=contact)
        assert found is not None
        return found

    return office.store.read(find)


def _downwards(office: Office, thread: str, rows_max: int) -> list[str]:
    found: list[Entry] = []
    while True:
        got = page(office, thread, rows_max=rows_max, before=found[0].cursor if found else None)
        assert got.has_newer is bool(found)
        found[:0] = got.entries
        if not got.has_older:
            return [each.key for each in found]


def _upwards(office: Office, thread: str, rows_max: int) -> list[str]:
    found: list[Entry] = []
    while True:
        place: dict[str, Any] = {"after": found[-1].cursor} if found else {"from_start": True}
        got = page(office, thread, rows_max=rows_max, **place)
        assert got.has_older is bool(found)
        found += got.entries
        if not got.has_newer:
            return [each.key for each in found]
