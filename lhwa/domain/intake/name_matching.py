"""`match`: whether two names may name the same party, how strongly, and why, for the check of conflicts of interest.

A name that is found wrongly costs a lawyer a glance; one that is missed may cost the mandate. So rules lean towards
finding, tell their strength, and give their reasons. Nothing here decides: a lawyer does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from lhwa.domain.intake.name_views import Reading, all_readings, blocking_keys, readings, short_names
from lhwa.domain.intake.name_words import DEGREES
from lhwa.domain.intake.party_names import PartyKind, PartyName, parse
from lhwa.domain.intake.reading_matches import Likeness, Strength, compare

_DOTTED = {"phd": "Ph.D.", "llm": "LL.M.", "llb": "LL.B.", "kh": "K.H.", "ra": "R.A.", "drg": "drg.", "drh": "drh."}
__all__ = ["NameMatch", "PartyKind", "PartyName", "Strength", "blocking_keys", "match", "parse"]


@dataclass(frozen=True, slots=True, repr=False)
class NameMatch:
    """Two names may name the same party."""

    strength: Strength
    reasons: tuple[str, ...]
    """Short sentences for a lawyer; they quote words of the names."""


def match(a: PartyName, b: PartyName) -> NameMatch | None:
    """Whether two names may name the same party; None when they do not. The order of the two is of no matter."""
    one, other = sorted((a, b), key=lambda name: (name.text, name.kind, [alias.text for alias in name.aliases]))
    found: list[Likeness] = []
    for (index, first), (at, second) in product(enumerate((one, *one.aliases)), enumerate((other, *other.aliases))):
        likeness = _best(_names(first, second))
        if likeness is not None:
            is_by_alias = bool(index or at)
            found.append(likeness.at_most(Strength.SAME_AFTER_RULES, "by an alias") if is_by_alias else likeness)
    best = _best(iter(found))
    return None if best is None else NameMatch(best.strength, best.reasons)


def _best(likenesses: Iterator[Likeness]) -> Likeness | None:
    """The strongest; of these the one that needs the fewest reasons."""
    return max(likenesses, key=lambda each: (each.strength, -len(each.reasons), each.reasons), default=None)


def _names(one: PartyName, other: PartyName) -> Iterator[Likeness]:
    if one.kind is not other.kind:
        yield from _across(one, other)
    elif one.kind is PartyKind.ORGANISATION:
        yield from _organisations(one, other)
    elif not _of_other_sex(one, other):
        for likeness in _people(one, other):
            yield _with_left_out(likeness, one, other)


def _of_other_sex(one: PartyName, other: PartyName) -> bool:
    """I Made and Ni Made, bin and binti: brother and sister."""
    marks = {one.sex_mark, other.sex_mark} - {None}
    descents = {one.descent, other.descent}
    return len(marks) > 1 or descents == {"bin", "binti"}


def _people(one: PartyName, other: PartyName) -> Iterator[Likeness]:
    if one.father and other.father:
        father = _best(_any(readings(one.father, one.kind), readings(other.father, other.kind)))
        if father is not None:
            for likeness in _any(readings(one.given, one.kind), readings(other.given, other.kind)):
                yield likeness.at_most(father.strength, *father.reasons)
        if not (one.middle or other.middle):
            return
    for likeness in _any(readings(one.whole, one.kind), readings(other.whole, other.kind)):
        yield (
            likeness
            if one.descent == other.descent
            else likeness.at_most(Strength.SAME_AFTER_RULES, f"'{one.descent or other.descent}' in one name only")
        )
    if bool(one.father) != bool(other.father):
        for likeness in _any(_alone(one), _alone(other)):
            yield likeness.at_most(Strength.SIMILAR, "the father is named in one name only")


def _alone(name: PartyName) -> tuple[Reading, ...]:
    """The given name without the father's, where it says something by itself."""
    found = readings(name.given, name.kind)
    return tuple(each for each in found if len(each.words) > 1 or each.is_telling(each.codes[0]))


def _any(ones: tuple[Reading, ...], others: tuple[Reading, ...]) -> Iterator[Likeness]:
    for one, other in product(ones, others):
        likeness = compare(one, other)
        if likeness is not None:
            yield likeness


def _with_left_out(likeness: Likeness, one: PartyName, other: PartyName) -> Likeness:
    for what, words, words_of_other in (
        ("titles", one.titles, other.titles),
        ("degrees", one.degrees, other.degrees),
    ):
        if set(words) != set(words_of_other):
            told = ", ".join(map(_dotted, sorted({*words} ^ {*words_of_other})))
            likeness = likeness.at_most(Strength.SAME_AFTER_RULES, f"{what} left out: {told}")
    if one.sex_mark != other.sex_mark:
        mark = (one.sex_mark or other.sex_mark or "").capitalize()
        likeness = likeness.at_most(Strength.SAME_AFTER_RULES, f"'{mark}' in one name only")
    return likeness


def _dotted(word: str) -> str:
    """A title or degree as it is written: S.H., M.Kn., Prof."""
    if word in _DOTTED:
        return _DOTTED[word]
    if word in DEGREES and word[0] in "sm" and len(word) > 1:
        return f"{word[0].upper()}.{word[1:].capitalize()}."
    return f"{word.capitalize()}."


def _organisations(one: PartyName, other: PartyName) -> Iterator[Likeness]:
    for likeness in _any(all_readings(one), all_readings(other)):
        yield _with_forms(_with_weak_words(likeness, one, other), one, other)
    short = set(short_names(one)) & set(short_names(other))
    if short and bool(one.initials) != bool(other.initials):
        yield Likeness(Strength.WEAK, (f"{min(short).upper()} may stand for the initials of the other name",))


def _with_weak_words(likeness: Likeness, one: PartyName, other: PartyName) -> Likeness:
    told = ", ".join(sorted({*one.left_out} ^ {*other.left_out}))
    return likeness.at_most(Strength.SAME_AFTER_RULES, f"left out: {told}") if told else likeness


def _with_forms(likeness: Likeness, one: PartyName, other: PartyName) -> Likeness:
    if set(one.forms) == set(other.forms):
        return likeness
    if not one.forms or not other.forms:
        return likeness.at_most(Strength.SAME_AFTER_RULES, "the legal form is in one name only")
    told = f"{' '.join(one.forms)}, {' '.join(other.forms)}"
    return likeness.at_most(Strength.WEAK, f"different legal forms: {told}")


def _across(one: PartyName, other: PartyName) -> Iterator[Likeness]:
    """A company that bears a person's name, or one that somebody wrote without its legal form."""
    for likeness in _any(all_readings(one), all_readings(other)):
        if likeness.strength >= Strength.SAME_AFTER_RULES:
            yield likeness.at_most(Strength.WEAK, "one is a person or has no legal form, the other is an organisation")
