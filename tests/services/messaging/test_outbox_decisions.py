from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import OperatorId
from lhwa.domain.outbound import OUTBOUND_MOVES, OutboundState
from lhwa.errors import ConflictError, LhwaError, NotAllowedError, UsageError
from lhwa.services.messaging.outbox_decisions import (
    approve_outbound,
    cancel_outbound,
    decline_outbound,
    resolve_outbound,
    retry_outbound,
)
from lhwa.services.messaging.reasons import REASON_CHARS_MAX
from lhwa.store.store import Store
from lhwa.testing.builders import FIRM, acting_as
from tests.outbound.desk import Desk

S = OutboundState
OWNER, LAWYER, STAFF = (acting_as(role) for role in (Role.OWNER, Role.LAWYER, Role.STAFF))
SECOND_STAFF = Principal(OperatorId("contoh-staff-dua"), FIRM, Role.STAFF)
ABSENT = "01M7Z000000000000000000000"
WHY = "the client asked"
Decide = Callable[[Store, Principal, str], Any]
Everything = Callable[[], Any]

DECISIONS: dict[str, Decide] = {
    "approve": lambda store, who, it: store.write(approve_outbound, who, it),
    "decline": lambda store, who, it: store.write(decline_outbound, who, it, reason=WHY),
    "cancel": lambda store, who, it: store.write(cancel_outbound, who, it),
    "retry": lambda store, who, it: store.write(retry_outbound, who, it, reason=WHY),
    "resolve as sent": lambda store, who, it: store.write(resolve_outbound, who, it, was_sent=True, reason=WHY),
    "resend": lambda store, who, it: store.write(resolve_outbound, who, it, was_sent=False, reason=WHY),
}
ENDS = {
    "approve": (S.PENDING_APPROVAL, S.QUEUED, "outbound.approved"),
    "decline": (S.PENDING_APPROVAL, S.CANCELLED, "outbound.declined"),
    "cancel": (S.QUEUED, S.CANCELLED, "outbound.cancelled"),
    "retry": (S.FAILED, S.QUEUED, "outbound.retried"),
    "resolve as sent": (S.IN_DOUBT, S.SENT, "outbound.resolved_as_sent"),
    "resend": (S.IN_DOUBT, S.QUEUED, "outbound.resent"),
}
ALLOWED = {(decision, begin) for decision, (begin, _end, _action) in ENDS.items()} | {
    ("cancel", S.PENDING_APPROVAL),
    ("cancel", S.DRAFT),
}


def in_state(desk: Desk, state: S) -> str:
    """A message of staff in a state, whichever way it came there."""
    sent = desk.send(role=Role.STAFF)
    doubt = desk.now_ms if state is S.IN_DOUBT else None

    def put(tx: Any) -> None:
        sql = "UPDATE outbox SET state = ?, in_doubt_since = ?, rule = 'window', error_code = 100 WHERE id = ?"
        tx._connection.execute(sql, (state.value, doubt, sent))

    desk.write(put)
    return sent


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_is_one_move_with_a_record_of_who_and_why(desk: Desk, decision: str) -> None:
    begin, end, action = ENDS[decision]
    sent = in_state(desk, begin)
    row = DECISIONS[decision](desk.store, OWNER, sent)
    assert row == desk.row(sent)
    assert (row.state, row.decided_by) == (end, "contoh-owner")
    entries = desk.store.read(lambda tx: [json.loads(each.entry) for each in tx.audit.entries()])
    (record,) = (each for each in entries if each["action"] == action)
    assert record["actor"] == "operator:contoh-owner"
    assert record["data"]["was"] == begin.value
    assert record["data"].get("reason", WHY) == WHY
    if end is S.QUEUED:
        assert (row.rule, row.error_code, row.next_attempt_at_ms) == ("", None, desk.now_ms)


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("state", S)
def test_a_decision_is_made_only_where_it_is_meant(desk: Desk, everything: Everything, decision: str, state: S) -> None:
    sent = in_state(desk, state)
    before = everything()
    if (decision, state) in ALLOWED:
        DECISIONS[decision](desk.store, OWNER, sent)
        return
    with pytest.raises(ConflictError, match=state.value) as refusal:
        DECISIONS[decision](desk.store, OWNER, sent)
    assert everything() == before
    assert ("resolve" in refusal.value.hint) == (state is S.IN_DOUBT)


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.LAWYER)])
def test_other_roles_decide_nothing_about_what_others_wrote(
    desk: Desk, everything: Everything, decision: str, role: Role
) -> None:
    sent = in_state(desk, ENDS[decision][0])
    before = everything()
    who = Principal(OperatorId("contoh-lain"), FIRM, role)
    with pytest.raises(NotAllowedError):
        DECISIONS[decision](desk.store, who, sent)
    assert everything() == before


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_message_that_is_not_here_is_not_yours(desk: Desk, everything: Everything, decision: str) -> None:
    before = everything()
    with pytest.raises(NotAllowedError):
        DECISIONS[decision](desk.store, OWNER, ABSENT)
    assert everything() == before


def test_who_wrote_a_message_does_not_approve_it(desk: Desk, everything: Everything) -> None:
    sent = in_state(desk, S.PENDING_APPROVAL)
    promoted = Principal(STAFF.operator, FIRM, Role.LAWYER)
    before = everything()
    with pytest.raises(ConflictError, match="cannot approve"):
        desk.store.write(approve_outbound, promoted, sent)
    assert everything() == before
    assert desk.store.write(approve_outbound, LAWYER, sent).state is S.QUEUED


