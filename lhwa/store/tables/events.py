"""The firm's events: CloudEvents without content, in the order of their commits."""

from __future__ import annotations

from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.events import CloudEvent, EventType
from lhwa.domain.instants import rfc3339_ms
from lhwa.store.connection import rows

_ENCODER = msgspec.json.Encoder()
_ROW = "SELECT seq, id, type, subject, at, data, raw_event, traceparent FROM event"


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event about to be recorded."""

    id: str
    type: EventType
    subject: str
    at_ms: int
    data: msgspec.Struct
    """One of the data types of `domain/events.py`: without content."""
    raw_event: str
    """The webhook request that caused it."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event with its place in the firm's order."""

    seq: int
    raw_event: str
    event: CloudEvent


class Events:
    """The event table."""

    def __init__(self, connection: apsw.Connection, *, tenant: str) -> None:
        self._connection = connection
        self._source = f"lhwa/{tenant}"

    def add(self, event: NewEvent) -> None:
        """Record an event."""
        data = _ENCODER.encode(event.data).decode()
        self._connection.execute(
            "INSERT INTO event (id, type, subject, at, data, raw_event) VALUES (?, ?, ?, ?, ?, ?)",
            (event.id, event.type.value, event.subject, event.at_ms, data, event.raw_event),
        )

    def envelope(self, event: NewEvent) -> CloudEvent:
        """An event as whoever reacts to it gets it."""
        return CloudEvent(
            id=event.id,
            source=self._source,
            type=event.type,
            subject=event.subject,
            time=rfc3339_ms(event.at_ms),
            dataschema=event.type.schema,
            data=msgspec.to_builtins(event.data),
        )

    def after(self, seq: int, *, rows_max: int) -> list[StoredEvent]:
        """Events after a place in the order, oldest first."""
        return self._read(rows(self._connection, f"{_ROW} WHERE seq > ? ORDER BY seq LIMIT ?", (seq, rows_max)))

    def last(self, *, rows_max: int) -> list[StoredEvent]:
        """The newest events, oldest first."""
        return self._read(rows(self._connection, f"{_ROW} ORDER BY seq DESC LIMIT ?", (rows_max,)))[::-1]

    def about(self, subject: str) -> list[StoredEvent]:
        """Events about one row."""
        return self._read(rows(self._connection, f"{_ROW} WHERE subject = ? ORDER BY seq", (subject,)))

    def of_raw_event(self, raw_event: str) -> list[StoredEvent]:
        """Events that one webhook request caused."""
        return self._read(rows(self._connection, f"{_ROW} WHERE raw_event = ? ORDER BY seq", (raw_event,)))

    def _read(self, found: list[tuple[object, ...]]) -> list[StoredEvent]:
        return [self._event(*row) for row in found]  # type: ignore[arg-type]  # the table is STRICT

    def _event(  # one argument per column
        self, seq: int, event_id: str, kind: str, subject: str, at: int, data: str, raw_event: str, trace: str | None
    ) -> StoredEvent:
        event_type = EventType(kind)
        event = CloudEvent(
            id=event_id,
            source=self._source,
            type=event_type,
            subject=subject,
            time=rfc3339_ms(at),
            dataschema=event_type.schema,
            data=msgspec.json.decode(data),
            traceparent=msgspec.UNSET if trace is None else trace,
        )
        return StoredEvent(seq, raw_event, event)
