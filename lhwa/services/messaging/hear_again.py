"""A message that is here already is told again: mostly a duplicate, sometimes more than what we have, or earlier."""

from __future__ import annotations

import msgspec

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.elements import MessageElement
from lhwa.domain.vocabulary import clear_word
from lhwa.services.messaging.identity import (
    Person,
    apply_identity_change,
    flag_other_person,
    observe,
)
from lhwa.services.messaging.message_rows import new_message
from lhwa.services.messaging.rules import NOT_OPENING, completes, telling_rank
from lhwa.services.messaging.sourced import Outcome, SourcedElement
from lhwa.services.messaging.tellings import telling_of
from lhwa.store.tables.contacts import News
from lhwa.store.tables.messages import MessageRow
from lhwa.store.transaction import Tx


def hear_again(tx: Tx, seen: MessageRow, element: MessageElement, sourced: SourcedElement) -> Outcome:
    """Take in one more telling, or one more receipt, of a message.

    Of several tellings the one with the smallest rank stands, as of its receipt; who it names was seen in any case. A
    message is never timed differently by Meta, so its id stays.
    """
    telling = telling_of(tx, element)
    is_earlier = sourced.received_at_ms < seen.received_at_ms
    if telling == seen.telling and not is_earlier and element.sent_at_ms == seen.sent_at_ms:
        # Meta's time was believed at the earliest receipt, so it is at every other: all of it is known already.
        return Outcome.DUPLICATE
    at_ms, surely_ms = sourced.happened_at_ms, sourced.surely_at_ms
    person = observe(tx, element.party, at_ms=at_ms, surely_ms=surely_ms)
    is_news = person.news is not News.NOTHING
    if seen.contact is not None:
        is_news |= flag_other_person(tx, person, seen.contact)
    if element.identity_change is not None:
        is_news |= apply_identity_change(tx, person, element.identity_change, at_ms=at_ms, surely_ms=surely_ms)
    # As it lies now: what was just seen may have moved it.
    seen = tx.messages.by_dedup(seen.dedup) or seen
    new_rank = telling_rank(
        wire_type=clear_word(element.wire_type),
        via=element.via.value,
        received_at_ms=sourced.received_at_ms,
        telling=telling,
    )
    if new_rank < _rank(seen):
        _retell(tx, seen, element, person, sourced, telling=telling)
        is_completed = completes(seen.wire_type, element.wire_type)
        _note(tx, seen, element, sourced, done="completed" if is_completed else "retold")
        return Outcome.APPLIED if is_completed else Outcome.DUPLICATE
    if is_news:
        _note(tx, seen, element, sourced, done="told_again")
    return Outcome.DUPLICATE


def _rank(seen: MessageRow) -> tuple[bool, int, int, bytes]:
    return telling_rank(
        wire_type=seen.wire_type, via=seen.via, received_at_ms=seen.received_at_ms, telling=seen.telling
    )


def _retell(
    tx: Tx, seen: MessageRow, element: MessageElement, person: Person, sourced: SourcedElement, *, telling: bytes
) -> None:
    message = new_message(
        tx,
        element,
        person,
        dedup=seen.dedup,
        sent_at_ms=sourced.happened_at_ms,
        received_at_ms=sourced.received_at_ms,
        source=(sourced.raw_event, element.position),
        telling=telling,
    )
    tx.threads.keep_unseen([seen.id], message.conversation)
    # Its row is known by what the first telling said of its time; the seal is bound to that id.
    tx.messages.retell(msgspec.structs.replace(message, id=seen.id))
    for thread in {seen.conversation, message.conversation}:
        tx.threads.recount(thread, not_opening=NOT_OPENING)


def _note(tx: Tx, seen: MessageRow, element: MessageElement, sourced: SourcedElement, *, done: str) -> None:
    data = {"raw_event": sourced.raw_event, "position": element.position, "type": element.type.value}
    tx.audit.append(AuditRecord(NORMALIZER, f"message.{done}", f"message:{seen.id}", data))
