"""What clients write: each kind as a value, and the webhook that it becomes.

Source: WhatsApp Cloud API, messages webhooks.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from lhwa.domain.instants import Instant
from lhwa.errors import UsageError
from lhwa.sandbox.exchange import present
from lhwa.sandbox.firms import Firm, Number
from lhwa.sandbox.media import INBOUND_FOR, MediaFile
from lhwa.sandbox.people import Person
from lhwa.sandbox.platform import Platform
from lhwa.sandbox.reading import Json

MediaKind = Literal["image", "audio", "video", "document", "sticker"]
EDIT_WITHIN = timedelta(minutes=15)
DELETE_WITHIN = timedelta(days=2)
_ON_ITS_WAY = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidText:
    """Free text."""

    body: str = field(repr=False)
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonReply:
    """A tap on a button of an interactive message."""

    id: str
    title: str
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReply:
    """A row chosen from a list."""

    id: str
    title: str
    description: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateButton:
    """A tap on a quick-reply button of a template."""

    payload: str
    text: str
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidMedia:
    """A file."""

    kind: MediaKind
    content: bytes = field(repr=False)
    mime_type: str
    filename: str | None = field(default=None, repr=False)
    caption: str | None = field(default=None, repr=False)
    voice: bool = False
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidReaction:
    """An emoji on a message; None takes it back."""

    wamid: str
    emoji: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLocation:
    """A place on the map."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)
    name: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidEdit:
    """Another text in the place of an earlier one, which is at most 15 minutes old."""

    wamid: str
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidDeletion:
    """A message taken back for everybody; it is at most two days old."""

    wamid: str


Said = (
    SaidText
    | ButtonReply
    | ListReply
    | TemplateButton
    | SaidMedia
    | SaidReaction
    | SaidLocation
    | SaidEdit
    | SaidDeletion
)
"""Everything that a client can say."""
_ABOUT_ANOTHER = SaidReaction | SaidEdit | SaidDeletion
"""Whether these open the window is not known: do not rely on it."""


def hear(platform: Platform, firm: Firm, number: Number, person: Person, said: Said, *, now: Instant) -> str:
    """A client writes to a firm: the window opens and a webhook is on its way.

    Returns: the message id. Somebody whom the firm has blocked writes into the void.
    Raises: UsageError for a change of a message that cannot be changed any more.
    """
    wamid = platform.chance.wamid()
    if person.key in number.blocked:
        return wamid
    _check_change(number, said, now=now)
    number.received[wamid] = now
    number.pacing.count_in(now=now)
    if not isinstance(said, _ABOUT_ANOTHER):
        number.last_inbound[person.key] = now
    sees_number = number.sees_number_of(person, now=now)
    wa_id = person.number if sees_number else None
    user_id = platform.people.bsuid_of(person, firm.waba_id)
    identity = person.identity_key_hash if number.checks_identity else None
    contact = present(profile={"name": person.name}, wa_id=wa_id, user_id=user_id, identity_key_hash=identity)
    base = present(**{"from": wa_id}, from_user_id=user_id, id=wamid, timestamp=str(int(now.timestamp())))
    message = base | _part(platform, firm, number, said, now=now) | _context(number, said)
    platform.tell_messages(firm, number, at=now + _ON_ITS_WAY, contacts=[contact], messages=[message])
    return wamid


def _check_change(number: Number, said: Said, *, now: Instant) -> None:
    if isinstance(said, SaidEdit | SaidDeletion):
        within = EDIT_WITHIN if isinstance(said, SaidEdit) else DELETE_WITHIN
        written_at = number.received.get(said.wamid)
        if written_at is None or now - written_at > within:
            raise UsageError(
                "The client has no such message that can still be changed.",
                hint="Name what `say` returned; texts can be edited for 15 minutes and deleted for two days.",
            )


def _context(number: Number, said: Said) -> Json:
    if isinstance(said, _ABOUT_ANOTHER) or said.reply_to is None:
        return {}
    return {"context": {"from": number.facts.display_phone_number, "id": said.reply_to}}


def _part(platform: Platform, firm: Firm, number: Number, said: Said, *, now: Instant) -> Json:
    match said:
        case SaidText():
            return {"type": "text", "text": {"body": said.body}}
        case ButtonReply():
            reply = {"type": "button_reply", "button_reply": {"id": said.id, "title": said.title}}
            return {"type": "interactive", "interactive": reply}
        case ListReply():
            row = present(id=said.id, title=said.title, description=said.description)
            return {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": row}}
        case TemplateButton():
            return {"type": "button", "button": {"payload": said.payload, "text": said.text}}
        case SaidReaction():
            return {"type": "reaction", "reaction": present(message_id=said.wamid, emoji=said.emoji)}
        case SaidLocation():
            place = present(latitude=said.latitude, longitude=said.longitude, name=said.name, address=said.address)
            return {"type": "location", "location": place}
        case SaidEdit():
            message = {"type": "text", "text": {"body": said.body}}
            return {"type": "edit", "edit": {"original_message_id": said.wamid, "message": message}}
        case SaidDeletion():
            return {"type": "revoke", "revoke": {"original_message_id": said.wamid}}
        case SaidMedia():
            return {"type": said.kind, said.kind: _stored(platform, firm, number, said, now=now)}


def _stored(platform: Platform, firm: Firm, number: Number, said: SaidMedia, *, now: Instant) -> Json:
    file = MediaFile(
        id=platform.chance.digits(),
        number_id=number.id,
        mime_type=said.mime_type,
        content=said.content,
        expires_at=now + INBOUND_FOR,
    )
    firm.media.put(file)
    return present(
        id=file.id,
        mime_type=said.mime_type,
        sha256=base64.b64encode(hashlib.sha256(said.content).digest()).decode(),
        caption=said.caption,
        filename=said.filename,
        voice=said.voice if said.kind == "audio" else None,
        animated=False if said.kind == "sticker" else None,
    )
