"""Clients who are known by another identifier from some message on, or write to another number of the firm."""

from __future__ import annotations

from lhwa.domain.access import Role
from lhwa.services.intake.views import show_intake
from lhwa.testing.builders import acting_as
from tests.outbound.desk import SECOND_NUMBER
from tests.services.intake.office import Office
from tests.services.intake.test_withdrawing import BOTH, DAY_S, NUMBER_ALONE, USER_ALONE


def test_the_next_question_goes_to_where_the_client_writes(office: Office) -> None:
    office.says("Selamat malam", party=NUMBER_ALONE)
    office.taps("agree", party=NUMBER_ALONE)
    office.clock.advance(2 * DAY_S)
    assert office.says("Rina Contoh", party=BOTH) == ["Area? (id)"]
    office.taps("family", party=USER_ALONE)
    office.says("ya", party=USER_ALONE)
    office.taps("decline", party=USER_ALONE)
    assert len(office.intakes()) == 1
    shown = office.store.write(show_intake, acting_as(Role.LAWYER), office.intake().id)
    assert [(each.purpose, each.what) for each in shown.consents] == [("intake", "given"), ("marketing", "refused")]


def test_another_number_of_the_firm_goes_on_with_the_session(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.clock.advance(2 * DAY_S)
    assert office.says("Rina Contoh", number=SECOND_NUMBER) == ["Area? (id)"]
    assert office.outbox()[-1].phone_number_id == SECOND_NUMBER
