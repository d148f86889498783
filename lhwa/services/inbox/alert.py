"""What an alert is."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class AlertKind(StrEnum):
    """What an alert is about."""

    ACCOUNT = "account"
    """The account, its numbers, and whether messages leave."""
    TEMPLATE = "template"
    """A message template, at Meta or in the firm's files."""
    SECURITY = "security"
    """Somebody may not be who they were."""
    QUEUE = "queue"
    """What lhwa could not bring to an end by itself."""
    CLOCK = "clock"
    """Time runs out for somebody who waits."""


class Severity(StrEnum):
    """What a person should do about it."""

    CRITICAL = "critical"
    """Look now: messages do not leave, or somebody may be taking over the number."""
    WARNING = "warning"
    """Look soon."""
    INFO = "info"
    """Nothing."""


MOST_URGENT_FIRST = tuple(Severity)


class Alert(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something that somebody of the firm should know, or do."""

    id: str
    """Of Meta's event, or a name of what is so; the same each time."""
    kind: AlertKind
    severity: Severity
    at_ms: int
    """When it happened, or since when it is so."""
    title: str
    """In our words; names no client."""
    detail: str | None = None
    """What Meta says, or whom it is about, masked; absent without the right to read content."""
    hint: str
    """What to do."""
    target: str | None = None
    """What it is about: `conversation`, `outbound`, `intake`, `contact`, `template` or `number`, `:`, its id."""
    may_acknowledge: bool = False
    """Of an event. What still is so ends with its cause, and the hint says what ends it."""
    ended: bool = False
    """It asks nothing of anybody any more: acknowledged, overtaken by what Meta told later, or long ago."""
    acknowledged_by: str | None = None
    """The operator."""

    def __repr__(self) -> str:
        return f"Alert({self.id!r}, {self.severity.value}, …)"
