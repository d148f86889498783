"""Reads for people: conversations and messages, masked and audited.

Every read of content leaves one audit record with what was shown, never with the content. A role without the right
to read content sees that messages exist, and neither text nor wamid nor name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.elements import Party
from lhwa.domain.events import NormalizedMessage
from lhwa.domain.ids import ContactId
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.messages import Direction, MessageType
from lhwa.domain.phones import mask_bsuid, mask_e164, mask_ids_in
from lhwa.errors import NotAllowedError, SealError
from lhwa.services.messaging.identity import profile_of
from lhwa.services.messaging.masking import masked
from lhwa.services.messaging.rules import window_closes_ms
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.tables.messages import MessageContent, MessageRow
from lhwa.store.tables.statuses import StatusRow
from lhwa.store.transaction import Tx

_ENVELOPE_KEYS = frozenset(
    {
        "from",
        "from_user_id",
        "from_parent_user_id",
        "to",
        "to_user_id",
        "to_parent_user_id",
        "id",
        "timestamp",
        "type",
        "group_id",
        "context",
        "referral",
        "identity",
        "origin",
        "errors",
        "history_context",
    }
)
"""Keys of a message that hold its circumstances. A type that is called like one of them has no object of its own."""


class ConversationView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thread as people see it."""

    id: str
    phone_number_id: str
    kind: str
    """`person` or `group`."""
    contact: str | None = None
    """Masked number or user id; absent without the right to read content."""
    name: str | None = None
    contact_id: str | None = None
    """For `lhwa send`; absent for a group."""
    messages: int
    """That came by webhooks: what the client wrote, and what the firm wrote on its phone."""
    received: int
    """From the client."""
    sent: int
    """By the firm, on its phone or from the outbox, once Meta took it."""
    unread: int
    assigned_to: str | None = None
    """The operator whose it is."""
    last_message_at: str
    window_closes_at: str | None = None
    needs_review: tuple[str, ...] = ()
    """Why a person must look at this contact."""


