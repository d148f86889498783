"""What keeps messages from a contact, as people and clients say it: opt-outs, blocks, holds, and stopped marketing."""

from __future__ import annotations

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import NORMALIZER, AuditRecord, operator_actor, operator_of
from lhwa.domain.elements import PlatformElement
from lhwa.domain.gates import Rule
from lhwa.domain.ids import ContactId
from lhwa.domain.instants import rfc3339_ms
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.services.messaging.addressing import contact_named
from lhwa.services.messaging.blocking import ask_for_block, ask_for_release
from lhwa.services.messaging.decisions import reason_of_hold
from lhwa.services.messaging.outbox_views import masked_contact
from lhwa.services.messaging.reasons import checked_reason
from lhwa.services.messaging.views import note_read
from lhwa.store.gate_facts import restrictions_of
from lhwa.store.tables.restrictions import Restriction
from lhwa.store.transaction import Tx

OPT_OUT, BLOCKED, HOLD, MARKETING_STOP = "opt_out", "blocked", "outbound_hold", "marketing_stop"
IDENTITY = Rule.IDENTITY.value
"""A changed number or user id: it comes from Meta alone, and a person who made sure who is there lifts it."""
BY_PEOPLE = (OPT_OUT, BLOCKED, HOLD)


class AtMeta(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What Meta said of a block on one of the firm's numbers."""

    phone_number_id: str
    state: str
    error_code: int | None = None


class HoldView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thing that keeps messages from a contact now."""

    contact_id: str
    contact: str | None = None
    """Masked; absent without the right to read content."""
    kind: str
    since: str
    source: str
    """The operator, or the event that says so."""
    operator: str | None = None
    """Absent when no person put it there."""
    reason: str | None = None
    """As the operator gave it; absent for roles that may read neither content nor the audit log."""
    at_meta: tuple[AtMeta, ...] = ()
    """Of a block: whether Meta keeps the contact from writing, on each number that they wrote to."""


def add_hold(tx: Tx, principal: Principal, contact: str, kind: str, *, reason: str) -> ContactId:
    """Keep messages from a contact; one who is blocked is kept from writing by Meta, too.

    A client's wish to be left alone may be noted by whoever writes to clients.
    Raises: ConflictError when it is so already; UsageError for a kind that people do not set.
    """
    principal.require(Permission.WRITE_TO_CLIENTS if kind == OPT_OUT else Permission.APPROVE_OUTBOUND)
    found, why = _named(tx, contact, kind, of=BY_PEOPLE), checked_reason(reason)
    is_new = tx.restrictions.begin(found, kind, source=operator_actor(principal.operator))
    # Said once more, it asks Meta again that did not do it the first time: the contact may have written since.
    is_asked = kind == BLOCKED and ask_for_block(tx, found)
    if not is_new and not is_asked:
        raise ConflictError("That is so already.", hint="See `lhwa hold list`.")
    _note(tx, principal, "contact.held", found, kind, why)
    return found


def release_hold(tx: Tx, principal: Principal, contact: str, kind: str, *, reason: str) -> ContactId:
    """Let messages to a contact leave again. Raises: ConflictError when nothing of the kind is in force."""
    principal.require(Permission.APPROVE_OUTBOUND)
    found, why = _named(tx, contact, kind, of=(*BY_PEOPLE, IDENTITY)), checked_reason(reason)
    if not (tx.contacts.confirm(found) if kind == IDENTITY else _end(tx, found, kind)):
        known = ", ".join(sorted(restrictions_of(tx, found)))
        hint = f"In force: {known}. Name it with --kind." if known else "See `lhwa hold list`."
        raise ConflictError("Nothing of this kind is in force.", hint=hint)
    if kind == BLOCKED:
        ask_for_release(tx, found)
    _note(tx, principal, "contact.released", found, kind, why)
    return found


def list_holds(tx: Tx, principal: Principal) -> list[HoldView]:
    """Everything that keeps messages from somebody now, oldest first."""
    principal.require(Permission.READ_RECORDS)
    found = tx.restrictions.in_force()
    found += [Restriction(row.contact, IDENTITY, row.since_ms, NORMALIZER) for row in tx.contacts.paused()]
    note_read(tx, principal, "contact.read", f"firm:{tx.tenant}", {"count": len(found)})
    return _views(tx, principal, found)


def holds_of(tx: Tx, principal: Principal, contact: ContactId) -> list[HoldView]:
    """Everything that keeps messages from one person now, oldest first, whichever of their identifiers it was said of.

    Whoever shows it records that somebody looked.
    """
    parts = dict.fromkeys([contact, *tx.contacts.parts(contact)])
    found = [row for part in parts for row in tx.restrictions.in_force(part)]
    flags = tx.contacts.open_flags(contact)
    if flags:
        found.append(Restriction(contact, IDENTITY, min(flag.since_ms for flag in flags), NORMALIZER))
    return _views(tx, principal, found)


def _views(tx: Tx, principal: Principal, found: list[Restriction]) -> list[HoldView]:
    may_read = principal.may(Permission.READ_CONTENT)
    return [
        HoldView(
            contact_id=row.contact,
            contact=masked_contact(tx, ContactId(row.contact)) if may_read else None,
            kind=row.kind,
            since=rfc3339_ms(row.since_ms),
            source=row.source,
            operator=operator_of(row.source),
            reason=None if operator_of(row.source) is None else reason_of_hold(tx, principal, row.contact, row.kind),
            at_meta=_at_meta(tx, ContactId(row.contact)) if row.kind == BLOCKED else (),
        )
        for row in sorted(found, key=lambda row: (row.since_ms, row.contact, row.kind, row.source))
    ]


def _at_meta(tx: Tx, contact: ContactId) -> tuple[AtMeta, ...]:
    found = tx.blocks.of({contact, *tx.contacts.parts(contact)})
    return tuple(
        AtMeta(phone_number_id=row.phone_number_id, state=row.state.value, error_code=row.error_code) for row in found
    )


def record_preference(tx: Tx, element: PlatformElement, contact: ContactId | None, *, at_ms: int, event: str) -> None:
    """A client stopped marketing messages, or wants them again. The newest word by Meta's time counts."""
    if element.field != "user_preferences" or contact is None:
        return
    word = element.event.lower()
    if word not in ("stop", "resume"):
        return
    if tx.restrictions.tell(contact, MARKETING_STOP, begins=word == "stop", at_ms=at_ms, source=event):
        data = {"kind": MARKETING_STOP, "word": word}
        tx.audit.append(AuditRecord(NORMALIZER, "contact.preference", f"contact:{contact}", data))


def _named(tx: Tx, contact: str, kind: str, *, of: tuple[str, ...]) -> ContactId:
    if kind not in of:
        raise UsageError("There is no such kind.", hint=f"One of: {', '.join(of)}.")
    found = contact_named(tx, contact)
    if tx.contacts.row(found) is None:
        raise NotAllowedError(NOT_YOURS)
    return found


def _end(tx: Tx, contact: ContactId, kind: str) -> bool:
    """End it for the person, whichever of their identifiers it was said of."""
    parts = {contact, *tx.contacts.parts(contact)}
    return sum(tx.restrictions.end(part, kind) for part in parts) > 0


def _note(tx: Tx, principal: Principal, action: str, contact: ContactId, kind: str, reason: str) -> None:
    data = {"kind": kind, "reason": reason}
    tx.audit.append(AuditRecord(operator_actor(principal.operator), action, f"contact:{contact}", data))
