"""What happened to the account, its numbers, templates, calls and preferences."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as column
from typing import Any

import apsw
import msgspec

from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows
from lhwa.store.vault import FIRM, Vault, contact_subject

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlatformEvent:
    """A platform event about to be recorded; `contact` says under whose key it is sealed."""

    id: str
    dedup: bytes
    field: str
    event: str
    severity: str
    waba_id: str | None
    phone_number_id: str | None
    template_id: str | None
    at_ms: int
    received_at_ms: int
    raw_event: str
    position: str
    contact: ContactId | None
    value: dict[str, Any] = column(repr=False)


@dataclass(frozen=True, slots=True)
class PlatformEventRow:
    """A platform event as stored, without its sealed value."""

    id: str
    field: str
    event: str
    severity: str
    phone_number_id: str | None
    template_id: str | None
    at_ms: int
    raw_event: str
    position: str


class PlatformEvents:
    """The platform event table."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def seen(self, dedup: bytes) -> bool:
        """True when this event was recorded before."""
        return bool(rows(self._connection, "SELECT 1 FROM platform_event WHERE dedup = ?", (dedup,)))

    def add(self, event: NewPlatformEvent) -> None:
        """Record an event. The UNIQUE constraint on `dedup` is the last word on duplicates."""
        subject = FIRM if event.contact is None else contact_subject(event.contact)
        place = self._vault.place("platform_event", "value", event.id)
        self._connection.execute(
            "INSERT INTO platform_event (id, dedup, field, event, severity, waba_id, phone_number_id, template_id,"
            " at, received_at, raw_event, position, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                event.id,
                event.dedup,
                event.field,
                event.event,
                event.severity,
                event.waba_id,
                event.phone_number_id,
                event.template_id,
                event.at_ms,
                event.received_at_ms,
                event.raw_event,
                event.position,
                self._vault.seal(subject, place, _ENCODER.encode(event.value), now_ms=self._now_ms),
            ),
        )

    def of_raw_event(self, raw_event: str) -> list[PlatformEventRow]:
        """What one webhook request brought."""
        found = rows(
            self._connection,
            "SELECT id, field, event, severity, phone_number_id, template_id, at, raw_event, position"
            " FROM platform_event WHERE raw_event = ? ORDER BY seq",
            (raw_event,),
        )
        return [PlatformEventRow(*row) for row in found]
