from __future__ import annotations

import apsw
import pytest

from lhwa.domain.ids import ContactId
from lhwa.domain.intake.states import IntakeState
from lhwa.errors import SealError
from lhwa.store.tables.matters import MatterRow, MatterWords
from lhwa.testing.fakes import FakeClock
from tests.store.tables.office_rows import OfficeRows

CLIENT = ContactId("CONTACT000000001")
WORDS = MatterWords(title="Sengketa rahasia", external_reference="PKR-17")


@pytest.fixture
def office(office_rows: OfficeRows) -> OfficeRows:
    """Two accepted intakes of one client."""
    office_rows.client(CLIENT)
    for intake in ("01ONE", "01TWO"):
        office_rows.intake(intake, CLIENT, IntakeState.ACCEPTED)
    return office_rows


def opened(office: OfficeRows, intake: str = "01ONE") -> MatterRow:
    matter, lawyer = f"{intake}-MATTER", "contoh-lawyer"
    office.write(lambda tx: tx.matters.open(matter, WORDS, intake=intake, contact=CLIENT, lawyer=lawyer, by=lawyer))
    row = office.store.read(lambda tx: tx.matters.of_intake(intake))
    assert row is not None
    return row


def flagged(office: OfficeRows) -> list[str]:
    return [row.intake for row in office.store.read(lambda tx: tx.matters.flagged())]


def test_a_matter_is_read_as_it_was_opened(office: OfficeRows) -> None:
    assert office.store.read(lambda tx: (tx.matters.of_intake("01ONE"), tx.matters.has_any(CLIENT))) == (None, False)
    row = opened(office)
    assert (row.id, row.contact, row.lawyer, row.needs_check_since_ms) == (
        "01ONE-MATTER",
        CLIENT,
        "contoh-lawyer",
        None,
    )
    assert office.store.read(lambda tx: tx.matters.words(row)) == WORDS
    assert office.store.read(lambda tx: tx.matters.has_any(CLIENT))


def test_its_words_are_sealed_and_go_with_the_clients_key(office: OfficeRows) -> None:
    row = opened(office)
    assert office.holds("sengketa rahasia", "PKR-17") == []
    assert "rahasia" not in repr(WORDS)
    office.destroy_key(CLIENT)
    with pytest.raises(SealError):
        office.store.read(lambda tx: tx.matters.words(row))


def test_an_intake_becomes_one_matter(office: OfficeRows) -> None:
    opened(office)
    with pytest.raises(apsw.ConstraintError):
        opened(office)
    with pytest.raises(apsw.ConstraintError):
        opened(office, "01NOWHERE")


def test_a_flag_keeps_its_first_time_until_somebody_checks(office: OfficeRows, clock: FakeClock) -> None:
    assert not office.write(lambda tx: tx.matters.needs_check("01ONE")), "there is no matter"
    for intake in ("01TWO", "01ONE"):
        opened(office, intake)
    for intake in ("01TWO", "01ONE", "01TWO"):
        clock.advance(1)
        assert office.write(lambda tx, intake=intake: tx.matters.needs_check(intake))  # type: ignore[misc]  # a loop's
    assert flagged(office) == ["01TWO", "01ONE"], "the longest first"
    office.write(lambda tx: tx.matters.is_checked("01TWO"))
    assert flagged(office) == ["01ONE"]
