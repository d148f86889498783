"""Threads: one per person or group on each of the firm's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ContactId, ConversationId, PhoneNumberId
from lhwa.store.connection import rows
from lhwa.store.recall import Recall


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
    """Counted messages of the client past `read_to`."""
    read_to: int
    """The seq of the newest message that somebody of the firm has marked as seen; 0 for none."""
    assigned_to: str | None
    """The operator whose it is."""


_ROW = (
    "SELECT conversation.id, phone_number_id, contact, last_message_at, last_inbound_at, messages, unread, read_to,"
    " assigned_to FROM conversation"
)
_UNANSWERED = (
    "last_message_at >= ?1 AND last_message_at < ?2 AND last_inbound_at = last_message_at AND NOT EXISTS ("
    # Of a long thread only the end is looked at.
    " SELECT 1 FROM (SELECT state, author, created_at FROM outbox WHERE conversation = conversation.id"
    "  ORDER BY seq DESC LIMIT 20)"
    " WHERE created_at >= last_inbound_at AND author <> 'office_closed'"
    " AND state IN ('queued', 'sending', 'in_doubt', 'accepted', 'sent', 'delivered', 'read'))"
)


@dataclass(slots=True)
class _Counts:
    """What new messages add to a thread."""

    messages: int = 0
    unread: int = 0
    last_message_at_ms: int = 0
    last_inbound_at_ms: int | None = None


class Conversations:
    """The conversation table.

    Args:
        holds_back: what messages add to a thread is written by `write_held`, once for each thread.
    """

    def __init__(self, connection: apsw.Connection, recall: Recall, *, holds_back: bool) -> None:
        self._connection = connection
        self._recall = recall
        self._holds_back = holds_back
        self._held: dict[ConversationId, _Counts] = {}
        self.held_back = 0
        """How often something was held back; never falls."""

    def written_between(self, begin_ms: int, end_ms: int) -> int:
        """Threads whose newest message of a client lies in this span; begin included, end not."""
        ((count,),) = rows(
            self._connection,
            # The newest of all messages is never older than that of the client, and it has the index.
            "SELECT count(*) FROM conversation"
            " WHERE last_message_at >= ?1 AND last_inbound_at >= ?1 AND last_inbound_at < ?2",
            (begin_ms, end_ms),
        )
        return int(count)

    def unanswered(self, begin_ms: int, end_ms: int, *, rows_max: int) -> list[ConversationRow]:
        """Threads whose newest message is a client's, of this span, with nothing in the outbox after it; oldest first.

        An answer is on its way or arrived; that the office is closed answers nothing. Begin included, end not.
        """
        self.write_held()
        sql = f"{_ROW} WHERE {_UNANSWERED} ORDER BY last_message_at, seq LIMIT ?3"
        return [ConversationRow(*row) for row in rows(self._connection, sql, (begin_ms, end_ms, rows_max))]

    def unanswered_count(self, begin_ms: int, end_ms: int) -> int:
        """How many those are."""
        sql = f"SELECT count(*) FROM conversation WHERE {_UNANSWERED}"  # noqa: S608 -- fixed text
        ((count,),) = rows(self._connection, sql, (begin_ms, end_ms))
        return int(count)

    def unread_count(self) -> int:
        """Threads with messages that nobody of the firm has seen."""
        ((count,),) = rows(self._connection, "SELECT count(*) FROM conversation WHERE unread > 0")
        return int(count)

    def find(
        self, phone_number_id: str, *, contact: ContactId | None = None, group_hash: bytes | None = None
    ) -> ConversationId | None:
        """The thread with this person or group on this number."""
        key = (phone_number_id, contact, group_hash)
        known = self._recall.conversations.get(key)
        if known is not None:
            return known
        column, value = ("contact", contact) if group_hash is None else ("group_hash", group_hash)
        found = rows(
            self._connection,
            f"SELECT id FROM conversation WHERE phone_number_id = ? AND {column} = ?",  # noqa: S608 -- two fixed names
            (phone_number_id, value),
        )
        return self._recall.conversations.keep(key, ConversationId(found[0][0])) if found else None

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
        counts = self._held.get(conversation)
        if counts is None:
            counts = self._held[conversation] = _Counts()
        self.held_back += 1
        counts.messages += 1
        counts.unread += is_unread
        counts.last_message_at_ms = max(counts.last_message_at_ms, sent_at_ms)
        if opens_window:
            counts.last_inbound_at_ms = max(counts.last_inbound_at_ms or 0, sent_at_ms)
        if not self._holds_back:
            self.write_held()

    def write_held(self) -> None:
        """Write what was held back. Whoever reads the counts, or counts anew, calls this first."""
        if not self._held:
            return
        self._connection.executemany(
            "UPDATE conversation SET messages = messages + ?2, unread = unread + ?3,"
            " last_message_at = max(last_message_at, ?4),"
            " last_inbound_at = iif(?5 IS NULL, last_inbound_at, max(coalesce(last_inbound_at, 0), ?5))"
            " WHERE id = ?1",
            [
                (thread, counts.messages, counts.unread, counts.last_message_at_ms, counts.last_inbound_at_ms)
                for thread, counts in self._held.items()
            ],
        )
        self._held.clear()

    def get(self, conversation: str) -> ConversationRow | None:
        """One thread, if it exists."""
        self.write_held()
        found = rows(self._connection, f"{_ROW} WHERE id = ?", (conversation,))
        return ConversationRow(*found[0]) if found else None

    def beginning_with(self, prefix: str, *, rows_max: int) -> list[str]:
        """Ids that begin like this, in order."""
        sql = "SELECT id FROM conversation WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
        return [row[0] for row in rows(self._connection, sql, (prefix, prefix + "~", rows_max))]

    def assign(self, conversation: ConversationId, operator: str | None) -> None:
        """Whose it is; None for nobody's."""
        self._connection.execute("UPDATE conversation SET assigned_to = ? WHERE id = ?", (operator, conversation))

    def of_contact(self, contact: ContactId) -> list[ConversationRow]:
        """A contact's threads on the firm's numbers, the one with the newest message first."""
        self.write_held()
        sql = f"{_ROW} WHERE contact = ? ORDER BY last_message_at DESC, seq DESC"
        return [ConversationRow(*row) for row in rows(self._connection, sql, (contact,))]

    def numbered(self, seqs: Sequence[int]) -> list[ConversationRow]:
        """Threads by their row numbers, in this order."""
        self.write_held()
        listed = msgspec.json.encode(list(seqs)).decode()
        sql = f"{_ROW} JOIN json_each(?) AS wanted ON conversation.seq = wanted.value ORDER BY wanted.key"
        return [ConversationRow(*row) for row in rows(self._connection, sql, (listed,))]

    def newest(self, *, rows_max: int, before_ms: int | None = None) -> list[ConversationRow]:
        """Threads by their last message, newest first; not those whose messages all belong elsewhere."""
        self.write_held()
        end = (1 << 62) if before_ms is None else before_ms
        found = rows(
            self._connection,
            f"{_ROW} WHERE last_message_at < ? AND messages > 0 ORDER BY last_message_at DESC, seq DESC LIMIT ?",
            (end, rows_max),
        )
        return [ConversationRow(*row) for row in found]
