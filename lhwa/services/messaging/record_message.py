"""A message element becomes a row, an event and an audit record, once."""

from __future__ import annotations

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.elements import MessageElement
from lhwa.domain.events import EventType, MessageStatusChange, NormalizedMessage, PlatformFact
from lhwa.domain.instants import rfc3339_ms
from lhwa.errors import PoisonError
from lhwa.services.messaging.clear_ids import with_clear_number
from lhwa.services.messaging.hear_again import hear_again
from lhwa.services.messaging.identity import apply_identity_change, observe
from lhwa.services.messaging.message_rows import new_message
from lhwa.services.messaging.rules import is_unread, opens_window, told_id_ms
from lhwa.services.messaging.sourced import Outcome, SourcedElement
from lhwa.store.announce import emit
from lhwa.store.tables.messages import NewMessage
from lhwa.store.transaction import Tx
from lhwa.store.vault import BLIND_VERSION


def record_message(tx: Tx, element: MessageElement, sourced: SourcedElement) -> Outcome:
    """Record a message with its thread, its author and its event, unless it is here already."""
    element = with_clear_number(tx, element)
    if element.party.is_nobody:
        raise PoisonError("no_identity")
    dedup = tx.messages.dedup_of(element.phone_number_id, element.wamid)
    seen = tx.messages.by_dedup(dedup)
    if seen is not None:
        return hear_again(tx, seen, element, sourced)
    sent_at_ms = sourced.happened_at_ms
    person = observe(tx, element.party, at_ms=sent_at_ms, surely_ms=sourced.surely_at_ms)
    message = new_message(
        tx,
        element,
        person,
        dedup=dedup,
        sent_at_ms=sent_at_ms,
        received_at_ms=sourced.received_at_ms,
        source=(sourced.raw_event, element.position),
    )
    tx.messages.add(message)
    tx.conversations.count_message(
        message.conversation,
        sent_at_ms=sourced.counts_from_ms,
        opens_window=opens_window(element),
        is_unread=is_unread(element),
    )
    if element.identity_change is not None:
        apply_identity_change(
            tx, person, element.identity_change, at_ms=message.sent_at_ms, surely_ms=sourced.surely_at_ms
        )
        _announce_identity(tx, message, sourced)
    _announce_message(tx, message, element, sourced)
    if message.status is not None:
        _announce_status(tx, message, sourced)
    return Outcome.APPLIED


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
        id_ms=told_id_ms(element.sent_at_ms),
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
