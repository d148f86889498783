"""Derived rows as they are, with sealed values opened: what two files of one firm are compared by.

Which columns belong to it, and why, says `services/messaging/derived.py`; here is only how they are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import apsw

from lhwa.errors import SealError
from lhwa.store.tables.messages import COUNTS_UNREAD
from lhwa.store.vault import Vault

UNREADABLE = b"\x00unreadable"
"""Stands for a sealed value whose key was destroyed."""


@dataclass(frozen=True, slots=True)
class DerivedRow:
    """One row, in the order of its key."""

    key: str
    """What the row is known by, whenever it came."""
    values: tuple[object, ...]
    raw_event: str
    """The request that brought it; empty for rows that many requests add up to."""
    sealed: bytes = b""
    """The sealed value in clear; empty when there is none."""


_OF_MANY = {
    "contact": "SELECT id, kind FROM contact ORDER BY id",
    "contact_alias": (
        "SELECT kind || '/' || hex(hash) || '/' || contact || '/' || how, hash_version, since FROM contact_alias"
        " ORDER BY 1"
    ),
    "contact_flag": (
        "SELECT DISTINCT contact || '/' || reason || '/' || other, other <> '' FROM contact_flag ORDER BY 1"
    ),
    "conversation": (
        "SELECT id, phone_number_id, contact, group_hash, last_message_at, last_inbound_at, messages,"  # noqa: S608 -- a constant
        " unread - coalesce(past, 0) FROM conversation LEFT JOIN ("
        "  SELECT thread.id AS thread, count(*) AS past"
        "  FROM message JOIN conversation AS thread ON thread.id = message.conversation"
        f"  WHERE {COUNTS_UNREAD} AND message.seq > thread.read_to GROUP BY thread.id"
        " ) ON thread = conversation.id WHERE messages > 0 ORDER BY conversation.id"
    ),
}
"""SQL: key, then values."""
_OF_ONE = {
    "message": (
        (
            "SELECT hex(dedup), raw_event, id, sealed, id, conversation, contact, phone_number_id, direction, via,"
            " type, wire_type, sender_hash, hash_version, sent_at, reply_to, target, telling, status"
            " FROM message ORDER BY 1"
        ),
        "content",
    ),
    "message_status": (
        (
            "SELECT hex(dedup), raw_event, lower(hex(dedup)), sealed, message_dedup, phone_number_id, status,"
            " recipient_hash, error_code, own_id, telling, at FROM message_status ORDER BY 1"
        ),
        "content",
    ),
    "platform_event": (
        (
            "SELECT hex(dedup), raw_event, id, sealed, id, field, event, severity, waba_id, phone_number_id,"
            " template_id, telling, at FROM platform_event ORDER BY 1"
        ),
        "value",
    ),
    "dead_letter": (
        (
            "SELECT hex(dedup), raw_event, id, sealed, kind, reason FROM dead_letter"
            " WHERE kind <> 'job' AND state <> 'retried' ORDER BY 1"
        ),
        "content",
    ),
}
"""SQL: key, request, row of the seal, sealed value, then values; and the column of the seal."""


class Derived:
    """Reads derived rows."""

    def __init__(self, connection: apsw.Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def rows(self, table: str) -> Iterator[DerivedRow]:
        """All derived rows of one table, in the order of their keys."""
        if table == "contact_sighting":
            yield from self._sightings()
        elif table == "event":
            for key, raw_event, subject in self._connection.execute(
                "SELECT id, raw_event, subject FROM event WHERE type = 'MessageReceived' ORDER BY id"
            ):
                yield DerivedRow(key, (subject,), raw_event)
        elif table in _OF_MANY:
            for key, *values in self._connection.execute(_OF_MANY[table]):
                yield DerivedRow(key, tuple(values), "")
        else:
            yield from self._of_one(table)

    def _of_one(self, table: str) -> Iterator[DerivedRow]:
        sql, column = _OF_ONE[table]
        for key, raw_event, row, sealed, *values in self._connection.execute(sql):
            yield DerivedRow(key, tuple(values), raw_event, self._opened(table, column, row, sealed))

    def _sightings(self) -> Iterator[DerivedRow]:
        for contact, said, *times, sealed in self._connection.execute(
            "SELECT contact, said, first_at, last_at, sealed FROM contact_sighting ORDER BY contact, said"
        ):
            clear = self._opened("contact_sighting", "party", f"{contact}/{said.hex()}", sealed)
            yield DerivedRow(f"{contact}/{said.hex()}", tuple(times), "", clear)

    def _opened(self, table: str, column: str, row: str, sealed: bytes) -> bytes:
        try:
            return self._vault.unseal(self._vault.place(table, column, row), sealed)
        except SealError:
            return UNREADABLE
