"""A platform element becomes a row, and an event when somebody should react."""

from __future__ import annotations

from dataclasses import replace

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.elements import PlatformElement
from lhwa.domain.events import PlatformFact
from lhwa.domain.ids import ContactId, ulid
from lhwa.domain.vocabulary import clear_word
from lhwa.services.messaging.clear_ids import optional_id
from lhwa.services.messaging.element_keys import platform_digest
from lhwa.services.messaging.holds import record_preference
from lhwa.services.messaging.identity import observe
from lhwa.services.messaging.record_template import record_template
from lhwa.services.messaging.rules import event_type_of, told_id_ms
from lhwa.services.messaging.sourced import DEDUP_BYTES, Outcome, SourcedElement
from lhwa.services.messaging.tellings import stands, telling_of
from lhwa.store.announce import emit
from lhwa.store.tables.contacts import News
from lhwa.store.tables.platform_events import NewPlatformEvent
from lhwa.store.transaction import Tx


def record_platform(tx: Tx, element: PlatformElement, sourced: SourcedElement) -> Outcome:
    """Record what happened on the platform, and announce what somebody should know."""
    at_ms, telling = sourced.happened_at_ms, telling_of(tx, element)
    digest = platform_digest(tx, element)
    told = tx.platform_events.told(digest[:DEDUP_BYTES])
    contact, news = _observed(tx, element, sourced)
    event = NewPlatformEvent(
        id=ulid(told_id_ms(element.at_ms), digest),
        dedup=digest[:DEDUP_BYTES],
        field=clear_word(element.field),
        event=clear_word(element.event),
        severity=element.severity,
        waba_id=optional_id(tx, element.waba_id),
        phone_number_id=optional_id(tx, element.phone_number_id),
        template_id=optional_id(tx, element.template_id),
        telling=telling,
        at_ms=at_ms,
        received_at_ms=sourced.received_at_ms,
        raw_event=sourced.raw_event,
        position=element.position,
        contact=contact,
        value=element.value,
    )
    if told is not None:
        # A call may be timed differently; its row, and the seal in it, are known by the first telling's id.
        return _tell_again(tx, replace(event, id=told[2]), told[:2], news)
    tx.platform_events.add(event)
    _announce(tx, element, event)
    record_template(tx, element, event, surely_at_ms=sourced.surely_at_ms)
    record_preference(tx, element, contact, at_ms=at_ms, event=f"platform_event:{event.id}")
    return Outcome.APPLIED


def _observed(tx: Tx, element: PlatformElement, sourced: SourcedElement) -> tuple[ContactId | None, News]:
    if element.party is None or element.party.is_nobody:
        return None, News.NOTHING
    person = observe(tx, element.party, at_ms=sourced.happened_at_ms, surely_ms=sourced.surely_at_ms)
    return person.contact, person.news


def _tell_again(tx: Tx, event: NewPlatformEvent, told: tuple[bytes, int], news: News) -> Outcome:
    """An event that is here already: a duplicate, unless this telling of it is the one that stands."""
    is_standing = stands(telling=event.telling, received_at_ms=event.received_at_ms, before=told)
    if is_standing:
        tx.platform_events.retell(event)
    if is_standing or news is not News.NOTHING:
        data = {"raw_event": event.raw_event, "position": event.position}
        tx.audit.append(AuditRecord(NORMALIZER, "platform.told_again", f"platform_event:{event.id}", data))
    return Outcome.DUPLICATE


def _announce(tx: Tx, element: PlatformElement, event: NewPlatformEvent) -> None:
    subject = f"platform_event:{event.id}"
    fact = PlatformFact(field=event.field, event=event.event, severity=element.severity, template_id=event.template_id)
    record = {
        "field": event.field,
        "event": event.event,
        "severity": event.severity,
        "raw_event": event.raw_event,
        "position": event.position,
    }
    kind = event_type_of(element)
    if kind is not None:
        record["bus_event"] = emit(
            tx,
            kind,
            subject,
            fact,
            at_ms=event.at_ms,
            identity="",
            raw_event=event.raw_event,
            id_ms=told_id_ms(element.at_ms),
        )
    tx.audit.append(AuditRecord(NORMALIZER, "platform.recorded", subject, record))
