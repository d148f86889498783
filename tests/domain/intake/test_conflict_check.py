"""The check of conflicts of interest over an index that knows nothing but equal keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from lhwa.domain.intake.conflict_check import find_conflicts
from lhwa.domain.intake.name_matching import PartyName, Strength, blocking_keys, match, parse

KNOWN = {
    "a": "PT Tirta Contoh",
    "b": "Soegeng Contoh",
    "c": "Sugeng Contoh, S.H.",
    "d": "Sugeng C.",
    "e": "Sugeng Sample",
    "f": "Bambang alias Sugeng Contoh",
    "g": "sugeng contoh",
}


class HashedIndex:
    """Parties by the hashes of their keys."""

    def __init__(self, names: dict[str, str]) -> None:
        self.parties = {party_id: (parse(name), hashed(blocking_keys(parse(name)))) for party_id, name in names.items()}

    def sharing(self, keys: frozenset[str]) -> Iterable[tuple[str, PartyName]]:
        wanted = hashed(keys)
        return ((party_id, name) for party_id, (name, known) in self.parties.items() if known & wanted)


def hashed(keys: frozenset[str]) -> set[bytes]:
    return {hashlib.sha256(key.encode()).digest() for key in keys}


def test_hits_come_strongest_first_then_by_id() -> None:
    hits = find_conflicts(parse("Sugeng Contoh"), HashedIndex(KNOWN))
    assert [hit.party_id for hit in hits] == ["g", "b", "c", "f", "d"]
    assert [hit.match.strength for hit in hits] == [Strength.EXACT, *[Strength.SAME_AFTER_RULES] * 3, Strength.WEAK]


def test_the_order_on_file_is_of_no_matter() -> None:
    turned = dict(reversed(KNOWN.items()))
    name = parse("Sugeng Contoh")
    assert find_conflicts(name, HashedIndex(KNOWN)) == find_conflicts(name, HashedIndex(turned))


def test_the_index_misses_nothing_that_a_comparison_with_all_finds() -> None:
    for text in KNOWN.values():
        name = parse(text)
        everyone = {party_id for party_id, other in KNOWN.items() if match(name, parse(other)) is not None}
        assert {hit.party_id for hit in find_conflicts(name, HashedIndex(KNOWN))} == everyone


def test_a_name_without_words_finds_nobody() -> None:
    assert find_conflicts(parse(" , . "), HashedIndex(KNOWN)) == ()
