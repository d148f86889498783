"""Whose message this is: matching identifiers to contacts, and noticing when an identity changes.

Invariants: user id before number; contacts are never merged; a second number or user id of one person adds an alias,
raises a flag and pauses confidential sends, because numbers get recycled.
"""

from __future__ import annotations

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.elements import IdentityChange, Party
from lhwa.domain.ids import ContactId, short_id
from lhwa.errors import PoisonError
from lhwa.services.messaging.rules import aliases, change_reason, match, merged_profile
from lhwa.store.transaction import Tx


def resolve_contact(tx: Tx, party: Party, *, at_ms: int) -> ContactId:
    """The contact of a party, made when nobody has its identifiers yet.

    Raises: PoisonError when nothing identifies the party.
    """
    named = aliases(party)
    if not named:
        raise PoisonError("no_identity")
    found = match({kind: tx.contacts.by_alias(kind, value) for kind, value in named.items()})
    if found.contact is None:
        return _add_contact(tx, party, named, at_ms=at_ms)
    contact = found.contact
    had = tx.contacts.alias_kinds(contact)
    for kind in found.new:
        tx.contacts.add_alias(contact, kind, named[kind])
        tx.audit.append(AuditRecord(NORMALIZER, "contact.alias_added", f"contact:{contact}", {"kind": kind}))
        if kind in had:
            _flag(tx, contact, change_reason(kind))
    for other in found.others:
        _flag(tx, contact, "several_match", other=other)
        _flag(tx, other, "several_match", other=contact)
    _learn(tx, contact, party, at_ms=at_ms)
    return contact


def known_contact(tx: Tx, party: Party) -> ContactId | None:
    """The contact of a party if one exists; changes nothing."""
    return match({kind: tx.contacts.by_alias(kind, value) for kind, value in aliases(party).items()}).contact


def apply_identity_change(tx: Tx, contact: ContactId, change: IdentityChange, *, at_ms: int) -> None:
    """Take over what a system message says about a person: new identifiers become aliases, and a person must look."""
    named = aliases(change.current)
    known = {kind: tx.contacts.by_alias(kind, value) for kind, value in named.items()}
    for kind, owner in known.items():
        if owner is None:
            tx.contacts.add_alias(contact, kind, named[kind])
            tx.audit.append(AuditRecord(NORMALIZER, "contact.alias_added", f"contact:{contact}", {"kind": kind}))
        elif owner != contact:
            _flag(tx, contact, "several_match", other=owner)
            _flag(tx, owner, "several_match", other=contact)
    before = aliases(change.previous)
    changed = [kind for kind in known if kind != "parent_bsuid" and named[kind] != before.get(kind)]
    reasons = [change_reason(kind) for kind in changed] or ["identity_changed"]
    for reason in dict.fromkeys(reasons):
        _flag(tx, contact, reason)
    _learn(tx, contact, change.current, at_ms=at_ms)


def _add_contact(tx: Tx, party: Party, named: dict[str, str], *, at_ms: int) -> ContactId:
    kind, value = next(iter(named.items()))
    contact = ContactId(short_id(tx.vault.blind("contact", kind, value)))
    tx.contacts.add(contact, party, at_ms=at_ms)
    for alias, text in named.items():
        tx.contacts.add_alias(contact, alias, text)
    tx.audit.append(AuditRecord(NORMALIZER, "contact.created", f"contact:{contact}", {"aliases": sorted(named)}))
    return contact


def _flag(tx: Tx, contact: ContactId, reason: str, *, other: str = "") -> None:
    if tx.contacts.flag(contact, reason, other=other):
        data = {"reason": reason} | ({"other": other} if other else {})
        tx.audit.append(AuditRecord(NORMALIZER, "contact.flagged", f"contact:{contact}", data))


def _learn(tx: Tx, contact: ContactId, party: Party, *, at_ms: int) -> None:
    row = tx.contacts.row(contact)
    if row is None:
        return
    old = tx.contacts.profile(contact)
    new = merged_profile(old, party, is_newer=at_ms >= row.profile_at_ms)
    if new != old:
        tx.contacts.set_profile(contact, new, at_ms=at_ms)
    elif at_ms > row.profile_at_ms:
        tx.contacts.confirm_profile(contact, at_ms=at_ms)
