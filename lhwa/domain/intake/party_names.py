"""Names of parties: free text taken apart into titles, given name, father's name, degrees, aliases and legal form.

Nothing is thrown away: what is left out of the comparison is remembered, so that a lawyer can read why two names match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lhwa.domain.intake import name_words as words_of
from lhwa.domain.intake.name_spelling import is_slip, plain, sound
from lhwa.domain.intake.organisation_names import organisation_parts
from lhwa.domain.intake.person_names import person_parts

WORDS_MAX = 12
"""Words of one name that are compared."""
ALIASES_MAX = 3
_MUHAMMAD = sound("muhammad")
_ALIAS = re.compile(r"\s*(?:\balias\b|\bals\b\.?|\ba\.?k\.?a\b\.?|\bdikenal sebagai\b|\bdipanggil\b)[\s:]*")
_DESCENT = re.compile(r"\b(?:(?P<son>a/l|s/o)|(?P<daughter>a/p|d/o)|anak dari)(?=\s)")


class PartyKind(StrEnum):
    """What a name names."""

    PERSON = "person"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True, repr=False)
class NameWord:
    """One word of a name."""

    text: str
    """Plain: lower case, no accents."""
    base: str
    """With abbreviations written out."""
    code: str
    """How it sounds."""

    @property
    def is_initial(self) -> bool:
        """A single letter."""
        return len(self.text) == 1

    @property
    def shown(self) -> str:
        """As a reason writes it."""
        return f"{self.text.capitalize()}." if len(self.text) == 1 else self.text.capitalize()


@dataclass(frozen=True, slots=True, repr=False)
class PartyName:
    """A name as it is compared. It has no `repr`: names lie in no log."""

    text: str
    kind: PartyKind
    given: tuple[NameWord, ...]
    """Of an organisation: all words but its legal form."""
    father: tuple[NameWord, ...] = ()
    descent: str | None = None
    """`bin`, `binti` or `anak dari`, when the father is named."""
    middle: tuple[NameWord, ...] = ()
    """A `b` before the father's name: `bin`, or an initial."""
    sex_mark: str | None = None
    """A Balinese `i` or `ni` before the name."""
    titles: tuple[str, ...] = ()
    degrees: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    """Legal forms, in their usual spelling."""
    left_out: tuple[str, ...] = ()
    """Words of an organisation that tell nobody apart."""
    initials: str = ""
    """Of an organisation of three words or more."""
    aliases: tuple[PartyName, ...] = ()

    @property
    def whole(self) -> tuple[NameWord, ...]:
        """All words in order, the father's name among them."""
        return self.given + self.middle + self.father


def parse(text: str, *, kind: PartyKind | None = None) -> PartyName:
    """A name out of free text; any text has one, if perhaps without words, which then matches nothing.

    Args:
        text: as somebody wrote it; more than 200 characters are cut.
        kind: what it names, where that is known; else the legal form and words such as `bank` decide.
    """
    main, *others = [part for part in _ALIAS.split(_DESCENT.sub(_descent_word, plain(text))) if part.strip()] or [""]
    aliases = tuple(_parse_one(other, kind, ()) for other in others[:ALIASES_MAX])
    return _parse_one(main, kind, aliases)


def _descent_word(found: re.Match[str]) -> str:
    return " bin " if found["son"] else " binti " if found["daughter"] else " anakdari "


def name_word(text: str) -> NameWord:
    """One plain word."""
    is_short = len(text) > 1 and text in words_of.MUHAMMAD
    base = "muhammad" if is_short else words_of.VARIANTS.get(text, text)
    code = sound(base)
    return NameWord(text, base, _MUHAMMAD if is_slip(code, _MUHAMMAD) else code)


def is_muhammad(word: NameWord) -> bool:
    """Whether a word is Muhammad in any spelling or abbreviation."""
    return word.code == _MUHAMMAD or word.text in words_of.MUHAMMAD


def _parse_one(text: str, kind: PartyKind | None, aliases: tuple[PartyName, ...]) -> PartyName:
    if kind is not PartyKind.PERSON:
        organisation = organisation_parts(text, is_sure=kind is PartyKind.ORGANISATION)
        if organisation is not None:
            return PartyName(
                text=text,
                kind=PartyKind.ORGANISATION,
                given=_name_words(organisation.core),
                forms=organisation.forms,
                left_out=organisation.left_out,
                initials=organisation.initials,
                aliases=aliases,
            )
    person = person_parts(text)
    return PartyName(
        text=text,
        kind=PartyKind.PERSON,
        given=_name_words(person.given),
        father=_name_words(person.father),
        descent=person.descent,
        middle=_name_words((person.middle,) if person.middle else ()),
        sex_mark=person.sex_mark,
        titles=person.titles,
        degrees=person.degrees,
        aliases=aliases,
    )


def _name_words(words: tuple[str, ...]) -> tuple[NameWord, ...]:
    return tuple(map(name_word, words[:WORDS_MAX]))
