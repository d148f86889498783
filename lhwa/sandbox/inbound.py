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
from lhwa.sandbox.exchange import present
from lhwa.sandbox.firms import Firm, Number
from lhwa.sandbox.media import INBOUND_FOR, MediaFile
from lhwa.sandbox.people import Person
from lhwa.sandbox.platform import Platform
from lhwa.sandbox.reading import Json

MediaKind = Literal["image", "audio", "video", "document", "sticker"]
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


Said = SaidText | ButtonReply | ListReply | TemplateButton | SaidMedia | SaidReaction
"""Everything that a client can say."""


def hear(platform: Platform, firm: Firm, number: Number, person: Person, said: Said, *, now: Instant) -> str:
    """A client writes to a firm: the window opens and a webhook is on its way.

    Returns: the message id. Somebody whom the firm has blocked writes into the void.
    """
    wamid = platform.chance.wamid()
    if person.key in number.blocked:
        return wamid
    number.received[wamid] = now
    number.pacing.count_in(now=now)
    if not isinstance(said, SaidReaction):  # whether a reaction opens the window is not known: do not rely on it
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


def _context(number: Number, said: Said) -> Json:
    if isinstance(said, SaidReaction) or said.reply_to is None:
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
