"""Status facts, kept as they came; facts about unknown messages wait for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import apsw
import msgspec

from lhwa.domain.ids import ContactId
from lhwa.domain.sealing import Place
from lhwa.store.connection import rows
from lhwa.store.vault import FIRM, Vault, contact_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStatus:
    """A status fact about to be recorded; sealed under the key of `contact`, known or not."""

    dedup: bytes
    message_dedup: bytes
    phone_number_id: str
    status: str
    recipient_hash: bytes | None
    error_code: int | None
    own_id: str | None
    telling: bytes
    at_ms: int
    received_at_ms: int
    raw_event: str
    position: str
    contact: ContactId | None
    content: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A status fact as stored, without its sealed part."""

    seq: int
    status: str
    error_code: int | None
    at_ms: int
    received_at_ms: int
    raw_event: str
    position: str


_COLUMNS = "seq, status, error_code, at, received_at, raw_event, position"
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(dict[str, Any])


class Statuses:
    """The status table."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def told(self, dedup: bytes) -> tuple[bytes, int] | None:
        """Telling and receipt of a fact that was recorded before."""
        found = rows(self._connection, "SELECT telling, received_at FROM message_status WHERE dedup = ?", (dedup,))
        return found[0] if found else None

    def add(self, fact: NewStatus) -> None:
        """Record a fact. The UNIQUE constraint on `dedup` is the last word on duplicates."""
        self._connection.execute(
            "INSERT INTO message_status (message_dedup, phone_number_id, status, recipient_hash, error_code, own_id,"
            " telling, at, received_at, raw_event, position, sealed, dedup)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._columns(fact),
        )

    def retell(self, fact: NewStatus) -> None:
        """Let another telling of a fact stand."""
        self._connection.execute(
            "UPDATE message_status SET message_dedup = ?, phone_number_id = ?, status = ?, recipient_hash = ?,"
            " error_code = ?, own_id = ?, telling = ?, at = ?, received_at = ?, raw_event = ?,"
            " position = ?, sealed = ? WHERE dedup = ?",
            self._columns(fact),
        )

    def of_message(self, message_dedup: bytes) -> list[StatusRow]:
        """All facts about one message, in the order of their times."""
        return self._rows("message_dedup = ? ORDER BY at, seq", message_dedup)

    def recipients_of(self, message_dedup: bytes) -> set[bytes]:
        """Whom the facts about one message name as its recipient, as keyed hashes."""
        sql = "SELECT DISTINCT recipient_hash FROM message_status WHERE message_dedup = ? AND recipient_hash NOT NULL"
        return {bytes(found) for (found,) in rows(self._connection, sql, (message_dedup,))}

    def of_raw_event(self, raw_event: str) -> list[StatusRow]:
        """What one webhook request brought."""
        return self._rows("raw_event = ? ORDER BY seq", raw_event)

    def content(self, row: StatusRow) -> dict[str, Any]:
        """A status as received; SealError when the key of its recipient was destroyed."""
        sql = "SELECT dedup, sealed FROM message_status WHERE seq = ?"
        ((dedup, sealed),) = rows(self._connection, sql, (row.seq,))
        return _DECODER.decode(self._vault.unseal(self._place(dedup), sealed))

    def by_message(self, *, since_ms: int) -> Iterator[tuple[ContactId | None, list[StatusRow]]]:
        """Messages with a status since a time, with their contact and all of their facts since then."""
        found = self._connection.execute(
            f"SELECT message_dedup, coalesce((SELECT contact FROM outbox WHERE outbox.message_dedup = s.message_dedup),"  # noqa: S608 -- fixed text
            " (SELECT contact FROM message WHERE seq ="
            f" (SELECT message FROM message_known WHERE message_known.dedup = s.message_dedup))), {_COLUMNS}"
            " FROM message_status AS s WHERE at >= ? ORDER BY message_dedup, at, seq",
            (since_ms,),
        )
        for (_dedup, contact), facts in groupby(found, key=lambda row: (row[0], row[1])):
            yield contact, [StatusRow(*row[2:]) for row in facts]

    def numbers(self) -> list[str]:
        """Phone number ids that statuses name: the scopes in which a wamid can be looked up."""
        return [row[0] for row in rows(self._connection, "SELECT DISTINCT phone_number_id FROM message_status")]

    def parked(self) -> int:
        """How many facts wait for their message."""
        ((number,),) = rows(
            self._connection,
            "SELECT count(*) FROM message_status WHERE NOT EXISTS"
            " (SELECT 1 FROM message_known WHERE message_known.dedup = message_status.message_dedup) AND NOT EXISTS"
            " (SELECT 1 FROM outbox WHERE outbox.message_dedup = message_status.message_dedup)",
        )
        return int(number)

    def _place(self, dedup: bytes) -> Place:
        return self._vault.place("message_status", "content", dedup.hex())

    def _columns(self, fact: NewStatus) -> tuple[object, ...]:
        subject = FIRM if fact.contact is None else contact_subject(fact.contact)
        place = self._place(fact.dedup)
        return (
            fact.message_dedup,
            fact.phone_number_id,
            fact.status,
            fact.recipient_hash,
            fact.error_code,
            fact.own_id,
            fact.telling,
            fact.at_ms,
            fact.received_at_ms,
            fact.raw_event,
            fact.position,
            self._vault.seal(subject, place, _ENCODER.encode(fact.content), now_ms=self._now_ms),
            fact.dedup,
        )

    def _rows(self, where: str, binding: str | bytes) -> list[StatusRow]:
        found = rows(
            self._connection,
            f"SELECT {_COLUMNS} FROM message_status WHERE {where}",  # noqa: S608 -- fixed texts of this class
            (binding,),
        )
        return [StatusRow(*row) for row in found]
