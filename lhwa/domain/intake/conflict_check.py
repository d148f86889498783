"""The check of conflicts of interest: which parties that the firm knows may be the one that is named now.

The parties lie in an index by the HMACs of their blocking keys. The check asks it for those that share a key, compares
each of them by the rules, and returns the hits in a fixed order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from lhwa.domain.intake.name_matching import NameMatch, PartyName, blocking_keys, match


class PartyIndex(Protocol):
    """Parties by their keys. It keeps no key in clear text: it hashes those that it is given under a firm's secret."""

    def sharing(self, keys: frozenset[str]) -> Iterable[tuple[str, PartyName]]:
        """Id and name of every party with at least one of these keys, each once, in any order."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A party that may be the one that was asked for; nobody has decided that it is."""

    party_id: str
    match: NameMatch


def find_conflicts(name: PartyName, index: PartyIndex) -> tuple[Hit, ...]:
    """Every party that may be this one, the strongest first, then by id."""
    found = ((party_id, match(name, known)) for party_id, known in index.sharing(blocking_keys(name)))
    hits = (Hit(party_id, matched) for party_id, matched in found if matched is not None)
    return tuple(sorted(hits, key=lambda hit: (-hit.match.strength, hit.party_id)))
