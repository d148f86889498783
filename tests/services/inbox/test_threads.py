from __future__ import annotations

import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.ids import ConversationId
from lhwa.domain.intake.choices import RejectionCode
from lhwa.domain.messages import MessageType
from lhwa.errors import InvariantError, NotAllowedError
from lhwa.services.inbox.filters import parse_filter
from lhwa.services.inbox.threads import ThreadLine, count_threads, read_threads, search_threads, thread_line
from lhwa.services.intake.conflicts import check_conflicts
from lhwa.services.intake.reviewing import accept, assign, reject, take_over
from lhwa.store.connection import rows
from lhwa.store.vault import contact_subject
from lhwa.testing.builders import CLIENT, acting_as
from lhwa.testing.intake import SMALL_TREE
from tests.services.inbox.scene import AUDITOR, LAWYER, STAFF, people
from tests.services.intake.office import Office
from tests.services.intake.test_reviewing import through
from tests.services.query_plans import asked, careless_steps

HOUR_S = 3_600


def listed(office: Office, typed: str = "", role: Role = Role.LAWYER, *, start: int = 0, count: int = 50) -> list[str]:
    """The ids that a filter finds; as many as it counts."""
    me, wanted = acting_as(role), parse_filter(typed)
    found = office.store.read(read_threads, me, wanted, start=start, rows_max=count)
    if start == 0 and count == 50:
        assert office.store.read(count_threads, me, wanted) == len(found)
    return [line.id for line in found]


def searched(office: Office, typed: str, *, scan: int = 50, start: int = 0) -> tuple[list[str | None], int | None]:
    lines, go_on = office.store.read(search_threads, LAWYER, parse_filter(typed), start=start, scan_max=scan)
    return [line.name for line in lines], go_on


def line_of(office: Office, thread: str, role: Role = Role.LAWYER) -> ThreadLine:
    found = office.store.read(thread_line, acting_as(role), thread)
    assert found is not None
    return found


def test_a_line_says_what_somebody_wants_to_know_before_they_open_it(office: Office, thread: ConversationId) -> None:
    office.hear(text="Apakah\nberkas  sudah ada?")
    line = line_of(office, thread)
    assert (line.kind, line.contact, line.name) == ("person", "+62 812-••••-1111", "Contoh Klien")
    assert (line.unread, line.snippet, line.snippet_by) == (2, "Apakah berkas sudah ada?", "client")
    assert line.window_closes_at_ms == office.now_ms + 24 * HOUR_S * 1000
    assert (line.urgency, line.intake_state, line.outgoing, line.assigned_to) == ("", None, "", None)
    assert "berkas" not in repr(line)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_a_role_without_content_sees_that_a_thread_is_there(office: Office, thread: ConversationId, role: Role) -> None:
    line = line_of(office, thread, role)
    assert (line.contact, line.name, line.snippet) == (None, None, None)
    assert (line.unread, line.snippet_by, line.contact_id is None) == (1, "client", False)


def test_a_thread_that_is_not_there_has_no_line(office: Office) -> None:
    assert office.store.read(thread_line, LAWYER, "NOSUCHTHREAD0000") is None


def test_the_snippet_is_the_newest_of_either_side(office: Office, thread: ConversationId) -> None:
    sent = office.send()
    office.clock.advance(1)
    assert (line_of(office, thread).snippet, line_of(office, thread).snippet_by) == ("Kami bantu.", "firm")
    office.post()
    office.clock.advance(60)
    office.hear(text="Terima kasih.")
    assert (line_of(office, thread).snippet, line_of(office, thread).snippet_by) == ("Terima kasih.", "client")
    assert office.row(sent).state == "accepted"


def test_an_edit_or_a_reaction_is_no_snippet(office: Office, thread: ConversationId) -> None:
    office.hear(text="Baik.", wamid="wamid.OF")
    office.clock.advance(60)
    office.hear(text="Baiklah.", type=MessageType.EDIT, wire_type="edit", target_wamid="wamid.OF")
    office.hear(text="👍", type=MessageType.REACTION, wire_type="reaction", target_wamid="wamid.OF")
    assert line_of(office, thread).snippet == "Baik."


def test_what_is_no_text_is_named_and_a_long_text_is_cut(office: Office, thread: ConversationId) -> None:
    office.hear(text=None, type=MessageType.IMAGE, wire_type="image")
    assert line_of(office, thread).snippet == "[image]"
    office.clock.advance(60)
    office.hear(text="panjang " * 5_000)
    snippet = line_of(office, thread).snippet
    assert snippet is not None
    assert (len(snippet), snippet[-1]) == (120, "…")


