"""Messages, each once, with their content sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import msgspec

from lhwa.domain.ids import ContactId, ConversationId, MessageId
from lhwa.store.connection import rows
from lhwa.store.vault import BLIND_VERSION, FIRM, Vault, contact_subject

DEDUP_BYTES = 16


class MessageContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What is sealed of a message."""

    wamid: str
    text: str | None = None
    content: dict[str, Any] = {}
    group_id: str | None = None
    forwarded: bool = False

    def __repr__(self) -> str:
        return "MessageContent(…)"


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message about to be recorded."""

    id: MessageId
    dedup: bytes
    conversation: ConversationId
    contact: ContactId | None
    phone_number_id: str
    direction: str
    via: str
    type: str
    wire_type: str
    sender_hash: bytes
    sent_at_ms: int
    received_at_ms: int
    reply_to: bytes | None
    target: bytes | None
    telling: bytes
    status: str | None
    raw_event: str
    position: str
    content: MessageContent


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as stored, still sealed."""

    seq: int
    id: MessageId
    dedup: bytes
    conversation: ConversationId
    contact: ContactId | None
    phone_number_id: str
    direction: str
    via: str
    type: str
    wire_type: str
    sender_hash: bytes
    hash_version: int
    sent_at_ms: int
    received_at_ms: int
    reply_to: bytes | None
    target: bytes | None
    telling: bytes
    status: str | None
    raw_event: str
    position: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Amendment:
    """An edit, a revoke or a reaction that names a message."""

    id: MessageId
    type: str
    sent_at_ms: int


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(MessageContent)
_ROW = (
    "SELECT seq, id, dedup, conversation, contact, phone_number_id, direction, via, type, wire_type, sender_hash,"
    " hash_version, sent_at, received_at, reply_to, target, telling, status, raw_event, position, sealed FROM message"
)
KEYED = "seq = (SELECT message FROM message_known WHERE dedup = ?1) AND dedup = ?1"
"""SQL: the message with this key. The table itself has no index over its keys; see the schema."""
IN_THREADS = "message_block CROSS JOIN message ON message.seq >> 14 = message_block.number"
"""SQL: messages, for a condition on their conversation. Without the blocks it would read every message of the firm."""
COUNTS_UNREAD = "direction = 'inbound' AND via IN ('messages', 'standby')"
"""SQL: messages that somebody of the firm should read, as `services/messaging/rules.py` says it of an element."""
_NEWEST_OF_THREAD = (
    f"{_ROW} WHERE seq IN (SELECT seq FROM {IN_THREADS} WHERE conversation = ? AND sent_at >= ?"  # noqa: S608 -- constants
    " ORDER BY sent_at DESC, seq DESC LIMIT ?) ORDER BY sent_at DESC, seq DESC"
)
_INSERT = (
    "INSERT INTO message (id, dedup, conversation, contact, phone_number_id, direction, via, type, wire_type,"
    " sender_hash, hash_version, sent_at, received_at, reply_to, target, telling, status, raw_event, position, sealed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_RETELL = (
    "UPDATE message SET conversation = ?, contact = ?, direction = ?, via = ?, type = ?, wire_type = ?,"
    " sender_hash = ?, sent_at = ?, received_at = ?, reply_to = ?, target = ?, telling = ?, status = ?, raw_event = ?,"
    " position = ?, sealed = ? WHERE id = ?"
)
Source = tuple[str, str]
"""The webhook request that brought something, and the position in it."""


