"""Settling a doubt with the name that Meta gave the message: a person learned it, and Meta may tell what became of it.

Somebody sees the name (its wamid) where the client's answer quotes a message that nobody knows, or in Meta's own tools.

Invariants: a name belongs to one message; what Meta tells, now or in statuses that came before, outweighs the person's
word; nothing is sent again.
"""

from __future__ import annotations

import re

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.events import EventType
from lhwa.domain.messages import Status
from lhwa.domain.outbound import OutboundState, state_of_statuses
from lhwa.errors import ConflictError, UsageError
from lhwa.services.messaging.outbox_decisions import in_state
from lhwa.services.messaging.reasons import checked_reason
from lhwa.services.messaging.sending import wake_sender
from lhwa.store.announce import emit_outbound
from lhwa.store.tables.outbox import OutboundRow, Receipt
from lhwa.store.transaction import Tx

_WAMID = re.compile(r"wamid\.[A-Za-z0-9+/=_-]{1,1000}", re.ASCII)


def nameable(tx: Tx, principal: Principal, message: str, *, wamid: str) -> OutboundRow:
    """A message in doubt that may have this name.

    Raises: NotAllowedError, UsageError; ConflictError when it is not in doubt, or when the name is another message's.
    """
    principal.require(Permission.APPROVE_OUTBOUND)
    row = in_state(tx, message, OutboundState.IN_DOUBT, doing="resolved")
    _require_free(tx, row, wamid)
    return row


def resolve_named(
    tx: Tx, principal: Principal, message: str, *, wamid: str, history: tuple[str, ...] | None, reason: str
) -> OutboundRow:
    """Say by which name Meta took a message that is in doubt, and let it stand where that one stands.

    Args:
        history: the statuses that Meta tells of it; None when Meta tells none, and the person's word counts alone.
    Raises: as `nameable`.
    """
    row = nameable(tx, principal, message, wamid=wamid)
    why, dedup = checked_reason(reason), tx.messages.dedup_of(row.phone_number_id, wamid)
    facts = tx.statuses.of_message(dedup)
    told = state_of_statuses([*(history or ()), *(fact.status for fact in facts)])
    state = told or (OutboundState.SENT if history is None else OutboundState.ACCEPTED)
    codes = [fact.error_code for fact in facts if fact.status == Status.FAILED.value]
    is_failed = state is OutboundState.FAILED
    tx.outbox.move(
        row,
        state,
        decided_by=principal.operator,
        message_dedup=dedup,
        receipt=tx.outbox.sealed_receipt(row, Receipt(wamid=wamid)),
        rule="error_status" if is_failed else "",
        error_code=codes[0] if is_failed and codes else None,
    )
    emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=state)
    # Never the name itself: it encodes the client's number.
    said = "none" if history is None else "told"
    data = {"was": row.state.value, "state": state.value, "history": said, "reason": why, "statuses": len(facts)}
    actor = operator_actor(principal.operator)
    tx.audit.append(AuditRecord(actor, "outbound.resolved_by_name", f"outbound:{row.id}", data))
    wake_sender(tx, at_ms=tx.now_ms)  # the next one of the thread waited for this one
    return tx.outbox.get(row.id) or row


def _require_free(tx: Tx, row: OutboundRow, wamid: str) -> None:
    """A name is no other message's, on whichever number of the firm, and nobody else's status goes by it."""
    if _WAMID.fullmatch(wamid) is None:
        raise UsageError("This is not a message id of Meta's.", hint="It begins with wamid. and is one long word.")
    for number in {row.phone_number_id, *tx.messages.numbers(), *tx.statuses.numbers()}:
        dedup = tx.messages.dedup_of(number, wamid)
        sent = tx.outbox.by_dedup(dedup)
        if (sent is not None and sent.id != row.id) or tx.messages.by_dedup(dedup) is not None:
            raise ConflictError(
                "Another message has this message id.", hint="See `lhwa outbox list` and `lhwa messages list`."
            )
        if number != row.phone_number_id and tx.statuses.of_message(dedup):
            raise ConflictError("This message id is of another number of the firm.", hint="Look for the right one.")
    named = tx.statuses.recipients_of(tx.messages.dedup_of(row.phone_number_id, wamid))
    if named and not named & _hashes(tx, row):
        raise ConflictError("This message id is of a message to somebody else.", hint="Look for the right one.")


def _hashes(tx: Tx, row: OutboundRow) -> set[bytes]:
    """Every identifier under which the client of a message is known."""
    people = {row.contact, *tx.contacts.parts(row.contact)}
    kinds = ("wa_id", "bsuid", "parent_bsuid")
    return {row.recipient_hash, *(found for who in people for kind in kinds for found in tx.contacts.hashes(who, kind))}
