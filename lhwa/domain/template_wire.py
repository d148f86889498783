"""Templates as Meta's JSON: written to create one, read from the list, and compared with the file.

Reading never fails on a new word or key: what has no field here is named in `unknown_parts`, so that a comparison
shows it. Meta writes the texts of authentication templates and reads their `OTP` button back as a `URL`; both are
undone on reading, so that a template read back equals the one that was written.

Source: WhatsApp Cloud API, templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from lhwa.domain.templates import (
    MEDIA_HEADERS,
    Button,
    ButtonKind,
    Category,
    Header,
    HeaderFormat,
    ParameterFormat,
    Template,
    body_variables,
    format_of,
    has_link_variable,
    header_key,
    header_variables,
    link_prefix,
    variables_in,
)
from lhwa.errors import PoisonError

_K = ButtonKind
_E = TypeVar("_E", bound=StrEnum)
_OTP_TYPE = re.compile(r"[?&]otp_type=([A-Za-z_]+)")
_MONTH_S = 2_592_000
_TTL_DEFAULT_S = {Category.AUTHENTICATION: 600, Category.UTILITY: _MONTH_S, Category.MARKETING: _MONTH_S}
_EXAMPLE_KEYS = {"HEADER": "header_text", "BODY": "body_text"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a file and Meta do not agree; None where a side has nothing."""

    place: str
    in_file: str | None
    at_meta: str | None


def to_wire(template: Template, *, header_handle: str | None = None) -> dict[str, Any]:
    """The body of a request that creates this template.

    Args:
        header_handle: the handle of the uploaded sample of a media header; the template's own word otherwise.
    """
    wire: dict[str, Any] = {
        "name": template.name,
        "language": template.language,
        "category": template.category.value,
        # Named variables without this are always refused.
        "parameter_format": template.parameter_format.value,
        "components": _code_parts(template) if template.is_authentication else _text_parts(template, header_handle),
    }
    if template.message_send_ttl_seconds is not None:
        wire["message_send_ttl_seconds"] = template.message_send_ttl_seconds
    return wire


def from_wire(wire: Mapping[str, Any]) -> Template:
    """A template as Meta lists it.

    Raises: PoisonError when it has no name or language.
    """
    name, language = _text(wire.get("name")), _text(wire.get("language"))
    if not name or not language:
        raise PoisonError("template_without_name")
    reading = _Reading(_member(Category, wire.get("category")) or Category.OTHER)
    for component in _objects(wire.get("components")):
        reading.component(component)
    texts = (reading.header.text if reading.header else "", reading.body)
    return Template(
        name=name,
        language=language,
        category=reading.category,
        parameter_format=_member(ParameterFormat, wire.get("parameter_format")) or format_of(*texts),
        header=reading.header,
        body=reading.body,
        footer=reading.footer,
        buttons=tuple(reading.buttons),
        examples=reading.examples,
        message_send_ttl_seconds=_whole(wire.get("message_send_ttl_seconds")),
        add_security_recommendation=reading.add_security_recommendation,
        code_expiration_minutes=reading.code_expiration_minutes,
        unknown_parts=tuple(reading.unknown),
    )


def differences(file: Template, meta: Template) -> list[Difference]:
    """Where a file and Meta do not agree, in the order of the parts.

    What Meta fills in by itself is no difference: the default lifetime, its own words on a button, and examples
    that it does not repeat.
    """
    ours, theirs = _facts(file), _facts(meta)
    places = [place for place in dict.fromkeys((*ours, *theirs)) if not _is_metas_own(place, ours, theirs, file)]
    return [
        Difference(place, ours.get(place), theirs.get(place))
        for place in places
        if ours.get(place) != theirs.get(place)
    ]


def _text_parts(template: Template, header_handle: str | None) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if (header := template.header) is not None:
        part: dict[str, Any] = {"type": "HEADER", "format": header.format.value}
        if header.format is HeaderFormat.TEXT:
            part |= {"text": header.text} | _examples(template, "HEADER", header_variables(template))
        elif header.format in MEDIA_HEADERS and (handle := header_handle or header.media_example):
            part["example"] = {"header_handle": [handle]}
        parts.append(part)
    keys = {name: name for name in body_variables(template)}
    parts.append({"type": "BODY", "text": template.body} | _examples(template, "BODY", keys))
    if template.footer is not None:
        parts.append({"type": "FOOTER", "text": template.footer})
    if template.buttons:
        parts.append({"type": "BUTTONS", "buttons": [_button(button) for button in template.buttons]})
    return parts


