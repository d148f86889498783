"""Elements: what one webhook request says, item by item, in our words.

The normalizer makes them, the messaging service applies them; they are the contract between the two. One request
may hold a thousand. Every element knows its place in the raw bytes (`position`), so that a stored fact can be
traced back, and every element can be written as JSON (`ELEMENT_ENCODER`) for a retry or a dead letter.

Elements hold client content in clear: they live in memory or inside a seal, never in a log or an error.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lhwa.domain.messages import Direction, MessageType, Via


class _Quiet(msgspec.Struct, frozen=True):
    """Shows where it is from and nothing else: errors and logs print what they are given."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'position', '…')})"


class Party(_Quiet, frozen=True, kw_only=True, omit_defaults=True):
    """The person on the other side, as one element names them. Every field may be missing."""

    wa_id: str | None = None
    """International digits without plus."""
    bsuid: str | None = None
    """Business-scoped user id, verbatim."""
    parent_bsuid: str | None = None
    username: str | None = None
    """For display only: it changes at will."""
    profile_name: str | None = None
    """Chosen by the user: may be empty, emoji, any length, or an attack on a terminal."""
    identity_key_hash: str | None = None

    @property
    def is_nobody(self) -> bool:
        """True when nothing identifies this person."""
        return not (self.wa_id or self.bsuid or self.parent_bsuid)


class IdentityChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A system message saying that a person has a new number, user id or device identity."""

    kind: str
    """Meta's word: `user_changed_number`, `user_changed_user_id`, `customer_identity_changed`, ..."""
    previous: Party
    current: Party


class MessageElement(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="element", tag="message"):
    """One message: from a client, echoed from the phone app, or imported from history."""

    position: str
    """Where in the body, such as `entry[0].changes[0].value.messages[2]`."""
    phone_number_id: str
    wamid: str
    direction: Direction
    via: Via
    type: MessageType
    wire_type: str
    """Meta's own word; differs from `type` for voice, unknown and future types."""
    party: Party
    """The counterpart: sender of an inbound message, recipient of an echo."""
    sent_at_ms: int | None
    """Event time by Meta in unix milliseconds; None when it was missing."""
    text: str | None = None
    """What a person reads: body, caption, button title, reaction; None when there is nothing to read."""
    content: dict[str, Any] = {}
    """The whole message object as received, minus nothing: the evidence."""
    group_id: str | None = None
    reply_to_wamid: str | None = None
    target_wamid: str | None = None
    """The message that an edit, revoke or reaction is about."""
    forwarded: bool = False
    identity_change: IdentityChange | None = None
    error_codes: tuple[int, ...] = ()


class StatusElement(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="element", tag="status"):
    """One delivery status of a message that the firm sent."""

    position: str
    phone_number_id: str
    wamid: str
    status: str
    """Lower case; a member of `Status` or a word that we keep and ignore."""
    recipient: Party
    at_ms: int | None
    participant: str | None = None
    """`recipient_participant_id` of a group message."""
    group_id: str | None = None
    opaque: str | None = None
    """`biz_opaque_callback_data`: carries our own id back."""
    error_codes: tuple[int, ...] = ()
    pricing: dict[str, Any] | None = None
    content: dict[str, Any] = {}


class PlatformElement(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="element", tag="platform"):
    """Something about the account, a number, a template, a call, a group or a preference; or a field of the future."""

    position: str
    field: str
    """The webhook field, guessed from the value when it was missing."""
    event: str
    """The event's own word in the value (`APPROVED`, `PIN_CHANGED`, ...); `""` when it has none."""
    severity: Literal["info", "warning", "critical"]
    """What a person should do about it, by our table."""
    waba_id: str | None = None
    phone_number_id: str | None = None
    template_id: str | None = None
    item_id: str | None = None
    """An id of its own, where the field has one (`calls[].id`)."""
    party: Party | None = None
    at_ms: int | None = None
    value: dict[str, Any] = {}


class PoisonElement(_Quiet, frozen=True, kw_only=True, omit_defaults=True, tag_field="element", tag="poison"):
    """An item that cannot be understood. It goes to the dead letters alone; its neighbours go on."""

    position: str
    reason: str
    """A short code: `missing_id`, `wrong_type`, `duplicate_keys`, `too_deep`, `not_an_object`, ..."""
    raw: bytes
    """The item's own bytes, so that nothing is lost."""


Element = MessageElement | StatusElement | PlatformElement | PoisonElement

ELEMENT_ENCODER = msgspec.json.Encoder()
ELEMENT_DECODER: msgspec.json.Decoder[Element] = msgspec.json.Decoder(Element)
