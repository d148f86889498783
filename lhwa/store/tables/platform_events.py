"""What happened to the account, its numbers, templates, calls and preferences."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field as column
from typing import Any

import apsw
import msgspec

from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows
from lhwa.store.vault import FIRM, Vault, contact_subject

RECENT_ROWS = 10_000
"""So many of the newest events are looked through for those that ask nothing of anybody."""
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(dict[str, Any])
_COLUMNS = "id, field, event, severity, phone_number_id, template_id, at, raw_event, position"
_NOT_ACKNOWLEDGED = "NOT EXISTS (SELECT 1 FROM alert_acknowledgement WHERE alert = platform_event.id)"


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
            f"SELECT {_COLUMNS} FROM platform_event WHERE raw_event = ? ORDER BY seq",  # noqa: S608 -- fixed text
            (raw_event,),
        )
        return [PlatformEventRow(*row) for row in found]

    def get(self, event: str) -> PlatformEventRow | None:
        """One event by its id."""
        found = rows(self._connection, f"SELECT {_COLUMNS} FROM platform_event WHERE id = ?", (event,))  # noqa: S608 -- fixed text
        return PlatformEventRow(*found[0]) if found else None

    def beginning_with(self, prefix: str, *, rows_max: int) -> list[str]:
        """Ids that begin like this, oldest first, of those that ask something of a person.

        Args:
            prefix: of the letters and digits of a ULID.
        """
        is_meant = "id >= ?1 AND id < ?1 || '~' AND severity <> 'info'"
        sql = f"SELECT id FROM platform_event WHERE {is_meant} ORDER BY id LIMIT ?2"  # noqa: S608 -- fixed text
        return [str(found[0]) for found in rows(self._connection, sql, (prefix, rows_max))]

    def alerting(
        self, severity: str, *, since_ms: int, rows_max: int, is_acknowledged_too: bool = False
    ) -> list[PlatformEventRow]:
        """What asked something of a person at a time or later, newest first.

        Args:
            severity: `warning` or `critical`.
        """
        where = "severity = ? AND severity <> 'info' AND at >= ?"
        where += "" if is_acknowledged_too else f" AND {_NOT_ACKNOWLEDGED}"
        sql = f"SELECT {_COLUMNS} FROM platform_event WHERE {where} ORDER BY at DESC, seq DESC LIMIT ?"  # noqa: S608 -- fixed text
        return [PlatformEventRow(*row) for row in rows(self._connection, sql, (severity, since_ms, rows_max))]

    def recent_news(self, fields: Collection[str], *, rows_max: int) -> list[PlatformEventRow]:
        """What asked nothing of anybody, of some fields, newest first; among the newest RECENT_ROWS events."""
        recent = "seq > (SELECT max(seq) FROM platform_event) - ?"
        sql = (
            f"SELECT {_COLUMNS} FROM platform_event WHERE {recent} AND severity = 'info'"  # noqa: S608 -- fixed text
            " AND field IN (SELECT value FROM json_each(?)) ORDER BY seq DESC LIMIT ?"
        )
        listed = msgspec.json.encode(sorted(fields)).decode()
        return [PlatformEventRow(*row) for row in rows(self._connection, sql, (RECENT_ROWS, listed, rows_max))]

    def value(self, row: PlatformEventRow) -> dict[str, Any]:
        """What Meta sent; SealError when its key was destroyed."""
        ((sealed,),) = rows(self._connection, "SELECT sealed FROM platform_event WHERE id = ?", (row.id,))
        return _DECODER.decode(self._vault.unseal(self._vault.place("platform_event", "value", row.id), sealed))

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
