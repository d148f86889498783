"""Presence: which thread each open inbox is at. A row counts until its time; nobody has to take it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ConversationId
from lhwa.store.connection import rows


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """Somebody who has a thread open."""

    conversation: ConversationId
    operator: str
    is_writing: bool
    """At one of their desks, at least."""


class Presence:
    """The table of who is where."""

    def __init__(self, connection: apsw.Connection, *, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def put(self, operator: str, desk: str, *, conversation: ConversationId, is_writing: bool, until_ms: int) -> None:
        """A desk is at a thread now; whatever has run out goes."""
        self._connection.execute("DELETE FROM presence WHERE until <= ?", (self._now_ms,))
        self._connection.execute(
            "INSERT INTO presence (operator, desk, conversation, is_writing, until) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (operator, desk) DO UPDATE SET conversation = excluded.conversation,"
            " is_writing = excluded.is_writing, until = excluded.until",
            (operator, desk, conversation, int(is_writing), until_ms),
        )

    def take(self, operator: str, desk: str) -> None:
        """A desk is at no thread any more."""
        self._connection.execute("DELETE FROM presence WHERE operator = ? AND desk = ?", (operator, desk))

    def others(self, operator: str, conversations: Sequence[str]) -> list[PresenceRow]:
        """Who else is at these threads now: each person once for each thread, in the order of their names."""
        found = rows(
            self._connection,
            "SELECT conversation, operator, max(is_writing) FROM presence"
            " WHERE conversation IN (SELECT value FROM json_each(?)) AND operator <> ? AND until > ?"
            " GROUP BY conversation, operator ORDER BY conversation, operator",
            (msgspec.json.encode(list(conversations)).decode(), operator, self._now_ms),
        )
        return [PresenceRow(ConversationId(where), who, bool(writes)) for where, who, writes in found]
