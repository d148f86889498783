from __future__ import annotations

from collections.abc import Callable

import pytest

from lhwa.domain.access import Role
from lhwa.services.messaging.decisions import Decision, decisions_about
from lhwa.services.messaging.holds import HOLD, IDENTITY, add_hold, list_holds, release_hold
from lhwa.services.messaging.outbox_decisions import (
    approve_outbound,
    cancel_outbound,
    decline_outbound,
    resolve_outbound,
    retry_outbound,
)
from lhwa.services.messaging.outbox_views import show_outbound
from lhwa.testing.builders import CLIENT, acting_as
from tests.outbound.desk import Desk

WHY = "Nadanya salah"
OWNER, LAWYER, STAFF = (acting_as(role) for role in (Role.OWNER, Role.LAWYER, Role.STAFF))
READERS = (Role.OWNER, Role.LAWYER, Role.STAFF, Role.AUDITOR)
PHONE = f"+{CLIENT.wa_id}"


def waiting(desk: Desk) -> str:
    return desk.send(role=Role.STAFF)


def failed(desk: Desk) -> str:
    outbound = desk.send()
    desk.take()
    desk.refuse(outbound, 131026)
    return outbound


CASES: dict[str, tuple[Callable[[Desk], str], Callable[[Desk, str], object], tuple[str, str | None]]] = {
    "approved": (
        waiting,
        lambda desk, it: desk.store.write(approve_outbound, OWNER, it),
        ("approved", None),
    ),
    "rejected": (
        waiting,
        lambda desk, it: desk.store.write(decline_outbound, OWNER, it, reason=WHY),
        ("rejected", WHY),
    ),
    "cancelled": (waiting, lambda desk, it: desk.store.write(cancel_outbound, OWNER, it), ("cancelled", None)),
    "cancelled with a reason": (
        waiting,
        lambda desk, it: desk.store.write(cancel_outbound, OWNER, it, reason=WHY),
        ("cancelled", WHY),
    ),
    "tried again": (
        failed,
        lambda desk, it: desk.store.write(retry_outbound, OWNER, it, reason=WHY),
        ("tried again", WHY),
    ),
    "resolved as sent": (
        Desk.in_doubt,
        lambda desk, it: desk.store.write(resolve_outbound, OWNER, it, was_sent=True, reason=WHY),
        ("resolved: it was sent", WHY),
    ),
    "resent": (
        Desk.in_doubt,
        lambda desk, it: desk.store.write(resolve_outbound, OWNER, it, was_sent=False, reason=WHY),
        ("resolved: sent again", WHY),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_message_shows_who_decided_what_and_why(
    desk: Desk, case: tuple[Callable[[Desk], str], Callable[[Desk, str], object], tuple[str, str | None]]
) -> None:
    begin, decide, (what, reason) = case
    outbound = begin(desk)
    decide(desk, outbound)
    [decision] = desk.store.write(show_outbound, STAFF, outbound).decisions
    assert (decision.what, decision.by, decision.reason) == (what, OWNER.operator, reason)


@pytest.mark.parametrize("role", Role)
def test_a_reason_is_for_those_who_read_content_or_the_audit_log(desk: Desk, role: Role) -> None:
    outbound = waiting(desk)
    desk.store.write(decline_outbound, OWNER, outbound, reason=WHY)
    desk.store.write(add_hold, OWNER, PHONE, HOLD, reason=WHY)
    [decision] = desk.store.write(show_outbound, acting_as(role), outbound).decisions
    [hold] = desk.store.write(list_holds, acting_as(role))
    seen = WHY if role in READERS else None
    assert (decision.reason, hold.reason) == (seen, seen)
    assert (decision.by, hold.operator) == (OWNER.operator, OWNER.operator)


def test_decisions_are_in_their_order_and_reads_are_none(desk: Desk) -> None:
    outbound = waiting(desk)
    desk.store.write(approve_outbound, OWNER, outbound)
    desk.store.write(show_outbound, LAWYER, outbound)
    desk.store.write(cancel_outbound, LAWYER, outbound)
    found = desk.store.read(decisions_about, OWNER, f"outbound:{outbound}")
    assert [(each.what, each.by) for each in found] == [
        ("approved", OWNER.operator),
        ("cancelled", LAWYER.operator),
    ]
    assert all(isinstance(each, Decision) and each.reason is None for each in found)


def test_a_hold_has_the_reason_of_this_time(desk: Desk) -> None:
    desk.store.write(add_hold, OWNER, PHONE, HOLD, reason="dahulu")
    desk.store.write(release_hold, OWNER, PHONE, HOLD, reason="selesai")
    desk.store.write(add_hold, OWNER, PHONE, "blocked", reason="lain")
    desk.store.write(add_hold, LAWYER, PHONE, HOLD, reason="sekarang")
    found = {each.kind: (each.operator, each.reason) for each in desk.store.write(list_holds, OWNER)}
    assert found == {"blocked": (OWNER.operator, "lain"), HOLD: (LAWYER.operator, "sekarang")}


def test_what_no_person_said_has_neither_name_nor_reason(desk: Desk) -> None:
    contact = desk.hear()
    desk.write(lambda tx: tx.restrictions.begin(contact, "marketing_stop", source="01KAN5T9YB6Q2R8W4X7V3M0ZJD"))
    [hold] = desk.store.write(list_holds, OWNER)
    assert (hold.operator, hold.reason, hold.kind != IDENTITY) == (None, None, True)
