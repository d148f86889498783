from __future__ import annotations

from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.access import Role
from lhwa.domain.elements import IdentityChange, Party
from lhwa.domain.ids import ConversationId
from lhwa.domain.messages import Direction, Via
from lhwa.errors import NotAllowedError, UsageError
from lhwa.routes import REACTIONS
from lhwa.services.inbox.seeing import mark_seen
from lhwa.services.messaging.comparison import derived_lines
from lhwa.services.messaging.derived import canonical_lines
from lhwa.services.messaging.rules import NOT_OPENING
from lhwa.store.connection import rows
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, acting_as, message, open_firm, reply
from lhwa.testing.fakes import FakeClock
from tests.services.intake.office import Office

LAWYER = acting_as(Role.LAWYER)


def unread(office: Office, thread: ConversationId) -> int:
    row = office.store.read(lambda tx: tx.conversations.get(thread))
    assert row is not None
    return row.unread


def newest(office: Office, thread: ConversationId) -> list[str]:
    """Ids of a thread's messages in the order in which they came."""
    found = office.store.read(lambda tx: tx.messages.newest(rows_max=99, conversation=thread))
    return [row.id for row in sorted(found, key=lambda row: row.seq)]


def see(office: Office, thread: str, *, up_to: str | None = None, unread: bool = False) -> int:
    return office.store.write(mark_seen, LAWYER, thread, up_to=up_to, unread=unread)


def test_what_somebody_has_seen_is_read_and_what_comes_then_is_not(office: Office, thread: ConversationId) -> None:
    office.hear()
    assert unread(office, thread) == 2
    assert (see(office, thread[:6]), unread(office, thread)) == (0, 0)
    office.hear()
    assert unread(office, thread) == 1
    (seen,) = office.audited("conversation.seen")
    assert (seen["target"], seen["data"]) == (f"conversation:{thread}", {"unread": 0, "taken_back": False})


def test_an_old_message_that_comes_late_is_unread_because_nobody_has_seen_it(
    office: Office, thread: ConversationId
) -> None:
    see(office, thread)
    office.hear(sent_at_ms=office.now_ms - 3_600_000)
    assert unread(office, thread) == 1


def test_it_can_be_seen_up_to_a_message_and_never_back(office: Office, thread: ConversationId) -> None:
    office.hear()
    office.hear()
    first, second, third = newest(office, thread)
    assert see(office, thread, up_to=second) == 1
    assert see(office, thread, up_to=first) == 1, "a colleague saw more"
    assert see(office, thread, up_to=third) == 0
    assert [each["data"]["up_to"] for each in office.audited("conversation.seen")] == [second, third]


def test_a_thread_can_be_made_unread_again(office: Office, thread: ConversationId) -> None:
    office.hear()
    office.apply(reply(sent_at_ms=office.now_ms))
    see(office, thread)
    assert see(office, thread, unread=True) == 1, "the client's newest message, whatever the firm wrote then"
    assert see(office, thread, unread=True) == 1
    assert [each["data"]["taken_back"] for each in office.audited("conversation.seen")] == [False, True]


def test_what_is_so_already_leaves_no_record(office: Office, thread: ConversationId) -> None:
    for _again in range(3):
        see(office, thread)
    office.apply(reply(sent_at_ms=office.now_ms))
    see(office, thread)
    assert len(office.audited("conversation.seen")) == 1


