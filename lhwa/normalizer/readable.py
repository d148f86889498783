"""What a person reads of a message: body, caption, title, emoji, place or file name; None when there is nothing.

Every type has its own short function; a type that we do not know is asked for the usual names of texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lhwa.normalizer.scalars import as_dict, as_list, text_of

_USUAL_KEYS = ("body", "text", "caption", "title", "name")


def readable_text(wire_type: str, message: dict[str, Any]) -> str | None:
    """The readable text of one message object."""
    part = message.get(wire_type)
    if wire_type == "contacts":
        return _contacts(part)
    return _TEXTS.get(wire_type, _usual)(as_dict(part))


def _usual(part: dict[str, Any]) -> str | None:
    return _first(part, *_USUAL_KEYS)


def _first(part: dict[str, Any], *keys: str) -> str | None:
    return next((found for key in keys if (found := text_of(part.get(key)))), None)


def _body(part: dict[str, Any]) -> str | None:
    return text_of(part.get("body"))


def _media(part: dict[str, Any]) -> str | None:
    return _first(part, "caption", "filename")


def _location(part: dict[str, Any]) -> str | None:
    return _first(part, "name", "address", "url")


def _contacts(cards: Any) -> str | None:
    names = (_card_name(as_dict(card)) for card in as_list(cards))
    return ", ".join(name for name in names if name) or None


def _card_name(card: dict[str, Any]) -> str | None:
    name = as_dict(card.get("name"))
    return _first(name, "formatted_name", "first_name", "last_name") or text_of(as_dict(card.get("org")).get("company"))


def _interactive(part: dict[str, Any]) -> str | None:
    kind = part.get("type")
    reply = as_dict(part.get(kind)) if isinstance(kind, str) else {}
    found = _first(reply, "title", "body", "response", "text")
    # What the firm itself sent, seen in an echo or in history, has its text under `body`.
    return found or text_of(as_dict(part.get("body")).get("text"))


def _button(part: dict[str, Any]) -> str | None:
    return _first(part, "text", "payload")


def _reaction(part: dict[str, Any]) -> str | None:
    return text_of(part.get("emoji"))


def _order(part: dict[str, Any]) -> str | None:
    return text_of(part.get("text"))


def _edit(part: dict[str, Any]) -> str | None:
    message = as_dict(part.get("message"))
    kind = message.get("type")
    return readable_text(kind, message) if isinstance(kind, str) and kind != "edit" else None


def _nothing(_part: dict[str, Any]) -> str | None:
    return None


_TEXTS: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "text": _body,
    "image": _media,
    "audio": _media,
    "voice": _media,
    "video": _media,
    "document": _media,
    "sticker": _media,
    "location": _location,
    "interactive": _interactive,
    "button": _button,
    "reaction": _reaction,
    "order": _order,
    "system": _body,
    "edit": _edit,
    "revoke": _nothing,
    "unsupported": _nothing,
}
