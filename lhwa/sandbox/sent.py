"""Sent messages: what the platform remembers of a message that it accepted."""

from __future__ import annotations

from dataclasses import dataclass, field

from lhwa.domain.instants import Instant
from lhwa.sandbox.people import Person
from lhwa.sandbox.webhooks import Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent:
    """One status of a message, and the webhook that tells it."""

    status: str
    at: Instant
    webhook: Waiting


@dataclass(slots=True, kw_only=True, eq=False)
class SentMessage:
    """One accepted message."""

    id: str
    to: str = field(repr=False)
    """International digits, or a user id."""
    is_by_number: bool
    person: Person | None
    """None when nobody has this number or user id."""
    kind: str
    category: str
    """What it is charged as: `service` for free messages, else the category of the template."""
    is_free: bool = False
    """Inside a customer service window at a time when that cost nothing."""
    biz_opaque_callback_data: str | None = None
    events: list[StatusEvent] = field(default_factory=list, repr=False)
