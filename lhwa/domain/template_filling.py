"""Filling a template with values: what is wrong with them, the message to send, and what the client sees.

Invariant: values that `parameter_findings` has no error for fill and render within every limit of Meta's.
Values are words of and about a client: no finding and no error quotes them.

Source: WhatsApp Cloud API, sending templates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lhwa.domain.findings import Finding, Severity, error
from lhwa.domain.outbound import ButtonParameter, FilledTemplate, Media, Parameter
from lhwa.domain.template_lint.values import value_fault
from lhwa.domain.templates import (
    AUTHENTICATION_CODE_CHARS_MAX,
    BODY_CHARS_MAX,
    CODE_KEY,
    COPY_CODE_CHARS_MAX,
    HEADER_CHARS_MAX,
    HEADER_FILENAME_KEY,
    HEADER_MEDIA_KEY,
    PAYLOAD_CHARS_MAX,
    URL_CHARS_MAX,
    VARIABLE,
    Button,
    ButtonKind,
    HeaderFormat,
    ParameterFormat,
    Template,
    body_variables,
    button_key,
    has_link_variable,
    header_key,
    header_variables,
    link_prefix,
)
from lhwa.errors import UsageError

_K = ButtonKind
_URL_SAFE = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})+")
_CODE = re.compile(r"[A-Za-z0-9-]+")
_SUB_TYPES: dict[ButtonKind, Literal["url", "quick_reply", "copy_code", "flow"]] = {
    _K.URL: "url",
    _K.QUICK_REPLY: "quick_reply",
    _K.COPY_CODE: "copy_code",
    _K.FLOW: "flow",
}
_CHARS_MAX = {_K.QUICK_REPLY: PAYLOAD_CHARS_MAX, _K.COPY_CODE: COPY_CODE_CHARS_MAX, _K.FLOW: PAYLOAD_CHARS_MAX}


@dataclass(frozen=True, slots=True)
class RenderedButton:
    """A button as the client sees it, and what it holds: a link, a number, a code."""

    text: str
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as the client sees it. Where a value is missing the variable still stands."""

    header: str | None
    """The text, or the kind of file in brackets."""
    body: str
    footer: str | None
    buttons: tuple[RenderedButton, ...]

    def __repr__(self) -> str:
        return "Rendered(…)"


def value_keys(template: Template) -> dict[str, bool]:
    """The key of each value that a template takes, in the order of its parts; True where it has to be there."""
    if template.is_authentication:
        return {CODE_KEY: True}
    keys = dict.fromkeys(header_variables(template).values(), True)
    if template.header is not None and template.header_text is None:
        keys[HEADER_MEDIA_KEY] = template.header.format is not HeaderFormat.LOCATION
        if template.header.format is HeaderFormat.DOCUMENT:
            keys[HEADER_FILENAME_KEY] = False
    keys |= dict.fromkeys(body_variables(template), True)
    for index, button in enumerate(template.buttons):
        if has_link_variable(button) or button.kind is _K.COPY_CODE:
            keys[button_key(index)] = True
        elif button.kind in (_K.QUICK_REPLY, _K.FLOW):
            keys[button_key(index)] = False
    return keys


def example_values(template: Template) -> dict[str, str]:
    """The examples of a template as values."""
    if template.is_authentication:
        return {CODE_KEY: "123456"}
    values = dict(template.examples)
    for index, button in enumerate(template.buttons):
        if button.example and (has_link_variable(button) or button.kind is _K.COPY_CODE):
            values[button_key(index)] = button.example
    return values


def parameter_findings(template: Template, values: Mapping[str, str]) -> list[Finding]:
    """Everything that is wrong with these values for this template."""
    found = [*_keys(template, values), *_each_value(template, values), *_lengths(template, values)]
    return [replace(finding, subject=template.title) for finding in found]


