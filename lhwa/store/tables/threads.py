"""Which thread messages belong to, when that turns out later, and threads counted anew from their messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ContactId, ConversationId, MessageId
from lhwa.store.connection import rows
from lhwa.store.tables.conversations import Conversations
from lhwa.store.tables.messages import IN_THREADS


@dataclass(frozen=True, slots=True)
class Placed:
    """A message of one person, and the thread in which it is."""

    message: MessageId
    sent_at_ms: int
    phone_number_id: str
    conversation: ConversationId
    contact: ContactId
    """Of the thread."""


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
        self._connection.executemany(
            "UPDATE message SET conversation = ? WHERE id = ?", [(conversation, message) for message in messages]
        )

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
            " count(*) FILTER (WHERE direction = 'inbound' AND via IN ('messages', 'standby')),"
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