def test_a_thread_whose_client_was_erased_stays_in_the_list(office: Office, thread: ConversationId) -> None:
    contact = line_of(office, thread).contact_id
    vault = office.store._vault
    assert vault is not None
    vault._connection.execute("DELETE FROM data_key WHERE subject = ?", (contact_subject(contact),))  # type: ignore[arg-type]  # a person's
    vault._by_subject.clear()
    vault._by_id.clear()
    line = line_of(office, thread)
    assert (line.name, line.contact, line.snippet, line.unread) == (None, None, None, 1)


def test_any_stretch_of_the_list_is_there_newest_first(office: Office) -> None:
    people(office, 7)
    everything = listed(office)
    assert len(everything) == 8
    times = [line_of(office, each).last_message_at_ms for each in everything]
    assert times == sorted(times, reverse=True)
    for start in range(10):
        for count in (1, 3, 9):
            assert listed(office, start=start, count=count) == everything[start : start + count]


def test_a_thread_without_a_time_comes_last_and_an_empty_one_not_at_all(office: Office) -> None:
    office.hear(Party(wa_id="6281230007777", profile_name="Contoh Kuno"), sent_at_ms=0)
    office.write(lambda tx: tx.conversations.add(ConversationId("EMPTY"), "301", contact=None, group_hash=b"g"))
    everything = listed(office)
    assert len(everything) == 2
    assert line_of(office, everything[1]).last_message_at_ms == 0
    assert listed(office, start=1, count=5) == everything[1:]
    assert listed(office, start=2, count=5) == []


def test_filters_find_threads_by_what_is_told_of_them(office: Office, thread: ConversationId) -> None:
    office.publish(SMALL_TREE)
    other = Party(wa_id="6281230002222", bsuid="ID.99001122334455", profile_name="Contoh Lain")
    intake = through(office, party=other)
    their_thread = office.intake().conversation
    assert listed(office, "state:submitted") == [their_thread]
    assert listed(office, "state:submitted state:under_review") == [their_thread]
    assert listed(office, "state:rejected") == []
    assert listed(office, "is:mine") == []
    office.store.write(assign, STAFF, intake, operator=LAWYER.operator)
    assert listed(office, "is:mine") == [their_thread]
    assert listed(office, "is:mine", Role.STAFF) == []
    assert listed(office, "is:mine state:open") == [their_thread]
    office.write(lambda tx: tx.conversations.assign(thread, STAFF.operator))
    assert listed(office, "is:mine", Role.STAFF) == [thread]
    office.write(lambda tx: tx.conversations.assign(their_thread, STAFF.operator))
    assert listed(office, "is:mine") == []
    office.store.write(check_conflicts, LAWYER, intake)
    matter = office.store.write(accept, LAWYER, intake, reason="clear case", title="Sengketa tanah Contoh").matter_id
    assert listed(office, f"matter:{matter[:8].lower()}") == [their_thread]
    assert listed(office, "matter:7ZZZZZZZ") == []
    assert searched(office, "sengketa") == (["Contoh Lain"], None)


def test_a_window_that_has_closed_is_not_open(office: Office, thread: ConversationId) -> None:
    assert listed(office, "state:open") == [thread]
    office.clock.advance(24 * HOUR_S + 1)
    assert listed(office, "state:open") == []
    assert line_of(office, thread).window_closes_at_ms is None


def test_what_asks_for_a_person_is_found_and_shown(office: Office, thread: ConversationId) -> None:
    assert listed(office, "state:in_doubt") == []
    office.in_doubt()
    assert line_of(office, thread).outgoing == "in_doubt"
    assert listed(office, "state:in_doubt state:failed") == [thread]
    assert listed(office, "state:failed") == []
    failed = office.send(contact=f"+{CLIENT.wa_id}")
    office.clock.advance(600)
    assert office.taken() == [failed]
    office.refuse(failed, 131026)
    assert line_of(office, thread).outgoing == "failed"
    assert listed(office, "state:failed") == [thread]


def test_what_somebody_has_seen_is_not_unread(office: Office, thread: ConversationId) -> None:
    assert listed(office, "is:unread") == [thread]
    office.write(lambda tx: tx.threads.mark_seen(thread, read_to=tx.threads.newest_seq(thread)))
    assert listed(office, "is:unread") == []
    assert line_of(office, thread).unread == 0


