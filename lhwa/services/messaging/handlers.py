"""Transaction functions: one webhook element becomes rows, events and audit records, exactly once.

Invariants: everything an element causes happens in one transaction, guarded by a UNIQUE key over the element's own
identity; ids of rows follow from the element, so that a replay into an empty home builds the same rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from lhwa.domain.audit import NORMALIZER, WORKER, AuditRecord
from lhwa.domain.elements import Element, MessageElement, PlatformElement, PoisonElement, StatusElement
from lhwa.domain.events import CloudEvent, EventType, MessageStatusChange, NormalizedMessage, PlatformFact
from lhwa.domain.ids import ContactId, ConversationId, MessageId, short_id, ulid
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.jobs import JobKind
from lhwa.domain.messages import Direction, fold_statuses
from lhwa.errors import PoisonError
from lhwa.services.messaging.identity import apply_identity_change, known_contact, resolve_contact
from lhwa.services.messaging.rules import (
    aliases,
    clear_word,
    completes,
    event_type_of,
    is_unread,
    opens_window,
    own_id,
    platform_key,
    status_key,
)
from lhwa.store.connection import is_storage_failure
from lhwa.store.tables.messages import MessageContent, MessageRow, NewMessage
from lhwa.store.tables.platform_events import NewPlatformEvent
from lhwa.store.tables.statuses import NewStatus
from lhwa.store.transaction import Tx
from lhwa.store.vault import BLIND_VERSION

DEDUP_BYTES = 16


class Outcome(StrEnum):
    """What became of one element."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    """It was applied before; nothing changed."""
    BURIED = "buried"
    """It lies in the dead letters."""
    POSTPONED = "postponed"
    """Applying it failed; a job will try again."""


class SourcedElement(msgspec.Struct, frozen=True, kw_only=True):
    """An element with the webhook request that brought it. As JSON it is the payload of an `apply_element` job."""

    element: Element
    raw_event: str
    received_at_ms: int


SOURCED_ENCODER = msgspec.json.Encoder()
SOURCED_DECODER = msgspec.json.Decoder(SourcedElement)


def apply_batch(tx: Tx, batch: Sequence[SourcedElement]) -> list[Outcome]:
    """Apply elements one by one, each all or nothing; a failing one costs its neighbours nothing.

    Raises: errors of the disk, on which the whole batch is undone and tried again.
    """
    return [_apply_apart(tx, sourced) for sourced in batch]


def apply_element(tx: Tx, sourced: SourcedElement) -> Outcome:
    """Apply one element, whatever it is. Raises PoisonError when no retry could help."""
    match sourced.element:
        case MessageElement():
            return _record_message(tx, sourced.element, sourced)
        case StatusElement():
            return _record_status(tx, sourced.element, sourced)
        case PlatformElement():
            return _record_platform(tx, sourced.element, sourced)
        case PoisonElement():
            raise PoisonError(sourced.element.reason)


def apply_job(tx: Tx, payload: bytes) -> None:
    """Handler of `apply_element` jobs."""
    sourced = SOURCED_DECODER.decode(payload)
    try:
        with tx.savepoint():
            outcome = apply_element(tx, sourced)
    except PoisonError as poison:
        outcome = bury(tx, sourced, kind="poison", reason=poison.reason, tries=1)
    _note_settled(tx, sourced, outcome)


def bury_job(tx: Tx, payload: bytes, *, error: str, tries: int) -> None:
    """What happens to an `apply_element` job after its last try."""
    sourced = SOURCED_DECODER.decode(payload)
    _note_settled(tx, sourced, bury(tx, sourced, kind="element", reason=error, tries=tries))


def _note_settled(tx: Tx, sourced: SourcedElement, outcome: Outcome) -> None:
    # A job that found its work done already ends too, and no job ends without a record.
    if outcome is Outcome.DUPLICATE:
        place = f"{sourced.raw_event}/{sourced.element.position}"
        tx.audit.append(AuditRecord(WORKER, "element.settled_before", f"element:{place}"))


def bury(tx: Tx, sourced: SourcedElement, *, kind: str, reason: str, tries: int) -> Outcome:
    """Put an element into the dead letters, once."""
    element = sourced.element
    clear = element.raw if isinstance(element, PoisonElement) else SOURCED_ENCODER.encode(sourced)
    identity = hashlib.sha256(clear).hexdigest() if kind == "poison" else f"{sourced.raw_event}/{element.position}"
    digest = tx.vault.blind("dead_letter", kind, identity)
    letter = ulid(sourced.received_at_ms, digest)
    added = tx.dead_letters.add(
        letter,
        dedup=digest[:DEDUP_BYTES],
        kind=kind,
        reason=reason,
        tries=tries,
        raw_event=sourced.raw_event,
        position=element.position,
        clear=clear,
    )
    if not added:
        return Outcome.DUPLICATE
    data = {"raw_event": sourced.raw_event, "position": element.position, "reason": reason, "tries": tries}
    tx.audit.append(AuditRecord(NORMALIZER, "element.buried", f"dead_letter:{letter}", data))
    return Outcome.BURIED


def _apply_apart(tx: Tx, sourced: SourcedElement) -> Outcome:
    try:
        with tx.savepoint():
            return apply_element(tx, sourced)
    except PoisonError as poison:
        return bury(tx, sourced, kind="poison", reason=poison.reason, tries=1)
    except Exception as error:
        if is_storage_failure(error):
            raise
        return _postpone(tx, sourced, error=type(error).__name__)


def _postpone(tx: Tx, sourced: SourcedElement, *, error: str) -> Outcome:
    place = f"{sourced.raw_event}/{sourced.element.position}"
    if tx.jobs.put(JobKind.APPLY_ELEMENT, SOURCED_ENCODER.encode(sourced), place=place, once=True):
        tx.audit.append(AuditRecord(NORMALIZER, "element.postponed", f"element:{place}", {"error": error}))
    return Outcome.POSTPONED


def _record_message(tx: Tx, element: MessageElement, sourced: SourcedElement) -> Outcome:
    dedup = tx.messages.dedup_of(element.phone_number_id, element.wamid)
    seen = tx.messages.by_dedup(dedup)
    if seen is not None:
        return _complete_message(tx, seen, element, sourced)
    sent_at_ms = sourced.received_at_ms if element.sent_at_ms is None else element.sent_at_ms
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
        status=_folded(tx, dedup) if element.direction is Direction.OUTBOUND else None,
        raw_event=sourced.raw_event,
        position=element.position,
        content=_content(element),
    )
    tx.messages.add(message)
    tx.conversations.count_message(
        message.conversation, sent_at_ms=sent_at_ms, opens_window=opens_window(element), is_unread=is_unread(element)
    )
    if element.identity_change is not None:
        apply_identity_change(tx, contact, element.identity_change, at_ms=sent_at_ms)
        _announce_identity(tx, message, sourced)
    _announce_message(tx, message, element, sourced)
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
    tx.messages.complete(seen, type_=element.type.value, wire_type=element.wire_type, content=_content(element))
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


def _folded(tx: Tx, dedup: bytes) -> str | None:
    folded = fold_statuses(fact.status for fact in tx.statuses.of_message(dedup))
    return None if folded is None else folded.value


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
    event = _emit(
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


def _announce_identity(tx: Tx, message: NewMessage, sourced: SourcedElement) -> None:
    subject = f"contact:{message.contact}"
    fact = PlatformFact(field="messages", event="identity_changed", severity="warning", message_id=message.id)
    _emit(
        tx,
        EventType.ACCOUNT_ALERT,
        subject,
        fact,
        at_ms=message.sent_at_ms,
        identity=message.id,
        raw_event=sourced.raw_event,
    )


def _record_status(tx: Tx, element: StatusElement, sourced: SourcedElement) -> Outcome:
    message_dedup = tx.messages.dedup_of(element.phone_number_id, element.wamid)
    at_ms = sourced.received_at_ms if element.at_ms is None else element.at_ms
    named = aliases(element.recipient)
    fact = NewStatus(
        dedup=tx.vault.blind("status", *status_key(element))[:DEDUP_BYTES],
        message_dedup=message_dedup,
        phone_number_id=element.phone_number_id,
        status=clear_word(element.status),
        recipient_hash=next((tx.contacts.alias_hash(kind, value) for kind, value in named.items()), None),
        error_code=element.error_codes[0] if element.error_codes else None,
        own_id=own_id(element.opaque),
        at_ms=at_ms,
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
    folded = _folded(tx, fact.message_dedup)
    subject = f"message:{message.id}"
    if folded is not None and folded != message.status:
        tx.messages.set_status(message.id, folded)
        data["event"] = _emit(
            tx,
            EventType.MESSAGE_STATUS_CHANGED,
            subject,
            MessageStatusChange(message_id=message.id, status=folded, error_code=fact.error_code),
            at_ms=fact.at_ms,
            identity=fact.dedup.hex(),
            raw_event=sourced.raw_event,
        )
    tx.audit.append(AuditRecord(NORMALIZER, "status.recorded", subject, data))


def _record_platform(tx: Tx, element: PlatformElement, sourced: SourcedElement) -> Outcome:
    at_ms = sourced.received_at_ms if element.at_ms is None else element.at_ms
    digest = tx.vault.blind("platform", *platform_key(element))
    if tx.platform_events.seen(digest[:DEDUP_BYTES]):
        return Outcome.DUPLICATE
    event_id = ulid(at_ms, digest)
    named_party = element.party is not None and not element.party.is_nobody
    tx.platform_events.add(
        NewPlatformEvent(
            id=event_id,
            dedup=digest[:DEDUP_BYTES],
            field=clear_word(element.field),
            event=clear_word(element.event),
            severity=element.severity,
            waba_id=element.waba_id,
            phone_number_id=element.phone_number_id,
            template_id=element.template_id,
            at_ms=at_ms,
            received_at_ms=sourced.received_at_ms,
            raw_event=sourced.raw_event,
            position=element.position,
            contact=resolve_contact(tx, element.party, at_ms=at_ms) if named_party and element.party else None,
            value=element.value,
        )
    )
    subject = f"platform_event:{event_id}"
    fact = PlatformFact(
        field=clear_word(element.field),
        event=clear_word(element.event),
        severity=element.severity,
        template_id=element.template_id,
    )
    record = {
        "field": fact.field,
        "event": fact.event,
        "severity": element.severity,
        "raw_event": sourced.raw_event,
        "position": element.position,
    }
    kind = event_type_of(element)
    if kind is not None:
        record["bus_event"] = _emit(tx, kind, subject, fact, at_ms=at_ms, identity="", raw_event=sourced.raw_event)
    tx.audit.append(AuditRecord(NORMALIZER, "platform.recorded", subject, record))
    return Outcome.APPLIED


def _emit(
    tx: Tx, kind: EventType, subject: str, data: msgspec.Struct, *, at_ms: int, identity: str, raw_event: str
) -> str:
    """Announce an event about a row; `identity` tells several events about one row apart. Returns the event's id."""
    event = CloudEvent(
        id=ulid(at_ms, tx.vault.blind("event", kind.value, subject, identity)),
        source=tx.events.source,
        type=kind,
        subject=subject,
        time=rfc3339_ms(at_ms),
        dataschema=kind.schema,
        data=msgspec.to_builtins(data),
    )
    tx.announce(event, raw_event=raw_event)
    return event.id
