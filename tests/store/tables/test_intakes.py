from __future__ import annotations

import apsw
import pytest
from msgspec.structs import replace

from lhwa.domain.ids import ContactId
from lhwa.domain.intake.answers import Said
from lhwa.domain.intake.session import Act, Begun, Changed, Clock, Decided, Decision, Given, Heard, How
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.messages import MessageType
from lhwa.errors import ConflictError, SealError
from lhwa.store.connection import rows
from lhwa.store.tables.intakes import IntakeRow
from lhwa.testing.fakes import FakeClock
from tests.store.tables.office_rows import OfficeRows

S = IntakeState
CLIENT, OTHER = ContactId("CONTACT000000001"), ContactId("CONTACT000000002")
SAID = Said(message="01MESSAGE", type=MessageType.TEXT, text="kalimat rahasia")
ACTS: tuple[Act, ...] = (
    Begun(),
    Heard(said=SAID, at_ms=5),
    Changed(target="01MESSAGE", by="01EDIT", at_ms=6),
    Clock(asked=1),
    Decided(what=Decision.REVIEW, operator="contoh-lawyer", at_ms=7),
)


@pytest.fixture
def office(office_rows: OfficeRows) -> OfficeRows:
    """Two clients without an intake."""
    for contact in (CLIENT, OTHER):
        office_rows.client(contact)
    return office_rows


def advance(office: OfficeRows, row: IntakeRow, act: Act, *, state: IntakeState | None = None) -> IntakeRow:
    session = office.store.read(lambda tx: tx.intakes.session(row))
    session = replace(session, state=state or session.state, asked=session.asked + 1)
    return office.write(lambda tx: tx.intakes.advance(row, act, session, at_ms=9, reason="clear case"))


def ids(found: list[IntakeRow]) -> list[str]:
    return [row.id for row in found]


def test_a_session_is_read_as_it_was_written(office: OfficeRows) -> None:
    row = office.intake("01A", CLIENT)
    assert (row.contact, row.tree, row.version, row.state, row.acts) == (CLIENT, "umum", 1, S.NEW, 0)
    answer = Given(value="Zulkarnaen", message="01MESSAGE", at_ms=5, how=How.TYPED)
    session = replace(office.store.read(lambda tx: tx.intakes.session(row)), answers={"name": answer}, asked=2)
    moved = office.write(lambda tx: tx.intakes.advance(row, ACTS[1], session, at_ms=5))
    assert (moved.asked, moved.acts) == (2, 1)
    assert office.store.read(lambda tx: tx.intakes.session(moved)) == session
    assert office.store.read(lambda tx: tx.intakes.get("01A")) == moved
    assert office.store.read(lambda tx: tx.intakes.get("01B")) is None


def test_acts_are_numbered_and_keep_no_words_of_a_message(office: OfficeRows) -> None:
    row = office.intake("01A", CLIENT)
    for act in ACTS:
        row = advance(office, row, act)
    found = office.store.read(lambda tx: tx.intakes.acts(row))
    assert [(each.nth, each.kind, each.message, each.operator) for each in found] == [
        (1, "begun", None, None),
        (2, "heard", "01MESSAGE", None),
        (3, "changed", "01EDIT", None),
        (4, "clock", None, None),
        (5, "review", None, "contoh-lawyer"),
    ]
    bare = replace(ACTS[1], said=replace(SAID, text=None))
    assert office.store.read(lambda tx: [tx.intakes.act(each) for each in found]) == [ACTS[0], bare, *ACTS[2:]]
    assert ids(office.store.read(lambda tx: tx.intakes.naming("01MESSAGE"))) == ["01A"]


def test_a_session_that_moved_since_it_was_read_is_not_overwritten(office: OfficeRows) -> None:
    stale = office.intake("01A", CLIENT)
    moved = advance(office, stale, ACTS[0], state=S.AWAITING_CONSENT)
    with pytest.raises(ConflictError, match="moved on"):
        advance(office, stale, ACTS[3], state=S.EXPIRED)
    assert office.store.read(lambda tx: tx.intakes.get("01A")) == moved
    assert len(office.store.read(lambda tx: tx.intakes.acts(moved))) == 1


def test_a_contact_has_one_open_session(office: OfficeRows) -> None:
    row = office.intake("01A", CLIENT)
    with pytest.raises(ConflictError, match="open intake"):
        office.intake("01B", CLIENT)
    office.intake("01B", OTHER)
    advance(office, row, ACTS[0], state=S.WITHDRAWN)
    office.intake("01C", CLIENT)
    assert ids(office.store.read(lambda tx: tx.intakes.of_contact([CLIENT]))) == ["01C", "01A"]
    for contacts, found in (([CLIENT], "01C"), (["CONTACT-UNKNOWN", OTHER], "01B")):
        row_found = office.store.read(lambda tx, contacts=contacts: tx.intakes.open_of(contacts))  # type: ignore[misc]  # a loop's
        assert row_found is not None
        assert row_found.id == found
    assert office.store.read(lambda tx: tx.intakes.open_of(["CONTACT-UNKNOWN"])) is None


@pytest.mark.parametrize("change", ["UPDATE intake_act SET reason = 'another'", "DELETE FROM intake_act"])
def test_acts_are_append_only(office: OfficeRows, change: str) -> None:
    row = advance(office, office.intake("01A", CLIENT), ACTS[0])
    with pytest.raises(apsw.ConstraintError, match="append-only"):
        office.write(lambda tx: rows(tx._connection, change))
    assert [each.reason for each in office.store.read(lambda tx: tx.intakes.acts(row))] == ["clear case"]