class Messages:
    """The message table."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def dedup_of(self, phone_number_id: str, wamid: str) -> bytes:
        """16 bytes that stand for one message: a keyed hash, because a wamid encodes the telephone number."""
        return self._vault.blind("message", phone_number_id, wamid)[:DEDUP_BYTES]

    def add(self, message: NewMessage) -> None:
        """Record a message. The keys that the file keeps of all messages are the last word on duplicates."""
        subject = FIRM if message.contact is None else contact_subject(message.contact)
        place = self._vault.place("message", "content", message.id)
        sealed = self._vault.seal(subject, place, _ENCODER.encode(message.content), now_ms=self._now_ms)
        self._connection.execute(
            _INSERT,
            (
                message.id,
                message.dedup,
                message.conversation,
                message.contact,
                message.phone_number_id,
                message.direction,
                message.via,
                message.type,
                message.wire_type,
                message.sender_hash,
                BLIND_VERSION,
                message.sent_at_ms,
                message.received_at_ms,
                message.reply_to,
                message.target,
                message.telling,
                message.status,
                message.raw_event,
                message.position,
                sealed,
            ),
        )

    def retell(self, message: NewMessage) -> None:
        """Let another telling of a message stand: everything of its row but what it is known by."""
        subject = FIRM if message.contact is None else contact_subject(message.contact)
        place = self._vault.place("message", "content", message.id)
        sealed = self._vault.seal(subject, place, _ENCODER.encode(message.content), now_ms=self._now_ms)
        self._connection.execute(
            _RETELL,
            (
                message.conversation,
                message.contact,
                message.direction,
                message.via,
                message.type,
                message.wire_type,
                message.sender_hash,
                message.sent_at_ms,
                message.received_at_ms,
                message.reply_to,
                message.target,
                message.telling,
                message.status,
                message.raw_event,
                message.position,
                sealed,
                message.id,
            ),
        )

    def content(self, row: MessageRow) -> MessageContent:
        """A message's content in clear; SealError when its key was destroyed."""
        return _DECODER.decode(self._vault.unseal(self._vault.place("message", "content", row.id), row.sealed))

    def get(self, message: str) -> MessageRow | None:
        """One message by our id."""
        return self._one("id = ?", message)

    def by_dedup(self, dedup: bytes) -> MessageRow | None:
        """One message by its keyed hash."""
        return self._one(KEYED, dedup)

    def numbered(self, seqs: Sequence[int]) -> dict[int, MessageRow]:
        """Messages by their row numbers."""
        listed = msgspec.json.encode(list(seqs)).decode()
        sql = f"{_ROW} WHERE seq IN (SELECT value FROM json_each(?))"  # noqa: S608 -- fixed text
        found = rows(self._connection, sql, (listed,))
        return {row[0]: MessageRow(*row) for row in found}

    def set_status(self, message: str, status: str) -> None:
        """Store the folded status."""
        self._connection.execute("UPDATE message SET status = ? WHERE id = ?", (status, message))

    def newest(self, *, rows_max: int, conversation: str | None = None, since_ms: int = 0) -> list[MessageRow]:
        """Messages by time of sending, newest first."""
        if conversation is None:
            newest = f"{_ROW} WHERE sent_at >= ? ORDER BY sent_at DESC, seq DESC LIMIT ?"
            found = rows(self._connection, newest, (since_ms, rows_max))
        else:
            found = rows(self._connection, _NEWEST_OF_THREAD, (conversation, since_ms, rows_max))
        return [MessageRow(*row) for row in found]

    def of_raw_event(self, raw_event: str) -> list[MessageRow]:
        """What one webhook request brought."""
        found = rows(self._connection, f"{_ROW} WHERE raw_event = ? ORDER BY seq", (raw_event,))
        return [MessageRow(*row) for row in found]

    def amendments(self, dedup: bytes) -> list[Amendment]:
        """Edits, revokes and reactions to a message, oldest first, whenever they came."""
        found = rows(
            self._connection, "SELECT id, type, sent_at FROM message WHERE target = ? ORDER BY sent_at, seq", (dedup,)
        )
        return [Amendment(*row) for row in found]

    def amending(self, dedups: Sequence[bytes]) -> dict[bytes, list[MessageRow]]:
        """Edits, revokes and reactions to each of these messages that has any, oldest first."""
        listed = msgspec.json.encode([dedup.hex() for dedup in dedups]).decode()
        sql = f"{_ROW} WHERE target IN (SELECT unhex(value) FROM json_each(?)) ORDER BY sent_at, seq"  # noqa: S608 -- fixed text
        found: dict[bytes, list[MessageRow]] = {}
        for each in rows(self._connection, sql, (listed,)):
            row = MessageRow(*each)
            found.setdefault(row.target or b"", []).append(row)
        return found

    def numbers(self) -> list[str]:
        """Phone number ids that messages or statuses name: the scopes in which a wamid can be looked up."""
        found = rows(self._connection, "SELECT DISTINCT phone_number_id FROM conversation")
        return [row[0] for row in found]

    def count(self) -> int:
        """How many messages the firm has."""
        ((number,),) = rows(self._connection, "SELECT count(*) FROM message")
        return int(number)

    def _one(self, where: str, binding: str | bytes) -> MessageRow | None:
        found = rows(self._connection, f"{_ROW} WHERE {where}", (binding,))
        return MessageRow(*found[0]) if found else None
