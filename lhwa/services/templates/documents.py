"""A template file's tree as templates: one name, its category, and a text for each language.

    name: pengingat_janji
    category: utility
    purpose: Mengingatkan klien akan janji temu.
    languages:
      id:
        header: Pengingat janji temu
        body: |
          Yth. {{nama_klien}}, janji temu Anda ...
        footer: Kantor Hukum Contoh
        buttons:
          - type: quick_reply
            text: Saya hadir
        examples:
          nama_klien: Contoh Klien

`header` is a text, or a map of `type` (`image`, `video`, `document`, `location`) and `example`. Words of Meta's may be
written in small letters. The keys of `examples` are those of `lhwa.domain.templates`; what a button takes has its
`example` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from lhwa.domain.template_lint.finding import Finding, Position, error
from lhwa.domain.templates import (
    Button,
    ButtonKind,
    Category,
    Header,
    HeaderFormat,
    ParameterFormat,
    Template,
    format_of,
)
from lhwa.services.templates.yaml_tree import Entries, Items, Mark, Node, Scalar, quoted

FINDINGS_MAX = 100
"""Of one file; nobody reads more."""
_K = ButtonKind
_E = TypeVar("_E", bound=StrEnum)
_TOP = ("name", "category", "purpose", "notes", "parameter_format", "message_send_ttl_seconds", "languages")
_TEXTS = ("header", "body", "footer", "buttons", "examples", "add_security_recommendation", "code_expiration_minutes")
_BUTTON_KEYS: dict[ButtonKind, tuple[str, ...]] = {
    _K.QUICK_REPLY: ("type", "text"),
    _K.URL: ("type", "text", "url", "example"),
    _K.PHONE_NUMBER: ("type", "text", "phone_number"),
    _K.COPY_CODE: ("type", "example"),
    _K.VOICE_CALL: ("type", "text"),
    _K.FLOW: ("type", "text", "flow_id", "flow_action", "navigate_screen"),
    _K.REQUEST_CONTACT_INFO: ("type",),
    _K.OTP: ("type", "text"),
}
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}

Positions = Mapping[tuple[str, str], Position]
"""Where each part stands, by the title of its template and its place."""


@dataclass(slots=True)
class Document:
    """What one file holds. With an error it holds no templates: half a text must not be submitted."""

    templates: list[Template] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)


def read_document(tree: Node | None, *, file: str) -> Document:
    """The templates of one file.

    Args:
        file: its name in findings.
    """
    reader = _Reader(file)
    reader.document(tree)
    found = reader.found
    found.findings.sort(key=lambda each: (each.position.line, each.position.column) if each.position else (0, 0))
    if found.findings:
        found.templates.clear()
    return found


class _Reader:
    def __init__(self, file: str) -> None:
        self.found = Document()
        self._file = file
        self._marks: dict[str, Mark] = {}

    def document(self, tree: Node | None) -> None:
        if tree is None:
            self._fault("file-empty", "file", "The file is empty.", "Write a template, or delete it.", Mark(1, 1))
            return
        top = self._map(tree, "file", _TOP)
        for key in ("name", "category", "languages"):
            if key not in top:
                self._fault("key-missing", key, f"There is no `{key}`.", f"Write `{key}:`.", tree.mark)
        name = self._text(top, "name")
        category = self._word(top, "category", Category, leave_out=(Category.OTHER,))
        stated = self._word(top, "parameter_format", ParameterFormat)
        ttl_s = self._whole(top, "message_send_ttl_seconds")
        purpose, notes = self._text(top, "purpose"), self._text(top, "notes")
        languages = self._map(top["languages"], "languages", None) if "languages" in top else {}
        if isinstance(node := top.get("languages"), Entries) and not node.entries:
            self._fault("key-missing", "languages", "There is no language.", "Write `id:` and `en:`.", node.mark)
        common = dict(self._marks)
        for language, node in languages.items():
            self._marks = dict(common)
            template = Template(
                name=name,
                language=language,
                category=category or Category.OTHER,
                message_send_ttl_seconds=ttl_s,
                purpose=purpose,
                notes=notes,
            )
            self._language(template, node, stated)

    def _language(self, bare: Template, node: Node, stated: ParameterFormat | None) -> None:
        parts = self._map(node, f"languages.{bare.language}", _TEXTS)
        header, body = self._header(parts.get("header")), self._text(parts, "body")
        template = replace(
            bare,
            parameter_format=stated or format_of(header.text if header else "", body),
            header=header,
            body=body,
            footer=self._text(parts, "footer") or None,
            buttons=self._buttons(parts.get("buttons")),
            examples=self._examples(parts.get("examples")),
            add_security_recommendation=self._yes_no(parts, "add_security_recommendation"),
            code_expiration_minutes=self._whole(parts, "code_expiration_minutes"),
        )
        self.found.templates.append(template)
        for place, at in {"language": node.mark, **self._marks}.items():
            self.found.positions[template.title, place] = Position(self._file, at.line, at.column)

    def _header(self, node: Node | None) -> Header | None:
        if (node := _written(node)) is None:
            return None
        self._marks["header"] = node.mark
        if isinstance(node, Scalar):
            return Header(format=HeaderFormat.TEXT, text=node.text.strip())
        parts = self._map(node, "header", ("type", "text", "example"))
        if (form := self._word(parts, "type", HeaderFormat, prefix="header.")) is None:
            return None
        wrong = ("example",) if form in (HeaderFormat.TEXT, HeaderFormat.LOCATION) else ("text",)
        for key in wrong:
            if key in parts:
                self._unknown(f"header.{key}", parts[key].mark, ("type", "text" if key == "example" else "example"))
        return Header(
            format=form,
            text=self._text(parts, "text", prefix="header."),
            media_example=self._text(parts, "example", prefix="header.") or None,
        )

    def _buttons(self, node: Node | None) -> tuple[Button, ...]:
        if (node := _written(node)) is None:
            return ()
        self._marks["buttons"] = node.mark
        if not isinstance(node, Items):
            self._fault("shape", "buttons", "This is not a list.", "Begin each button with a dash.", node.mark)
            return ()
        read = [self._button(each, f"buttons[{index}]") for index, each in enumerate(node.items)]
        return tuple(button for button in read if button is not None)

    def _button(self, node: Node, place: str) -> Button | None:
        every = tuple(dict.fromkeys(key for keys in _BUTTON_KEYS.values() for key in keys))
        parts, prefix = self._map(node, place, every), f"{place}."
        self._marks[place] = node.mark
        if not parts:
            return None
        if "type" not in parts:
            self._fault("key-missing", place, "The button has no `type`.", "Write `type: quick_reply`.", node.mark)
        if (kind := self._word(parts, "type", ButtonKind, prefix=prefix)) is None:
            return None
        for key, value in parts.items():
            if key not in _BUTTON_KEYS[kind]:
                self._unknown(prefix + key, value.mark, _BUTTON_KEYS[kind])
        text = {key: self._text(parts, key, prefix=prefix) for key in every if key != "type"}
        return Button(
            kind=kind,
            text=text["text"],
            url=text["url"] or None,
            phone_number=text["phone_number"] or None,
            example=text["example"] or None,
            flow_id=text["flow_id"] or None,
            flow_action=text["flow_action"] or None,
            navigate_screen=text["navigate_screen"] or None,
        )

    def _examples(self, node: Node | None) -> dict[str, str]:
        if (node := _written(node)) is None:
            return {}
        self._marks["examples"] = node.mark
        parts = self._map(node, "examples", None)
        return {key: self._text(parts, key, prefix="examples.") for key in parts}

    def _map(self, node: Node, place: str, known: tuple[str, ...] | None) -> dict[str, Node]:
        """The entries of a map, each once. Any key is right when `known` is None."""
        if not isinstance(node, Entries):
            self._fault(
                "shape", place, "This is not a map of names and values.", "Write `name: value`, one a line.", node.mark
            )
            return {}
        entries: dict[str, Node] = {}
        for key, value in node.entries:
            if key.text in entries:
                self._fault("key-duplicate", place, f"{quoted(key.text)} is there twice.", "Keep one.", key.mark)
            elif known is not None and key.text not in known:
                self._unknown(key.text, key.mark, known)
            else:
                entries[key.text] = value
        return entries

    def _text(self, parts: Mapping[str, Node], key: str, *, prefix: str = "") -> str:
        node = parts.get(key)
        if node is None:
            return ""
        place = prefix + key
        self._marks[place] = node.mark
        if isinstance(node, Scalar):
            return node.text.strip()
        mend = "Put a text with braces or brackets in quotes or after `|`."
        self._fault("shape", place, "A list or map stands where a text has to be.", mend, node.mark)
        return ""

    def _word(
        self, parts: Mapping[str, Node], key: str, kind: type[_E], *, prefix: str = "", leave_out: tuple[_E, ...] = ()
    ) -> _E | None:
        """A word of Meta's in letters of any size; None when it is not there or not one."""
        text = self._text(parts, key, prefix=prefix)
        choices = {each.value.lower(): each for each in kind if each not in leave_out}
        if (found := choices.get(text.lower())) is not None or key not in parts:
            return found
        mend = f"Write one of: {', '.join(choices)}."
        self._fault("word", prefix + key, f"{quoted(text)} is not known here.", mend, parts[key].mark)
        return None

    def _whole(self, parts: Mapping[str, Node], key: str) -> int | None:
        text = self._text(parts, key)
        if not text or _WHOLE.fullmatch(text):
            return int(text) if text else None
        self._fault("number", key, "This is not a whole number.", "Write digits only.", parts[key].mark)
        return None

    def _yes_no(self, parts: Mapping[str, Node], key: str) -> bool:
        text = self._text(parts, key).lower()
        if text and text not in _YES_NO:
            self._fault("yes-no", key, "This is neither true nor false.", "Write `true` or `false`.", parts[key].mark)
        return _YES_NO.get(text, False)

    def _unknown(self, key: str, mark: Mark, known: tuple[str, ...]) -> None:
        if len(self.found.findings) >= FINDINGS_MAX:  # looking for a near word is slow
            return
        near = get_close_matches(key[:40], known, n=1)
        mend = f"Did you mean `{near[0]}`? Correct it." if near else f"Take it out; here belong: {', '.join(known)}."
        self._fault("key-unknown", quoted(key).strip("`"), f"{quoted(key)} has no meaning here.", mend, mark)

    def _fault(self, rule: str, place: str, what: str, mend: str, at: Mark) -> None:
        if len(self.found.findings) < FINDINGS_MAX:
            position = Position(self._file, at.line, at.column)
            self.found.findings.append(replace(error(rule, place, what, mend), position=position))


def _written(node: Node | None) -> Node | None:
    """What was written; None also for a name with nothing after it."""
    return None if isinstance(node, Scalar) and not node.text.strip() else node
