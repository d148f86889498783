"""Days that a message mentions, in Bahasa Indonesia and English, as calendar days relative to when it was sent.

A day without its year is the nearest one, rather ahead than behind. What cannot be a day is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lhwa.domain.intake.message_words import MessageWord

_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,4})([/.-])(\d{1,2})\2(\d{2,4})(?![\d/-])")
_DAYS_AWAY_MAX = 36_600
"""What is further away than a century is a typing error."""
_PAST_WEIGHT = 2
"""A day without a year lies behind only where the one ahead is more than twice as far away."""
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("januari january jan", "februari pebruari february feb peb", "maret march mar", "april apr", "mei may",
         "juni june jun", "juli july jul", "agustus august agu agt aug ags", "september sept sep",
         "oktober october okt oct",
         "november nopember nov nop", "desember december des dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("senin senen monday", "selasa tuesday", "rabu rebo wednesday", "kamis thursday", "jumat jumaat friday",
         "sabtu saturday", "minggu ahad sunday"),
    )
    for name in names.split()
}  # fmt: skip
_TODAY = {("hari", "ini"), ("malam", "ini"), ("sore", "ini"), ("siang", "ini"), ("pagi", "ini"),
          ("nanti", "sore"), ("nanti", "malam"), ("nanti", "siang"), ("this", "afternoon"), ("this", "morning"),
          ("this", "evening")}  # fmt: skip
_ALONE = {"besok": 1, "lusa": 2, "today": 0, "tonight": 0, "kemarin": -1}
_AFTER = {
    ("minggu", "depan"): 7, ("next", "week"): 7, ("bulan", "depan"): 30, ("next", "month"): 30,
    ("minggu", "lalu"): -7, ("last", "week"): -7, ("bulan", "lalu"): -30, ("last", "month"): -30,
    ("tahun", "lalu"): -365, ("last", "year"): -365,
}  # fmt: skip
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class MentionedDate:
    """A day and where it stands in the message."""

    day: date
    start: int
    end: int
    is_calendar_day: bool
    """Written as a date, and not as `besok` or `next week`."""


def mentioned_dates(text: str, words: Sequence[MessageWord], *, sent_on: date) -> list[MentionedDate]:
    """Every day that is mentioned, in order."""
    found = [*_numeric(text, sent_on), *_in_words(words, sent_on)]
    return sorted(found, key=lambda mentioned: (mentioned.start, mentioned.end))


def _numeric(text: str, sent_on: date) -> Iterator[MentionedDate]:
    """03/12/2026, 3-12-26 and 2026-12-03: the day comes first unless the year does."""
    for match in _NUMERIC.finditer(text):
        first, second, third = int(match[1]), int(match[3]), int(match[4])
        year, month, day = (first, second, third) if len(match[1]) == 4 else (third, second, first)
        if month > 12 >= day:
            month, day = day, month
        found = _day(year + 2000 if year < 100 else year, month, day, sent_on)
        if found is not None:
            yield MentionedDate(found, match.start(), match.end(), is_calendar_day=True)


def _in_words(words: Sequence[MessageWord], sent_on: date) -> Iterator[MentionedDate]:
    at = 0
    while at < len(words):
        found = _calendar_day(words, at, sent_on) or _relative(words, at, sent_on)
        if found is None:
            at += 1
            continue
        day, count, is_calendar_day = found
        yield MentionedDate(day, words[at].start, words[at + count - 1].end, is_calendar_day)
        at += count


_Found = tuple[date, int, bool]
"""The day, how many words name it, and whether they do so as a date."""


def _calendar_day(words: Sequence[MessageWord], at: int, sent_on: date) -> _Found | None:
    """`3 Desember 2026`, `December 3rd`, `tanggal 3`."""
    texts = [word.text for word in words[at : at + 4]]
    if texts[1:2] == ["of"]:
        texts[1:2] = []
        extra = 1
    else:
        extra = 0
    if len(texts) < 2:
        return None
    for number, month in ((texts[0], texts[1]), (texts[1], texts[0])):
        ordinal = _ORDINAL.fullmatch(number)
        if ordinal is None or month not in _MONTHS:
            continue
        year = int(texts[2]) if len(texts) > 2 and _YEAR.fullmatch(texts[2]) else None
        day = _nearest(_MONTHS[month], int(ordinal[1]), year, sent_on)
        return None if day is None else (day, 2 + extra + (year is not None), True)
    if texts[0] == "tanggal" and (ordinal := _ORDINAL.fullmatch(texts[1])) and texts[2:3] and texts[2] in _MONTHS:
        return None  # the next word begins the date
    if texts[0] == "tanggal" and ordinal is not None and not _is_numeric_date(words, at + 1):
        day = _next_of_month(int(ordinal[1]), sent_on)
        return None if day is None else (day, 2, True)
    return None


def _is_numeric_date(words: Sequence[MessageWord], at: int) -> bool:
    """`tanggal 3-12-26`: the number is the beginning of a date in digits."""
    return at + 1 < len(words) and words[at + 1].text.isdigit() and words[at + 1].start == words[at].end + 1


def _relative(words: Sequence[MessageWord], at: int, sent_on: date) -> _Found | None:
    one, two, three = (words[index].text if index < len(words) else "" for index in (at, at + 1, at + 2))
    if (one, two) in _TODAY:
        return sent_on, 2, False
    if one in _WEEKDAYS and (one != "minggu" or (at > 0 and words[at - 1].text == "hari")):
        return _weekday(one, two, words[at - 1].text if at else "", sent_on)
    if (one, two) in _AFTER:
        return _shifted(sent_on, _AFTER[one, two]), 2, False
    if one in _ALONE:
        return _shifted(sent_on, _ALONE[one]), 1, False
    if one.isdecimal() and len(one) <= 3 and (two, three) in {("hari", "lagi"), ("hari", "lalu"), ("day", "ago")}:
        days = int(one) if three == "lagi" else -int(one)
        return _shifted(sent_on, days), 3, False
    if one.isdecimal() and len(one) <= 2 and (two, three) == ("minggu", "lagi"):
        return _shifted(sent_on, 7 * int(one)), 3, False
    if one == "in" and two.isdecimal() and len(two) <= 2 and three == "week":
        return _shifted(sent_on, 7 * int(two)), 3, False
    if one == "in" and two.isdecimal() and len(two) <= 3 and three == "day":
        return _shifted(sent_on, int(two)), 3, False
    return None


def _weekday(name: str, after: str, before: str, sent_on: date) -> _Found:
    ahead = (_WEEKDAYS[name] - sent_on.weekday()) % 7
    if after in {"lalu", "kemarin"} or before == "last":
        return _shifted(sent_on, ahead - 7), 1 + (before != "last"), False
    if after == "depan" or before == "next":
        return _shifted(sent_on, ahead or 7), 1 + (after == "depan"), False
    return _shifted(sent_on, ahead), 1, False


def _shifted(day: date, days: int) -> date:
    """So many days later, within the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def _nearest(month: int, day: int, year: int | None, sent_on: date) -> date | None:
    if year is not None:
        return _day(year, month, day, sent_on)
    near = [_day(sent_on.year + shift, month, day, sent_on) for shift in (-1, 0, 1)]
    return min(
        (each for each in near if each is not None),
        key=lambda each: (each - sent_on).days if each >= sent_on else (sent_on - each).days * _PAST_WEIGHT,
        default=None,
    )


def _next_of_month(day: int, sent_on: date) -> date | None:
    month_after = _shifted(sent_on.replace(day=28), 4)
    found = (_day(first.year, first.month, day, sent_on) for first in (sent_on, month_after))
    return next((each for each in found if each is not None and each >= sent_on), None)


def _day(year: int, month: int, day: int, sent_on: date) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if abs((found - sent_on).days) <= _DAYS_AWAY_MAX else None
