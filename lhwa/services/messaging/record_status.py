"""A status element becomes a fact, and moves the message that it is about."""

from __future__ import annotations

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.elements import StatusElement
from lhwa.domain.events import EventType, MessageStatusChange
from lhwa.domain.messages import Direction, fold_statuses
from lhwa.domain.vocabulary import clear_word
from lhwa.services.messaging.announce import emit
from lhwa.services.messaging.clear_ids import with_clear_number
from lhwa.services.messaging.identity import known_contact
from lhwa.services.messaging.rules import aliases, own_id, status_key
from lhwa.services.messaging.sourced import DEDUP_BYTES, Outcome, SourcedElement
from lhwa.store.tables.statuses import NewStatus
from lhwa.store.transaction import Tx


def record_status(tx: Tx, element: StatusElement, sourced: SourcedElement) -> Outcome:
    """Record a status fact; it moves its message when that is here, and waits for it otherwise."""
    element = with_clear_number(tx, element)
    message_dedup = tx.messages.dedup_of(element.phone_number_id, element.wamid)
    named = aliases(element.recipient)
    fact = NewStatus(
        dedup=tx.vault.blind("status", *status_key(element))[:DEDUP_BYTES],
        message_dedup=message_dedup,
        phone_number_id=element.phone_number_id,
        status=clear_word(element.status),
        recipient_hash=next((tx.contacts.alias_hash(kind, value) for kind, value in named.items()), None),
        error_code=element.error_codes[0] if element.error_codes else None,
        own_id=own_id(element.opaque),
        at_ms=sourced.happened_at_ms,
        received_at_ms=sourced.received_at_ms,
        raw_event=sourced.raw_event,
        position=element.position,
        contact=known_contact(tx, element.recipient),
        content=element.content,
    )
    if not tx.statuses.add(fact):
        return Outcome.DUPLICATE
    _fold_into_message(tx, fact, sourced)
    return Outcome.APPLIED


def _fold_into_message(tx: Tx, fact: NewStatus, sourced: SourcedElement) -> None:
    data = {"raw_event": sourced.raw_event, "position": fact.position, "status": fact.status}
    message = tx.messages.by_dedup(fact.message_dedup)
    if message is None or message.direction != Direction.OUTBOUND:
        # Normal: sent by another app on this number, or the message is still on its way to us.
        tx.audit.append(AuditRecord(NORMALIZER, "status.parked", f"status:{fact.dedup.hex()}", data))
        return
    folded = folded_status(tx, fact.message_dedup)
    subject = f"message:{message.id}"
    if folded is not None and folded != message.status:
        tx.messages.set_status(message.id, folded)
        data["event"] = emit(
            tx,
            EventType.MESSAGE_STATUS_CHANGED,
            subject,
            MessageStatusChange(message_id=message.id, status=folded, error_code=fact.error_code),
            at_ms=fact.at_ms,
            identity=fact.dedup.hex(),
            raw_event=sourced.raw_event,
        )
    tx.audit.append(AuditRecord(NORMALIZER, "status.recorded", subject, data))


def folded_status(tx: Tx, message_dedup: bytes) -> str | None:
    """What all status facts about one message add up to; None while there are none that count."""
    folded = fold_statuses(fact.status for fact in tx.statuses.of_message(message_dedup))
    return None if folded is None else folded.value