def test_the_newest_intake_of_a_thread_is_shown(office: Office) -> None:
    office.publish(SMALL_TREE)
    office.says("Selamat malam")
    thread = office.intake().conversation
    line = line_of(office, thread)
    assert (line.intake_id, line.intake_state) == (office.intake().id, "awaiting_consent")
    assert (line.urgency, line.with_person) == ("routine", False)
    office.taps("agree")
    office.store.write(take_over, STAFF, office.intake().id)
    assert line_of(office, thread).with_person


def test_others_who_are_at_a_thread_are_shown(office: Office, thread: ConversationId) -> None:
    until_ms = office.now_ms + 1_000
    office.write(
        lambda tx: tx.presence.put("contoh-staff", "d1", conversation=thread, is_writing=True, until_ms=until_ms)
    )
    office.write(
        lambda tx: tx.presence.put("contoh-owner", "d2", conversation=thread, is_writing=False, until_ms=until_ms)
    )
    line = line_of(office, thread)
    assert (line.is_writing_there, line.looking) == (("contoh-staff",), ("contoh-owner", "contoh-staff"))
    assert line_of(office, thread, Role.STAFF).looking == ("contoh-owner",)
    office.clock.advance(2)
    assert line_of(office, thread).looking == ()


def test_a_search_goes_on_where_it_stopped(office: Office) -> None:
    people(office, 7)
    assert searched(office, "from:orang-3", scan=3) == ([], 3)
    found, at = list[str | None](), 0
    while True:
        names, go_on = searched(office, 'from:"contoh ORANG"', scan=3, start=at)
        found += names
        if go_on is None:
            break
        at = go_on
    assert found == [f"Contoh orang-{number}" for number in range(6, -1, -1)]


def test_a_search_looks_at_names_and_at_the_newest_message(office: Office) -> None:
    people(office, 3)
    office.hear(text="Mohon info SENGKETA tanah")
    assert searched(office, "sengketa info") == (["Contoh Klien"], None)
    assert searched(office, "sengketa klien") == (["Contoh Klien"], None)
    assert searched(office, "sengketa orang") == ([], None)
    assert searched(office, "1111") == (["Contoh Klien"], None)
    assert searched(office, "is:unread sengketa") == (["Contoh Klien"], None)


@pytest.mark.parametrize("typed", ["+62812-3000-1111", "from:0812-3000-1111", "from:081230001111 selamat", "{contact}"])
def test_a_whole_number_or_a_contact_id_is_found_at_once(office: Office, thread: ConversationId, typed: str) -> None:
    contact = line_of(office, thread).contact_id
    people(office, 5)
    for start in (0, 4):
        assert searched(office, typed.format(contact=contact), scan=2, start=start) == (["Contoh Klien"], None)


def test_what_reads_content_needs_the_right_and_takes_steps(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        office.store.read(search_threads, AUDITOR, parse_filter("Klien"), start=0, scan_max=9)
    with pytest.raises(InvariantError):
        office.store.read(read_threads, LAWYER, parse_filter("Klien"), start=0, rows_max=9)
    with pytest.raises(InvariantError):
        office.store.read(count_threads, LAWYER, parse_filter("from:Klien"))


def test_the_list_steps_along_one_index_and_a_line_reads_no_more_than_it_needs(office: Office) -> None:
    people(office, 3)
    with asked(office.store) as queries:
        listed(office, start=1, count=2)
    [ids] = [sql for sql in queries if sql.startswith("SELECT seq FROM conversation") and "> 0 ORDER" in sql]
    plan = office.store.read(lambda tx: rows(tx._connection, f"EXPLAIN QUERY PLAN {ids}", (9, 0)))
    assert [row[3] for row in plan] == [
        "SEARCH conversation USING COVERING INDEX conversation_newest (last_message_at>?)"
    ]
    steps = {sql: careless_steps(office.store, sql) for sql in queries}
    # A table of arguments, under its alias.
    found = {sql: [step for step in each if "VIRTUAL TABLE" not in step] for sql, each in steps.items()}
    assert {sql: steps for sql, steps in found.items() if steps} == {}
    assert max(queries.values()) <= 4, "nothing but what a contact needs is asked for each line"


def test_an_intake_that_came_to_nothing_makes_no_thread_mine(office: Office) -> None:
    office.publish(SMALL_TREE)
    intake = through(office)
    thread = office.intake().conversation
    office.store.write(assign, STAFF, intake, operator=LAWYER.operator)
    assert listed(office, "is:mine") == [thread]
    office.store.write(reject, LAWYER, intake, code=RejectionCode.OTHER, reason="not our field")
    assert listed(office, "is:mine") == []
