"""Filling a template: whether the values of a message fit the template that it names.

Source: WhatsApp Cloud API, sending templates.
"""

from __future__ import annotations

import re
from typing import Any

from lhwa.sandbox.bodies import check_location, check_media
from lhwa.sandbox.errors import (
    INVALID_PARAMETER,
    PARAMETER_COUNT,
    PARAMETER_FORMAT,
    PARAMETER_MISSING,
    TEMPLATE_DISABLED,
    TEMPLATE_MISSING,
    TEMPLATE_PARAMETER,
    TEMPLATE_PAUSED,
    TEXT_TOO_LONG,
    Refused,
)
from lhwa.sandbox.reading import Json, object_in, text_in
from lhwa.sandbox.template_rules import BODY_MAX, LINE_MAX, MEDIA_HEADERS
from lhwa.sandbox.templates import Template, TemplateBook, TemplateStatus, substituted, variables_of

TEMPLATE_PARAMETER_SINCE = 23
"""The version of the API in which code 132018 came; before it was 100."""
CODE_MAX = 15
"""Characters of a one-time code."""
_NAME_MAX = 512
_FORBIDDEN = re.compile(r"[\n\r\t]| {5}")


def check_filling(book: TemplateBook, given: Json, *, version: int) -> Template:
    """The template that a message names, when it may be sent with these values.

    Args:
        given: the member `template` of a message.
        version: of the API.
    Raises: Refused.
    """
    template = _sendable(book, given)
    components = given.get("components", [])
    if not isinstance(components, list) or not all(isinstance(each, dict) for each in components):
        raise Refused(INVALID_PARAMETER, "Param template['components'] must be a list of objects.")
    by_kind = {str(each.get("type", "")).lower(): each for each in components}
    unknown = set(by_kind) - {"header", "body", "button"}
    texts = [each for each in components if str(each.get("type", "")).lower() != "button"]
    if unknown or len(texts) > len(set(by_kind) - {"button"}):
        raise Refused(INVALID_PARAMETER, "Param template['components'] has one header, one body and buttons.")
    _check_header(template, _parameters(by_kind.get("header")), version=version)
    if template.category == "AUTHENTICATION":
        _check_code(components, _parameters(by_kind.get("body")), version=version)
    else:
        values = _text_values(template, template.text("BODY"), _parameters(by_kind.get("body")), version=version)
        _check_length(template.text("BODY"), values, chars_max=BODY_MAX)
        _check_buttons(template, components, version=version)
    return template


def media_in(given: Json) -> list[tuple[str, Json]]:
    """The files in the values of a template that was checked."""
    parameters = [parameter for each in given.get("components", []) for parameter in _parameters(each)]
    media = [format_name.lower() for format_name in MEDIA_HEADERS]
    return [(each["type"], each[each["type"]]) for each in parameters if each.get("type") in media]


def filled_text(template: Template, given: Json, *, version: int) -> Json:
    """What a reader sees of a template that was checked: its texts with their values, and its quick replies."""
    by_kind = {str(each.get("type", "")).lower(): each for each in given.get("components", [])}
    texts = []
    for kind in ("HEADER", "BODY", "FOOTER"):
        text, parameters = template.text(kind), _parameters(by_kind.get(kind.lower()))
        if text and variables_of(text):
            text = substituted(text, _text_values(template, text, parameters, version=version))
        texts.append(text)
    buttons = _button_texts(given.get("components", []))
    replies = [
        {"payload": _payload(buttons.get(index), str(button["text"])), "text": str(button["text"])}
        for index, button in enumerate(template.buttons)
        if str(button.get("type", "")).upper() == "QUICK_REPLY"
    ]
    return {"type": "template", "text": "\n\n".join(filter(None, texts)), "quickReplies": replies}


def _payload(component: Json | None, text: str) -> str:
    """What a quick reply says when it is tapped: as given when it was sent, else its text."""
    return text if component is None else str(_parameters(component)[0]["payload"])


def _sendable(book: TemplateBook, given: Json) -> Template:
    name = text_in(given, "name", "template['name']", chars_max=_NAME_MAX)
    language = object_in(given, "language", "template['language']")
    code = text_in(language, "code", "template['language']['code']", chars_max=_NAME_MAX)
    template = book.find(name, code)
    if template is not None and template.status is TemplateStatus.PAUSED:
        raise Refused(TEMPLATE_PAUSED, "The template is paused for low quality.")
    if template is not None and template.status is TemplateStatus.DISABLED:
        raise Refused(TEMPLATE_DISABLED, "The template was paused too many times and is disabled for good.")
    if template is None or template.status is not TemplateStatus.APPROVED:
        raise Refused(TEMPLATE_MISSING, "The template does not exist in this language, or is not approved.")
    return template


