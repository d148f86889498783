"""Whose message this is: contacts by their strongest identifier, threads by person, and noticing changed identities.

What names a user id belongs to the contact of that user id. What names only a number belongs into the thread of the
user id that WhatsApp itself named together with this number; a number that passed on to somebody else leads to the new
one from then on, and never opens the thread of the one before. Two user ids on one number, two numbers of one user
id, and whatever a system message tells of a change raise a flag that pauses confidential sends; no thread is joined for
them, because numbers get recycled and only a person can say that it is the same client.

Invariants: contacts are never merged; everything here follows from the set of facts and their event times, so any order
of arrival ends in the same rows. A fact that comes late moves messages into the thread where they would have gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.contacts import Link, Sighting, folded_profile, holder, is_stronger
from lhwa.domain.elements import IdentityChange, Party
from lhwa.domain.ids import ContactId, ConversationId, MessageId, short_id
from lhwa.domain.instants import UNIX_MS_MAX
from lhwa.errors import PoisonError, SealError
from lhwa.services.messaging.rules import NOT_OPENING, aliases, change_reason
from lhwa.store.tables.contacts import News
from lhwa.store.transaction import Tx


class Person(msgspec.Struct, frozen=True):
    """Somebody whom an element names."""

    contact: ContactId
    """Of the strongest identifier."""
    kind: str
    hash: bytes
    news: News = News.NOTHING
    """What the element added to what was known."""


def observe(tx: Tx, party: Party, *, at_ms: int, surely_ms: int) -> Person:
    """Take in that these identifiers and names were seen together at some time.

    Args:
        at_ms: when, as far as we know.
        surely_ms: the same when Meta told it, else 0: what has no time of its own is never the newest.

    Raises: PoisonError when nothing identifies the party.
    """
    named = _hashes(tx, party)
    person = _strongest(tx, named)
    news = tx.contacts.sighted(person.contact, party, first_ms=at_ms, last_ms=surely_ms)
    if news is News.NEW:
        _add(tx, person, party, named, first_ms=at_ms, last_ms=surely_ms)
    if news is News.NEW or news is News.EARLIER:
        for kind, alias_hash in named.items():
            _link(tx, person, kind, alias_hash, at_ms=at_ms)
    if news is News.LATER:
        for kind, alias_hash in named.items():
            if kind != person.kind and len(tx.contacts.links(kind, alias_hash)) > 1:
                _put_in_place(tx, Person(tx.contacts.own_id(kind, alias_hash), kind, alias_hash))
    return Person(person.contact, person.kind, person.hash, news)


def thread_contact(tx: Tx, person: Person, *, at_ms: int) -> ContactId:
    """In whose thread a message of this person belongs that was sent at some time."""
    if person.kind == "bsuid":
        return person.contact
    return _held_by(tx, person, [*_stronger(tx, person)], at_ms=at_ms)


def conversation_with(tx: Tx, contact: ContactId, *, phone_number_id: str) -> ConversationId:
    """The thread with a person on one of the firm's numbers, opened when there is none."""
    known = tx.conversations.find(phone_number_id, contact=contact)
    if known is not None:
        return known
    conversation = ConversationId(short_id(tx.vault.blind("conversation", phone_number_id, contact)))
    tx.conversations.add(conversation, phone_number_id, contact=contact, group_hash=None)
    return conversation


def known_contact(tx: Tx, party: Party) -> ContactId | None:
    """The contact in whose thread a party is now, if one exists; changes nothing."""
    for kind, alias_hash in _hashes(tx, party).items():
        person = Person(tx.contacts.own_id(kind, alias_hash), kind, alias_hash)
        found = thread_contact(tx, person, at_ms=UNIX_MS_MAX)
        if tx.contacts.row(found) is not None:
            return found
    return None


def profile_of(tx: Tx, contact: ContactId) -> Party:
    """What is known of the person whose threads are this contact's; SealError when a key was destroyed."""
    facts: list[Sighting] = []
    for part in tx.contacts.parts(contact):
        sightings = tx.contacts.sightings(part)
        if part == contact:
            facts += sightings
            continue
        person = person_of(tx, part)
        if person is not None:
            facts += (fact for fact in sightings if thread_contact(tx, person, at_ms=fact.last_ms) == contact)
    return folded_profile(facts)


