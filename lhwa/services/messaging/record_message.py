"""A message element becomes a row, an event and an audit record, once."""

from __future__ import annotations

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.elements import MessageElement
from lhwa.domain.events import EventType, MessageStatusChange, NormalizedMessage, PlatformFact
from lhwa.domain.ids import ContactId, ConversationId, MessageId, short_id, ulid
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.messages import Direction
from lhwa.domain.vocabulary import clear_word
from lhwa.services.messaging.announce import emit
from lhwa.services.messaging.clear_ids import with_clear_number
from lhwa.services.messaging.identity import apply_identity_change, resolve_contact
from lhwa.services.messaging.record_status import folded_status
from lhwa.services.messaging.rules import aliases, completes, is_unread, opens_window
from lhwa.services.messaging.sourced import Outcome, SourcedElement
from lhwa.store.tables.messages import MessageContent, MessageRow, NewMessage
from lhwa.store.transaction import Tx
from lhwa.store.vault import BLIND_VERSION


def record_message(tx: Tx, element: MessageElement, sourced: SourcedElement) -> Outcome:
    """Record a message with its thread, its author and its event, unless it is here already."""
    element = with_clear_number(tx, element)
    dedup = tx.messages.dedup_of(element.phone_number_id, element.wamid)
    seen = tx.messages.by_dedup(dedup)
    if seen is not None:
        return _complete_message(tx, seen, element, sourced)
    sent_at_ms = sourced.happened_at_ms
    contact = resolve_contact(tx, element.party, at_ms=sent_at_ms)
    message = NewMessage(
        id=MessageId(ulid(sent_at_ms, dedup)),
        dedup=dedup,
        conversation=_conversation(tx, element, contact=contact),
        contact=contact,
        phone_number_id=element.phone_number_id,
        direction=element.direction.value,
        via=element.via.value,
        type=element.type.value,
        wire_type=clear_word(element.wire_type),
        sender_hash=_sender_hash(tx, element),
        sent_at_ms=sent_at_ms,
        received_at_ms=sourced.received_at_ms,
        reply_to=_other_message(tx, element, element.reply_to_wamid),
        target=_other_message(tx, element, element.target_wamid),
        # Status facts may have come first: they were parked under the same key.
        status=folded_status(tx, dedup) if element.direction is Direction.OUTBOUND else None,
        raw_event=sourced.raw_event,
        position=element.position,
        content=_content(element),
    )
    tx.messages.add(message)
    tx.conversations.count_message(
        message.conversation,
        sent_at_ms=sourced.counts_from_ms,
        opens_window=opens_window(element),
        is_unread=is_unread(element),
    )
    if element.identity_change is not None:
        apply_identity_change(tx, contact, element.identity_change, at_ms=sent_at_ms)
        _announce_identity(tx, message, sourced)
    _announce_message(tx, message, element, sourced)
    if message.status is not None:
        _announce_status(tx, message, sourced)
    return Outcome.APPLIED


def _content(element: MessageElement) -> MessageContent:
    return MessageContent(
        wamid=element.wamid,
        text=element.text,
        content=element.content,
        group_id=element.group_id,
        forwarded=element.forwarded,
    )


def _complete_message(tx: Tx, seen: MessageRow, element: MessageElement, sourced: SourcedElement) -> Outcome:
    """A message that is here already: a duplicate, unless its content only follows now, as it does in history."""
    if not completes(seen.wire_type, element.wire_type):
        return Outcome.DUPLICATE
    tx.messages.complete(
        seen, type_=element.type.value, wire_type=clear_word(element.wire_type), content=_content(element)
    )
    data = {"raw_event": sourced.raw_event, "position": element.position, "type": element.type.value}
    tx.audit.append(AuditRecord(NORMALIZER, "message.completed", f"message:{seen.id}", data))
    return Outcome.APPLIED


def _conversation(tx: Tx, element: MessageElement, *, contact: ContactId) -> ConversationId:
    number = element.phone_number_id
    group_hash = None if element.group_id is None else tx.vault.blind("group", element.group_id)
    known = tx.conversations.find(number, contact=contact, group_hash=group_hash)
    if known is not None:
        return known
    other = contact if group_hash is None else group_hash.hex()
    conversation = ConversationId(short_id(tx.vault.blind("conversation", number, other)))
    tx.conversations.add(conversation, number, contact=contact if group_hash is None else None, group_hash=group_hash)
    return conversation


def _sender_hash(tx: Tx, element: MessageElement) -> bytes:
    named = aliases(element.party)
    kind = "wa_id" if "wa_id" in named else next(iter(named))
    return tx.contacts.alias_hash(kind, named[kind])


def _other_message(tx: Tx, element: MessageElement, wamid: str | None) -> bytes | None:
    return None if wamid is None else tx.messages.dedup_of(element.phone_number_id, wamid)


def _announce_message(tx: Tx, message: NewMessage, element: MessageElement, sourced: SourcedElement) -> None:
    normalized = NormalizedMessage(
        id=message.id,
        tenant_id=tx.tenant,
        direction=element.direction,
        sender_hash=f"v{BLIND_VERSION}:{message.sender_hash.hex()}",
        message_type=element.type,
        timestamp=rfc3339_ms(message.sent_at_ms),
        content_ref=f"message:{message.id}",
    )
    subject = f"message:{message.id}"
    event = emit(
        tx,
        EventType.MESSAGE_RECEIVED,
        subject,
        normalized,
        at_ms=message.sent_at_ms,
        identity="",
        raw_event=sourced.raw_event,
    )
    facts = {
        "event": event,
        "raw_event": sourced.raw_event,
        "position": element.position,
        "type": message.type,
        "via": message.via,
        "direction": message.direction,
        "conversation": message.conversation,
    }
    tx.audit.append(AuditRecord(NORMALIZER, "message.recorded", subject, facts))


def _announce_status(tx: Tx, message: NewMessage, sourced: SourcedElement) -> None:
    """The facts that waited for this message move it now."""
    emit(
        tx,
        EventType.MESSAGE_STATUS_CHANGED,
        f"message:{message.id}",
        MessageStatusChange(message_id=message.id, status=message.status or ""),
        at_ms=message.sent_at_ms,
        identity="parked",
        raw_event=sourced.raw_event,
    )


def _announce_identity(tx: Tx, message: NewMessage, sourced: SourcedElement) -> None:
    subject = f"contact:{message.contact}"
    fact = PlatformFact(field="messages", event="identity_changed", severity="warning", message_id=message.id)
    emit(
        tx,
        EventType.ACCOUNT_ALERT,
        subject,
        fact,
        at_ms=message.sent_at_ms,
        identity=message.id,
        raw_event=sourced.raw_event,
    )
