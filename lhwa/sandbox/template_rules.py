"""What a template has to look like to be taken for review, and to pass it.

Source: WhatsApp Cloud API, template rules.
"""

from __future__ import annotations

import re
from collections import Counter

from lhwa.sandbox.errors import (
    BODY_FORMAT,
    FOOTER_FORMAT,
    HEADER_FORMAT,
    INVALID_PARAMETER,
    TEMPLATE_FIELD_TOO_LONG,
    TOO_MANY_VARIABLES,
    VARIABLE_AT_EDGE,
    Refused,
)
from lhwa.sandbox.reading import Json, objects_in
from lhwa.sandbox.templates import Template, variables_of

NAME = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
BODY_MAX = 1_024
LINE_MAX = 60
"""Of a header and of a footer."""
BUTTON_TEXT_MAX = 25
URL_MAX = 2_000
MEDIA_HEADERS = ("IMAGE", "VIDEO", "DOCUMENT")
BUTTONS_MAX = {
    "QUICK_REPLY": 10,
    "URL": 2,
    "PHONE_NUMBER": 1,
    "COPY_CODE": 1,
    "VOICE_CALL": 1,
    "FLOW": 1,
    "OTP": 1,
    "REQUEST_CONTACT_INFO": 1,
}
_ALL_BUTTONS_MAX = 10
_KINDS = ("HEADER", "BODY", "FOOTER", "BUTTONS")
_WORDS_PER_VARIABLE = 2
"""A text of only so many words for each variable is taken; Meta does not say where exactly it draws the line."""
_NAMED = re.compile(r"[a-z_][a-z0-9_]*")
_NUMBERED = re.compile(r"[1-9][0-9]*")
_EDGE = re.compile(r"^\s*\{\{|\}\}\s*$")
_ADJACENT = re.compile(r"\}\}\s*\{\{")


def check_components(components: list[Json], *, category: str) -> None:
    """Refuse components that Meta would not even review.

    Raises: Refused.
    """
    kinds = Counter(str(each.get("type", "")).upper() for each in components)
    if kinds["BODY"] != 1 or any(kind not in _KINDS or count > 1 for kind, count in kinds.items()):
        raise Refused(INVALID_PARAMETER, "A template has one body and at most one header, footer and buttons.")
    for component in components:
        kind = str(component["type"]).upper()
        if kind == "BODY" and category != "AUTHENTICATION":  # the text of one-time codes is Meta's
            _check_body(component)
        elif kind == "HEADER":
            _check_header(component)
        elif kind == "FOOTER" and category != "AUTHENTICATION":
            _check_footer(component)
        elif kind == "BUTTONS":
            _check_buttons(component)


def rejection_of(template: Template) -> str | None:
    """The reason for which a review refuses a template; None when it passes."""
    names = variables_of(template.text("HEADER")) + variables_of(template.text("BODY"))
    has_named = any(not _NUMBERED.fullmatch(name) for name in names)
    return "INVALID_FORMAT" if has_named and not template.is_named else None


def _text(component: Json, kind: str, *, chars_max: int, code: int) -> str:
    text = component.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused(code, f"The {kind} needs a text.")
    if len(text) > chars_max:
        raise Refused(TEMPLATE_FIELD_TOO_LONG, f"The {kind} has more than {chars_max} characters.")
    return text


def _check_body(component: Json) -> None:
    text = _text(component, "body", chars_max=BODY_MAX, code=BODY_FORMAT)
    names = _variables(text, code=BODY_FORMAT)
    if _EDGE.search(text):
        raise Refused(VARIABLE_AT_EDGE, "Variables can not be at the start or end of the template.")
    words = len(re.sub(r"\{\{.*?\}\}", " ", text).split())
    if words < len(names) * _WORDS_PER_VARIABLE:
        raise Refused(TOO_MANY_VARIABLES, "This template has too many variables for its length.")
    if names and not _has_examples(component, "body_text", len(names), nested=True):
        raise Refused(BODY_FORMAT, "The body needs an example for each variable.")


