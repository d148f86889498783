"""What each kind of free message must look like: the limits of text, media, cards, buttons and lists.

Source: WhatsApp Cloud API, sending messages.
"""

from __future__ import annotations

from collections.abc import Callable

from lhwa.sandbox.errors import INVALID_PARAMETER, PARAMETER_INVALID, PARAMETER_MISSING, Refused
from lhwa.sandbox.reading import Json, object_in, objects_in, optional_text, text_in

TEXT_MAX = 4_096
CAPTION_MAX = 1_024
FILENAME_MAX = 240
INTERACTIVE_BODY_MAX = 1_024
LIST_BODY_MAX = 4_096
SHORT_TEXT_MAX = 60
"""Of a header and of a footer."""
BUTTONS_MAX = 3
ROWS_MAX = 10
URL_MAX = 2_000
CARDS_MAX = 257
MEDIA_KINDS = ("image", "audio", "video", "document", "sticker")
_CAPTIONED = ("image", "video", "document")
_BAD = PARAMETER_INVALID


def check_free(kind: str, body: Json) -> None:
    """Refuse a free message that Meta would refuse.

    Raises: Refused.
    """
    check = _CHECKS.get(kind)
    if check is None:
        known = ", ".join(sorted((*_CHECKS, "template")))
        raise Refused(INVALID_PARAMETER, f"Param type must be one of {known}.")
    check(kind, body)


def media_of(body: Json) -> list[tuple[str, Json]]:
    """The files that a free message names: its own, or the header of its buttons."""
    kind = str(body.get("type", "text"))
    if kind in MEDIA_KINDS:
        return [(kind, body[kind])]
    header = body["interactive"].get("header", {}) if kind == "interactive" else {}
    named = header.get("type")
    return [(named, header[named])] if named in MEDIA_KINDS else []


def _text(_kind: str, body: Json) -> None:
    text = object_in(body, "text", "text")
    text_in(text, "body", "text['body']", chars_max=TEXT_MAX)
    if not isinstance(text.get("preview_url", False), bool):
        raise Refused(INVALID_PARAMETER, "Param text['preview_url'] must be a boolean.")


def check_media(kind: str, media: Json) -> None:
    """Refuse a file that is named by nothing, or twice, or with a text that its kind does not have."""
    if ("id" in media) == ("link" in media):
        raise Refused(INVALID_PARAMETER, f"Param {kind} must have either an id or a link.")
    key = "id" if "id" in media else "link"
    text_in(media, key, f"{kind}['{key}']", chars_max=URL_MAX)
    if "caption" in media and kind not in _CAPTIONED:
        raise Refused(INVALID_PARAMETER, f"Unexpected key caption on param {kind}.")
    optional_text(media, "caption", f"{kind}['caption']", chars_max=CAPTION_MAX)
    if "filename" in media and kind != "document":
        raise Refused(INVALID_PARAMETER, f"Unexpected key filename on param {kind}.")
    optional_text(media, "filename", f"{kind}['filename']", chars_max=FILENAME_MAX)


def _media(kind: str, body: Json) -> None:
    check_media(kind, object_in(body, kind, kind))


def check_location(location: Json) -> None:
    """Refuse a place that is not on the globe."""
    for key, most in (("latitude", 90), ("longitude", 180)):
        try:
            is_on_globe = abs(float(location[key])) <= most
        except (KeyError, TypeError, ValueError):
            is_on_globe = False
        if not is_on_globe:
            raise Refused(INVALID_PARAMETER, f"Param location['{key}'] must be from -{most} to {most}.")


def _location(_kind: str, body: Json) -> None:
    check_location(object_in(body, "location", "location"))


def _contacts(_kind: str, body: Json) -> None:
    for card in objects_in(body, "contacts", "contacts", most=CARDS_MAX):
        name = object_in(card, "name", "contacts['name']")
        text_in(name, "formatted_name", "contacts['name']['formatted_name']", chars_max=TEXT_MAX)


def _reaction(_kind: str, body: Json) -> None:
    reaction = object_in(body, "reaction", "reaction")
    text_in(reaction, "message_id", "reaction['message_id']", chars_max=URL_MAX)
    if not isinstance(reaction.get("emoji"), str):
        raise Refused(INVALID_PARAMETER, "The parameter reaction['emoji'] is required; an empty one removes it.")


