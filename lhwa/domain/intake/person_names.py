"""A person's name taken apart: titles, degrees, the Balinese mark, the given name and the father's name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lhwa.domain.intake import name_words as words_of

_PIECE = re.compile(r"(?P<word>[^\W_]+)(?P<dot>\.?)")
_DOTTED_DEGREE = re.compile(r"(?:sp|[smad])\.\s?(?:[a-z]{1,5}\.?\s?){0,2}[a-z]{2,5}\.?")
"""A degree that the list has not; two single letters are initials."""


@dataclass(frozen=True, slots=True, repr=False)
class PersonParts:
    """The plain words of a person's name, by what they are."""

    given: tuple[str, ...]
    father: tuple[str, ...]
    descent: str | None
    """`bin`, `binti` or `anak dari`."""
    middle: str | None
    """A `b` between the two, which is `bin` or an initial."""
    sex_mark: str | None
    titles: tuple[str, ...]
    degrees: tuple[str, ...]


def person_parts(text: str) -> PersonParts:
    """Take a plain text apart. A single letter before a name may be a title, behind a first word a degree."""
    words, degrees = _without_degrees(text)
    words, titles = _without_titles(words)
    sex_mark = None
    for index, word in enumerate(words[:-1]):
        if word in {"i", "ni"} and words[index + 1] in words_of.BALINESE_FIRST:
            sex_mark, words = word, words[:index] + words[index + 1 :]
            break
    given, father, descent = _descent(words)
    middle = "b" if descent and words[len(given)] == "b" else None
    return PersonParts(tuple(given), tuple(father), descent, middle, sex_mark, titles, degrees)


def _without_degrees(text: str) -> tuple[list[str], tuple[str, ...]]:
    """The words of a name, and the degrees behind it."""
    first, *rest = text.split(",")
    words, degrees = _split_tail(first)
    for segment in rest:
        more, found = _split_tail(segment, is_after_comma=True)
        words += more
        degrees += found
    return words, tuple(degrees)


def _split_tail(segment: str, *, is_after_comma: bool = False) -> tuple[list[str], list[str]]:
    """Degrees are taken from the end for as long as there are some; a name keeps its first word."""
    if is_after_comma and _DOTTED_DEGREE.fullmatch(segment.strip()):
        return [], ["".join(found["word"] for found in _PIECE.finditer(segment))]
    pieces = [(found["word"], bool(found["dot"])) for found in _PIECE.finditer(segment)]
    degrees: list[str] = []
    kept_min = 0 if is_after_comma else 1
    while len(pieces) > kept_min:
        for count in (4, 3, 2, 1):
            tail = pieces[-count:]
            degree = "".join(word for word, _ in tail)
            is_marked = is_after_comma or any(dot for _, dot in tail) or degree not in words_of.DEGREES_LIKE_NAMES
            if len(pieces) - count >= kept_min and degree in words_of.DEGREES and is_marked:
                degrees.insert(0, degree)
                del pieces[-count:]
                break
        else:
            break
    return [word for word, _ in pieces], degrees


def _without_titles(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    titles = [word for word in words if word in words_of.DECEASED]
    words = [word for word in words if word not in words_of.DECEASED] or words[-1:]
    while len(words) > 1:
        pair = words[0] + words[1]
        if len(words) > 2 and len(pair) == 2 and pair in words_of.TITLES:
            titles.append(pair)
            words = words[2:]
        elif words[0] in words_of.TITLES:
            titles.append(words[0])
            is_raden = words[0] in {"raden", "r"} and len(words) > 2 and words[1] in words_of.AFTER_RADEN
            words = words[2:] if is_raden else words[1:]
        else:
            break
    return words, tuple(titles)


def _descent(words: list[str]) -> tuple[list[str], list[str], str | None]:
    """Given name, the father's name and the word between; grandfathers are left out."""
    at = [
        index
        for index, word in enumerate(words)
        if 0 < index < len(words) - 1 and (word in words_of.PATRONYMS or word == "anakdari")
    ]
    if not at:
        return words, [], None
    end = at[1] if len(at) > 1 and at[1] > at[0] + 1 else len(words)
    return words[: at[0]], words[at[0] + 1 : end], words_of.PATRONYMS.get(words[at[0]], words_of.CHILD)