def _check_header(component: Json) -> None:
    kind = str(component.get("format", "TEXT")).upper()
    example = component.get("example")
    if kind == "TEXT":
        text = _text(component, "header", chars_max=LINE_MAX, code=HEADER_FORMAT)
        names = _variables(text, code=HEADER_FORMAT)
        if len(names) > 1 or (names and not _has_examples(component, "header_text", len(names), nested=False)):
            raise Refused(HEADER_FORMAT, "The header takes one variable, with an example.")
    elif kind in MEDIA_HEADERS:
        if not isinstance(example, dict) or not example.get("header_handle"):
            raise Refused(HEADER_FORMAT, "A media header needs an example handle.")
    elif kind != "LOCATION":
        raise Refused(HEADER_FORMAT, "The header has an unknown format.")


def _check_footer(component: Json) -> None:
    text = _text(component, "footer", chars_max=LINE_MAX, code=FOOTER_FORMAT)
    if variables_of(text):
        raise Refused(FOOTER_FORMAT, "The footer takes no variables.")


def _variables(text: str, *, code: int) -> list[str]:
    names = variables_of(text)
    numbers = sorted(int(name) for name in names if _NUMBERED.fullmatch(name))
    named = [name for name in names if _NAMED.fullmatch(name)]
    if len(numbers) + len(named) < len(names) or (numbers and named):
        raise Refused(code, "Variables are numbers or lower-case names, not both.")
    if numbers != list(range(1, len(numbers) + 1)):
        raise Refused(code, "Numbered variables count from 1 without a gap.")
    if _ADJACENT.search(text):
        raise Refused(code, "Variables can not stand next to each other.")
    return names


def _has_examples(component: Json, key: str, count: int, *, nested: bool) -> bool:
    example = component.get("example")
    if not isinstance(example, dict):
        return False
    named = example.get(f"{key}_named_params")
    if isinstance(named, list):
        return len(named) == count
    given = example.get(key)
    if nested:
        given = given[0] if isinstance(given, list) and given else None
    return isinstance(given, list) and len(given) == count


def _check_buttons(component: Json) -> None:
    buttons = objects_in(component, "buttons", "components['buttons']", most=_ALL_BUTTONS_MAX)
    kinds = [str(button.get("type", "")).upper() for button in buttons]
    for kind, count in Counter(kinds).items():
        if count > BUTTONS_MAX.get(kind, 0):
            raise Refused(INVALID_PARAMETER, f"Too many buttons, or an unknown one: {kind[:30]}.")
    replies = [index for index, kind in enumerate(kinds) if kind == "QUICK_REPLY"]
    if replies and replies[-1] - replies[0] + 1 > len(replies):
        raise Refused(INVALID_PARAMETER, "Quick replies must stand together.")
    for kind, button in zip(kinds, buttons, strict=True):
        _check_button(kind, button)


def _check_button(kind: str, button: Json) -> None:
    text = button.get("text")
    if kind not in ("OTP", "COPY_CODE", "REQUEST_CONTACT_INFO") and not (isinstance(text, str) and text):
        raise Refused(INVALID_PARAMETER, "A button needs a text.")
    if isinstance(text, str) and len(text) > BUTTON_TEXT_MAX:
        raise Refused(TEMPLATE_FIELD_TOO_LONG, f"A button text has more than {BUTTON_TEXT_MAX} characters.")
    if kind == "URL":
        url = button.get("url")
        if not isinstance(url, str) or len(url) > URL_MAX or not url.startswith(("https://", "http://")):
            raise Refused(INVALID_PARAMETER, "A URL button needs a URL.")
        names = variables_of(url)
        if names and (names != ["1"] or not url.endswith("}}") or not button.get("example")):
            raise Refused(INVALID_PARAMETER, "A URL takes one variable, {{1}}, at its end and with an example.")
    if kind == "PHONE_NUMBER" and not (isinstance(button.get("phone_number"), str) and button["phone_number"]):
        raise Refused(INVALID_PARAMETER, "A phone button needs a number.")
