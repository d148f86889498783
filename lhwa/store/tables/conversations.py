"""Threads: one per person or group on each of the firm's numbers."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from lhwa.domain.ids import ContactId, ConversationId, PhoneNumberId
from lhwa.store.connection import rows


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One thread; `contact` is None for a group."""

    id: ConversationId
    phone_number_id: PhoneNumberId
    contact: ContactId | None
    last_message_at_ms: int
    last_inbound_at_ms: int | None
    messages: int
    unread: int


_ROW = "SELECT id, phone_number_id, contact, last_message_at, last_inbound_at, messages, unread FROM conversation"


class Conversations:
    """The conversation table."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def find(
        self, phone_number_id: str, *, contact: ContactId | None = None, group_hash: bytes | None = None
    ) -> ConversationId | None:
        """The thread with this person or group on this number."""
        column, value = ("contact", contact) if group_hash is None else ("group_hash", group_hash)
        found = rows(
            self._connection,
            f"SELECT id FROM conversation WHERE phone_number_id = ? AND {column} = ?",  # noqa: S608 -- two fixed names
            (phone_number_id, value),
        )
        return ConversationId(found[0][0]) if found else None

    def add(
        self, conversation: ConversationId, phone_number_id: str, *, contact: ContactId | None, group_hash: bytes | None
    ) -> None:
        """Open a thread."""
        self._connection.execute(
            "INSERT INTO conversation (id, phone_number_id, contact, group_hash, last_message_at)"
            " VALUES (?, ?, ?, ?, 0)",
            (conversation, phone_number_id, contact, group_hash),
        )

    def count_message(
        self, conversation: ConversationId, *, sent_at_ms: int, opens_window: bool, is_unread: bool
    ) -> None:
        """Take one more message into account; any order of messages ends in the same row."""
        self._connection.execute(
            "UPDATE conversation SET messages = messages + 1, unread = unread + ?,"
            " last_message_at = max(last_message_at, ?),"
            " last_inbound_at = CASE WHEN ? THEN max(coalesce(last_inbound_at, 0), ?) ELSE last_inbound_at END"
            " WHERE id = ?",
            (int(is_unread), sent_at_ms, int(opens_window), sent_at_ms, conversation),
        )

    def get(self, conversation: str) -> ConversationRow | None:
        """One thread, if it exists."""
        found = rows(self._connection, f"{_ROW} WHERE id = ?", (conversation,))
        return ConversationRow(*found[0]) if found else None

    def newest(self, *, rows_max: int, before_ms: int | None = None) -> list[ConversationRow]:
        """Threads by their last message, newest first."""
        end = (1 << 62) if before_ms is None else before_ms
        found = rows(
            self._connection,
            f"{_ROW} WHERE last_message_at < ? ORDER BY last_message_at DESC, seq DESC LIMIT ?",
            (end, rows_max),
        )
        return [ConversationRow(*row) for row in found]
