"""A status element becomes a fact, and moves the message that it is about."""

from __future__ import annotations

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.elements import StatusElement
from lhwa.domain.events import EventType, MessageStatusChange
from lhwa.domain.messages import Direction, fold_statuses
from lhwa.domain.vocabulary import clear_word
from lhwa.services.messaging.clear_ids import with_clear_number
from lhwa.services.messaging.element_keys import status_dedup
from lhwa.services.messaging.rules import aliases, own_id
from lhwa.services.messaging.settle_by_status import settle_by_status
from lhwa.services.messaging.sourced import Outcome, SourcedElement
from lhwa.services.messaging.tellings import stands, telling_of
from lhwa.store.announce import emit
from lhwa.store.tables.statuses import NewStatus
from lhwa.store.transaction import Tx


def record_status(tx: Tx, element: StatusElement, sourced: SourcedElement) -> Outcome:
    """Record a status fact; it moves its message when that is here, and waits for it otherwise."""
    element = with_clear_number(tx, element)
    fact = _fact(tx, element, sourced)
    told = tx.statuses.told(fact.dedup)
    if told is not None:
        return _tell_again(tx, fact, told)
    tx.statuses.add(fact)
    _fold_into_message(tx, fact, sourced)
    settle_by_status(tx, fact, wamid=element.wamid)
    return Outcome.APPLIED


def _fact(tx: Tx, element: StatusElement, sourced: SourcedElement) -> NewStatus:
    # Whoever is named gets a key, whether or not they are a contact: what is sealed under it goes with it.
    kind, value = next(iter(aliases(element.recipient).items()), ("", ""))
    recipient_hash = tx.contacts.alias_hash(kind, value) if kind else None
    return NewStatus(
        dedup=status_dedup(tx, element),
        message_dedup=tx.messages.dedup_of(element.phone_number_id, element.wamid),
        phone_number_id=element.phone_number_id,
        status=clear_word(element.status),
        recipient_hash=recipient_hash,
        error_code=element.error_codes[0] if element.error_codes else None,
        own_id=own_id(element.opaque),
        telling=telling_of(tx, element),
        at_ms=sourced.happened_at_ms,
        received_at_ms=sourced.received_at_ms,
        raw_event=sourced.raw_event,
        position=element.position,
        contact=None if recipient_hash is None else tx.contacts.own_id(kind, recipient_hash),
        content=element.content,
    )


def _tell_again(tx: Tx, fact: NewStatus, told: tuple[bytes, int]) -> Outcome:
    """A fact that is here already: a duplicate, unless this telling of it is the one that stands."""
    if stands(telling=fact.telling, received_at_ms=fact.received_at_ms, before=told):
        tx.statuses.retell(fact)
        data = {"raw_event": fact.raw_event, "position": fact.position}
        tx.audit.append(AuditRecord(NORMALIZER, "status.told_again", f"status:{fact.dedup.hex()}", data))
    return Outcome.DUPLICATE


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
