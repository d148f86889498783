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
    telling: bytes
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

    def told(self, dedup: bytes) -> tuple[bytes, int, str] | None:
        """Telling, receipt and id of an event that was recorded before."""
        found = rows(self._connection, "SELECT telling, received_at, id FROM platform_event WHERE dedup = ?", (dedup,))
        return found[0] if found else None

    def add(self, event: NewPlatformEvent) -> None:
        """Record an event. The UNIQUE constraint on `dedup` is the last word on duplicates."""
        self._connection.execute(
            "INSERT INTO platform_event (field, event, severity, waba_id, phone_number_id, template_id,"
            " telling, at, received_at, raw_event, position, sealed, id, dedup)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*self._columns(event), event.id, event.dedup),
        )

    def retell(self, event: NewPlatformEvent) -> None:
        """Let another telling of an event stand."""
        self._connection.execute(
            "UPDATE platform_event SET field = ?, event = ?, severity = ?, waba_id = ?, phone_number_id = ?,"
            " template_id = ?, telling = ?, at = ?, received_at = ?, raw_event = ?, position = ?,"
            " sealed = ? WHERE dedup = ?",
            (*self._columns(event), event.dedup),
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

    def _columns(self, event: NewPlatformEvent) -> tuple[object, ...]:
        subject = FIRM if event.contact is None else contact_subject(event.contact)
        place = self._vault.place("platform_event", "value", event.id)
        return (
            event.field,
            event.event,
            event.severity,
            event.waba_id,
            event.phone_number_id,
            event.template_id,
            event.telling,
            event.at_ms,
            event.received_at_ms,
            event.raw_event,
            event.position,
            self._vault.seal(subject, place, _ENCODER.encode(event.value), now_ms=self._now_ms),
        )
