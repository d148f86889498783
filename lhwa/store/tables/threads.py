"""Which thread messages belong to, when that turns out later, and threads counted anew from their messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ContactId, ConversationId, MessageId
from lhwa.store.connection import rows
from lhwa.store.tables.conversations import Conversations
from lhwa.store.tables.messages import COUNTS_UNREAD, IN_THREADS


@dataclass(frozen=True, slots=True)
class Placed:
    """A message of one person, and the thread in which it is."""

    message: MessageId
    sent_at_ms: int
    phone_number_id: str
    conversation: ConversationId
    contact: ContactId
    """Of the thread."""


_PAST_MARK = f"{COUNTS_UNREAD} AND message.seq > conversation.read_to"
"""SQL: of messages with their thread, what nobody has seen. The seq is the order of arrival: an old message that comes
late has been seen by nobody."""
_OF_THREAD = f"FROM {IN_THREADS} WHERE message.conversation = thread.id AND direction ="


class Threads:
    """Messages and their conversations together."""

    def __init__(self, connection: apsw.Connection, conversations: Conversations) -> None:
        self._connection = connection
        self._conversations = conversations

    def of_contact(self, contact: ContactId, *, among: Iterable[ContactId]) -> list[Placed]:
        """The messages that name this contact, in the threads of these ones; messages in groups stay where they are."""
        found: list[Placed] = []
        for owner in sorted(set(among)):
            found += (
                Placed(*row)
                for row in rows(
                    self._connection,
                    "SELECT message.id, sent_at, conversation.phone_number_id, conversation, conversation.contact"  # noqa: S608 -- a constant
                    f" FROM conversation CROSS JOIN {IN_THREADS}"
                    " WHERE conversation = conversation.id AND conversation.contact = ? AND message.contact = ?",
                    (owner, contact),
                )
            )
        return found

    def move(self, messages: Sequence[MessageId], conversation: ConversationId) -> None:
        """Put messages into another thread; both are to be counted then."""
        self.keep_unseen(messages, conversation)
        self._connection.executemany(
            "UPDATE message SET conversation = ? WHERE id = ?", [(conversation, message) for message in messages]
        )

    def keep_unseen(self, messages: Sequence[MessageId], conversation: ConversationId) -> None:
        """Before messages go to another thread: its mark goes back where it would cover what nobody has seen."""
        ((first,),) = rows(
            self._connection,
            "SELECT min(message.seq) FROM message JOIN conversation ON conversation.id = message.conversation"  # noqa: S608 -- a constant
            f" WHERE message.id IN (SELECT value FROM json_each(?)) AND {_PAST_MARK}",
            (msgspec.json.encode(messages).decode(),),
        )
        if first is not None:
            self._connection.execute(
                "UPDATE conversation SET read_to = ? WHERE id = ? AND read_to >= ?", (first - 1, conversation, first)
            )

    def newest_seq(self, conversation: ConversationId) -> int:
        """The seq of the message that came last; 0 when there is none."""
        ((seq,),) = rows(
            self._connection,
            f"SELECT max(message.seq) FROM {IN_THREADS} WHERE message.conversation = ?",  # noqa: S608 -- a constant
            (conversation,),
        )
        return int(seq or 0)

    def last_counted_seq(self, conversation: ConversationId) -> int | None:
        """The seq of what came last of the client that somebody should read; None when there is nothing."""
        ((seq,),) = rows(
            self._connection,
            f"SELECT max(message.seq) FROM {IN_THREADS} WHERE message.conversation = ? AND {COUNTS_UNREAD}",  # noqa: S608 -- constants
            (conversation,),
        )
        return None if seq is None else int(seq)

    def mark_seen(self, conversation: ConversationId, *, read_to: int) -> int:
        """Put the mark of what the firm has seen; returns how many messages of the client lie past it."""
        self._conversations.write_held()
        self._connection.execute("UPDATE conversation SET read_to = ? WHERE id = ?", (read_to, conversation))
        ((unread,),) = rows(
            self._connection,
            "UPDATE conversation SET unread = (SELECT count(*)"  # noqa: S608 -- constants
            f" FROM {IN_THREADS} WHERE message_block.number >= conversation.read_to >> 14"
            f" AND message.conversation = conversation.id AND {_PAST_MARK}) WHERE id = ? RETURNING unread",
            (conversation,),
        )
        return int(unread)

    def recount(self, conversation: ConversationId, *, not_opening: Sequence[str]) -> None:
        """Count a thread anew from its messages. One that is empty now stays, for those who know its id.

        Args:
            not_opening: message types that do not open the customer service window.
        """
        self._conversations.write_held()
        marks = ", ".join("?" * len(not_opening))
        self._connection.execute(
            "UPDATE conversation SET (messages, unread, last_message_at, last_inbound_at) = ("  # noqa: S608 -- marks and a constant
            " SELECT count(*),"
            f" count(*) FILTER (WHERE {_PAST_MARK}),"
            " coalesce(max(min(sent_at, received_at)), 0),"
            " max(min(sent_at, received_at)) FILTER (WHERE direction = 'inbound' AND via = 'messages'"
            f"  AND conversation.group_hash IS NULL AND type NOT IN ({marks}))"
            f" FROM {IN_THREADS} WHERE message.conversation = conversation.id) WHERE id = ?",
            (*not_opening, conversation),
        )

    def counts(self, conversations: Sequence[ConversationId]) -> dict[ConversationId, tuple[int, int]]:
        """How many messages each of these threads has from the client, and how many from the firm, once Meta took them.

        What the firm wrote on its phone came as a message, what it sent from here is in the outbox.
        """
        counted = rows(
            self._connection,
            f"SELECT id, (SELECT count(*) {_OF_THREAD} 'inbound'), (SELECT count(*) {_OF_THREAD} 'outbound')"  # noqa: S608 -- constants
            " + (SELECT count(*) FROM outbox WHERE conversation = thread.id"
            "  AND state IN ('accepted', 'sent', 'delivered', 'read'))"
            " FROM conversation AS thread WHERE id IN (SELECT value FROM json_each(?))",
            (msgspec.json.encode(conversations).decode(),),
        )
        return {ConversationId(thread): (int(received), int(sent)) for thread, received, sent in counted}
