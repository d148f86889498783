"""Instants: aware UTC datetimes inside, unix milliseconds in the database, RFC 3339 on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

Instant = datetime
"""An aware datetime in UTC. `now` is always an argument, never read from the machine in domain code."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_VS_MILLISECONDS = 10**12
"""Unix times at or above this are milliseconds: some feeds deliver them instead of seconds."""
UNIX_MS_MIN = -62_135_596_800_000
"""0001-01-01T00:00:00Z, the first instant that a datetime can hold."""
UNIX_MS_MAX = 253_402_300_799_000
"""9999-12-31T23:59:59Z, the last instant that a datetime can hold."""
AHEAD_MS_MAX = 86_400_000
"""How far after its receipt an event may claim to have happened: clocks differ, but not by more than a day."""


def to_ms(at: Instant) -> int:
    """Unix milliseconds, rounded down."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def from_ms(unix_ms: int) -> Instant:
    """The instant of unix milliseconds."""
    return EPOCH + timedelta(milliseconds=unix_ms)


def ago(at_ms: int, *, now_ms: int) -> str:
    """How long something is past, in words: `5 minutes ago`. Good for whoever reads it, in any zone."""
    minutes = max(now_ms - at_ms, 0) // 60_000
    for unit, length in (("day", 1_440), ("hour", 60), ("minute", 1)):
        if minutes >= length:
            count = minutes // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def event_ms(told_ms: int | None, *, received_at_ms: int) -> int:
    """When something happened: the time it tells, or that of its receipt when it tells none that can be true.

    Follows from the stored receipt alone, never from the clock of whoever asks: a replay gives the same answer.
    """
    return received_at_ms if told_ms is None or told_ms > received_at_ms + AHEAD_MS_MAX else told_ms


def rfc3339(at: Instant) -> str:
    """`YYYY-MM-DDTHH:MM:SS.ffffffZ`: one spelling for audit entries, events and JSON output."""
    # isoformat always writes four digits of the year; strftime does not everywhere.
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@lru_cache(maxsize=1_024)  # Meta tells seconds, so what arrives together mostly has the same time
def rfc3339_ms(unix_ms: int) -> str:
    """The RFC 3339 text of unix milliseconds; the nearest that there is for those outside the calendar."""
    return rfc3339(from_ms(min(max(unix_ms, UNIX_MS_MIN), UNIX_MS_MAX)))


def parse_rfc3339(text: str) -> Instant:
    """The instant of an RFC 3339 text; naive texts, and times that UTC has no date for, are refused with ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time needs a zone, such as 2026-11-22T01:00:00Z")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is outside the calendar in UTC") from None
