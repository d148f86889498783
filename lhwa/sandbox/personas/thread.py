"""A thread as a client has it on the phone: what they read, what they did, and when nothing came."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from lhwa.sandbox.inbound import MediaKind


class ChoiceKind(StrEnum):
    """What can be tapped."""

    BUTTON = "button"
    ROW = "row"
    QUICK_REPLY = "quick_reply"
    """Under a template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be tapped."""

    kind: ChoiceKind
    id: str
    """Of a quick reply: its payload."""
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A message of the firm."""

    wamid: str
    text: str = field(repr=False)
    """With its footer, as a last paragraph in `_..._`."""
    choices: tuple[Choice, ...] = ()
    asks_place: bool = False
    """It has the button that shares a place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Write a text."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """Tap something that a message offers."""

    choice: Choice
    wamid: str
    """Of that message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFile:
    """Send a photo, a file or a voice note."""

    kind: MediaKind
    mime_type: str
    content: bytes = field(repr=False)
    filename: str | None = None
    voice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePlace:
    """Share a place on the map."""

    latitude: float
    longitude: float
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Put another text in the place of an own one."""

    wamid: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Take an own message back."""

    wamid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Do nothing for so long, whatever comes."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Wait until the firm writes, so long at most."""

    seconds: float


class End(StrEnum):
    """Why a client stops."""

    FINISHED = "finished"
    """Nothing is asked any more."""
    REFUSED = "refused"
    """They never wanted to."""
    WITHDREW = "withdrew"
    """They took their consent back."""
    UNANSWERED = "unanswered"
    """The firm answered nothing."""
    GAVE_UP = "gave_up"
    """Whatever they answered, it did not fit."""
    TIME_UP = "time_up"
    """Whoever plays them said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Go away."""

    why: End


Message = Write | Tap | SendFile | SharePlace | Edit | Delete
"""What the firm gets."""
Answer = Write | Tap | SendFile | SharePlace
"""What can answer a question."""
Act = Message | Silence | Wait | Leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """Something that the client did."""

    act: Message | Silence
    wamid: str = ""
    """Of a message; empty for a silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The client waited, and nothing came."""

    seconds: float


Entry = Read | Did | Quiet
Thread = tuple[Entry, ...]
"""Oldest first."""