def _parameters(component: Json | None) -> list[Json]:
    given = (component or {}).get("parameters", [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Refused(INVALID_PARAMETER, "Parameters must be a list of objects.")
    return given


def _check_header(template: Template, given: list[Json], *, version: int) -> None:
    kind = template.header_format
    if kind in (None, "TEXT"):
        text = template.text("HEADER")
        _check_length(text, _text_values(template, text, given, version=version), chars_max=LINE_MAX)
        return
    expected = str(kind).lower()
    if len(given) != 1 or given[0].get("type") != expected:
        found = str(given[0].get("type"))[:30] if given else "nothing"
        raise Refused(PARAMETER_FORMAT, f"header: Format mismatch, expected {kind}, received {found}.")
    value = object_in(given[0], expected, expected, code=PARAMETER_FORMAT)
    if kind == "LOCATION":
        check_location(value)
    else:
        check_media(expected, value)


def _text_values(template: Template, text: str, given: list[Json], *, version: int) -> dict[str, str]:
    names = variables_of(text)
    if template.is_named and given:
        given_names = [each.get("parameter_name") for each in given]
        if not all(isinstance(name, str) and name for name in given_names):
            raise Refused(INVALID_PARAMETER, "Parameter name is missing or empty.")
        if sorted(map(str, given_names)) != sorted(names):
            raise _count(len(names), len(given))
        keys = [str(name) for name in given_names]
    else:
        if len(given) != len(names):
            raise _count(len(names), len(given))
        # {{10}} comes after {{2}}: positions are numbers, not texts.
        keys = names if template.is_named else sorted(names, key=_position)
    return {key: _value(each, version=version) for key, each in zip(keys, given, strict=True)}


def _position(name: str) -> int:
    # Somebody may have approved by hand what a review refuses: names in a template of positions.
    return int(name) if name.isascii() and name.isdigit() else 0


def _count(expected: int, given: int) -> Refused:
    details = f"number of localizable_params ({given}) does not match the expected number of params ({expected})"
    return Refused(PARAMETER_COUNT, details)


def _value(parameter: Json, *, version: int) -> str:
    kind = parameter.get("type")
    if kind in ("currency", "date_time"):
        rendered = object_in(parameter, kind, kind, code=PARAMETER_FORMAT).get("fallback_value")
    elif kind == "text":
        rendered = parameter.get("text")
    else:
        raise Refused(PARAMETER_FORMAT, "A variable of a text takes text, currency or date_time.")
    return _clean(rendered, version=version)


def _clean(value: Any, *, version: int) -> str:
    code = TEMPLATE_PARAMETER if version >= TEMPLATE_PARAMETER_SINCE else INVALID_PARAMETER
    if not isinstance(value, str) or not value.strip():
        raise Refused(code, "Parameter of type text is missing text value.")
    if _FORBIDDEN.search(value):
        raise Refused(code, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces.")
    return value


def _check_length(text: str, values: dict[str, str], *, chars_max: int) -> None:
    length = len(substituted(text, values))
    if length > chars_max:
        raise Refused(TEXT_TOO_LONG, f"The text has {length} characters with its values, {chars_max} are allowed.")


def _button_texts(components: list[Json]) -> dict[int, Json]:
    buttons: dict[int, Json] = {}
    for component in components:
        if str(component.get("type", "")).lower() == "button":
            index = str(component.get("index", ""))
            if not (index.isascii() and index.isdigit()):
                raise Refused(INVALID_PARAMETER, "A button needs an index.")
            buttons[int(index)] = component
    return buttons


_NEEDS = {"URL": ("url", "text"), "COPY_CODE": ("copy_code", "coupon_code")}
_MAY_TAKE = {"QUICK_REPLY": ("quick_reply", "payload"), "FLOW": ("flow", "action")} | _NEEDS


def _check_buttons(template: Template, components: list[Json], *, version: int) -> None:
    given = _button_texts(components)
    kinds = [str(button.get("type", "")).upper() for button in template.buttons]
    for index in given:
        if index >= len(kinds) or kinds[index] not in _MAY_TAKE:
            raise Refused(PARAMETER_FORMAT, f"buttons: Button at index {index} takes no parameters.")
    for index, (kind, button) in enumerate(zip(kinds, template.buttons, strict=True)):
        if kind == "URL" and not variables_of(str(button.get("url", ""))):
            if index in given:
                raise _count(0, 1)
            continue
        if index in given:
            _check_button(kind, index, given[index], version=version)
        elif kind in _NEEDS:
            raise Refused(PARAMETER_MISSING, f"buttons: Button at index {index} of type {kind} requires a parameter.")


def _check_button(kind: str, index: int, component: Json, *, version: int) -> None:
    sub_type, key = _MAY_TAKE[kind]
    parameters = _parameters(component)
    is_right = str(component.get("sub_type", "")).lower() == sub_type and len(parameters) == 1
    if not is_right or parameters[0].get("type") != key:
        raise Refused(PARAMETER_FORMAT, f"buttons: Button at index {index} takes one {key} as {sub_type}.")
    if kind in _NEEDS:
        _clean(parameters[0].get(key), version=version)


def _check_code(components: list[Json], body: list[Json], *, version: int) -> None:
    # The body and the button of a one-time code carry the same code.
    if len(body) != 1:
        raise _count(1, len(body))
    code = _value(body[0], version=version)
    if len(code) > CODE_MAX:
        raise Refused(TEMPLATE_PARAMETER, f"A one-time code has at most {CODE_MAX} characters.")
    button = _button_texts(components).get(0)
    if button is None:
        raise Refused(PARAMETER_MISSING, "buttons: Button at index 0 of type URL requires a parameter.")
    _check_button("URL", 0, button, version=version)
    if _parameters(button)[0]["text"] != code:
        raise Refused(PARAMETER_FORMAT, "The button of a one-time code carries the same code as the body.")