def apply_identity_change(tx: Tx, person: Person, change: IdentityChange, *, at_ms: int, surely_ms: int) -> bool:
    """Take in what a system message says about a person: the new identifiers are aliases, and somebody must look.

    No thread is joined: what follows under the new identifiers has a thread of its own until a person decided.
    Returns True when it was news.
    """
    named = _hashes(tx, change.current)
    current = person if not named else observe(tx, change.current, at_ms=at_ms, surely_ms=surely_ms)
    is_news = current.news is not News.NOTHING
    before = _hashes(tx, change.previous)
    changed = [kind for kind in named if kind != "parent_bsuid" and named[kind] != before.get(kind)]
    for kind in changed:
        if current.contact != person.contact:
            news = tx.contacts.link(person.contact, kind, named[kind], how="told", since_ms=at_ms)
            is_news |= news is not News.NOTHING
            if news is News.NEW:
                _note_alias(tx, person.contact, kind)
            if news is not News.NOTHING:
                _hand_over(tx, kind, named[kind], flagged={person.contact, current.contact})
    if "wa_id" in changed and "wa_id" in before:
        # From the next moment on the old number is nobody's whom we know.
        news = tx.contacts.link(person.contact, "wa_id", before["wa_id"], how="told", since_ms=at_ms + 1)
        is_news |= news is not News.NOTHING
        if news is not News.NOTHING:
            _hand_over(tx, "wa_id", before["wa_id"], flagged={person.contact, current.contact})
    reasons = [change_reason(kind) for kind in changed] or ["identity_changed"]
    for reason in dict.fromkeys(reasons):
        is_news |= _flag_both(tx, person.contact, current.contact, reason)
    return is_news


def flag_other_person(tx: Tx, person: Person, other: ContactId) -> bool:
    """One message names two people of one kind: somebody must look. True when it was news."""
    row = None if other == person.contact else tx.contacts.row(other)
    return (
        row is not None and row.kind == person.kind and _flag_both(tx, person.contact, other, change_reason(row.kind))
    )


def person_of(tx: Tx, contact: ContactId) -> Person | None:
    """The contact as somebody who was named, if it exists."""
    row = tx.contacts.row(contact)
    return None if row is None else _person(tx, contact, row.kind)


def _hashes(tx: Tx, party: Party) -> dict[str, bytes]:
    return {kind: tx.contacts.alias_hash(kind, value) for kind, value in aliases(party).items()}


def _strongest(tx: Tx, named: dict[str, bytes]) -> Person:
    for kind, alias_hash in named.items():
        return Person(tx.contacts.own_id(kind, alias_hash), kind, alias_hash)
    raise PoisonError("no_identity")


def _person(tx: Tx, contact: ContactId, kind: str) -> Person | None:
    # A contact was seen with exactly one identifier of its own kind: the one that its id follows from.
    found = tx.contacts.hashes(contact, kind)
    return Person(contact, kind, found[0]) if found else None


def _add(tx: Tx, person: Person, party: Party, named: dict[str, bytes], *, first_ms: int, last_ms: int) -> None:
    if tx.contacts.row(person.contact) is not None:
        tx.contacts.see(person.contact, party, first_ms=first_ms, last_ms=last_ms)
        return
    tx.contacts.add(person.contact, party, at_ms=first_ms, last_ms=last_ms)
    record = AuditRecord(NORMALIZER, "contact.created", f"contact:{person.contact}", {"aliases": sorted(named)})
    tx.audit.append(record)
    if person.kind != "bsuid" and tx.contacts.handovers(person.kind, person.hash):
        _flag(tx, person.contact, change_reason(person.kind))


def _link(tx: Tx, person: Person, kind: str, alias_hash: bytes, *, at_ms: int) -> None:
    news = tx.contacts.link(person.contact, kind, alias_hash, how="seen", since_ms=at_ms)
    if news is News.NOTHING or kind == person.kind:
        return
    seen_with = tx.contacts.links(kind, alias_hash)
    if news is News.NEW:
        _note_alias(tx, person.contact, kind)
        for link in seen_with:
            if link.kind == person.kind and link.contact != person.contact:
                _flag_both(tx, person.contact, link.contact, change_reason(person.kind))
        if len(tx.contacts.hashes(person.contact, kind)) > 1:
            _flag(tx, person.contact, change_reason(kind))
    if len(seen_with) > 1:
        # Nothing else can have been in a thread because of this identifier.
        _put_in_place(tx, Person(tx.contacts.own_id(kind, alias_hash), kind, alias_hash))