def _code_parts(template: Template) -> list[dict[str, Any]]:
    body: dict[str, Any] = {"type": "BODY"}
    if template.add_security_recommendation:
        body["add_security_recommendation"] = True
    parts = [body]
    if template.code_expiration_minutes is not None:
        parts.append({"type": "FOOTER", "code_expiration_minutes": template.code_expiration_minutes})
    parts.append({"type": "BUTTONS", "buttons": [_button(button) for button in template.buttons]})
    return parts


def _examples(template: Template, component: str, keys: Mapping[str, str]) -> dict[str, Any]:
    """Of one component, in Meta's four forms: flat for a header, a list of lists for a body, named ones as pairs."""
    values = {name: template.examples[key] for name, key in keys.items() if key in template.examples}
    if not values:
        return {}
    field = _EXAMPLE_KEYS[component]
    if template.parameter_format is ParameterFormat.NAMED:
        pairs = [{"param_name": name, "example": value} for name, value in values.items()]
        return {"example": {f"{field}_named_params": pairs}}
    flat = list(values.values())
    return {"example": {field: [flat] if component == "BODY" else flat}}


def _button(button: Button) -> dict[str, Any]:
    wire: dict[str, Any] = {"type": button.kind.value}
    if button.text:
        wire["text"] = button.text
    for key in ("url", "phone_number", "flow_id", "flow_action", "navigate_screen"):
        if (value := getattr(button, key)) is not None:
            wire[key] = value
    if button.kind is _K.OTP:
        wire["otp_type"] = button.otp_type or "COPY_CODE"
    if button.example is not None:
        wire["example"] = [link_prefix(button) + button.example] if button.kind is _K.URL else button.example
    return wire


class _Reading:
    """The parts of one template of Meta's, as they are found."""

    def __init__(self, category: Category) -> None:
        self.category = category
        self.header: Header | None = None
        self.body = ""
        self.footer: str | None = None
        self.buttons: list[Button] = []
        self.examples: dict[str, str] = {}
        self.add_security_recommendation = False
        self.code_expiration_minutes: int | None = None
        self.unknown: list[str] = []

    def component(self, part: Mapping[str, Any]) -> None:
        is_code = self.category is Category.AUTHENTICATION
        match word := _text(part.get("type")).upper():
            case "HEADER":
                self._header(part)
            case "BODY":
                self.add_security_recommendation = is_code and part.get("add_security_recommendation") is True
                if not is_code:
                    self.body = _text(part.get("text"))
                    self._examples("BODY", part, {name: name for name in variables_in(self.body)})
            case "FOOTER":
                self.code_expiration_minutes = _whole(part.get("code_expiration_minutes"))
                self.footer = None if is_code else _text(part.get("text")) or None
            case "BUTTONS":
                for index, button in enumerate(_objects(part.get("buttons"))):
                    self._button(index, button)
            case _:
                self.unknown.append(word or "?")

    def _header(self, part: Mapping[str, Any]) -> None:
        word = part.get("format")
        if (form := _member(HeaderFormat, word)) is None:
            self.unknown.append(f"HEADER {_text(word)}".strip())
            return
        handles = _texts(_object(part.get("example")).get("header_handle"))
        self.header = Header(
            format=form,
            text=_text(part.get("text")) if form is HeaderFormat.TEXT else "",
            media_example=handles[0] if handles else None,
        )
        self._examples("HEADER", part, {name: header_key(name) for name in variables_in(self.header.text)})

    def _examples(self, component: str, part: Mapping[str, Any], keys: Mapping[str, str]) -> None:
        field, example = _EXAMPLE_KEYS[component], _object(part.get("example"))
        for pair in _objects(example.get(f"{field}_named_params")):
            if (name := _text(pair.get("param_name"))) in keys:
                self.examples[keys[name]] = _text(pair.get("example"))
        rows = example.get(field)
        if isinstance(rows, list) and rows and isinstance(rows[0], list):
            rows = rows[0]
        for number, value in enumerate(_texts(rows), start=1):
            if str(number) in keys:
                self.examples[keys[str(number)]] = value

    def _button(self, index: int, wire: Mapping[str, Any]) -> None:
        word = wire.get("type")
        kind = _member(ButtonKind, word)
        if kind is None:
            self.unknown.append(f"buttons[{index}] {_text(word)}".strip())
            return
        url, otp_type = _text(wire.get("url")) or None, _text(wire.get("otp_type")) or None
        if self.category is Category.AUTHENTICATION and kind is _K.URL:
            found = _OTP_TYPE.search(url or "")
            kind, url, otp_type = _K.OTP, None, found[1].upper() if found else otp_type
        button = Button(
            kind=kind,
            text=_text(wire.get("text")),
            url=url,
            phone_number=_text(wire.get("phone_number")) or None,
            flow_id=_text(wire.get("flow_id")) or None,
            flow_action=_text(wire.get("flow_action")) or None,
            navigate_screen=_text(wire.get("navigate_screen")) or None,
            otp_type=None if otp_type == "COPY_CODE" else otp_type,
            example=None if kind is _K.OTP else _example_of_button(wire, url),
        )
        self.buttons.append(button)


