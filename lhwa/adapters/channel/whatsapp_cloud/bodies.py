"""Bodies: an outgoing message as the JSON that Meta reads.

Invariant: `to` holds a telephone number with its plus, or is not there. Meta answers 200 to a user id in `to` and
writes to whatever number its digits happen to make.

Source: WhatsApp Cloud API, sending messages and templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lhwa.domain.outbound import (
    ButtonParameter,
    Content,
    Document,
    FilledTemplate,
    Interactive,
    Media,
    OutboundMessage,
    Parameter,
    Reaction,
    Recipient,
    Text,
)
from lhwa.domain.phones import E164
from lhwa.errors import InvariantError

Json = dict[str, Any]

OPAQUE_PREFIX = "lhwa:"
"""Other apps on the account see the callback data too, and must be able to tell ours."""


def body_of(message: OutboundMessage) -> Json:
    """The body of `POST /{phone number id}/messages`. Raises InvariantError when it is addressed to nobody."""
    kind, content = _content(message.content)
    body: Json = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_address(message.recipient),
        "type": kind,
        kind: content,
        "biz_opaque_callback_data": OPAQUE_PREFIX + message.id,
    }
    if message.reply_to_wamid is not None:
        body["context"] = {"message_id": message.reply_to_wamid}
    return body


def read_body(wamid: str, *, is_typing: bool) -> Json:
    """The body that marks a message as read."""
    body: Json = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    if is_typing:
        body["typing_indicator"] = {"type": "text"}
    return body


def _address(recipient: Recipient) -> Json:
    # A number is preferred: webhooks about the message then tell the number too.
    if recipient.phone is not None:
        if not E164.fullmatch(recipient.phone):
            raise InvariantError("A message was about to be posted to something that is no telephone number.")
        return {"to": recipient.phone}
    if not recipient.bsuid:
        raise InvariantError("A message was about to be posted to nobody.")
    return {"recipient": recipient.bsuid}


def _content(content: Content) -> tuple[str, Any]:
    match content:
        case Text():
            return "text", {"body": content.body, "preview_url": content.preview_url}
        case Media():
            return content.media, _media(content)
        case Document():
            raise InvariantError("A document was about to be posted that nobody uploaded.")
        case FilledTemplate():
            return "template", _template(content)
        case Interactive():
            return "interactive", content.interactive
        case Reaction():
            return "reaction", {"message_id": content.wamid, "emoji": content.emoji}


def _media(media: Media) -> Json:
    body: Json = {"id": media.media_id}
    if media.caption:
        body["caption"] = media.caption
    if media.filename:
        body["filename"] = media.filename
    if media.voice:
        body["voice"] = True
    return body


def _template(template: FilledTemplate) -> Json:
    body: Json = {"name": template.name, "language": {"code": template.language}}
    components = _components(template)
    if components:
        body["components"] = components
    return body


def _components(template: FilledTemplate) -> list[Json]:
    """Those with values alone: Meta refuses a component without any."""
    components: list[Json] = []
    if template.header_media is not None:
        media = template.header_media
        parameters: list[Json] = [{"type": media.media, media.media: _media(media)}]
        components.append({"type": "header", "parameters": parameters})
    elif template.header:
        components.append({"type": "header", "parameters": _parameters(template.header)})
    if template.body:
        components.append({"type": "body", "parameters": _parameters(template.body)})
    components.extend(_button(button) for button in template.buttons)
    return components


def _parameters(parameters: Sequence[Parameter]) -> list[Json]:
    return [
        {"type": "text", "text": each.value} | ({} if each.name is None else {"parameter_name": each.name})
        for each in parameters
    ]


def _button(button: ButtonParameter) -> Json:
    parameter: Json
    match button.sub_type:
        case "url":
            parameter = {"type": "text", "text": button.value}
        case "quick_reply":
            parameter = {"type": "payload", "payload": button.value}
        case "copy_code":
            parameter = {"type": "coupon_code", "coupon_code": button.value}
        case "flow":
            parameter = {"type": "action", "action": {"flow_token": button.value}}
    # A number here instead of a text is refused.
    return {"type": "button", "sub_type": button.sub_type, "index": str(button.index), "parameters": [parameter]}
