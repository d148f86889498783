"""Reading answers: what a client sent, as the value that a question keeps. Pure; nothing is guessed.

What does not fit is None, and the client is asked again: a wrong date on record is worse than a second question.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import msgspec

from lhwa.domain.intake.keywords import yes_or_no
from lhwa.domain.intake.trees import Question
from lhwa.domain.intake.wording import AnswerKind
from lhwa.domain.messages import MessageType
from lhwa.domain.phones import normalise_number

TEXT_CHARS_MAX = 4_096
FILES = frozenset({MessageType.DOCUMENT, MessageType.IMAGE, MessageType.VIDEO, MessageType.AUDIO})
"""What counts as a file: a voice note, too, is something that a person listens to."""
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan", "februari february feb pebruari", "maret march mar", "april apr", "mei may",
            "juni june jun", "juli july jul", "agustus august agu aug agt", "september sep sept",
            "oktober october okt oct", "november nov nopember nop", "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NUMERIC_DATE = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WORDED_DATE = re.compile(r"(\d{1,2})\s+([a-z]{3,9})\.?,?\s+(\d{4})")
_ENGLISH_DATE = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})")
_AMOUNT = re.compile(r"(?:rp\.?|idr)?\s*(\d[\d.,]*)\s*(ribu|rb|k|juta|jt|m|miliar|milyar|million|billion|thousand)?")
_TIMES = {
    "ribu": 10**3, "rb": 10**3, "k": 10**3, "thousand": 10**3,
    "juta": 10**6, "jt": 10**6, "million": 10**6,
    "m": 10**9, "miliar": 10**9, "milyar": 10**9, "billion": 10**9,
}  # fmt: skip
_CENTURY_PIVOT = 30
"""Of a year in two digits: 29 is 2029, 30 is 1930. People write birthdays and coming hearings."""


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of a client, as far as a session looks at it."""

    message: str
    """Our id of it."""
    type: MessageType
    text: str | None = None
    reply: str | None = None
    """The id of the button or row that was tapped."""

    def __repr__(self) -> str:
        return f"Said({self.message})"


def read_answer(question: Question, said: Said) -> str | None:
    """The value that a question keeps of a message; None when it does not fit.

    Args:
        said: without a tapped reply; `value_of_reply` reads those.
    """
    if question.kind is AnswerKind.DOCUMENT:
        return said.message if said.type in FILES else None
    if question.kind is AnswerKind.LOCATION and said.type is MessageType.LOCATION:
        return said.text or said.message
    if said.type is not MessageType.TEXT or not said.text or not said.text.strip():
        return None
    return _READERS[question.kind](question, said.text.strip()[:TEXT_CHARS_MAX])


def value_of_reply(question: Question, value: str) -> str | None:
    """The value of a tapped button or row; None when the question has no such answer."""
    if question.kind is AnswerKind.YES_NO:
        return value if value in ("yes", "no") else None
    return value if any(option.value == value for option in question.options) else None


def _text(_question: Question, text: str) -> str | None:
    return text if any(char.isalnum() for char in text) else None


def _choice(question: Question, text: str) -> str | None:
    """By its title in either language, its value, or its number in the order of the options."""
    wanted = " ".join(text.casefold().split()).strip(".")
    for number, option in enumerate(question.options, start=1):
        titles = (option.title.id, option.title.en, option.value, str(number))
        if wanted in (" ".join(title.casefold().split()) for title in titles):
            return option.value
    return None


def _yes_no(_question: Question, text: str) -> str | None:
    found = yes_or_no(text)
    return None if found is None else "yes" if found else "no"


def _date(_question: Question, text: str) -> str | None:
    """A day, with its month in digits or in words. Of two numbers the day comes first, as people here write it."""
    plain = " ".join(text.casefold().removeprefix("tanggal").removeprefix("tgl").strip(" .").split())
    if found := _ISO_DATE.fullmatch(plain):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMERIC_DATE.fullmatch(plain):
        return _day(_year(found[3]), int(found[2]), int(found[1]))
    if (found := _WORDED_DATE.fullmatch(plain)) and found[2] in _MONTHS:
        return _day(int(found[3]), _MONTHS[found[2]], int(found[1]))
    if (found := _ENGLISH_DATE.fullmatch(plain)) and found[1] in _MONTHS:
        return _day(int(found[3]), _MONTHS[found[1]], int(found[2]))
    return None


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < _CENTURY_PIVOT else 1900)


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _money(_question: Question, text: str) -> str | None:
    """Whole rupiah. `2.500.000`, `2,500,000`, `2,5 juta`, `750 ribu`, `Rp 1.000.000,-`."""
    plain = text.casefold().removesuffix(",-").removesuffix("rupiah").strip()
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        return None
    digits, unit = found[1].rstrip(".,"), found[2]
    if unit is None:
        parts = re.split(r"[.,]", digits)
        if len(parts) > 1 and not all(len(part) == 3 for part in parts[1:]):
            is_large = len(parts) > 2 or len(parts[0]) > 3
            if len(parts[-1]) != 2 or not is_large or not all(len(part) == 3 for part in parts[1:-1]):
                return None
            parts = parts[:-1]  # cents: nobody owes them
        return str(int("".join(parts)))
    whole, _, fraction = digits.replace(",", ".").partition(".")
    if not whole.isdigit() or (fraction and not fraction.isdigit()):
        return None
    return str((int(whole) * 10 ** len(fraction) + int(fraction or 0)) * _TIMES[unit] // 10 ** len(fraction))


def _phone(_question: Question, text: str) -> str | None:
    return normalise_number(text)


def _nik(_question: Question, text: str) -> str | None:
    # Imported for the first such answer: it takes longer than most commands that open a firm's file.
    from stdnum.exceptions import ValidationError  # noqa: PLC0415 -- see above
    from stdnum.id import nik  # noqa: PLC0415 -- as above

    try:
        found: Any = nik.validate(re.sub(r"[\s.\-]", "", text))
    except ValidationError:
        return None
    return str(found)


_READERS = {
    AnswerKind.TEXT: _text,
    AnswerKind.CHOICE: _choice,
    AnswerKind.DATE: _date,
    AnswerKind.MONEY: _money,
    AnswerKind.PHONE: _phone,
    AnswerKind.NIK: _nik,
    AnswerKind.YES_NO: _yes_no,
    AnswerKind.LOCATION: _text,
}