def fill(template: Template, values: Mapping[str, str]) -> FilledTemplate:
    """The message to send.

    Raises: UsageError when a value is missing, unknown, or one that Meta refuses.
    """
    faults = [each for each in parameter_findings(template, values) if each.severity is Severity.ERROR]
    if faults:
        first = faults[0]
        raise UsageError(f"{template.title} cannot be filled: {first.place}: {first.what}", hint=first.mend)
    if template.is_authentication:
        code = values[CODE_KEY]
        return FilledTemplate(
            name=template.name,
            language=template.language,
            body=(Parameter(value=code),),
            buttons=(ButtonParameter(index=0, sub_type="url", value=code),),
        )
    return FilledTemplate(
        name=template.name,
        language=template.language,
        header=tuple(_parameter(template, name, values[key]) for name, key in header_variables(template).items()),
        header_media=_media(template, values),
        body=tuple(_parameter(template, name, values[name]) for name in body_variables(template)),
        buttons=tuple(
            ButtonParameter(index=index, sub_type=_SUB_TYPES[button.kind], value=values[button_key(index)])
            for index, button in enumerate(template.buttons)
            if button_key(index) in values
        ),
    )


def values_of(template: Template, filled: FilledTemplate) -> dict[str, str]:
    """The values that a message was filled with, by the keys of the template as it is now.

    Where the template has changed since, keys are missing or too many: `parameter_findings` says so.
    """
    if template.is_authentication:
        return {CODE_KEY: filled.body[0].value} if filled.body else {}
    values = _by_name(filled.header, tuple(header_variables(template)), key=header_key)
    values |= _by_name(filled.body, body_variables(template), key=str)
    if filled.header_media is not None:
        values[HEADER_MEDIA_KEY] = filled.header_media.media_id
        if filled.header_media.filename is not None:
            values[HEADER_FILENAME_KEY] = filled.header_media.filename
    return values | {button_key(button.index): button.value for button in filled.buttons}


def render(template: Template, values: Mapping[str, str]) -> Rendered:
    """The message as the client sees it. Values are put in once: braces inside a value stay as they are."""
    if template.is_authentication:
        return _rendered_code(template, values)
    return Rendered(
        header=_rendered_header(template, values),
        body=_filled(template.body, values),
        footer=template.footer,
        buttons=tuple(_rendered_button(button, index, values) for index, button in enumerate(template.buttons)),
    )


def _keys(template: Template, values: Mapping[str, str]) -> Iterator[Finding]:
    keys = value_keys(template)
    for key, is_needed in keys.items():
        if is_needed and key not in values:
            yield error("value-missing", key, "This value is missing.", f"Give a value for `{key}`.")
    if values.keys() - keys.keys():
        known = ", ".join(keys) or "none"
        # An unknown key is not quoted: a swapped pair would put the value here.
        yield error(
            "value-unknown", "values", "A value has a name that the template does not have.", f"It takes: {known}."
        )
    if template.header is not None and template.header.format is HeaderFormat.LOCATION:
        yield error(
            "header-location",
            "header",
            "A header with a map cannot be filled here.",
            "Use a template without it and send the place as a message of its own.",
        )


def _each_value(template: Template, values: Mapping[str, str]) -> Iterator[Finding]:
    for key in value_keys(template):
        if key in values and (fault := value_fault(values[key])) is not None:
            yield error(fault.rule, key, fault.what, fault.mend)


def _lengths(template: Template, values: Mapping[str, str]) -> Iterator[Finding]:
    if template.is_authentication:
        code = values.get(CODE_KEY, "0")
        if len(code) > AUTHENTICATION_CODE_CHARS_MAX:
            yield _too_long("code-length", CODE_KEY, len(code), AUTHENTICATION_CODE_CHARS_MAX)
        elif code.strip() and not _CODE.fullmatch(code):
            yield error("code-characters", CODE_KEY, "A code is letters and digits.", "Make a plain code.")
        return
    shown = render(template, values)
    if len(shown.body) > BODY_CHARS_MAX:
        yield _too_long("body-length", "body", len(shown.body), BODY_CHARS_MAX)
    if template.header_text is not None and len(shown.header or "") > HEADER_CHARS_MAX:
        yield _too_long("header-length", "header", len(shown.header or ""), HEADER_CHARS_MAX)
    for index, button in enumerate(template.buttons):
        yield from _button_value(button, index, values)


