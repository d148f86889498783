"""Two readings of names compared: equal by the rules, or apart by one thing that people leave out or get wrong.

Invariant: two readings that match have a key in common; see `name_views`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum

from lhwa.domain.intake.name_spelling import SLIP_LETTERS_MIN, is_slip, is_swap, modern
from lhwa.domain.intake.name_views import PAIRED_WORDS_MAX, Reading
from lhwa.domain.intake.party_names import NameWord, PartyKind

_ALONE_LETTERS_MIN = 7
"""A name of one word must be this long before a slip in it is thought of."""


class Strength(IntEnum):
    """How much speaks for one and the same party; a higher number is more."""

    WEAK = 1
    """Worth a look: an initial, a shortened name, an abbreviation."""
    SIMILAR = 2
    """One slip, or one word left out."""
    SAME_AFTER_RULES = 3
    """Equal after spelling, titles, degrees and the order of words."""
    EXACT = 4
    """Equal but for capitals, accents and punctuation."""


@dataclass(frozen=True, slots=True, repr=False)
class Likeness:
    """How alike two readings are, and why: short sentences for a lawyer."""

    strength: Strength
    reasons: tuple[str, ...] = ()

    def at_most(self, strength: Strength, *reasons: str) -> Likeness:
        """The same with less strength and more reasons."""
        return Likeness(min(self.strength, strength), self.reasons + reasons)


def compare(one: Reading, other: Reading) -> Likeness | None:
    """How alike two readings are; None when they are different."""
    likeness = _words(one, other)
    if likeness is None or (one.muhammad is None and other.muhammad is None):
        return likeness
    if one.muhammad is not None and other.muhammad is not None:
        texts = one.muhammad.text, other.muhammad.text
        if texts[0] == texts[1]:
            return likeness
        return likeness.at_most(Strength.SAME_AFTER_RULES, f"{one.muhammad.shown} = {other.muhammad.shown} (Muhammad)")
    reason = "Muhammad in one name only"
    if len(one.words) > 1:
        return likeness.at_most(Strength.SIMILAR, reason)
    return likeness.at_most(Strength.WEAK, reason) if one.is_telling(one.codes[0]) else None


def _words(one: Reading, other: Reading) -> Likeness | None:
    if sorted(one.codes) == sorted(other.codes):
        return _equal(one, other)
    if one.whole == other.whole and len(one.words) != len(other.words):
        return Likeness(Strength.SAME_AFTER_RULES, ("spaces in other places",))
    rest, rest_of_other = _rest(one, other), _rest(other, one)
    same = list((Counter(one.codes) & Counter(other.codes)).elements())
    if len(rest) + len(rest_of_other) == 1 and len(same) > 1:
        longer, left_over = (one, rest[0]) if rest else (other, rest_of_other[0])
        return _left_out(longer, left_over, same)
    if len(rest) != len(rest_of_other):
        return None
    telling = [code for code in same if one.is_telling(code)]
    if len(rest) == 1 and _is_slip(rest[0], rest_of_other[0], same=same, is_telling=bool(telling)):
        return _slip(rest[0], rest_of_other[0], is_alone=not same)
    return _initials(rest, rest_of_other, telling, words_count=len(one.words))


def _equal(one: Reading, other: Reading) -> Likeness:
    if [word.text for word in one.words] == [word.text for word in other.words]:
        return Likeness(Strength.EXACT)
    reasons = [
        _spelling(word, twin)
        for word, twin in zip(
            sorted(one.words, key=lambda word: (word.code, word.text)),
            sorted(other.words, key=lambda word: (word.code, word.text)),
            strict=True,
        )
        if word.text != twin.text
    ]
    if one.codes != other.codes:
        reasons.append("order of words")
    return Likeness(Strength.SAME_AFTER_RULES, tuple(reasons))


def _spelling(one: NameWord, other: NameWord) -> str:
    if one.base == other.base:
        return f"short form: {one.shown} = {other.shown}"
    is_old = (modern(one.text) == one.text) != (modern(other.text) == other.text)
    return f"{'old ' if is_old else ''}spelling: {one.shown} = {other.shown}"


def _rest(one: Reading, other: Reading) -> list[NameWord]:
    """The words of one that the other has not."""
    there = Counter(other.codes)
    rest = []
    for word in one.words:
        if there[word.code]:
            there[word.code] -= 1
        else:
            rest.append(word)
    return rest


def _left_out(longer: Reading, word: NameWord, same: list[str]) -> Likeness | None:
    if not any(longer.is_telling(code) for code in same):
        return None
    reason = f"left out in one name: {word.shown}"
    is_person = longer.kind is PartyKind.PERSON
    is_middle = longer.words[0] is not word and longer.words[-1] is not word
    return Likeness(Strength.SIMILAR if is_person and is_middle else Strength.WEAK, (reason,))


def _is_slip(one: NameWord, other: NameWord, *, same: list[str], is_telling: bool) -> bool:
    """Whether two words differ by one slip, as they sound or as they are written: Sagayo, Saagyo."""
    if is_slip(one.code, other.code, letters_min=SLIP_LETTERS_MIN if same else _ALONE_LETTERS_MIN):
        return True
    # As written, the sounds may be further apart than the keys of one frequent word allow for.
    is_found = (len(same) > 1 or is_telling) and one.code[0] == other.code[0]
    return is_found and is_slip(one.base, other.base)


def _slip(one: NameWord, other: NameWord, *, is_alone: bool) -> Likeness:
    reason = f"one letter typed differently: {one.shown}, {other.shown}"
    # A letter in place of another may just as well be another name: Sugianto, Sudianto.
    is_swapped = len(one.base) == len(other.base) and is_swap(one.base, other.base)
    is_replaced = len(one.code) == len(other.code) and not is_swap(one.code, other.code)
    is_weak = is_alone or (is_replaced and not is_swapped)
    return Likeness(Strength.WEAK if is_weak else Strength.SIMILAR, (reason,))


def _initials(
    rest: list[NameWord], rest_of_other: list[NameWord], telling: list[str], *, words_count: int
) -> Likeness | None:
    """One name has initials where the other has words: A. B. Contoh, Agus Budi Contoh."""
    # Two initials in a long name are no longer sure to leave a pair of words to find it by.
    if not telling or len(rest) > 2 or (len(rest) == 2 and words_count > PAIRED_WORDS_MAX):
        return None
    short, long = (rest, rest_of_other) if all(word.is_initial for word in rest) else (rest_of_other, rest)
    if not all(word.is_initial for word in short):
        return None
    if sorted(word.code[0] for word in short) != sorted(word.code[0] for word in long):
        return None
    pairs = " ".join(word.shown for word in short), " ".join(word.shown for word in long)
    return Likeness(Strength.WEAK, (f"initials: {pairs[0]} = {pairs[1]}",))
