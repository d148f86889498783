"""Clients who were erased: their sessions end, and keep neither others nor the same person's next one back."""

from __future__ import annotations

import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId
from lhwa.domain.intake.choices import RejectionCode
from lhwa.domain.intake.states import IntakeState
from lhwa.errors import ConflictError
from lhwa.services.intake.reviewing import reject
from lhwa.services.intake.views import list_intakes, show_intake
from lhwa.store.transaction import Tx
from lhwa.store.vault import contact_subject
from lhwa.testing.builders import acting_as
from tests.services.intake.office import Office
from tests.services.intake.test_withdrawing import DAY_S

LAWYER = acting_as(Role.LAWYER)
OTHER = Party(wa_id="6281230002222")


def erase(office: Office, contact: ContactId) -> None:
    """Destroy the key of a client, as an erasure does."""
    subject = contact_subject(contact)

    def destroy(tx: Tx) -> None:
        tx.vault._connection.execute("DELETE FROM data_key WHERE subject = ?", (subject,))
        tx.vault._forget(subject)

    office.write(destroy)
    office.store.read(lambda tx: tx.vault._forget(subject))


@pytest.fixture
def half_erased(office: Office) -> Office:
    """Two clients are on their way, and the first was erased."""
    office.says("Selamat malam")
    office.taps("agree")
    office.says("Selamat malam", party=OTHER)
    erase(office, office.intakes()[-1].contact)
    return office


def test_silence_ends_an_erased_session_and_the_others_too(half_erased: Office) -> None:
    office = half_erased
    for _ in range(2):
        office.clock.advance(30 * DAY_S)
        office.run_jobs()
    assert {row.state for row in office.intakes()} == {IntakeState.EXPIRED}
    assert office.audited("intake.watch_failed") == []
    assert office.audited("intake.advanced")[-1]["data"]["state"] == "expired"


def test_who_was_erased_and_writes_again_begins_anew(half_erased: Office) -> None:
    office = half_erased
    office.says("Selamat malam")
    assert office.audited("intake.hearing_failed") == []
    assert [row.state.value for row in office.intakes()] == ["awaiting_consent", "awaiting_consent", "expired"]


def test_an_erased_intake_is_listed_and_not_decided(half_erased: Office) -> None:
    office = half_erased
    intake = office.intakes()[-1].id
    assert len(office.store.write(list_intakes, LAWYER, everything=True, rows_max=9)) == 2
    assert office.store.write(show_intake, LAWYER, intake).unreadable
    with pytest.raises(ConflictError, match="erased"):
        office.store.write(reject, LAWYER, intake, code=RejectionCode.OTHER, reason="Not there")
