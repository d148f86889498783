from __future__ import annotations

from itertools import permutations

import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.gates import Rule
from lhwa.domain.ids import ContactId
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.services.messaging.holds import (
    BLOCKED,
    HOLD,
    IDENTITY,
    MARKETING_STOP,
    OPT_OUT,
    add_hold,
    list_holds,
    release_hold,
)
from lhwa.services.messaging.sending import TemplateChoice
from lhwa.store.gate_facts import restrictions_of
from lhwa.testing.builders import CLIENT, SENT_AT_MS, acting_as, platform
from tests.outbound.desk import Desk

PHONE = f"+{CLIENT.wa_id}"
RULES = {OPT_OUT: Rule.OPT_OUT, BLOCKED: Rule.BLOCKED, HOLD: Rule.HOLD}


def add(desk: Desk, kind: str, *, role: Role = Role.LAWYER, contact: str = PHONE, reason: str = "coba") -> ContactId:
    return desk.store.write(add_hold, acting_as(role), contact, kind, reason=reason)


def release(desk: Desk, kind: str, *, role: Role = Role.LAWYER, contact: str = PHONE) -> ContactId:
    return desk.store.write(release_hold, acting_as(role), contact, kind, reason="coba")


def kinds(desk: Desk) -> list[str]:
    return [each.kind for each in desk.store.write(list_holds, acting_as(Role.LAWYER))]


def refused(desk: Desk) -> str | None:
    outcome = desk.ask()
    return None if outcome.refused is None else outcome.refused.rule


def prefer(desk: Desk, word: str, *, at_ms: int) -> None:
    said = {"user_id": CLIENT.bsuid, "category": "marketing_messages", "value": word}
    desk.apply(
        platform(word, field="user_preferences", severity="info", party=CLIENT, at_ms=at_ms, value=said | {"at": at_ms})
    )


@pytest.mark.parametrize("kind", [OPT_OUT, BLOCKED, HOLD])
def test_nothing_leaves_for_a_contact_until_it_is_released(desk: Desk, kind: str) -> None:
    assert refused(desk) is None
    add(desk, kind)
    assert (refused(desk), kinds(desk)) == (RULES[kind].value, [kind])
    release(desk, kind)
    assert (refused(desk), kinds(desk)) == (None, [])


def test_what_waited_when_the_hold_came_does_not_leave(desk: Desk) -> None:
    waiting = desk.send()
    add(desk, OPT_OUT)
    assert desk.take() == []
    assert desk.row(waiting).rule == Rule.OPT_OUT.value


def test_a_hold_on_one_identifier_is_a_hold_on_the_person(desk: Desk) -> None:
    number = desk.hear(Party(wa_id=CLIENT.wa_id, bsuid=None))
    person = desk.hear(CLIENT)
    add(desk, BLOCKED, contact=number)
    assert BLOCKED in desk.store.read(restrictions_of, person)
    release(desk, BLOCKED, contact=person)
    assert desk.store.read(restrictions_of, number) == frozenset()


def test_a_changed_user_id_pauses_sends_until_somebody_looked(desk: Desk) -> None:
    desk.hear(Party(wa_id=CLIENT.wa_id, bsuid="ID.99000000000001", profile_name="Contoh Lain"))
    assert refused(desk) == Rule.IDENTITY.value
    assert IDENTITY in kinds(desk)
    held = {each.contact_id for each in desk.store.write(list_holds, acting_as(Role.LAWYER))}
    for contact in held:
        release(desk, IDENTITY, contact=contact)
    assert (refused(desk), kinds(desk)) == (None, [])
    with pytest.raises(ConflictError):
        release(desk, IDENTITY)


def test_nobody_puts_a_changed_identity_there_by_hand(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no such kind"):
        add(desk, IDENTITY)


def test_twice_is_a_conflict_and_changes_nothing(desk: Desk) -> None:
    add(desk, HOLD)
    with pytest.raises(ConflictError):
        add(desk, HOLD)
    release(desk, HOLD)
    with pytest.raises(ConflictError):
        release(desk, HOLD)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
@pytest.mark.parametrize("kind", [OPT_OUT, HOLD])
def test_only_who_writes_to_clients_may_hold(desk: Desk, role: Role, kind: str) -> None:
    with pytest.raises(NotAllowedError):
        add(desk, kind, role=role)
    assert refused(desk) is None


def test_staff_may_note_an_opt_out_but_lift_nothing(desk: Desk) -> None:
    add(desk, OPT_OUT, role=Role.STAFF)
    with pytest.raises(NotAllowedError):
        release(desk, OPT_OUT, role=Role.STAFF)
    with pytest.raises(NotAllowedError):
        add(desk, HOLD, role=Role.STAFF)


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "x" * 301, "\x1b[2J"])
def test_a_hold_needs_a_reason_of_one_plain_line(desk: Desk, reason: str) -> None:
    with pytest.raises(UsageError, match="reason"):
        add(desk, HOLD, reason=reason)


def test_an_auditor_sees_that_somebody_is_held_but_not_who(desk: Desk) -> None:
    contact = add(desk, HOLD)
    (seen,) = desk.store.write(list_holds, acting_as(Role.AUDITOR))
    assert (seen.contact_id, seen.contact) == (contact, None)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_word_about_marketing_counts_in_any_order(desk: Desk, order: tuple[int, ...]) -> None:
    for place in order:
        prefer(desk, ("stop", "resume", "stop")[place], at_ms=SENT_AT_MS + place * 60_000)
    assert kinds(desk) == [MARKETING_STOP]
    assert refused(desk) is None


def test_who_resumed_marketing_is_not_stopped(desk: Desk) -> None:
    prefer(desk, "resume", at_ms=SENT_AT_MS + 60_000)
    prefer(desk, "stop", at_ms=SENT_AT_MS)
    assert kinds(desk) == []


def test_the_gate_says_that_the_client_stopped_marketing(desk: Desk) -> None:
    desk.put_template(category="MARKETING")
    prefer(desk, "stop", at_ms=SENT_AT_MS)
    outcome = desk.ask(TemplateChoice(name="kabar_berkas", language="id", values={"1": "Contoh"}))
    assert outcome.refused is not None
    assert outcome.refused.says == "The client stopped marketing messages."
