"""The firm's events: CloudEvents without content, in the order of their commits."""

from __future__ import annotations

from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.events import CloudEvent, EventType
from lhwa.domain.instants import parse_rfc3339, rfc3339_ms, to_ms
from lhwa.store.connection import rows

_ENCODER = msgspec.json.Encoder()
_ROW = "SELECT seq, id, type, subject, at, data, raw_event, traceparent FROM event"


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

    @property
    def source(self) -> str:
        """The CloudEvents source of this firm."""
        return self._source

    def add(self, event: CloudEvent, *, raw_event: str) -> None:
        """Record an event that a webhook request caused."""
        self._connection.execute(
            "INSERT INTO event (id, type, subject, at, data, raw_event, traceparent) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                event.id,
                event.type.value,
                event.subject,
                to_ms(parse_rfc3339(event.time)),
                _ENCODER.encode(event.data).decode(),
                raw_event,
                None if event.traceparent is msgspec.UNSET else event.traceparent,
            ),
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
