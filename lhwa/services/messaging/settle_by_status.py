"""What a status says of a message that lhwa itself sent: how far it came, and that it was sent at all.

A status that carries our id settles a message whose answer was lost. It may also come before the answer.

Invariants: any order of the same statuses ends in the same state; nothing moves down.
"""

from __future__ import annotations

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.events import EventType
from lhwa.domain.messages import Status
from lhwa.domain.outbound import OutboundState, state_of_statuses, state_once_told
from lhwa.services.messaging.sending import wake_sender
from lhwa.store.announce import emit_outbound
from lhwa.store.tables.outbox import OutboundRow, Receipt
from lhwa.store.tables.statuses import NewStatus
from lhwa.store.transaction import Tx


def settle_by_status(tx: Tx, fact: NewStatus, *, wamid: str) -> None:
    """Move the message of the outbox that a status is about, if there is one."""
    row = _row_of(tx, fact)
    if row is None:
        return  # as of most statuses where people write in the phone app
    told = state_of_statuses(each.status for each in tx.statuses.of_message(fact.message_dedup))
    if told is None:
        return
    is_named = row.message_dedup == fact.message_dedup
    is_another = row.message_dedup is not None and not is_named
    state = state_once_told(row.state, told, is_named=is_named, is_another=is_another)
    facts: dict[str, object] = {}
    if not is_named and (state is not None or (not is_another and told is not OutboundState.FAILED)):
        facts |= {"message_dedup": fact.message_dedup, "receipt": tx.outbox.sealed_receipt(row, Receipt(wamid=wamid))}
    facts |= _why(tx, fact, row, told, state, is_named=is_named)
    if state is None and not facts:
        return
    tx.outbox.move(row, state or row.state, **facts)
    if state is not None:
        emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=state, code=fact.error_code)
    if row.state is OutboundState.IN_DOUBT and state is not None:
        wake_sender(tx, at_ms=tx.now_ms)  # the next one of the thread waited for it
    data = {"was": row.state.value, "state": (state or row.state).value}
    data |= {"raw_event": fact.raw_event, "position": fact.position}
    tx.audit.append(AuditRecord(NORMALIZER, "outbound.told", f"outbound:{row.id}", data))


def _why(
    tx: Tx, fact: NewStatus, row: OutboundRow, told: OutboundState, state: OutboundState | None, *, is_named: bool
) -> dict[str, object]:
    """Why it failed, the same in whatever order the reasons came; nothing once it did not fail after all."""
    if told is not OutboundState.FAILED:
        return {"rule": "", "error_code": None} if state is not None and row.rule else {}
    if state is None and not (is_named and row.state is OutboundState.FAILED):
        return {}
    failures = (each for each in tx.statuses.of_message(fact.message_dedup) if each.status == Status.FAILED.value)
    first = min(failures, key=lambda each: (each.at_ms, each.error_code or 0))
    facts: dict[str, object] = {"rule": "error_status", "error_code": first.error_code}
    return {} if (row.rule, row.error_code) == tuple(facts.values()) else facts


def _row_of(tx: Tx, fact: NewStatus) -> OutboundRow | None:
    row = tx.outbox.by_dedup(fact.message_dedup)
    if row is None and fact.own_id is not None:
        row = tx.outbox.get(fact.own_id)
        # Our id on another number, or on a message that never left, is not ours to believe.
        if row is not None and (row.phone_number_id != fact.phone_number_id or row.attempts == 0):
            return None
    return row
