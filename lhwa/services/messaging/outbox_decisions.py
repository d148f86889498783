"""What people decide about outgoing messages: approve, decline, cancel, try again, resolve what is in doubt.

Invariants: who wrote a message does not approve it; nothing that may have left is sent again without a person's word
and reason; each decision is one move from the state that the person saw.

A message is named by its id, or by the beginning of it.
"""

from __future__ import annotations

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.events import EventType
from lhwa.domain.outbound import OutboundState
from lhwa.errors import ConflictError, NotAllowedError
from lhwa.services.messaging.decisions import last_decision
from lhwa.services.messaging.meant import outbound_meant
from lhwa.services.messaging.reasons import checked_reason
from lhwa.services.messaging.sending import wake_sender
from lhwa.store.announce import emit_outbound
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.transaction import Tx

_HINTS = {
    OutboundState.IN_DOUBT: "It may have arrived: run `lhwa outbox resolve`.",
    OutboundState.PENDING_APPROVAL: "It waits for a second person: `lhwa approve` or `lhwa reject`.",
    OutboundState.QUEUED: "It waits to leave: `lhwa outbox cancel` takes it back.",
    OutboundState.SENDING: "It is on its way. Look again in a moment.",
    OutboundState.FAILED: "Once the cause is mended: `lhwa outbox retry`.",
    OutboundState.CANCELLED: "Nothing is left to do. Write another one: `lhwa send`.",
    OutboundState.EXPIRED: "Write another one: `lhwa send`.",
}
"""What can be done about a message in a state, for somebody who asked for something else."""

_VERBS = {
    "outbound.approved": "approved it",
    "outbound.declined": "declined it",
    "outbound.cancelled": "cancelled it",
    "outbound.retried": "had it tried again",
    "outbound.resent": "had it sent again",
    "outbound.resolved_as_sent": "said that it was sent",
    "outbound.resolved_by_name": "said by which name Meta took it",
}
"""Action of an audit record -> what somebody did to a message."""


def approve_outbound(tx: Tx, principal: Principal, message: str) -> OutboundRow:
    """Let a message leave that somebody else wrote.

    Raises: ConflictError when it waits for nobody, or for anybody but its author.
    """
    principal.require(Permission.APPROVE_OUTBOUND)
    row = in_state(tx, message, OutboundState.PENDING_APPROVAL, doing="approved")
    if row.author == principal.operator:
        raise ConflictError(
            "Who wrote a message cannot approve it.", hint="Ask another lawyer or an owner of the firm."
        )
    return _decide(tx, principal, row, OutboundState.QUEUED, action="outbound.approved", reason="")


def decline_outbound(tx: Tx, principal: Principal, message: str, *, reason: str) -> OutboundRow:
    """Say that a message shall not leave, and why."""
    principal.require(Permission.APPROVE_OUTBOUND)
    row = in_state(tx, message, OutboundState.PENDING_APPROVAL, doing="declined")
    return _decide(
        tx, principal, row, OutboundState.CANCELLED, action="outbound.declined", reason=checked_reason(reason)
    )


def cancel_outbound(
    tx: Tx, principal: Principal, message: str, *, reason: str | None = None, dry_run: bool = False
) -> OutboundRow:
    """Take a message back that has not left. Its author may, and whoever may approve.

    Args:
        reason: None when nobody gives one.
    Raises: ConflictError when it has left, or may have.
    """
    principal.require(Permission.WRITE_TO_CLIENTS)
    cancellable = (OutboundState.DRAFT, OutboundState.PENDING_APPROVAL, OutboundState.QUEUED)
    row = in_state(tx, message, *cancellable, doing="cancelled")
    if row.author != principal.operator:
        principal.require(Permission.APPROVE_OUTBOUND)
    why = "" if reason is None else checked_reason(reason)
    if dry_run:
        return row
    return _decide(tx, principal, row, OutboundState.CANCELLED, action="outbound.cancelled", reason=why)


def retry_outbound(tx: Tx, principal: Principal, message: str, *, reason: str, dry_run: bool = False) -> OutboundRow:
    """Send a message again that failed for certain. The gates are asked anew before it leaves.

    Raises: ConflictError for one that is in doubt: that needs `resolve`.
    """
    principal.require(Permission.APPROVE_OUTBOUND)
    row = in_state(tx, message, OutboundState.FAILED, doing="tried again")
    why = checked_reason(reason)
    if dry_run:
        return row
    return _decide(tx, principal, row, OutboundState.QUEUED, action="outbound.retried", reason=why)


def resolve_outbound(
    tx: Tx, principal: Principal, message: str, *, was_sent: bool, reason: str, dry_run: bool = False
) -> OutboundRow:
    """Decide what became of a message that is in doubt: it was sent, or it shall be sent again.

    Args:
        was_sent: True: it arrived, and nothing leaves again. False: send it again, at the risk of sending it twice.
    """
    principal.require(Permission.APPROVE_OUTBOUND)
    row = in_state(tx, message, OutboundState.IN_DOUBT, doing="resolved")
    why = checked_reason(reason)
    if dry_run:
        return row
    state = OutboundState.SENT if was_sent else OutboundState.QUEUED
    action = "outbound.resolved_as_sent" if was_sent else "outbound.resent"
    return _decide(tx, principal, row, state, action=action, reason=why)


def _decide(
    tx: Tx, principal: Principal, row: OutboundRow, state: OutboundState, *, action: str, reason: str
) -> OutboundRow:
    facts: dict[str, object] = {"decided_by": principal.operator}
    if state is OutboundState.QUEUED:
        at_ms = max(row.send_at_ms, tx.now_ms)
        # What waited for a decision gets its whole time again: the decision is younger than the request.
        facts |= {"next_attempt_at": at_ms, "expires_at": at_ms + (row.expires_at_ms - row.send_at_ms), "rule": ""}
        facts |= {"error_code": None}
    tx.outbox.move(row, state, **facts)
    data = {"was": row.state.value} | ({"reason": reason} if reason else {})
    tx.audit.append(AuditRecord(operator_actor(principal.operator), action, f"outbound:{row.id}", data))
    # Also for the next one of the thread, which waited for this one.
    wake_sender(tx, at_ms=max(row.send_at_ms, tx.now_ms) if state is OutboundState.QUEUED else tx.now_ms)
    if state is not OutboundState.QUEUED:
        emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=state)
    now = tx.outbox.get(row.id)
    return row if now is None else now


def in_state(tx: Tx, message: str, *states: OutboundState, doing: str) -> OutboundRow:
    """A message that is in one of these states. Raises: NotAllowedError, ConflictError with what can be done."""
    row = tx.outbox.get(outbound_meant(tx, message))
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    if row.state not in states:
        hint = _HINTS.get(row.state, "It has left already. Write another one: `lhwa send`.")
        decided = last_decision(tx, f"outbound:{row.id}", _VERBS)
        raise ConflictError(f"This message is {row.state.value}; it cannot be {doing}.{decided}", hint=hint)
    return row