def _button_value(button: Button, index: int, values: Mapping[str, str]) -> Iterator[Finding]:
    key = button_key(index)
    value = values.get(key)
    if value is None or not value.strip():
        return
    if has_link_variable(button):
        if not _URL_SAFE.fullmatch(value):
            yield error(
                "url-unsafe",
                key,
                "The end of a link holds a character that links cannot have.",
                "Write it URL-encoded, a space as `%20`.",
            )
        if (chars := len(link_prefix(button)) + len(value)) > URL_CHARS_MAX:
            yield _too_long("url-length", key, chars, URL_CHARS_MAX)
    elif button.kind in _CHARS_MAX and len(value) > _CHARS_MAX[button.kind]:
        yield _too_long("button-value-length", key, len(value), _CHARS_MAX[button.kind])


def _too_long(rule: str, place: str, chars: int, chars_max: int) -> Finding:
    return error(
        rule,
        place,
        f"With its values this has {chars:,} characters; Meta allows {chars_max:,}.",
        f"Shorten the values by {chars - chars_max:,}.",
    )


def _by_name(parameters: tuple[Parameter, ...], names: tuple[str, ...], *, key: Callable[[str], str]) -> dict[str, str]:
    """Named parameters by their names, positional ones by the names in whose places they stand."""
    found: dict[str, str] = {}
    for place, parameter in enumerate(parameters):
        name = parameter.name or (names[place] if place < len(names) else str(place + 1))
        found[key(name)] = parameter.value
    return found


def _parameter(template: Template, name: str, value: str) -> Parameter:
    is_named = template.parameter_format is ParameterFormat.NAMED
    return Parameter(value=value, name=name if is_named else None)


def _media(template: Template, values: Mapping[str, str]) -> Media | None:
    if template.header is None:
        return None
    media_id = values.get(HEADER_MEDIA_KEY, "")
    match template.header.format:
        case HeaderFormat.IMAGE:
            return Media(media="image", media_id=media_id)
        case HeaderFormat.VIDEO:
            return Media(media="video", media_id=media_id)
        case HeaderFormat.DOCUMENT:
            return Media(media="document", media_id=media_id, filename=values.get(HEADER_FILENAME_KEY))
        case HeaderFormat.TEXT | HeaderFormat.LOCATION:
            return None


def _filled(text: str, values: Mapping[str, str], *, prefix: str = "") -> str:
    return VARIABLE.sub(lambda found: values.get(f"{prefix}{found[1]}", found[0]), text)


def _rendered_header(template: Template, values: Mapping[str, str]) -> str | None:
    if template.header is None:
        return None
    if template.header.format is not HeaderFormat.TEXT:
        filename = values.get(HEADER_FILENAME_KEY)
        return f"[{template.header.format.lower()}{f': {filename}' if filename else ''}]"
    keys = header_variables(template)
    return VARIABLE.sub(lambda found: values.get(keys[found[1]], found[0]), template.header.text)


def _rendered_button(button: Button, index: int, values: Mapping[str, str]) -> RenderedButton:
    value = values.get(button_key(index))
    match button.kind:
        case ButtonKind.URL:
            return RenderedButton(button.text, _filled(button.url or "", {} if value is None else {"1": value}))
        case ButtonKind.PHONE_NUMBER:
            return RenderedButton(button.text, button.phone_number or "")
        case ButtonKind.COPY_CODE:
            return RenderedButton(button.text or "Copy code", value or "")
        case ButtonKind.REQUEST_CONTACT_INFO:
            return RenderedButton(button.text or "Share contact info")
        case _:
            return RenderedButton(button.text)


def _rendered_code(template: Template, values: Mapping[str, str]) -> Rendered:
    """Meta's own text around a code, as near as it is known: its exact words are Meta's to change."""
    code, minutes = values.get(CODE_KEY, "{{1}}"), template.code_expiration_minutes
    if template.language.startswith("id"):
        body, advice = f"{code} adalah kode verifikasi Anda.", " Demi keamanan, jangan bagikan kode ini."
        footer, button = f"Kode ini kedaluwarsa dalam {minutes} menit.", "Salin kode"
    else:
        body, advice = f"{code} is your verification code.", " For your security, do not share this code."
        footer, button = f"This code expires in {minutes} minutes.", "Copy code"
    return Rendered(
        header=None,
        body=body + (advice if template.add_security_recommendation else ""),
        footer=footer if minutes is not None else None,
        buttons=tuple(RenderedButton(each.text or button, code) for each in template.buttons[:1]),
    )
