"""Limits of interactive messages: buttons, lists, links, and requests for a place or a number.

They come as Meta's own object, so anything may stand anywhere in it; what is not there reads as empty.

Source: WhatsApp Cloud API, interactive messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from lhwa.domain.outbound_limits.finding import Finding, text_findings

Json = dict[str, Any]

BODY_CHARS_MAX = 1_024
LIST_BODY_CHARS_MAX = 4_096
HEADER_CHARS_MAX = 60
FOOTER_CHARS_MAX = 60
BUTTONS_MAX = 3
BUTTON_ID_CHARS_MAX = 256
BUTTON_TITLE_CHARS_MAX = 20
"""Also of the label that opens a list, and of a link."""
SECTIONS_MAX = 10
ROWS_MAX = 10
"""In all sections together."""
SECTION_TITLE_CHARS_MAX = 24
ROW_ID_CHARS_MAX = 200
ROW_TITLE_CHARS_MAX = 24
ROW_DESCRIPTION_CHARS_MAX = 72
_HEADER_MEDIA = ("image", "video", "document")


def interactive_findings(interactive: Json) -> Iterator[Finding]:
    """Everything in an interactive message that Meta would refuse."""
    kind = interactive.get("type")
    check = _ACTIONS.get(kind) if isinstance(kind, str) else None
    if check is None:
        yield Finding("interactive-type", "interactive.type", f"Use one of {', '.join(_ACTIONS)}.")
        return
    body_max = LIST_BODY_CHARS_MAX if kind == "list" else BODY_CHARS_MAX
    yield from text_findings("body", "body.text", _object(interactive, "body").get("text"), chars_max=body_max)
    if "footer" in interactive:
        footer = _object(interactive, "footer").get("text")
        yield from text_findings("footer", "footer.text", footer, chars_max=FOOTER_CHARS_MAX)
    if "header" in interactive:
        yield from _header(_object(interactive, "header"), text_only=kind == "list")
    yield from check(_object(interactive, "action"))


def _header(header: Json, *, text_only: bool) -> Iterator[Finding]:
    kind = header.get("type")
    if kind == "text":
        yield from text_findings("header", "header.text", header.get("text"), chars_max=HEADER_CHARS_MAX)
    elif text_only or kind not in _HEADER_MEDIA:
        allowed = "a text" if text_only else "a text, an image, a video or a document"
        yield Finding("header-kind", "header.type", f"Use {allowed}.")
    else:
        media = _object(header, str(kind))
        if ("id" in media) == ("link" in media):
            yield Finding("header-media", f"header.{kind}", "Name a file by its id or by a link, not both.")
        elif "link" in media and not _is_https(media["link"]):
            yield Finding("link-https", f"header.{kind}.link", "Use a link that begins with https://.")


def _buttons(action: Json) -> Iterator[Finding]:
    buttons = _objects(action, "buttons")
    if not 1 <= len(buttons) <= BUTTONS_MAX:
        yield Finding("buttons-count", "action.buttons", f"Use 1 to {BUTTONS_MAX} buttons.")
    replies = [_object(button, "reply") for button in buttons]
    for number, (button, reply) in enumerate(zip(buttons, replies, strict=True)):
        where = f"action.buttons[{number}]"
        if button.get("type") != "reply":
            yield Finding("button-type", f"{where}.type", "Use reply.")
        yield from text_findings("button-id", f"{where}.reply.id", reply.get("id"), chars_max=BUTTON_ID_CHARS_MAX)
        title = reply.get("title")
        yield from text_findings("button-title", f"{where}.reply.title", title, chars_max=BUTTON_TITLE_CHARS_MAX)
    yield from _unique("button-titles-unique", "action.buttons", [reply.get("title") for reply in replies])
    yield from _unique("button-ids-unique", "action.buttons", [reply.get("id") for reply in replies])


def _list(action: Json) -> Iterator[Finding]:
    yield from text_findings("list-label", "action.button", action.get("button"), chars_max=BUTTON_TITLE_CHARS_MAX)
    sections = _objects(action, "sections")
    if not 1 <= len(sections) <= SECTIONS_MAX:
        yield Finding("sections-count", "action.sections", f"Use 1 to {SECTIONS_MAX} sections.")
    rows: list[Json] = []
    for number, section in enumerate(sections):
        where = f"action.sections[{number}]"
        if len(sections) > 1 or "title" in section:
            title = section.get("title")
            yield from text_findings("section-title", f"{where}.title", title, chars_max=SECTION_TITLE_CHARS_MAX)
        own = _objects(section, "rows")
        if not own:
            yield Finding("rows-count", f"{where}.rows", "Give every section a row.")
        for position, row in enumerate(own):
            yield from _row(row, f"{where}.rows[{position}]")
        rows.extend(own)
    if len(rows) > ROWS_MAX:
        yield Finding("rows-count", "action.sections", f"Use at most {ROWS_MAX} rows in all sections together.")
    yield from _unique("row-ids-unique", "action.sections", [row.get("id") for row in rows])


def _row(row: Json, where: str) -> Iterator[Finding]:
    yield from text_findings("row-id", f"{where}.id", row.get("id"), chars_max=ROW_ID_CHARS_MAX)
    yield from text_findings("row-title", f"{where}.title", row.get("title"), chars_max=ROW_TITLE_CHARS_MAX)
    if "description" in row:
        description = row["description"]
        yield from text_findings(
            "row-description", f"{where}.description", description, chars_max=ROW_DESCRIPTION_CHARS_MAX
        )


def _link(action: Json) -> Iterator[Finding]:
    yield from _named(action, "cta_url")
    parameters = _object(action, "parameters")
    label = parameters.get("display_text")
    yield from text_findings("link-label", "action.parameters.display_text", label, chars_max=BUTTON_TITLE_CHARS_MAX)
    if not _is_https(parameters.get("url")):
        yield Finding("link-https", "action.parameters.url", "Use a link that begins with https://.")


def _named(action: Json, name: str) -> Iterator[Finding]:
    if action.get("name") != name:
        yield Finding("action-name", "action.name", f"Use {name}.")


def _unique(rule: str, place: str, texts: list[object]) -> Iterator[Finding]:
    known = [text for text in texts if isinstance(text, str)]
    if len(set(known)) < len(known):
        yield Finding(rule, place, "Make each of them different.")


def _is_https(url: object) -> bool:
    if not isinstance(url, str) or any(character.isspace() for character in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)


def _object(holder: Json, key: str) -> Json:
    found = holder.get(key)
    return found if isinstance(found, dict) else {}


def _objects(holder: Json, key: str) -> list[Json]:
    found = holder.get(key)
    return [each if isinstance(each, dict) else {} for each in found] if isinstance(found, list | tuple) else []


_ACTIONS: dict[str, Callable[[Json], Iterator[Finding]]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
    "location_request_message": lambda action: _named(action, "send_location"),
    "request_contact_info": lambda action: _named(action, "request_contact_info"),
}
