"""A company's or an institution's name taken apart: legal form, the words that tell it from others, its initials."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lhwa.domain.intake import name_words as words_of

_PIECE = re.compile(r"(?P<word>[^\W_]+)|[&+]")
_WORDS_MAX = 48


@dataclass(frozen=True, slots=True, repr=False)
class OrganisationParts:
    """The plain words of an organisation's name, by what they are."""

    core: tuple[str, ...]
    forms: tuple[str, ...]
    """In their usual spelling."""
    left_out: tuple[str, ...]
    initials: str
    """Of three words or more; else empty."""


def organisation_parts(text: str, *, is_sure: bool) -> OrganisationParts | None:
    """Take a plain text apart; None when nothing in it says organisation and nobody is sure that it is one."""
    words = _letters_joined([found["word"] or "dan" for found in _PIECE.finditer(text)][:_WORDS_MAX])
    core, forms, has_mark = _without_forms(words)
    starts = bool(words) and (words[0] in words_of.ORGANISATION_WORDS or words[:2] == ["rumah", "sakit"])
    if not (is_sure or forms or has_mark or starts):
        return None
    core, branch = _without_branch(core)
    core = [word for word in core if word not in words_of.JOINING] or core
    strong = [word for word in core if word not in words_of.WEAK_WORDS]
    # `Bank Indonesia` without `Indonesia` would be any bank.
    is_told_apart = len(strong) > 1 or not words_of.GENERIC_WORDS.issuperset(strong)
    kept = (strong if is_told_apart else core) or words
    return OrganisationParts(
        core=tuple(kept),
        forms=forms,
        left_out=tuple(word for word in core if word not in kept) + tuple(branch),
        initials="".join(word[0] for word in core) if len(core) > 2 else "",
    )


def _without_branch(core: list[str]) -> tuple[list[str], list[str]]:
    """The words before `Cabang Surabaya`, and those from there on."""
    at = next((index for index, word in enumerate(core) if index > 1 and word in words_of.BRANCH), len(core))
    if at < len(core) and core[at - 1] == "kantor":
        at -= 1
    return core[:at], core[at:]


def _letters_joined(words: list[str]) -> list[str]:
    """`P.T. B.R.I.` as `pt bri`; the first two or three letters may be the legal form."""
    joined: list[str] = []
    is_open = False
    for word in words:
        if is_open and len(word) == 1 and joined[-1] not in words_of.LEGAL_FORMS:
            joined[-1] += word
        else:
            joined.append(word)
            is_open = len(word) == 1
    return joined


def _without_forms(words: list[str]) -> tuple[list[str], tuple[str, ...], bool]:
    """The words besides legal forms, the forms, and whether a mark such as `Tbk` was there."""
    short: list[str] = []
    index = 0
    while index < len(words):
        long = next((each for each in words_of.LONG_FORMS if tuple(words[index : index + len(each)]) == each), None)
        short.append(words_of.LONG_FORMS[long] if long else words[index])
        index += len(long) if long else 1
    has_mark = any(word in words_of.FORM_MARKS for word in short)
    short = [word for word in short if word not in words_of.FORM_MARKS]
    core: list[str] = []
    forms: list[str] = []
    for index, word in enumerate(short):
        if len(short) > 1 and word in words_of.LEGAL_FORMS and _is_in_place(word, index, last=len(short) - 1):
            forms.append(words_of.LEGAL_FORMS[word])
        else:
            core.append(word)
    return core, tuple(dict.fromkeys(forms)), has_mark


def _is_in_place(form: str, index: int, *, last: int) -> bool:
    if form in words_of.FORMS_IN_FRONT:
        return index == 0
    return index in {0, last} or form not in words_of.FORMS_AT_THE_EDGE
