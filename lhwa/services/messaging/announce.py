"""Putting events on the bus, with ids that follow from what they are about."""

from __future__ import annotations

import msgspec

from lhwa.domain.events import CloudEvent, EventType
from lhwa.domain.ids import ulid
from lhwa.domain.instants import rfc3339_ms
from lhwa.store.transaction import Tx


def emit(
    tx: Tx, kind: EventType, subject: str, data: msgspec.Struct, *, at_ms: int, identity: str, raw_event: str
) -> str:
    """Announce an event about a row; `identity` tells several events about one row apart. Returns the event's id."""
    event = CloudEvent(
        id=ulid(at_ms, tx.vault.blind("event", kind.value, subject, identity)),
        source=tx.events.source,
        type=kind,
        subject=subject,
        time=rfc3339_ms(at_ms),
        dataschema=kind.schema,
        data=msgspec.to_builtins(data),
    )
    tx.announce(event, raw_event=raw_event)
    return event.id
