"""Outgoing messages: what they say, to whom, their states and the legal moves between them.

Contents hold what a client will read: they live in memory or inside a seal, and show nothing of it in `repr`.

Source: WhatsApp Cloud API, sending messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Literal

import msgspec

from lhwa.domain.messages import Status, fold_statuses


class OutboundState(StrEnum):
    """Where an outgoing message is."""

    DRAFT = "draft"
    """Somebody is writing it."""
    PENDING_APPROVAL = "pending_approval"
    """A second person has to decide."""
    QUEUED = "queued"
    """It may leave, as soon as its time, the gates and the allowances say so."""
    SENDING = "sending"
    """A request is on its way to Meta, or was when the process died."""
    ACCEPTED = "accepted"
    """Meta took it."""
    SENT = "sent"
    """It left Meta's servers."""
    DELIVERED = "delivered"
    """It is on the client's device."""
    READ = "read"
    """The client saw it."""
    FAILED = "failed"
    """It will not arrive; a person decides what to do instead."""
    IN_DOUBT = "in_doubt"
    """The request left and no answer came: nobody knows, and nothing is sent again by itself."""
    CANCELLED = "cancelled"
    """A person took it back before it left, or declined it."""
    EXPIRED = "expired"
    """It could not leave in time."""


_S = OutboundState
_TAKEN = frozenset({_S.ACCEPTED, _S.SENT, _S.DELIVERED, _S.READ})
_AFTER_META = _TAKEN | {_S.FAILED}
OUTBOUND_MOVES: dict[OutboundState, frozenset[OutboundState]] = {
    _S.DRAFT: frozenset({_S.PENDING_APPROVAL, _S.QUEUED, _S.CANCELLED}),
    _S.PENDING_APPROVAL: frozenset({_S.QUEUED, _S.CANCELLED, _S.EXPIRED}),
    # Straight to a later state: a status of an earlier try comes after a person asked for another one.
    _S.QUEUED: frozenset({_S.SENDING, _S.CANCELLED, _S.EXPIRED}) | _AFTER_META,
    # Back to the queue only where it is certain that Meta did not take it. A status may come before the answer.
    _S.SENDING: frozenset({_S.QUEUED, _S.IN_DOUBT}) | _AFTER_META,
    # Back to the queue only by a person.
    _S.IN_DOUBT: frozenset({_S.QUEUED, _S.CANCELLED}) | _AFTER_META,
    _S.ACCEPTED: frozenset({_S.SENT, _S.DELIVERED, _S.READ, _S.FAILED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.READ, _S.FAILED}),
    _S.DELIVERED: frozenset({_S.READ}),
    _S.READ: frozenset(),
    # A delivery that is told later outweighs a failure, and so does another try that was taken. A person may try again.
    _S.FAILED: _TAKEN | {_S.QUEUED, _S.CANCELLED},
    # An earlier try can turn out to have been taken, whatever was decided about the next one.
    _S.CANCELLED: _TAKEN,
    _S.EXPIRED: _TAKEN | {_S.CANCELLED},
}
"""Every legal move. Statuses of Meta may skip states; nothing ever moves down."""


_OF_STATUS = {
    Status.ACCEPTED: _S.ACCEPTED,
    Status.SENT: _S.SENT,
    Status.DELIVERED: _S.DELIVERED,
    Status.READ: _S.READ,
    Status.PLAYED: _S.READ,
    Status.FAILED: _S.FAILED,
}


def state_of_statuses(statuses: Iterable[str]) -> OutboundState | None:
    """What Meta's statuses of a message add up to, in whatever order they came; None when they say nothing."""
    folded = fold_statuses(statuses)
    return None if folded is None else _OF_STATUS[folded]


_RANK = {_S.ACCEPTED: 1, _S.SENT: 2, _S.DELIVERED: 3, _S.READ: 4}


def state_once_told(
    state: OutboundState, told: OutboundState, *, is_named: bool, is_another: bool
) -> OutboundState | None:
    """Where a message stands once it is known what became of one try of it; None when that changes nothing.

    The try that came furthest counts. A failure counts only while no other try is known or under way.

    Args:
        told: what Meta says of the try.
        is_named: the message was known by this try before.
        is_another: it is known by another try.
    """
    if told is not _S.FAILED:
        return told if _RANK[told] > _RANK.get(state, 0) else None
    if state in (_S.SENDING, _S.IN_DOUBT):
        return None if is_named else told  # that failure is why a person had it tried again
    return told if state in (_S.ACCEPTED, _S.SENT) and not is_another else None


class _Quiet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Shows its kind alone: errors and logs print what they are given."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class Recipient(_Quiet, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a message is to: a number where one is known, else a user id."""

    phone: str | None = None
    """E.164 with the plus."""
    bsuid: str | None = None


MediaKind = Literal["image", "audio", "video", "document", "sticker"]


class Text(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="text"):
    """Free text."""

    body: str
    preview_url: bool = False


class Media(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="media"):
    """A file that was uploaded to Meta before."""

    media: MediaKind
    media_id: str
    caption: str | None = None
    filename: str | None = None
    """Of a document."""
    voice: bool = False


class Document(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="document"):
    """A file that the firm keeps, sealed; it is uploaded when the message leaves."""

    filename: str
    """As the client sees it."""
    mime: str
    sha256: str
    """Hex, of the file."""
    size: int
    """Bytes."""
    caption: str | None = None

    def at_meta(self, media_id: str) -> Media:
        """The same document once Meta has it."""
        return Media(media="document", media_id=media_id, caption=self.caption, filename=self.filename)


class Parameter(_Quiet, frozen=True, kw_only=True, omit_defaults=True):
    """A value for one variable of a template's header text or body."""

    value: str
    name: str | None = None
    """Of a named variable; positional ones stand in their order."""


class ButtonParameter(_Quiet, frozen=True, kw_only=True, omit_defaults=True):
    """A value for one button of a template."""

    index: int
    """Counts over all buttons, from 0."""
    sub_type: Literal["url", "quick_reply", "copy_code", "flow"]
    value: str


class FilledTemplate(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="template"):
    """An approved template with its values."""

    name: str
    language: str
    """Exactly as Meta has it: `id`, `en_US`."""
    header: tuple[Parameter, ...] = ()
    header_media: Media | None = None
    body: tuple[Parameter, ...] = ()
    buttons: tuple[ButtonParameter, ...] = ()


class Interactive(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="interactive"):
    """Buttons, a list, a link or a request for a location: Meta's own object."""

    interactive: dict[str, Any]


class Reaction(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="reaction"):
    """An emoji on a message; an empty one takes it back."""

    wamid: str
    emoji: str


FAREWELL = "opt_out_confirmed"
"""The automatic text that may still go to somebody who asked to be left in peace: that it was heard."""
Content = Text | Media | Document | FilledTemplate | Interactive | Reaction
"""Everything that lhwa sends."""


class OutboundMessage(_Quiet, frozen=True, kw_only=True, omit_defaults=True):
    """One message as the channel posts it."""

    id: str
    """Our ULID; Meta echoes it on every status."""
    phone_number_id: str
    recipient: Recipient
    content: Content
    reply_to_wamid: str | None = None