class ContactShown(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as people see it."""

    masked: str | None = None
    """The number or user id."""
    name: str | None = None

    def __repr__(self) -> str:
        return "ContactShown(…)"


class MessageView(NormalizedMessage, frozen=True, kw_only=True, rename="camel"):
    """One message: the wire type, and what the role may see besides."""

    conversation_id: str
    via: str
    status: str | None
    contact: str | msgspec.UnsetType | None = msgspec.UNSET
    """Masked. This and the next two are absent for roles that may not read content."""
    text: str | msgspec.UnsetType | None = msgspec.UNSET
    wamid: str | msgspec.UnsetType = msgspec.UNSET
    edited: bool = False
    revoked: bool = False
    unreadable: bool = False
    """True when the content does not open: its key was destroyed, or the row was changed."""


class StatusView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One status fact."""

    status: str
    at: str
    received_at: str
    raw_event: str
    position: str
    error_code: int | None = None


class MessageDetail(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Everything about one message that a person may see."""

    message: MessageView
    received_at: str
    raw_event: str
    position: str
    wire_type: str
    content: Any = None
    """The type's own object as received, such as the document with its id and file name."""
    reply_to: str | None = None
    """Our id of the quoted message, when we have it."""
    statuses: tuple[StatusView, ...] = ()
    amendments: tuple[str, ...] = ()
    """Our ids of edits, revokes and reactions, oldest first."""


def list_conversations(tx: Tx, principal: Principal, *, rows_max: int) -> list[ConversationView]:
    """Threads, newest first."""
    principal.require(Permission.READ_RECORDS)
    found = tx.conversations.newest(rows_max=rows_max)
    counts = tx.threads.counts([row.id for row in found])
    shown = [_conversation_view(tx, principal, row, counts[row.id]) for row in found]
    note_read(tx, principal, "conversation.read", f"firm:{tx.tenant}", {"count": len(shown)})
    return shown


def show_conversation(
    tx: Tx, principal: Principal, conversation: str, *, rows_max: int
) -> tuple[ConversationView, list[MessageView]]:
    """One thread with its newest messages, oldest of them first."""
    principal.require(Permission.READ_RECORDS)
    row = tx.conversations.get(conversation)
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    messages = tx.messages.newest(rows_max=rows_max, conversation=conversation)[::-1]
    shown = message_views(tx, principal, messages)
    note_read(tx, principal, "message.read", f"conversation:{conversation}", {"count": len(shown)})
    return _conversation_view(tx, principal, row, tx.threads.counts([row.id])[row.id]), shown


def list_messages(
    tx: Tx, principal: Principal, *, rows_max: int, conversation: str | None = None, since_ms: int = 0
) -> list[MessageView]:
    """Messages, newest first."""
    principal.require(Permission.READ_RECORDS)
    if conversation is not None and tx.conversations.get(conversation) is None:
        raise NotAllowedError(NOT_YOURS)
    rows = tx.messages.newest(rows_max=rows_max, conversation=conversation, since_ms=since_ms)
    target = f"firm:{tx.tenant}" if conversation is None else f"conversation:{conversation}"
    note_read(tx, principal, "message.read", target, {"count": len(rows)})
    return message_views(tx, principal, rows)


def show_message(tx: Tx, principal: Principal, message: str) -> MessageDetail:
    """One message by our id or by its wamid."""
    principal.require(Permission.READ_RECORDS)
    row = find_message(tx, message)
    if row is None:
        raise NotAllowedError(NOT_YOURS, hint=hint_of_outbound(tx, message))
    note_read(tx, principal, "message.read", f"message:{row.id}", {"count": 1})
    return message_detail(tx, principal, row)


def hint_of_outbound(tx: Tx, wanted: str) -> str:
    """Where to look for a message that the firm sends; nothing when it is none of those, either."""
    return "" if tx.outbox.get(wanted) is None else f"It is one that the firm sends: `lhwa outbox show {wanted}`."


def find_message(tx: Tx, wanted: str) -> MessageRow | None:
    """A message by our id, or by its wamid on any of the firm's numbers."""
    found = tx.messages.get(wanted)
    if found is not None:
        return found
    for number in tx.messages.numbers():
        found = tx.messages.by_dedup(tx.messages.dedup_of(number, wanted))
        if found is not None:
            return found
    return None


def message_detail(tx: Tx, principal: Principal, row: MessageRow) -> MessageDetail:
    """Everything about one message."""
    content = content_of(tx, row) if principal.may(Permission.READ_CONTENT) else None
    quoted = None if row.reply_to is None else tx.messages.by_dedup(row.reply_to)
    [shown] = message_views(tx, principal, [row])
    return MessageDetail(
        message=shown,
        received_at=rfc3339_ms(row.received_at_ms),
        raw_event=row.raw_event,
        position=row.position,
        wire_type=row.wire_type,
        content=None if content is None else own_object(row, content),
        reply_to=None if quoted is None else quoted.id,
        statuses=status_views(tx, row.dedup),
        amendments=tuple(amendment.id for amendment in tx.messages.amendments(row.dedup)),
    )


def status_views(tx: Tx, message_dedup: bytes) -> tuple[StatusView, ...]:
    """The status facts of one message, in the order of their times."""
    return shown_statuses(tx.statuses.of_message(message_dedup))


def shown_statuses(facts: Iterable[StatusRow]) -> tuple[StatusView, ...]:
    """Status facts as people see them."""
    return tuple(
        StatusView(
            status=fact.status,
            at=rfc3339_ms(fact.at_ms),
            received_at=rfc3339_ms(fact.received_at_ms),
            raw_event=fact.raw_event,
            position=fact.position,
            error_code=fact.error_code,
        )
        for fact in facts
    )


def message_views(tx: Tx, principal: Principal, rows: Iterable[MessageRow]) -> list[MessageView]:
    """Messages as this principal may see them."""
    # Many are of few people, and everything that was ever said of a person has to be opened to name them.
    named = functools.cache(lambda contact: contact_shown(tx, principal, contact).masked)
    return [_message_view(tx, principal, row, named) for row in rows]


def _message_view(
    tx: Tx, principal: Principal, row: MessageRow, named: Callable[[ContactId | None], str | None]
) -> MessageView:
    may_read = principal.may(Permission.READ_CONTENT)
    content = content_of(tx, row) if may_read else None
    amended = {amendment.type for amendment in tx.messages.amendments(row.dedup)}
    return MessageView(
        id=row.id,
        tenant_id=tx.tenant,
        direction=Direction(row.direction),
        sender_hash=f"v{row.hash_version}:{row.sender_hash.hex()}",
        message_type=MessageType(row.type),
        timestamp=rfc3339_ms(row.sent_at_ms),
        content_ref=f"message:{row.id}",
        conversation_id=row.conversation,
        via=row.via,
        status=row.status,
        contact=named(row.contact) if may_read else msgspec.UNSET,
        text=msgspec.UNSET if content is None else shown_text(row, content),
        wamid=msgspec.UNSET if content is None else content.wamid,
        edited=MessageType.EDIT in amended,
        revoked=MessageType.REVOKE in amended,
        unreadable=may_read and content is None,
    )


def _conversation_view(tx: Tx, principal: Principal, row: ConversationRow, counts: tuple[int, int]) -> ConversationView:
    closes_ms = window_closes_ms(row.last_inbound_at_ms, now_ms=tx.now_ms)
    flags = () if row.contact is None else tuple(flag.reason for flag in tx.contacts.open_flags(row.contact))
    shown = contact_shown(tx, principal, row.contact)
    return ConversationView(
        id=row.id,
        phone_number_id=row.phone_number_id,
        kind="group" if row.contact is None else "person",
        contact=shown.masked,
        name=shown.name,
        contact_id=row.contact,
        messages=row.messages,
        received=counts[0],
        sent=counts[1],
        unread=row.unread,
        assigned_to=row.assigned_to,
        last_message_at=rfc3339_ms(row.last_message_at_ms),
        window_closes_at=None if closes_ms is None else rfc3339_ms(closes_ms),
        needs_review=flags,
    )


def _profile(tx: Tx, principal: Principal, contact: ContactId | None) -> Party | None:
    if contact is None or not principal.may(Permission.READ_CONTENT):
        return None
    try:
        return profile_of(tx, contact)
    except SealError:
        return None


def contact_shown(tx: Tx, principal: Principal, contact: ContactId | None) -> ContactShown:
    """A contact as this principal may see it; nothing of a group, and of somebody who was erased."""
    profile = _profile(tx, principal, contact)
    return ContactShown() if profile is None else shown_of(profile)


def shown_of(profile: Party) -> ContactShown:
    """What people see of somebody of whom this is known."""
    bsuid = profile.bsuid or profile.parent_bsuid
    masked = mask_e164("+" + profile.wa_id) if profile.wa_id else mask_bsuid(bsuid) if bsuid else None
    return ContactShown(masked=masked, name=profile.profile_name or profile.username)


def own_object(row: MessageRow, content: MessageContent) -> Any:
    """The object under the type's own name, masked. What belongs to the envelope is never shown as content."""
    name = content.content.get("type") or row.wire_type
    if not isinstance(name, str) or name in _ENVELOPE_KEYS:
        return None
    part = content.content.get(name)
    return masked(part, key=name) if isinstance(part, (dict, list)) else None


def shown_text(row: MessageRow, content: MessageContent) -> str | None:
    """What a person reads. System messages are the platform's words and spell numbers out: those are masked."""
    is_platforms = row.type == MessageType.SYSTEM and content.text is not None
    return mask_ids_in(content.text or "") if is_platforms else content.text


def content_of(tx: Tx, row: MessageRow) -> MessageContent | None:
    """What a message says; None when its key was destroyed."""
    try:
        return tx.messages.content(row)
    except SealError:
        return None


def note_read(tx: Tx, principal: Principal, action: str, target: str, data: dict[str, Any]) -> None:
    """Record a read; roles that see no content leave a record too: who looked is part of the evidence."""
    saw = "content" if principal.may(Permission.READ_CONTENT) else "records"
    tx.audit.append(AuditRecord(operator_actor(principal.operator), action, target, {**data, "saw": saw}))
