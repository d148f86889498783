"""Withdrawals: at once, whatever the state and whichever button or word says it, and nothing leaves afterwards."""

from __future__ import annotations

import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.messages import MessageType
from lhwa.services.intake.conflicts import check_conflicts
from lhwa.services.intake.reviewing import accept
from lhwa.testing.builders import acting_as
from lhwa.testing.intake import SMALL_TREE
from tests.services.intake.office import Office
from tests.services.intake.test_hearing import NOTICE, through

LAWYER = acting_as(Role.LAWYER)
WITHDRAWN, DECLINED = SMALL_TREE.phrases.withdrawn.id, SMALL_TREE.phrases.declined.id
NUMBER_ALONE = Party(wa_id="6281230003333")
USER_ALONE = Party(bsuid="ID.13491208655302741918")
BOTH = Party(wa_id="6281230003333", bsuid="ID.13491208655302741918")
DAY_S = 86_400


def tapped(office: Office, reply: str, *, title: str) -> list[str]:
    """A tap on a button of any message."""
    content = {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": reply}}}
    return office.says(title, type=MessageType.INTERACTIVE, wire_type="interactive", content=content)


def ledger(office: Office) -> list[str]:
    return office.store.read(lambda tx: [row.what for row in tx.consents.newest(rows_max=99)])[::-1]


def test_the_button_of_the_receipt_counts_after_the_decision_whatever_its_words(office: Office) -> None:
    through(office)
    intake = office.intake().id
    office.store.write(check_conflicts, LAWYER, intake)
    office.store.write(accept, LAWYER, intake, reason="A clear case")
    assert tapped(office, f"intake|{intake}|consent|withdraw", title="Batal") == [WITHDRAWN]
    assert ledger(office) == ["given", "refused", "withdrawn"]
    assert tapped(office, f"intake|{intake}|consent|withdraw", title="Batal") == []
    assert office.ask().refused is not None


def test_a_first_word_to_stop_asks_nothing(office: Office) -> None:
    assert office.says("STOP") == [DECLINED]
    assert office.intakes() == []
    assert office.ask().refused is not None
    assert office.says("Stop") == []
    assert office.says("mulai") == [NOTICE]


def test_to_stop_at_the_notice_keeps_everything_else_away(office: Office) -> None:
    office.says("Selamat malam")
    assert office.says("BERHENTI") == [DECLINED]
    assert office.intake().state is IntakeState.DECLINED
    assert ledger(office) == ["refused"]
    assert office.ask().refused is not None


def test_to_stop_at_a_later_notice_ends_what_was_agreed_to_before(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    for _ in range(2):
        office.clock.advance(30 * DAY_S)
        office.run_jobs()
    assert office.intake().state is IntakeState.EXPIRED
    office.says("Selamat malam")
    assert office.says("BERHENTI") == [DECLINED]
    assert ledger(office) == ["given", "withdrawn", "refused"]


def test_a_person_with_two_sessions_ends_both_with_one_confirmation(office: Office) -> None:
    for party in (NUMBER_ALONE, USER_ALONE):
        office.says("Selamat malam", party=party)
        office.taps("agree", party=party)
    office.says("Selamat malam", party=BOTH)
    assert office.says("BERHENTI", party=BOTH) == [WITHDRAWN]
    assert {row.state for row in office.intakes()} == {IntakeState.WITHDRAWN}
    assert sorted(ledger(office)) == ["given", "given", "withdrawn", "withdrawn"]
    assert office.says("Selamat malam", party=BOTH) == []


def test_who_withdrew_under_the_number_can_start_again_under_the_user_id(office: Office) -> None:
    office.says("Selamat malam", party=NUMBER_ALONE)
    office.taps("agree", party=NUMBER_ALONE)
    office.says("berhenti", party=NUMBER_ALONE)
    assert office.says("mulai", party=BOTH) == [NOTICE]


@pytest.mark.parametrize("reply", ["", "other", "intake", "intake|X|consent|agree"])
def test_a_button_of_another_message_is_no_consent(office: Office, reply: str) -> None:
    office.says("Selamat malam")
    tapped(office, reply, title="Setuju")
    assert office.intake().state is IntakeState.AWAITING_CONSENT
    assert ledger(office) == []


@pytest.mark.parametrize("kind", [MessageType.IMAGE, MessageType.BUTTON])
def test_words_under_a_file_or_a_template_are_no_consent(office: Office, kind: MessageType) -> None:
    office.says("Selamat malam")
    office.says("Setuju", type=kind, wire_type=kind.value)
    assert ledger(office) == []
