"""The ways in which one name is read: with and without the father's name, `M.` as Muhammad or as an initial.

A match of two names is a match of two readings. Each reading has its keys, and every comparison in `reading_matches`
that finds something is between two readings with a key in common: both are written side by side, change them together.

    what two readings have in common                              the key that both have
    the same words, or the same text with other spaces            `w:` and the sound of the whole
    two words or more besides one difference                      `p:` and two sounds
    one telling word, and initials for the others                 `i:` a sound and first letters (up to 3 words)
    one of two words, and a slip in the other                     `i:` as above, or `s:` a sound and parts of the other
    nothing but a slip, in a name of one long word                `o:` parts of the word
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from lhwa.domain.intake import name_words as words_of
from lhwa.domain.intake.name_spelling import sound
from lhwa.domain.intake.party_names import NameWord, PartyKind, PartyName, is_muhammad

PAIRED_WORDS_MAX = 4
"""Of longer readings the keys take so many words: two that differ in one word share three of their first four."""
INITIALS_WORDS_MAX = 3
_COMMON = frozenset(sound(word) for word in words_of.COMMON_NAMES)
_GENERIC = frozenset(sound(word) for word in words_of.GENERIC_WORDS)


@dataclass(frozen=True)
class Reading:
    """One way to read a name: its words without Muhammad, which is often left out or shortened."""

    words: tuple[NameWord, ...]
    kind: PartyKind
    muhammad: NameWord | None = None
    """As it was written, where there are other words."""

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The sounds, in order."""
        return tuple(word.code for word in self.words)

    @cached_property
    def whole(self) -> str:
        """The sound of all words written as one."""
        return self.codes[0] if len(self.words) == 1 else sound("".join(word.base for word in self.words))

    def is_telling(self, code: str) -> bool:
        """Whether a word says more than `Siti` says about a person or `Jaya` about a company."""
        return len(code) > 1 and code not in (_GENERIC if self.kind is PartyKind.ORGANISATION else _COMMON)

    def __repr__(self) -> str:
        return f"Reading(<{len(self.words)} words>)"


def readings(words: tuple[NameWord, ...], kind: PartyKind) -> tuple[Reading, ...]:
    """How these words can be read; none when there are none."""
    if not words:
        return ()
    if kind is PartyKind.ORGANISATION:
        return (Reading(words, kind),)
    others = tuple(word for word in words if not is_muhammad(word))
    muhammad = next((word for word in words if is_muhammad(word)), None)
    if not others:
        return (Reading(words[:1], kind),)
    if muhammad is not None and muhammad.is_initial:
        return (Reading(others, kind, muhammad), Reading(words, kind))
    return (Reading(others, kind, muhammad),)


def all_readings(name: PartyName) -> tuple[Reading, ...]:
    """Every reading of a name, without those of its aliases."""
    alone = readings(name.given, name.kind) if name.father else ()
    return readings(name.whole, name.kind) + alone


def keys_of(reading: Reading) -> Iterator[str]:
    """The keys of one reading: at most 7."""
    codes = reading.codes
    yield f"w:{reading.whole}"
    if len(codes) == 1:
        yield from (f"o:{part}" for part in _parts(codes[0], letters_min=6, end=3))
        return
    first = sorted(codes, key=lambda code: (not reading.is_telling(code), code))[:PAIRED_WORDS_MAX]
    for pair in combinations(sorted(first), 2):
        yield "p:" + " ".join(pair)
    if len(codes) > INITIALS_WORDS_MAX:
        return
    for index, code in enumerate(codes):
        others = codes[:index] + codes[index + 1 :]
        if reading.is_telling(code):
            yield f"i:{code} " + "".join(sorted(other[0] for other in others))
        elif len(others) == 1:
            yield from (f"s:{code} {part}" for part in _parts(others[0], letters_min=5, end=2))


def _parts(code: str, *, letters_min: int, end: int) -> tuple[str, ...]:
    """The beginning of a word, and its first letter with its end: one slip spares one of them."""
    return (code[:3] + "-", f"{code[0]}-{code[-end:]}") if len(code) >= letters_min else ()


def blocking_keys(name: PartyName) -> frozenset[str]:
    """Keys such that any two names that match have at least one in common.

    At most 7 for each reading: five or six for most names, 12 without a father's name and aliases, which bring their
    own. They hold parts of the name: keep their HMACs, never the keys themselves.
    """
    found = {key for each in (name, *name.aliases) for reading in all_readings(each) for key in keys_of(reading)}
    return frozenset(found | {f"a:{short}" for each in (name, *name.aliases) for short in short_names(each)})


def short_names(name: PartyName) -> tuple[str, ...]:
    """The initials of an organisation, or its one short word that may be the initials of another."""
    if name.kind is not PartyKind.ORGANISATION:
        return ()
    if name.initials:
        return (name.initials,)
    alone = [word.text for word in name.given if word.text != "bank"]
    return (alone[0],) if len(alone) == 1 and 3 <= len(alone[0]) <= 6 else ()
