"""Messages: their types, their directions, and the lattice of delivery statuses."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Direction(StrEnum):
    """Who wrote the message."""

    INBOUND = "inbound"
    """The client, to the firm."""
    OUTBOUND = "outbound"
    """The firm, to the client; also what staff wrote in the phone app."""


class MessageType(StrEnum):
    """What kind of content a message has. Unknown wire types become UNSUPPORTED and keep their raw content."""

    TEXT = "text"
    DOCUMENT = "document"
    TEMPLATE = "template"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    INTERACTIVE = "interactive"
    BUTTON = "button"
    REACTION = "reaction"
    ORDER = "order"
    SYSTEM = "system"
    EDIT = "edit"
    REVOKE = "revoke"
    UNSUPPORTED = "unsupported"


class Via(StrEnum):
    """Which feed carried a message to us."""

    MESSAGES = "messages"
    """The ordinary webhook: live, and it opens the customer service window."""
    ECHO = "echo"
    """Written by staff in the phone app."""
    HISTORY = "history"
    """Imported from before the number was connected: never opens a window, never triggers anything."""
    STANDBY = "standby"
    """Another party holds the thread: kept as evidence, not ours to answer."""


class Status(StrEnum):
    """How far a message that the firm sent has come."""

    ACCEPTED = "accepted"
    """Meta took the request."""
    SENT = "sent"
    """It left Meta's servers."""
    DELIVERED = "delivered"
    """It is on the client's device."""
    READ = "read"
    """The client saw it; implies delivered."""
    PLAYED = "played"
    """The client played the voice note; implies read."""
    FAILED = "failed"
    """Meta gave up. Stands beside the ranks: a delivery that also arrived outweighs it."""


_KNOWN = {status.value: status for status in Status}
STATUS_RANK = {Status.ACCEPTED: 1, Status.SENT: 2, Status.DELIVERED: 3, Status.READ: 4, Status.PLAYED: 5}
"""The lattice. Source: WhatsApp Cloud API, statuses can be skipped and arrive in any order."""


def fold_statuses(statuses: Iterable[str]) -> Status | None:
    """The state that a set of status facts adds up to, in whatever order they came.

    `failed` holds unless the message was delivered all the same: contradictory pairs occur, and a message on the
    device is the stronger fact. Unknown statuses count for nothing.
    """
    seen = {status for word in statuses if (status := _KNOWN.get(word)) is not None}
    highest = max((status for status in seen if status in STATUS_RANK), key=STATUS_RANK.__getitem__, default=None)
    if Status.FAILED in seen and (highest is None or STATUS_RANK[highest] < STATUS_RANK[Status.DELIVERED]):
        return Status.FAILED
    return highest
