"""A client's phone: what it shows, as something read; what the client does, as the sandbox takes it.

Both are the JSON of the control routes under `/_sandbox/`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from lhwa.sandbox.personas.thread import (
    Choice,
    ChoiceKind,
    Delete,
    Edit,
    Message,
    Read,
    SendFile,
    SharePlace,
    Tap,
    Write,
)


def read_of(message: Mapping[str, Any]) -> Read:
    """One message of an inbox, as a client reads it."""
    parts = [str(message.get("text", ""))]
    if footer := message.get("footer"):
        parts.append(f"_{footer}_")
    return Read(
        wamid=str(message["messageId"]),
        text="\n\n".join(filter(None, parts)),
        choices=(
            *(
                Choice(kind=ChoiceKind.BUTTON, id=each["id"], title=each["title"])
                for each in message.get("buttons", ())
            ),
            *(
                Choice(kind=ChoiceKind.ROW, id=each["id"], title=each["title"], description=each.get("description"))
                for each in message.get("rows", ())
            ),
            *(
                Choice(kind=ChoiceKind.QUICK_REPLY, id=each["payload"], title=each["text"])
                for each in message.get("quickReplies", ())
            ),
        ),
        asks_place=bool(message.get("asksLocation")),
    )


def said_of(act: Message) -> dict[str, Any]:
    """What a client does, as the member `said` of `say`."""
    match act:
        case Write():
            return {"type": "text", "body": act.text}
        case Tap():
            return _tapped(act.choice) | {"replyTo": act.wamid}
        case SendFile():
            content = base64.b64encode(act.content).decode()
            file = {"kind": act.kind, "mimeType": act.mime_type, "content": content, "voice": act.voice}
            return {"type": "media"} | file | ({"filename": act.filename} if act.filename else {})
        case SharePlace():
            place = {"latitude": act.latitude, "longitude": act.longitude, "name": act.name, "address": act.address}
            return {"type": "location"} | place
        case Edit():
            return {"type": "edit", "wamid": act.wamid, "body": act.text}
        case Delete():
            return {"type": "delete", "wamid": act.wamid}


def _tapped(choice: Choice) -> dict[str, Any]:
    match choice.kind:
        case ChoiceKind.BUTTON:
            return {"type": "buttonReply", "id": choice.id, "title": choice.title}
        case ChoiceKind.ROW:
            described = {"description": choice.description} if choice.description else {}
            return {"type": "listReply", "id": choice.id, "title": choice.title} | described
        case ChoiceKind.QUICK_REPLY:
            return {"type": "templateButton", "payload": choice.id, "text": choice.title}
