"""What both sides wrote, in one order: messages that came, and what the firm sent from its outbox."""

from __future__ import annotations

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.messages import Direction, MessageType
from lhwa.domain.outbound import Media
from lhwa.services.messaging.meant import conversation_meant
from lhwa.services.messaging.outbox_views import letter_of, masked_recipient, said
from lhwa.services.messaging.views import ConversationView, MessageView, list_messages, show_conversation
from lhwa.store.tables.outbox import Letter, OutboundRow
from lhwa.store.transaction import Tx
from lhwa.store.vault import BLIND_VERSION

VIA_API = "api"
"""How a message came that lhwa itself posted."""
_TYPES = {
    "text": MessageType.TEXT,
    "template": MessageType.TEMPLATE,
    "media": MessageType.DOCUMENT,
    "document": MessageType.DOCUMENT,
    "interactive": MessageType.INTERACTIVE,
    "reaction": MessageType.REACTION,
}


def list_timeline(
    tx: Tx, principal: Principal, *, rows_max: int, conversation: str | None = None, since_ms: int = 0
) -> list[MessageView]:
    """Messages of both sides, newest first."""
    came = list_messages(tx, principal, rows_max=rows_max, conversation=conversation, since_ms=since_ms)
    return _merged(came, _sent(tx, principal, rows_max=rows_max, conversation=conversation, since_ms=since_ms))[
        :rows_max
    ]


def show_timeline(
    tx: Tx, principal: Principal, conversation: str, *, rows_max: int
) -> tuple[ConversationView, list[MessageView]]:
    """One thread with the newest messages of both sides, oldest of them first.

    Args:
        conversation: its id, or the beginning of it.
        rows_max: so many messages.
    """
    principal.require(Permission.READ_RECORDS)
    thread, came = show_conversation(tx, principal, conversation_meant(tx, conversation), rows_max=rows_max)
    sent = _sent(tx, principal, rows_max=rows_max, conversation=thread.id, since_ms=0)
    return thread, _merged(came[::-1], sent)[:rows_max][::-1]


def _merged(came: list[MessageView], sent: list[MessageView]) -> list[MessageView]:
    """Both, newest first; of equal times each side keeps the order in which it was."""
    return sorted([*came, *sent], key=lambda each: each.timestamp, reverse=True)


def _sent(tx: Tx, principal: Principal, *, rows_max: int, conversation: str | None, since_ms: int) -> list[MessageView]:
    rows = tx.outbox.newest(rows_max=rows_max, conversation=conversation)
    return [_view(tx, principal, row) for row in rows if row.created_at_ms >= since_ms]


def _view(tx: Tx, principal: Principal, row: OutboundRow) -> MessageView:
    may_read = principal.may(Permission.READ_CONTENT)
    letter = letter_of(tx, row) if may_read else None
    receipt = None if letter is None else tx.outbox.receipt(row)
    return MessageView(
        id=row.id,
        tenant_id=tx.tenant,
        direction=Direction.OUTBOUND,
        sender_hash=f"v{BLIND_VERSION}:{row.recipient_hash.hex()}",
        message_type=type_of(row, letter),
        timestamp=rfc3339_ms(row.posted_at_ms or row.created_at_ms),
        content_ref=f"outbound:{row.id}",
        conversation_id=row.conversation,
        via=VIA_API,
        status=row.state.value,
        contact=msgspec.UNSET if letter is None else masked_recipient(letter.recipient),
        text=msgspec.UNSET if letter is None else said(letter.content),
        wamid=msgspec.UNSET if receipt is None else receipt.wamid,
        unreadable=may_read and letter is None,
    )


def type_of(row: OutboundRow, letter: Letter | None) -> MessageType:
    """What kind of content an outgoing message has, as far as its letter or its row says."""
    if letter is not None and isinstance(letter.content, Media):
        return MessageType(letter.content.media)
    return _TYPES[row.kind]