@pytest.mark.parametrize("state", [S.PENDING_APPROVAL, S.QUEUED])
def test_an_author_may_take_back_what_has_not_left(desk: Desk, state: S) -> None:
    sent = in_state(desk, state)
    with pytest.raises(NotAllowedError):
        desk.store.write(cancel_outbound, SECOND_STAFF, sent)
    assert desk.store.write(cancel_outbound, STAFF, sent).state is S.CANCELLED
    assert desk.taken() == []


@pytest.mark.parametrize("decision", ["cancel", "retry", "resend"])
def test_a_dry_run_says_what_it_would_do_and_changes_nothing(desk: Desk, everything: Everything, decision: str) -> None:
    sent = in_state(desk, ENDS[decision][0])
    before = everything()
    row = {
        "cancel": lambda: desk.store.write(cancel_outbound, OWNER, sent, dry_run=True),
        "retry": lambda: desk.store.write(retry_outbound, OWNER, sent, reason=WHY, dry_run=True),
        "resend": lambda: desk.store.write(resolve_outbound, OWNER, sent, was_sent=False, reason=WHY, dry_run=True),
    }[decision]()
    assert row.id == sent
    assert everything() == before


@pytest.mark.parametrize(
    "reason", ["", "  ", "x" * (REASON_CHARS_MAX + 1), "two\nlines", "bell\a", "red\x1b[31m"], ids=ascii
)
@pytest.mark.parametrize("decision", ["decline", "retry", "resolve"])
def test_a_decision_needs_a_reason_of_one_line(desk: Desk, decision: str, reason: str) -> None:
    begin = {"decline": S.PENDING_APPROVAL, "retry": S.FAILED, "resolve": S.IN_DOUBT}[decision]
    sent = in_state(desk, begin)
    fn: Any = {"decline": decline_outbound, "retry": retry_outbound}.get(decision, resolve_outbound)
    facts = {"was_sent": True} if decision == "resolve" else {}
    with pytest.raises(UsageError, match="reason"):
        desk.store.write(fn, OWNER, sent, reason=reason, **facts)
    assert desk.state(sent) is begin


def test_what_waited_for_a_decision_gets_its_whole_time_again(desk: Desk) -> None:
    sent = desk.send(role=Role.STAFF)
    desk.clock.advance(20 * 3_600)
    desk.hear()
    row = desk.store.write(approve_outbound, OWNER, sent)
    assert row.expires_at_ms == desk.now_ms + desk.policy.expires_ms
    assert desk.taken() == [sent]


def test_a_message_for_later_is_not_hastened_by_its_approval(desk: Desk) -> None:
    later = desk.now_ms + 3_600_000
    sent = desk.send(role=Role.STAFF, send_at_ms=later)
    row = desk.store.write(approve_outbound, OWNER, sent)
    assert (row.next_attempt_at_ms, row.expires_at_ms) == (later, later + desk.policy.expires_ms)


def test_the_second_of_two_who_decide_at_once_is_told(desk: Desk) -> None:
    sent = in_state(desk, S.IN_DOUBT)
    DECISIONS["resend"](desk.store, OWNER, sent)
    with pytest.raises(ConflictError):
        DECISIONS["resolve as sent"](desk.store, LAWYER, sent)
    assert desk.taken() == [sent]


def test_what_failed_is_asked_anew_by_every_gate(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.refuse(sent)
    desk.write(lambda tx: tx.outbox.move(desk_row(tx, sent), S.FAILED))
    desk.restrict(desk.row(sent).contact, "opt_out")
    desk.retry(sent)
    assert desk.taken() == []
    assert (desk.state(sent), desk.row(sent).rule) == (S.FAILED, "opt_out")


def desk_row(tx: Any, sent: str) -> Any:
    return tx.outbox.get(sent)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(sorted(DECISIONS)), st.sampled_from((OWNER, LAWYER, STAFF, SECOND_STAFF))), max_size=8
    )
)
def test_any_course_of_decisions_keeps_to_the_legal_moves(desk: Desk, moves: list[tuple[str, Principal]]) -> None:
    sent = desk.send(role=Role.STAFF)
    for decision, who in moves:
        before = desk.state(sent)
        try:
            DECISIONS[decision](desk.store, who, sent)
        except LhwaError:
            assert desk.state(sent) is before
        else:
            assert desk.state(sent) in OUTBOUND_MOVES[before]
            assert not (decision == "approve" and who == STAFF)
    if desk.state(sent) is S.QUEUED:
        desk.store.write(cancel_outbound, OWNER, sent)


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("approve", "queued; it cannot be approved. Last decision: contoh-lawyer approved it 3 minutes ago"),
        ("decline", "cancelled; it cannot be approved. Last decision: contoh-lawyer declined it 3 minutes ago"),
        ("cancel", "cancelled; it cannot be approved. Last decision: contoh-lawyer cancelled it 3 minutes ago"),
    ],
)
def test_who_comes_too_late_is_told_who_decided_what_and_when(desk: Desk, first: str, told: str) -> None:
    sent = desk.send(role=Role.STAFF)
    DECISIONS[first](desk.store, LAWYER, sent)
    desk.clock.advance(180)
    with pytest.raises(ConflictError, match=told):
        DECISIONS["approve"](desk.store, OWNER, sent)


def test_of_what_nobody_decided_nothing_is_told(desk: Desk) -> None:
    sent = desk.send()
    with pytest.raises(ConflictError, match=r"it cannot be approved\.$"):
        DECISIONS["approve"](desk.store, OWNER, sent)
