"""People: which contact an identifier stands for at some time, and what is known of one.

A contact is made for the strongest identifier that something names: the user id, else the number, else the parent
user id. When a weaker identifier was seen together with a stronger one, WhatsApp itself said that they are one person;
what only names the weaker one then belongs into the thread of the stronger. A number can pass from person to person:
from the moment at which the next one was seen with it, it is theirs.

Invariants: every answer follows from the set of facts and their own times, never from the order in which we heard them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId

KINDS = ("bsuid", "wa_id", "parent_bsuid")
"""Identifiers in the order of trust."""
_STRENGTH = {kind: len(KINDS) - place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Link:
    """An identifier was seen together with a stronger one, which has this contact."""

    contact: ContactId
    kind: str
    """Of the stronger identifier."""
    since_ms: int
    """When that was said for the first time, by the time of the event."""
    until_ms: int = 0
    """When it was said for the last time; needed only where several had the identifier."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was said of a person, and from when to when."""

    party: Party = field(repr=False)
    first_ms: int
    last_ms: int


def is_stronger(kind: str, other: str) -> bool:
    """True when the first kind of identifier is trusted before the second."""
    return _STRENGTH[kind] > _STRENGTH[other]


def holder(links: Sequence[Link], *, at_ms: int, handovers: Sequence[int] = ()) -> Link | None:
    """Whose an identifier was at some time: of the one who was seen with it last before, else of the first one ever.

    Only the most trusted kind counts. None when it was never seen with a stronger identifier, or when a system message
    told of a handover between that sighting and the time that is asked for.
    """
    if not links:
        return None
    strongest = max((_STRENGTH[link.kind] for link in links), default=0)
    seen = sorted(
        (
            (moment, link.contact, link)
            for link in links
            if _STRENGTH[link.kind] == strongest
            for moment in {link.since_ms, max(link.since_ms, link.until_ms)}
        ),
        key=lambda each: each[:2],
    )
    before = [each for each in seen if each[0] <= at_ms]
    moment, _, found = before[-1] if before else seen[0]
    is_cut = any(moment < cut <= at_ms or at_ms < cut <= moment for cut in handovers)
    return None if is_cut else found


def folded_profile(sightings: Iterable[Sighting]) -> Party:
    """What is known of a person. Names: the newest. Identifiers: the first, until a person has reviewed a change.

    Numbers get recycled: another one is an alias with a flag. Equal times are told apart by the text itself.
    """
    facts = list(sightings)
    return Party(
        wa_id=_first((fact.first_ms, fact.party.wa_id) for fact in facts),
        bsuid=_first((fact.first_ms, fact.party.bsuid) for fact in facts),
        parent_bsuid=_first((fact.first_ms, fact.party.parent_bsuid) for fact in facts),
        username=_newest((fact.last_ms, fact.party.username) for fact in facts),
        profile_name=_newest((fact.last_ms, fact.party.profile_name) for fact in facts),
        identity_key_hash=_newest((fact.last_ms, fact.party.identity_key_hash) for fact in facts),
    )


def _first(values: Iterable[tuple[int, str | None]]) -> str | None:
    return min(((at_ms, text) for at_ms, text in values if text), default=(0, None))[1]


def _newest(values: Iterable[tuple[int, str | None]]) -> str | None:
    return max(((at_ms, text) for at_ms, text in values if text), default=(0, None))[1]
