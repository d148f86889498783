from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.errors import ConflictError
from lhwa.services.inbox.alert_states import SUBMITTED_MS
from lhwa.services.inbox.alerts import acknowledge_alert, count_alerts
from lhwa.services.inbox.counts import count_queues
from lhwa.services.messaging.holds import release_hold
from lhwa.testing.builders import reply
from tests.services.inbox.alert_scene import (
    BLIND,
    LAWYER,
    alerts,
    break_file,
    bury,
    change_identity,
    doubt,
    let_wait,
    only,
    slow_number,
    stop_token,
)
from tests.services.inbox.full_desk import SECRETS
from tests.services.intake.office import Office
from tests.services.intake.test_reviewing import through


@pytest.fixture
def office(quiet_office: Office) -> Office:
    return quiet_office


@dataclass(frozen=True)
class Case:
    happens: Callable[[Office], None]
    severity: str
    kind: str
    hint: str
    names_somebody: bool = False


STATES: Sequence[Case] = (
    Case(stop_token, "critical", "account", "lhwa tenant set-access-token"),
    Case(slow_number, "warning", "account", "tries again by itself"),
    Case(change_identity, "warning", "security", "lhwa hold release", names_somebody=True),
    Case(doubt, "warning", "queue", "lhwa outbox resolve", names_somebody=True),
    Case(bury, "warning", "queue", "lhwa deadletters list"),
    Case(break_file, "warning", "template", "lhwa templates lint"),
    Case(let_wait, "warning", "clock", "lhwa conversations show", names_somebody=True),
)
each_state = pytest.mark.parametrize("case", STATES, ids=[case.happens.__name__ for case in STATES])


@each_state
def test_what_is_so_now_is_an_alert_that_nobody_can_acknowledge(office: Office, case: Case) -> None:
    case.happens(office)
    alert = only(office)
    assert (alert.severity, alert.kind, alert.may_acknowledge, alert.ended) == (case.severity, case.kind, False, False)
    assert case.hint in alert.hint
    assert alert.detail == ("+62 812-••••-1111" if case.names_somebody else None)
    assert office.store.read(count_alerts) == (1, int(case.severity == "critical"))
    with pytest.raises(ConflictError, match="still is so") as refused:
        office.store.write(acknowledge_alert, LAWYER, alert.id, reason="seen")
    assert refused.value.hint == alert.hint


@each_state
def test_nobodys_name_shows_to_a_role_without_content(office: Office, case: Case) -> None:
    case.happens(office)
    for role in BLIND:
        shown = msgspec.json.encode(alerts(office, role=role)).decode()
        assert [secret for secret in (*SECRETS, "812-") if secret in shown] == []


def test_a_changed_identity_ends_when_somebody_made_sure_who_it_is(office: Office) -> None:
    change_identity(office)
    contact = only(office).id.removeprefix("identity:")
    office.store.write(release_hold, LAWYER, contact, "identity_changed", reason="spoke by telephone")
    assert alerts(office, everything=True) == []
    assert office.store.read(count_alerts) == (0, 0)


def test_a_thing_that_could_not_be_processed_is_counted_in_words(office: Office) -> None:
    bury(office)
    assert only(office).title == "2 things that came could not be processed."


WINDOW_FROM_S, WINDOW_TO_S = 23 * 3600 - 300, 24 * 3600 - 300


@pytest.mark.parametrize(
    ("passed_s", "asks"),
    [(WINDOW_FROM_S - 1, False), (WINDOW_FROM_S + 1, True), (WINDOW_TO_S - 1, True), (WINDOW_TO_S + 1, False)],
)
def test_a_client_without_an_answer_asks_in_the_last_hour_of_the_window(
    office: Office, passed_s: int, *, asks: bool
) -> None:
    office.hear()
    office.clock.advance(passed_s)
    assert bool(alerts(office)) is asks
    assert office.store.read(count_alerts) == (int(asks), 0)


def _fail(office: Office) -> None:
    outbound = office.send()
    office.take()
    office.refuse(outbound, 131026)


ANSWERS: list[tuple[str, Callable[[Office], object], bool]] = [
    ("a message that left", lambda office: office.accept(office.send()), True),
    ("a message that waits", lambda office: office.send(), True),
    ("a message on the phone", lambda office: office.apply(reply(sent_at_ms=office.now_ms)), True),
    ("one that waits for approval", lambda office: office.send(role=Role.STAFF), False),
    ("one that failed", _fail, False),
]


@pytest.mark.parametrize(("label", "answer", "is_answered"), ANSWERS, ids=[case[0] for case in ANSWERS])
def test_an_answer_ends_the_wait(
    office: Office, label: str, answer: Callable[[Office], object], *, is_answered: bool
) -> None:
    office.hear()
    office.clock.advance(1)
    if label == "a message that left":
        office.send()
        office.take()
    answer(office)
    office.clock.advance(WINDOW_FROM_S + 60)
    assert (alerts(office) == []) is is_answered


def test_what_was_sent_before_answers_nothing_that_came_since(office: Office) -> None:
    office.hear()
    office.send()
    office.clock.advance(1)
    office.hear()
    office.clock.advance(WINDOW_FROM_S + 60)
    assert only(office).kind == "clock"


def test_that_the_office_is_closed_answers_nothing(office: Office) -> None:
    office.hear()
    sent = office.send()
    closed = "UPDATE outbox SET author_kind = 'automatic_text', author = 'office_closed' WHERE id = ?"
    office.write(lambda tx: tx._connection.execute(closed, (sent,)))
    office.clock.advance(WINDOW_FROM_S + 60)
    assert only(office).kind == "clock"


def test_a_new_client_asks_after_a_day_without_a_first_look(office: Office) -> None:
    intake = through(office)
    office.clock.advance(SUBMITTED_MS / 1000 - 1)
    mine = [each for each in alerts(office) if each.target == f"intake:{intake}"]
    assert mine == []
    office.clock.advance(1)
    (alert,) = (each for each in alerts(office) if each.target == f"intake:{intake}")
    assert (alert.kind, alert.detail) == ("clock", "+62 812-••••-1111")
    assert f"lhwa intake show {intake}" in alert.hint
    assert office.store.read(count_queues, LAWYER).alerts == len(alerts(office))


def test_a_changed_party_is_one_alert_for_each_person(office: Office) -> None:
    for number in (1, 2):
        contact = office.hear(Party(wa_id=f"628123000444{number}"))
        office.write(lambda tx, contact=contact: tx.contacts.flag(contact, "number_changed"))  # type: ignore[misc]  # bound
    assert len([each for each in alerts(office) if each.kind == "security"]) == 2