def _hand_over(tx: Tx, kind: str, alias_hash: bytes, *, flagged: set[ContactId]) -> None:
    own = Person(tx.contacts.own_id(kind, alias_hash), kind, alias_hash)
    if own.contact not in flagged and tx.contacts.row(own.contact) is not None:
        _flag(tx, own.contact, change_reason(kind))
    if kind != "bsuid":
        _put_in_place(tx, own)


def _put_in_place(tx: Tx, weaker: Person) -> None:
    """Move what names only this identifier to where it belongs, now that more is known of it."""
    _move_messages(tx, weaker)
    if weaker.kind == "wa_id":
        for parent_hash in tx.contacts.hashes(weaker.contact, "parent_bsuid"):
            _move_messages(tx, Person(tx.contacts.own_id("parent_bsuid", parent_hash), "parent_bsuid", parent_hash))


def _move_messages(tx: Tx, person: Person) -> None:
    links = _stronger(tx, person)
    among = {person.contact, *_reachable(tx, links)}
    moves: dict[tuple[ConversationId, str, ContactId], list[MessageId]] = {}
    for message in tx.threads.of_contact(person.contact, among=among):
        wanted = _held_by(tx, person, links, at_ms=message.sent_at_ms)
        if wanted != message.contact:
            key = (message.conversation, message.phone_number_id, wanted)
            moves.setdefault(key, []).append(message.message)
    for (old, number, wanted), messages in moves.items():
        new = conversation_with(tx, wanted, phone_number_id=number)
        move_messages(tx, messages, old=old, new=new)


def move_messages(tx: Tx, messages: Sequence[MessageId], *, old: ConversationId, new: ConversationId) -> None:
    """Put messages into another thread, and say so."""
    tx.threads.move(messages, new)
    for thread in (old, new):
        tx.threads.recount(thread, not_opening=NOT_OPENING)
    data = {"to": new, "messages": len(messages)}
    tx.audit.append(AuditRecord(NORMALIZER, "conversation.split", f"conversation:{old}", data))


def _stronger(tx: Tx, person: Person) -> list[Link]:
    return [link for link in tx.contacts.links(person.kind, person.hash) if is_stronger(link.kind, person.kind)]


def _held_by(tx: Tx, person: Person, links: Sequence[Link], *, at_ms: int) -> ContactId:
    cuts = tx.contacts.handovers(person.kind, person.hash) if links else ()
    found = holder(_with_last_times(tx, person, links), at_ms=at_ms, handovers=cuts)
    if found is None:
        return person.contact
    next_one = None if found.kind == "bsuid" else _person(tx, found.contact, found.kind)
    return found.contact if next_one is None else thread_contact(tx, next_one, at_ms=at_ms)


def _with_last_times(tx: Tx, person: Person, links: Sequence[Link]) -> Sequence[Link]:
    """Where several had an identifier, who had it last counts: it may have come back to the one before."""
    if len(links) < 2:
        return links
    return [replace(link, until_ms=_last_ms(tx, link.contact, person)) for link in links]


def _last_ms(tx: Tx, contact: ContactId, weaker: Person) -> int:
    try:
        facts = tx.contacts.sightings(contact)
    except SealError:
        return 0
    return max((fact.last_ms for fact in facts if _hashes(tx, fact.party).get(weaker.kind) == weaker.hash), default=0)


def _reachable(tx: Tx, links: Sequence[Link]) -> set[ContactId]:
    """Every contact in whose threads messages of this person can be now."""
    found = {link.contact for link in links}
    for link in links:
        next_one = None if link.kind == "bsuid" else _person(tx, link.contact, link.kind)
        if next_one is not None:
            found |= _reachable(tx, _stronger(tx, next_one))
    return found


def _note_alias(tx: Tx, contact: ContactId, kind: str) -> None:
    tx.audit.append(AuditRecord(NORMALIZER, "contact.alias_added", f"contact:{contact}", {"kind": kind}))


def _flag_both(tx: Tx, one: ContactId, other: ContactId, reason: str) -> bool:
    if one == other:
        return _flag(tx, one, reason)
    flagged = [_flag(tx, one, reason, other=other), _flag(tx, other, reason, other=one)]
    return any(flagged)


def _flag(tx: Tx, contact: ContactId, reason: str, *, other: str = "") -> bool:
    if not tx.contacts.flag(contact, reason, other=other):
        return False
    data = {"reason": reason} | ({"other": other} if other else {})
    tx.audit.append(AuditRecord(NORMALIZER, "contact.flagged", f"contact:{contact}", data))
    return True
