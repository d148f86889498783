"""Putting events on the bus, with ids that follow from what they are about."""

from __future__ import annotations

import msgspec

from lhwa.domain.events import EventType
from lhwa.domain.ids import ulid
from lhwa.store.tables.events import NewEvent
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
