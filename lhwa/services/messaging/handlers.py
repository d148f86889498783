"""Transaction functions: one webhook element becomes rows, events and audit records, exactly once.

Invariants: everything an element causes happens in one transaction, guarded by a UNIQUE key over the element's own
identity; ids of rows follow from the element, so that a replay into an empty home builds the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from lhwa.domain.audit import NORMALIZER, WORKER, AuditRecord
from lhwa.domain.elements import (
    MessageElement,
    PlatformElement,
    PoisonElement,
    StatusElement,
)
from lhwa.domain.ids import ulid
from lhwa.domain.jobs import JobKind
from lhwa.errors import PoisonError
from lhwa.services.messaging.element_keys import letter_digest
from lhwa.services.messaging.record_message import record_message
from lhwa.services.messaging.record_platform import record_platform
from lhwa.services.messaging.record_status import record_status
from lhwa.services.messaging.sourced import (
    DEDUP_BYTES,
    SOURCED_DECODER,
    SOURCED_ENCODER,
    Outcome,
    SourcedElement,
)
from lhwa.store.connection import is_storage_failure
from lhwa.store.transaction import Tx


def apply_batch(tx: Tx, batch: Sequence[SourcedElement]) -> list[Outcome]:
    """Apply elements one by one, each all or nothing; a failing one costs its neighbours nothing.

    Raises: errors of the disk, on which the whole batch is undone and tried again.
    """
    return [_apply_apart(tx, sourced) for sourced in batch]


def apply_element(tx: Tx, sourced: SourcedElement) -> Outcome:
    """Apply one element, whatever it is. Raises PoisonError when no retry could help."""
    match sourced.element:
        case MessageElement():
            return record_message(tx, sourced.element, sourced)
        case StatusElement():
            return record_status(tx, sourced.element, sourced)
        case PlatformElement():
            return record_platform(tx, sourced.element, sourced)
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
    digest = letter_digest(tx, element, kind=kind, raw_event=sourced.raw_event)
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