def test_a_thread_in_which_no_client_wrote_has_nothing_to_see(office: Office) -> None:
    office.apply(reply(party=Party(wa_id="6281230007777"), wamid="wamid.ALONE", sent_at_ms=office.now_ms))
    other = office.store.read(lambda tx: tx.conversations.newest(rows_max=9))[0].id
    assert (see(office, other), see(office, other, unread=True)) == (0, 0)
    assert office.audited("conversation.seen") == []


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_whoever_reads_no_content_has_seen_nothing(office: Office, thread: ConversationId, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        office.store.write(mark_seen, acting_as(role), thread)


def test_a_message_of_another_thread_is_refused(office: Office, thread: ConversationId) -> None:
    office.hear(Party(wa_id="6281230007777"))
    other = next(
        row.id for row in office.store.read(lambda tx: tx.conversations.newest(rows_max=9)) if row.id != thread
    )
    (elsewhere,) = newest(office, other)
    with pytest.raises(UsageError):
        see(office, thread, up_to=elsewhere)
    with pytest.raises(NotAllowedError):
        see(office, thread, up_to="01KAN5T9YB6Q2R8W4X7V3M0ZJD")
    with pytest.raises(UsageError):
        see(office, thread, up_to=newest(office, thread)[0], unread=True)
    assert unread(office, thread) == 1


def counted(tx: Tx) -> dict[str, tuple[int, int]]:
    """By thread: what it says is unread, and what lies past its mark, counted without the code that keeps it."""
    sql = (
        "SELECT id, unread, (SELECT count(*) FROM message WHERE conversation = thread.id"
        " AND direction = 'inbound' AND via IN ('messages', 'standby') AND seq > read_to) FROM conversation AS thread"
    )
    return {thread: (kept, past) for thread, kept, past in rows(tx._connection, sql)}


def test_counting_anew_keeps_the_mark(office: Office, thread: ConversationId) -> None:
    office.hear()
    see(office, thread)
    office.hear()
    office.write(lambda tx: tx.threads.recount(thread, not_opening=NOT_OPENING))
    assert office.store.read(counted) == {thread: (1, 1)}


def test_hearing_everything_again_keeps_the_mark(office: Office, thread: ConversationId) -> None:
    told = [message(wamid=f"wamid.R{number}", sent_at_ms=office.now_ms + number) for number in range(3)]
    office.apply(*told)
    see(office, thread)
    office.apply(*told)
    office.apply(*(message(wamid=f"wamid.R{n}", sent_at_ms=office.now_ms + n, via=Via.ECHO) for n in range(3)))
    assert office.store.read(counted) == {thread: (0, 0)}


def test_a_mark_makes_no_difference_to_what_is_built_anew(office: Office, thread: ConversationId) -> None:
    before = office.store.read(derived_lines)
    see(office, thread)
    assert office.store.read(derived_lines) == before
    office.write(lambda tx: rows(tx._connection, "UPDATE conversation SET unread = 7"))
    (line,) = (line for _row, line in office.store.read(lambda tx: list(canonical_lines(tx, "conversation"))))
    assert line.endswith(b",7]"), "a count that does not agree with the mark is told"
    assert office.store.read(derived_lines)["conversation"] != before["conversation"]


def test_what_nobody_has_seen_stays_unread_when_it_goes_to_another_thread(office: Office) -> None:
    """What a number alone wrote belongs to the user id that turns out to have had it."""
    number, person = Party(wa_id="6281230007777"), Party(bsuid="ID.99001122334455")
    of_number, of_person = (thread_with(office, party) for party in (number, person))
    see(office, of_person)
    both = Party(wa_id=number.wa_id, bsuid=person.bsuid)
    office.apply(message(wamid="wamid.BOTH", party=both, sent_at_ms=office.now_ms - 60_000))
    assert unread(office, of_number) == 0
    assert unread(office, of_person) == 3, "the one that moved, and so what came after it, and the newest"
    assert all(kept == past for kept, past in office.store.read(counted).values())


def test_what_somebody_has_seen_takes_no_mark_back_when_it_goes_to_another_thread(office: Office) -> None:
    number, person = Party(wa_id="6281230007777"), Party(bsuid="ID.99001122334455")
    of_number, of_person = (thread_with(office, party) for party in (number, person))
    see(office, of_number)
    see(office, of_person)
    both = Party(wa_id=number.wa_id, bsuid=person.bsuid)
    office.apply(message(wamid="wamid.BOTH", party=both, sent_at_ms=office.now_ms - 60_000))
    assert unread(office, of_person) == 1


def thread_with(office: Office, party: Party) -> ConversationId:
    """Of somebody who writes now."""
    contact = office.hear(party)
    return office.store.read(lambda tx: tx.conversations.of_contact(contact))[0].id


def test_what_counts_as_unread_is_the_same_for_an_element_and_in_the_file(office: Office) -> None:
    for number, (direction, via) in enumerate(product(Direction, Via)):
        party = Party(wa_id=f"62812300055{number:02}")
        office.apply(message(wamid=f"wamid.V{number}", party=party, direction=direction, via=via))
    found = office.store.read(counted)
    assert len(found) > len(Direction) * len(Via)
    assert all(kept == past for kept, past in found.values())


NUMBER_ONLY = Party(wa_id=CLIENT.wa_id)
_PARTIES = (CLIENT, NUMBER_ONLY, Party(bsuid="ID.99001122334455"), Party(wa_id=CLIENT.wa_id, bsuid="ID.99001122334455"))
_CHANGE = IdentityChange(kind="user_changed_number", previous=NUMBER_ONLY, current=Party(wa_id="6281230002222"))


def _steps() -> st.SearchStrategy[list[tuple[str, int]]]:
    kind = st.sampled_from(("hear", "hear", "hear", "echo", "again", "see", "up_to", "unread", "change"))
    return st.lists(st.tuples(kind, st.integers(0, 9)), min_size=1, max_size=14)


def _play(office: Office, kind: str, number: int) -> None:
    at_ms = office.now_ms - number * 60_000
    party = _PARTIES[number % len(_PARTIES)]
    if kind in ("see", "up_to", "unread"):
        threads = office.store.read(lambda tx: tx.conversations.newest(rows_max=9))
        if threads:
            thread = threads[number % len(threads)].id
            ids = newest(office, thread)
            see(office, thread, up_to=ids[number % len(ids)] if kind == "up_to" else None, unread=kind == "unread")
    elif kind == "echo":
        office.apply(reply(wamid=f"wamid.E{number}", party=party, sent_at_ms=at_ms))
    elif kind == "change":
        office.apply(message(wamid=f"wamid.C{number}", party=NUMBER_ONLY, identity_change=_CHANGE, sent_at_ms=at_ms))
    else:
        via = Via.HISTORY if kind == "again" else Via.MESSAGES
        office.apply(message(wamid=f"wamid.P{number}", party=party, sent_at_ms=at_ms, via=via))


@given(steps=_steps())
@settings(max_examples=10, deadline=None)
def test_whatever_comes_and_is_seen_in_any_order_the_count_is_what_lies_past_the_mark(
    steps: list[tuple[str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        clock = FakeClock()
        with open_firm(Path(folder), clock=clock, reactions=REACTIONS) as store:
            office = Office(store, clock)
            for kind, number in steps:
                clock.advance(1)
                _play(office, kind, number)
                assert all(kept == past for kept, past in store.read(counted).values()), (kind, number)
            lines = store.read(lambda tx: [row.values[-1] for row in tx.derived.rows("conversation")])
    assert set(lines) <= {0}