def test_what_is_said_is_sealed_and_goes_with_the_clients_key(office: OfficeRows) -> None:
    row = office.intake("01A", CLIENT)
    answer = Given(value="Zulkarnaen", message="01MESSAGE", at_ms=5, how=How.TYPED)
    session = replace(office.store.read(lambda tx: tx.intakes.session(row)), answers={"name": answer})
    row = office.write(lambda tx: tx.intakes.advance(row, ACTS[1], session, at_ms=5))
    office.write(
        lambda tx: tx.intakes.flag(row, "01MESSAGE", nth=0, kind="term", urgency=2, clear=b"batas waktu rahasia")
    )
    office.write(lambda tx: tx.intakes.exempt(b"h" * 32, number="+6281230009999", by="contoh-owner"))
    assert office.holds("zulkarnaen", "rahasia", "6281230009999") == []
    (act,), (flag,) = office.store.read(lambda tx: (tx.intakes.acts(row), tx.intakes.flags(row)))
    office.destroy_key(CLIENT)
    for read in (
        lambda tx: tx.intakes.session(row),
        lambda tx: tx.intakes.act(act),
        lambda tx: tx.intakes.flag_content(flag),
    ):
        with pytest.raises(SealError):
            office.store.read(read)


def test_a_flag_is_kept_once_and_the_most_urgent_comes_first(office: OfficeRows) -> None:
    row = office.intake("01A", CLIENT)
    for nth, urgency in ((0, 1), (1, 3), (1, 3)):
        office.write(
            lambda tx, nth=nth, urgency=urgency: tx.intakes.flag(  # type: ignore[misc]  # a loop's
                row, "01MESSAGE", nth=nth, kind="term", urgency=urgency, clear=b"x%d" % nth
            )
        )
    found = office.store.read(
        lambda tx: [(each.urgency, tx.intakes.flag_content(each)) for each in tx.intakes.flags(row)]
    )
    assert found == [(3, b"x1"), (1, b"x0")]


def test_urgency_never_falls(office: OfficeRows) -> None:
    row = office.intake("01A", CLIENT)
    for urgency, kept in ((2, 2), (1, 2), (3, 3)):
        office.write(lambda tx, urgency=urgency: tx.intakes.raise_urgency(row, urgency))  # type: ignore[misc]  # a loop's
        now = office.store.read(lambda tx: tx.intakes.get("01A"))
        assert now is not None
        assert now.urgency == kept


def test_a_queue_that_is_cut_short_keeps_what_comes_first(office: OfficeRows, clock: FakeClock) -> None:
    made = []
    for number, state in enumerate((S.IN_PROGRESS, S.SUBMITTED, S.SUBMITTED, S.SUBMITTED, S.REJECTED)):
        clock.advance(1)
        made.append(office.intake(f"01{number}", office.client(f"CONTACT-MANY{number}"), state))
    office.write(lambda tx: tx.intakes.raise_urgency(made[3], 2))
    office.write(lambda tx: tx.intakes.raise_urgency(made[4], 3))
    wanted = (S.SUBMITTED, S.IN_PROGRESS)
    urgent = office.store.read(
        lambda tx: [ids(tx.intakes.most_urgent(states=wanted, rows_max=each)) for each in (9, 2)]
    )
    assert urgent == [["013", "011", "012", "010"], ["013", "011"]]
    clock.advance(1)
    advance(office, made[1], ACTS[3])
    longest = office.store.read(lambda tx: ids(tx.intakes.longest_waiting(states=wanted, rows_max=3)))
    assert longest == ["010", "012", "013"]
    assert ids(office.store.read(lambda tx: tx.intakes.newest(rows_max=2))) == ["014", "013"]
    assert office.store.read(lambda tx: tx.intakes.counts()) == {"in_progress": 1, "submitted": 3}
    assert office.store.read(lambda tx: tx.intakes.beginning_with("01", rows_max=2)) == ["010", "011"]


def test_silence_is_due_when_its_time_has_come(office: OfficeRows, clock: FakeClock) -> None:
    row = office.intake("01A", CLIENT)
    assert office.store.read(lambda tx: (tx.intakes.due(rows_max=9), tx.intakes.next_due_ms())) == ([], None)
    due_ms = row.started_at_ms + 1_000
    office.write(lambda tx: tx.intakes.note_asked(row, prompt="01PROMPT", due_at_ms=due_ms, is_reminded=False))
    assert office.store.read(lambda tx: (tx.intakes.due(rows_max=9), tx.intakes.next_due_ms())) == ([], due_ms)
    clock.advance(1)
    (found,) = office.store.read(lambda tx: tx.intakes.due(rows_max=9))
    assert (found.prompt, found.asked_at_ms, found.is_reminded) == ("01PROMPT", row.started_at_ms, False)
    office.write(lambda tx: tx.intakes.note_asked(found, prompt="01PROMPT", due_at_ms=None, is_reminded=True))
    now = office.store.read(lambda tx: tx.intakes.get("01A"))
    assert now is not None
    assert (now.asked_at_ms, now.is_reminded, now.due_at_ms) == (row.started_at_ms, True, None), (
        "asked when it was asked"
    )


def test_a_number_is_exempt_until_somebody_ends_it(office: OfficeRows) -> None:
    hashed = b"h" * 32
    for changed in (True, False):
        assert office.write(lambda tx: tx.intakes.exempt(hashed, number="+6281230009999", by="contoh-owner")) is changed
    assert office.store.read(lambda tx: tx.intakes.exempted()) == ["+6281230009999"]
    assert office.store.read(lambda tx: tx.intakes.is_exempt([b"x" * 32, hashed]))
    assert not office.store.read(lambda tx: tx.intakes.is_exempt([b"x" * 32]))
    for changed in (True, False):
        assert office.write(lambda tx: tx.intakes.end_exemption(hashed)) is changed
    assert office.store.read(lambda tx: tx.intakes.exempted()) == []
