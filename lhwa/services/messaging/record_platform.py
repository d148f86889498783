"""A platform element becomes a row, and an event when somebody should react."""

from __future__ import annotations

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.elements import PlatformElement
from lhwa.domain.events import PlatformFact
from lhwa.domain.ids import ulid
from lhwa.domain.vocabulary import clear_word
from lhwa.services.messaging.announce import emit
from lhwa.services.messaging.clear_ids import optional_id
from lhwa.services.messaging.identity import resolve_contact
from lhwa.services.messaging.rules import event_type_of, platform_key
from lhwa.services.messaging.sourced import DEDUP_BYTES, Outcome, SourcedElement
from lhwa.store.tables.platform_events import NewPlatformEvent
from lhwa.store.transaction import Tx


def record_platform(tx: Tx, element: PlatformElement, sourced: SourcedElement) -> Outcome:
    """Record what happened on the platform, and announce what somebody should know."""
    at_ms = sourced.happened_at_ms
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
            waba_id=optional_id(tx, element.waba_id),
            phone_number_id=optional_id(tx, element.phone_number_id),
            template_id=optional_id(tx, element.template_id),
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
        template_id=optional_id(tx, element.template_id),
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
        record["bus_event"] = emit(tx, kind, subject, fact, at_ms=at_ms, identity="", raw_event=sourced.raw_event)
    tx.audit.append(AuditRecord(NORMALIZER, "platform.recorded", subject, record))
    return Outcome.APPLIED
