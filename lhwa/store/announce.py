"""Putting events on the bus, with ids that follow from what they are about."""

from __future__ import annotations

import msgspec

from lhwa.domain.events import EventType, OutboundFact
from lhwa.domain.ids import ulid
from lhwa.domain.outbound import OutboundState
from lhwa.store.tables.events import NewEvent
from lhwa.store.tables.outbox import NewOutbound, OutboundRow
from lhwa.store.transaction import Tx


def emit(
    tx: Tx,
    kind: EventType,
    subject: str,
    data: msgspec.Struct,
    *,
    at_ms: int,
    identity: str,
    raw_event: str,
    id_ms: int | None = None,
) -> str:
    """Announce an event about a row. Returns the event's id.

    Args:
        identity: tells several events about one row apart.
        id_ms: the time in its id, where that has to be the same whenever the event is made; else `at_ms`.
    """
    event = ulid(at_ms if id_ms is None else id_ms, tx.vault.blind("event", kind.value, subject, identity))
    tx.announce(NewEvent(id=event, type=kind, subject=subject, at_ms=at_ms, data=data, raw_event=raw_event))
    return event


def emit_outbound(
    tx: Tx,
    kind: EventType,
    message: NewOutbound | OutboundRow,
    *,
    state: OutboundState,
    rule: str = "",
    code: int | None = None,
) -> str:
    """Announce what became of an outgoing message. Returns the event's id."""
    fact = OutboundFact(
        outbound_id=message.id,
        state=state.value,
        message_type=message.kind,
        conversation_id=message.conversation,
        template=message.template,
        rule=rule or None,
        error_code=code,
    )
    attempts = message.attempts if isinstance(message, OutboundRow) else 0
    # The same state can come again after another try or a person's decision, even in one millisecond: the audit log
    # has grown in between.
    identity = f"{state.value}/{attempts}/{tx.audit.frontier().size}"
    return emit(tx, kind, f"outbound:{message.id}", fact, at_ms=tx.now_ms, identity=identity, raw_event="")