def _example_of_button(wire: Mapping[str, Any], url: str | None) -> str | None:
    example = wire.get("example")
    texts = _texts(example) if isinstance(example, list) else _texts([example])
    if not texts:
        return None
    prefix = link_prefix(Button(kind=_K.URL, url=url)) if url else ""
    return texts[0].removeprefix(prefix)


def _facts(template: Template) -> dict[str, str]:
    """Everything that can differ, by its place, in one form for both sides."""
    facts = {"name": template.name, "language": template.language.replace("-", "_"), "category": template.category}
    if variables_in(template.body) or header_variables(template):
        facts["parameter_format"] = template.parameter_format
    ttl_s = template.message_send_ttl_seconds
    ttl_s = _MONTH_S if ttl_s == -1 else ttl_s or _TTL_DEFAULT_S.get(template.category, _MONTH_S)
    facts["message_send_ttl_seconds"] = str(ttl_s)
    if template.header is not None:
        facts |= {"header.type": template.header.format, "header": _plain(template.header.text)}
    facts |= {"body": _plain(template.body), "footer": _plain(template.footer or "")}
    for index, button in enumerate(template.buttons):
        facts |= _button_facts(f"buttons[{index}]", button)
    facts |= {f"examples.{key}": value for key, value in template.examples.items()}
    facts["add_security_recommendation"] = str(template.add_security_recommendation).lower()
    facts["code_expiration_minutes"] = str(template.code_expiration_minutes or "")
    facts["unknown_parts"] = ", ".join(template.unknown_parts)
    return {place: str(fact) for place, fact in facts.items() if fact}


def _button_facts(place: str, button: Button) -> dict[str, str]:
    facts = {
        f"{place}.type": button.kind.value,
        f"{place}.text": _plain(button.text),
        f"{place}.url": button.url or "",
        f"{place}.phone_number": re.sub(r"[^0-9]", "", button.phone_number or ""),
        f"{place}.flow_id": button.flow_id or "",
        f"{place}.flow_action": button.flow_action or "",
        f"{place}.navigate_screen": button.navigate_screen or "",
        f"{place}.example": button.example or "" if has_link_variable(button) or button.kind is _K.COPY_CODE else "",
    }
    if button.kind is _K.OTP:
        facts[f"{place}.otp_type"] = button.otp_type or "COPY_CODE"
    return facts


def _is_metas_own(place: str, ours: Mapping[str, str], theirs: Mapping[str, str], file: Template) -> bool:
    if place.startswith("examples.") or place.endswith(".example"):
        return place not in theirs
    if place.endswith(".flow_action"):
        return place not in ours
    if not place.endswith("].text"):
        return False
    index = int(place[len("buttons[") : -len("].text")])
    own = (_K.COPY_CODE, _K.OTP, _K.REQUEST_CONTACT_INFO)
    return place not in ours and index < len(file.buttons) and file.buttons[index].kind in own


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _member(kind: type[_E], word: object) -> _E | None:
    text = _text(word).upper()
    return kind(text) if text in kind.__members__ else None


def _text(value: object) -> str:
    """A text; numbers as text, because Meta writes ids in both ways; anything else is empty."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
