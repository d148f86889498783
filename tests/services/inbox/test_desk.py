from __future__ import annotations

import string
from threading import Barrier, Thread

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lhwa.domain.access import Principal, Role
from lhwa.domain.elements import Party
from lhwa.domain.ids import ConversationId, OperatorId
from lhwa.domain.keys import TenantKeys
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.inbox.desk import (
    DRAFT_CHARS_MAX,
    PRESENCE_MS,
    Present,
    be_at,
    draft_of,
    drop_draft,
    keep_draft,
    leave,
    others_at,
)
from lhwa.store.connection import rows
from lhwa.store.vault import contact_subject
from lhwa.testing.builders import FIRM, acting_as, open_firm
from tests.services.intake.office import Office

LAWYER = acting_as(Role.LAWYER)
RINA, BUDI, SARI = (Principal(OperatorId(name), FIRM, Role.STAFF) for name in ("rina", "budi", "sari"))
WORDS = "Contoh: kami siapkan suratnya"


def draft(office: Office, thread: str, who: Principal = RINA) -> str | None:
    found = office.store.read(draft_of, who, thread)
    return None if found is None else found.text


def others(office: Office, who: Principal, *threads: str) -> dict[str, tuple[Present, ...]]:
    return office.store.read(others_at, who, threads)


def be(office: Office, who: Principal, thread: str | None, *, desk: str = "1", is_writing: bool = False) -> None:
    office.store.jot(be_at, who, desk=desk, conversation=thread, is_writing=is_writing)


def test_a_draft_is_what_was_written_last_until_it_is_emptied(office: Office, thread: ConversationId) -> None:
    assert draft(office, thread) is None
    for text in (WORDS, f" {WORDS}\n\n", "Contoh lain"):
        office.store.jot(keep_draft, RINA, thread[:6], text)
        assert draft(office, thread) == text
    office.store.jot(keep_draft, RINA, thread, " \n")
    assert draft(office, thread) is None
    office.store.jot(keep_draft, RINA, thread, WORDS)
    assert office.store.jot(drop_draft, RINA, thread)
    assert not office.store.jot(drop_draft, RINA, thread)
    assert draft(office, thread) is None