def _interactive(_kind: str, body: Json) -> None:
    interactive = object_in(body, "interactive", "interactive", code=PARAMETER_MISSING)
    kind = interactive.get("type")
    check = _INTERACTIVE.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise Refused(_BAD, f"Interactive type must be one of {', '.join(sorted(_INTERACTIVE))}.")
    most = LIST_BODY_MAX if kind == "list" else INTERACTIVE_BODY_MAX
    holder = object_in(interactive, "body", "interactive['body']", code=PARAMETER_MISSING)
    text_in(holder, "text", "interactive['body']['text']", chars_max=most, code=_BAD)
    if "footer" in interactive:
        footer = object_in(interactive, "footer", "interactive['footer']", code=_BAD)
        text_in(footer, "text", "interactive['footer']['text']", chars_max=SHORT_TEXT_MAX, code=_BAD)
    if "header" in interactive:
        _header(object_in(interactive, "header", "interactive['header']", code=_BAD), text_only=kind == "list")
    check(object_in(interactive, "action", "interactive['action']", code=PARAMETER_MISSING))


def _header(header: Json, *, text_only: bool) -> None:
    kind = header.get("type")
    if kind == "text":
        text_in(header, "text", "interactive['header']['text']", chars_max=SHORT_TEXT_MAX, code=_BAD)
    elif kind in _CAPTIONED and not text_only:
        check_media(kind, object_in(header, kind, f"interactive['header']['{kind}']", code=_BAD))
    else:
        raise Refused(_BAD, "The header of this interactive message has a type that is not allowed.")


def _buttons(action: Json) -> None:
    titles: set[str] = set()
    ids: set[str] = set()
    buttons = objects_in(action, "buttons", "action['buttons']", most=BUTTONS_MAX, code=_BAD)
    for button in buttons:
        if button.get("type") != "reply":
            raise Refused(_BAD, "Button type must be reply.")
        reply = object_in(button, "reply", "button['reply']", code=_BAD)
        ids.add(text_in(reply, "id", "button['reply']['id']", chars_max=256, code=_BAD))
        titles.add(text_in(reply, "title", "button['reply']['title']", chars_max=20, code=_BAD))
    if len(titles) < len(buttons) or len(ids) < len(buttons):
        raise Refused(_BAD, "Button titles and ids must be unique.")


def _list(action: Json) -> None:
    text_in(action, "button", "action['button']", chars_max=20, code=_BAD)
    sections = objects_in(action, "sections", "action['sections']", most=ROWS_MAX, code=_BAD)
    ids: list[str] = []
    for section in sections:
        read = text_in if len(sections) > 1 else optional_text
        read(section, "title", "section['title']", chars_max=24, code=_BAD)
        for row in objects_in(section, "rows", "section['rows']", most=ROWS_MAX, code=_BAD):
            ids.append(text_in(row, "id", "row['id']", chars_max=200, code=_BAD))
            text_in(row, "title", "row['title']", chars_max=24, code=_BAD)
            optional_text(row, "description", "row['description']", chars_max=72, code=_BAD)
    if len(ids) > ROWS_MAX:
        raise Refused(_BAD, f"Total row count exceeds {ROWS_MAX}.")
    if len(set(ids)) < len(ids):
        raise Refused(_BAD, "Row ids must be unique.")


def _cta_url(action: Json) -> None:
    _named(action, "cta_url")
    parameters = object_in(action, "parameters", "action['parameters']", code=_BAD)
    text_in(parameters, "display_text", "parameters['display_text']", chars_max=20, code=_BAD)
    url = text_in(parameters, "url", "parameters['url']", chars_max=URL_MAX, code=_BAD)
    if not url.startswith(("https://", "http://")):
        raise Refused(_BAD, "parameters['url'] is not a URL.")


def _named(action: Json, name: str) -> None:
    if action.get("name") != name:
        raise Refused(_BAD, f"action['name'] must be {name}.")


_INTERACTIVE: dict[str, Callable[[Json], None]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _cta_url,
    "location_request_message": lambda action: _named(action, "send_location"),
    "request_contact_info": lambda action: _named(action, "request_contact_info"),
}
_CHECKS: dict[str, Callable[[str, Json], None]] = {
    "text": _text,
    **dict.fromkeys(MEDIA_KINDS, _media),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _interactive,
}
