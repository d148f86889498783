"""A message element as the row that it becomes."""

from __future__ import annotations

from lhwa.domain.elements import MessageElement
from lhwa.domain.ids import ConversationId, MessageId, short_id, ulid
from lhwa.domain.messages import Direction
from lhwa.domain.vocabulary import clear_word
from lhwa.services.messaging.identity import Person, conversation_with, thread_contact
from lhwa.services.messaging.record_status import folded_status
from lhwa.services.messaging.rules import told_id_ms
from lhwa.services.messaging.tellings import telling_of
from lhwa.store.tables.messages import MessageContent, NewMessage, Source
from lhwa.store.transaction import Tx


def new_message(
    tx: Tx,
    element: MessageElement,
    person: Person,
    *,
    dedup: bytes,
    sent_at_ms: int,
    received_at_ms: int,
    source: Source,
    telling: bytes | None = None,
) -> NewMessage:
    """The row of a message in its thread, which is opened when there is none."""
    raw_event, position = source
    return NewMessage(
        id=MessageId(ulid(told_id_ms(element.sent_at_ms), dedup)),
        dedup=dedup,
        conversation=_conversation(tx, element, person, sent_at_ms=sent_at_ms),
        contact=person.contact,
        phone_number_id=element.phone_number_id,
        direction=element.direction.value,
        via=element.via.value,
        type=element.type.value,
        wire_type=clear_word(element.wire_type),
        sender_hash=tx.contacts.alias_hash("wa_id", element.party.wa_id) if element.party.wa_id else person.hash,
        sent_at_ms=sent_at_ms,
        received_at_ms=received_at_ms,
        reply_to=_other_message(tx, element, element.reply_to_wamid),
        target=_other_message(tx, element, element.target_wamid),
        telling=telling or telling_of(tx, element),
        # Status facts may have come first: they were parked under the same key.
        status=folded_status(tx, dedup) if element.direction is Direction.OUTBOUND else None,
        raw_event=raw_event,
        position=position,
        content=_content(element),
    )


def _content(element: MessageElement) -> MessageContent:
    return MessageContent(
        wamid=element.wamid,
        text=element.text,
        content=element.content,
        group_id=element.group_id,
        forwarded=element.forwarded,
    )


def _conversation(tx: Tx, element: MessageElement, person: Person, *, sent_at_ms: int) -> ConversationId:
    number = element.phone_number_id
    if element.group_id is None:
        return conversation_with(tx, thread_contact(tx, person, at_ms=sent_at_ms), phone_number_id=number)
    group_hash = tx.vault.blind("group", element.group_id)
    known = tx.conversations.find(number, group_hash=group_hash)
    if known is not None:
        return known
    conversation = ConversationId(short_id(tx.vault.blind("conversation", number, group_hash.hex())))
    tx.conversations.add(conversation, number, contact=None, group_hash=group_hash)
    return conversation


def _other_message(tx: Tx, element: MessageElement, wamid: str | None) -> bytes | None:
    return None if wamid is None else tx.messages.dedup_of(element.phone_number_id, wamid)
