"""What a status says of a message that lhwa itself sent: how far it came, and that it was sent at all.

A status that carries our id settles a message whose answer was lost. It may also come before the answer.

Invariants: any order of the same statuses ends in the same state; nothing moves down.
"""

from __future__ import annotations

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.events import EventType
from lhwa.domain.outbound import OUTBOUND_MOVES, OutboundState, state_of_statuses
from lhwa.store.announce import emit_outbound
from lhwa.store.tables.outbox import OutboundRow, Receipt
from lhwa.store.tables.statuses import NewStatus
from lhwa.store.transaction import Tx


def settle_by_status(tx: Tx, fact: NewStatus, *, wamid: str) -> None:
    """Move the message of the outbox that a status is about, if there is one."""
    row = _row_of(tx, fact)
    if row is None:
        return
    state = state_of_statuses(each.status for each in tx.statuses.of_message(fact.message_dedup)) or row.state
    if state not in OUTBOUND_MOVES[row.state]:
        state = row.state
    if row.state is OutboundState.QUEUED and state is OutboundState.FAILED:
        return  # an earlier try failed: one more reason for the one that waits
    facts: dict[str, object] = {}
    if row.message_dedup is None:
        facts |= {
            "message_dedup": fact.message_dedup,
            "receipt": tx.outbox.sealed_receipt(row, Receipt(wamid=wamid)),
        }
    if state is OutboundState.FAILED and state is not row.state:
        facts |= {"rule": "error_status", "error_code": fact.error_code}
    if state is row.state and not facts:
        return
    tx.outbox.move(row, state, **facts)
    if state is not row.state:
        emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=state, code=fact.error_code)
    data = {"was": row.state.value, "state": state.value, "raw_event": fact.raw_event, "position": fact.position}
    tx.audit.append(AuditRecord(NORMALIZER, "outbound.told", f"outbound:{row.id}", data))


def _row_of(tx: Tx, fact: NewStatus) -> OutboundRow | None:
    row = tx.outbox.by_dedup(fact.message_dedup)
    if row is None and fact.own_id is not None:
        row = tx.outbox.get(fact.own_id)
        # Our id on another number, or on another message than the one that it already became, is not ours to believe.
        if row is not None and (row.phone_number_id != fact.phone_number_id or row.message_dedup is not None):
            return None
    return row
