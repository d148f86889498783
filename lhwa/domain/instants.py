"""Instants: aware UTC datetimes inside, unix milliseconds in the database, RFC 3339 on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

Instant = datetime
"""An aware datetime in UTC. `now` is always an argument, never read from the machine in domain code."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_VS_MILLISECONDS = 10**12
"""Unix times at or above this are milliseconds: some feeds deliver them instead of seconds."""
UNIX_MS_MAX = 253_402_300_799_000
"""9999-12-31T23:59:59Z, the last instant that a datetime can hold."""


def to_ms(at: Instant) -> int:
    """Unix milliseconds, rounded down."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_ms(unix_ms: int) -> Instant:
    """The instant of unix milliseconds."""
    return EPOCH + timedelta(milliseconds=unix_ms)


def rfc3339(at: Instant) -> str:
    """`YYYY-MM-DDTHH:MM:SS.ffffffZ`: one spelling for audit entries, events and JSON output."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def rfc3339_ms(unix_ms: int) -> str:
    """The RFC 3339 text of unix milliseconds."""
    return rfc3339(from_ms(unix_ms))


def parse_rfc3339(text: str) -> Instant:
    """The instant of an RFC 3339 text; naive texts are refused with ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time needs a zone, such as 2026-11-22T01:00:00Z")
    return at.astimezone(UTC)
