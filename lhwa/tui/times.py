"""Times as people read them in the inbox: short, in the firm's zone, and how long something still lasts. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_AHEAD = re.compile(r"\+(\d{1,3})([mhd])")
_CLOCK = re.compile(
    r"(?:(today|tomorrow|hari ini|besok|\d{1,2} [A-Za-z]{3}(?: \d{4})?|\d{4}-\d{2}-\d{2})[ T]+)?(\d{1,2})[:.](\d{2})"
)
_BAHASA = {
    "Mon": "Sen", "Tue": "Sel", "Wed": "Rab", "Thu": "Kam", "Fri": "Jum", "Sat": "Sab", "Sun": "Min",
    "May": "Mei", "Aug": "Agu", "Oct": "Okt", "Dec": "Des",
    "d": "hari", "h": "jam", "min": "mnt",
}  # fmt: skip
"""Days, those months that differ, and units."""
_MONTHS = {"mei": "May", "agu": "Aug", "okt": "Oct", "des": "Dec"}
_DAYS = {"today": 0, "hari ini": 0, "tomorrow": 1, "besok": 1}


def local(at_ms: int, zone: tzinfo) -> datetime:
    """A time in the firm's zone. Times that no calendar has become the nearest one that it has."""
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return datetime(9999, 12, 31, tzinfo=zone) if at_ms > 0 else datetime(1, 1, 2, tzinfo=zone)


def clock(at_ms: int, zone: tzinfo) -> str:
    """`14:05`."""
    return f"{local(at_ms, zone):%H:%M}"


def short(at_ms: int, zone: tzinfo, *, now_ms: int) -> str:
    """`14:05` today, `Tue 14:05` within a week, else `28 Nov`, with the year where it is another one."""
    at, now = local(at_ms, zone), local(now_ms, zone)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    if timedelta(0) <= now.date() - at.date() < timedelta(days=7):
        return f"{at:%a %H:%M}"
    return f"{at:%d %b}" if at.year == now.year else f"{at:%b %Y}"


def full(at_ms: int, zone: tzinfo) -> str:
    """`Sat 28 Nov 2026 14:05:09 WIB`."""
    return f"{local(at_ms, zone):%a %d %b %Y %H:%M:%S %Z}".rstrip()


def span(ms: int) -> str:
    """How long, in its two largest units: `2 d 3 h`, `3 h 12 min`, `4 min`; less than a minute is `<1 min`."""
    if ms < _MINUTE_MS:
        return "<1 min"
    days, hours, minutes = ms // _DAY_MS, ms % _DAY_MS // _HOUR_MS, ms % _HOUR_MS // _MINUTE_MS
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def brief(ms: int) -> str:
    """How long, in its largest unit: `2 d`, `3 h`, `4 min`."""
    return " ".join(span(ms).split()[:2])


def worded(text: str, language: str) -> str:
    """A time or a span in a language."""
    return " ".join(_BAHASA.get(word, word) for word in text.split(" ")) if language == "id" else text


def typed(text: str, zone: tzinfo, *, now_ms: int) -> int | None:
    """Unix milliseconds of what a person typed: `14:30`, `tomorrow 08:00`, `28 Nov 14:30`, `+2h`; None for no time.

    Days and months are understood in both languages.

    A clock alone that has passed today means tomorrow.
    """
    words = " ".join(text.split())
    ahead = _AHEAD.fullmatch(words)
    if ahead:
        return now_ms + int(ahead[1]) * {"m": _MINUTE_MS, "h": _HOUR_MS, "d": _DAY_MS}[ahead[2]]
    found = _CLOCK.fullmatch(words)
    if found is None:
        return None
    now = local(now_ms, zone)
    day = _day(found[1], now)
    if day is None:
        return None
    try:
        at = day.replace(hour=int(found[2]), minute=int(found[3]), second=0, microsecond=0)
    except ValueError:
        return None
    if found[1] is None and at <= now:
        at += timedelta(days=1)
    return int(at.timestamp() * 1000)


def _day(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return now
    if text.lower() in _DAYS:
        return now + timedelta(days=_DAYS[text.lower()])
    text = " ".join(_MONTHS.get(word.lower(), word) for word in text.split(" "))
    for written, form in ((text, "%Y-%m-%d"), (text, "%d %b %Y"), (f"{text} {now.year}", "%d %b %Y")):
        try:
            day = datetime.strptime(written, form)  # noqa: DTZ007 -- a day has no zone; the clock's is put in below
        except ValueError:
            continue
        return now.replace(year=day.year, month=day.month, day=day.day)
    return None