def test_a_draft_is_its_writers_alone_whatever_role_looks(office: Office, thread: ConversationId) -> None:
    office.store.jot(keep_draft, RINA, thread, WORDS)
    assert [draft(office, thread, who) for who in (BUDI, LAWYER, acting_as(Role.OWNER))] == [None, None, None]
    office.store.jot(keep_draft, BUDI, thread, "Contoh lain")
    office.store.jot(drop_draft, LAWYER, thread)
    assert (draft(office, thread), draft(office, thread, BUDI)) == (WORDS, "Contoh lain")


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_whoever_may_not_write_to_clients_has_no_drafts(office: Office, thread: ConversationId, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        office.store.jot(keep_draft, acting_as(role), thread, WORDS)
    for act in (draft_of, drop_draft):
        with pytest.raises(NotAllowedError):
            office.store.jot(act, acting_as(role), thread)


def test_a_draft_has_an_end_and_loses_no_more_than_half_a_character(office: Office, thread: ConversationId) -> None:
    with pytest.raises(UsageError):
        office.store.jot(keep_draft, RINA, thread, "x" * (DRAFT_CHARS_MAX + 1))
    office.store.jot(keep_draft, RINA, thread, "Contoh \ud83d!")
    assert draft(office, thread) == "Contoh ?!"


def test_a_draft_lies_sealed_and_dies_with_the_clients_key(office: Office, thread: ConversationId) -> None:
    office.store.jot(keep_draft, RINA, thread, WORDS)
    row = office.store.read(lambda tx: tx.conversations.get(thread))
    assert row is not None
    assert row.contact is not None
    folder = office.store._database.parent
    assert WORDS.encode() not in b"".join(path.read_bytes() for path in folder.glob("*.db*"))
    office.store.close()
    keys = apsw.Connection(str(folder / "keys.db"))
    keys.execute("DELETE FROM data_key WHERE subject = ?", (contact_subject(row.contact),))
    keys.close()
    found = office.store.read(draft_of, RINA, thread)
    assert found is not None
    assert (found.text, WORDS in repr(found)) == (None, False)
    office.store.jot(drop_draft, RINA, thread)
    assert office.store.read(draft_of, RINA, thread) is None


_TEXTS = st.text(string.ascii_letters + " \n\u00e9\U0001f600", max_size=8)
_WRITES = st.lists(st.tuples(st.sampled_from((RINA, BUDI)), st.integers(0, 1), _TEXTS), max_size=12)


@given(writes=_WRITES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_writes_wherever_each_reads_their_own_last_words(
    office: Office, writes: list[tuple[Principal, int, str]]
) -> None:
    office.hear(Party(wa_id="6281230007777"))
    threads = [row.id for row in office.store.read(lambda tx: tx.conversations.newest(rows_max=9))]
    last: dict[tuple[str, str], str] = {}
    for who in (RINA, BUDI):
        for each in threads:
            office.store.jot(drop_draft, who, each)
    for who, place, text in writes:
        office.store.jot(keep_draft, who, threads[place], text)
        last[who.operator, threads[place]] = text
    for who in (RINA, BUDI):
        for each in threads:
            wanted = last.get((who.operator, each), "")
            assert draft(office, each, who) == (wanted if wanted.strip() else None)


def test_of_two_desks_of_one_person_the_last_word_stands(
    office: Office, thread: ConversationId, firm_keys: TenantKeys
) -> None:
    """Two processes write at once, many times; nothing is lost and nothing is mixed."""
    start, wrong = Barrier(2), list[str]()
    folder = office.store._database.parent

    def write(who: Principal, desk: str) -> None:
        with open_firm(folder, keys=firm_keys, clock=office.clock) as own:
            start.wait(timeout=10)
            for number in range(15):
                own.jot(keep_draft, who, thread, f"{who.operator} {desk} {number}")
                found = own.read(draft_of, who, thread)
                if found is None or not str(found.text).startswith(f"{who.operator} "):
                    wrong.append(str(found))

    for pair in (((RINA, "a"), (RINA, "b")), ((RINA, "a"), (BUDI, "a"))):
        threads = [Thread(target=write, args=each) for each in pair]
        for each in threads:
            each.start()
        for each in threads:
            each.join(timeout=60)
    assert wrong == []
    assert draft(office, thread) == "rina a 14"
    assert draft(office, thread, BUDI) == "budi a 14"


def test_one_sees_who_else_is_there_and_who_writes(office: Office, thread: ConversationId) -> None:
    office.hear(Party(wa_id="6281230007777"))
    other = next(
        row.id for row in office.store.read(lambda tx: tx.conversations.newest(rows_max=9)) if row.id != thread
    )
    be(office, RINA, thread)
    be(office, RINA, thread, desk="2", is_writing=True)
    be(office, BUDI, thread)
    be(office, SARI, other)
    writes, looks = Present(operator="rina", is_writing=True), Present(operator="budi", is_writing=False)
    assert others(office, SARI, thread, other) == {thread: (looks, writes)}
    assert others(office, RINA, thread, other) == {
        thread: (looks,),
        other: (Present(operator="sari", is_writing=False),),
    }
    assert others(office, RINA) == {}


def test_a_desk_is_at_one_thread_and_nowhere_once_it_is_closed_or_silent(
    office: Office, thread: ConversationId
) -> None:
    office.hear(Party(wa_id="6281230007777"))
    other = next(
        row.id for row in office.store.read(lambda tx: tx.conversations.newest(rows_max=9)) if row.id != thread
    )
    present = (Present(operator="rina", is_writing=False),)
    be(office, RINA, thread)
    be(office, RINA, other)
    assert others(office, BUDI, thread, other) == {other: present}
    be(office, RINA, None)
    assert others(office, BUDI, thread, other) == {}
    be(office, RINA, thread)
    office.store.jot(leave, RINA, desk="1")
    assert others(office, BUDI, thread) == {}
    be(office, RINA, thread)
    office.clock.advance(PRESENCE_MS / 1000 - 0.001)
    assert others(office, BUDI, thread) == {thread: present}
    office.clock.advance(0.001)
    assert others(office, BUDI, thread) == {}
    be(office, BUDI, other)
    assert office.store.read(lambda tx: rows(tx._connection, "SELECT operator FROM presence")) == [("budi",)]


def test_a_desk_is_at_a_thread_of_the_firm(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        be(office, RINA, "0000000000000000")
