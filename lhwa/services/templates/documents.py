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

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lhwa.domain.findings import Finding, Position
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
from lhwa.domain.yaml_reader import YamlReader, written
from lhwa.domain.yaml_source import Entries, Items, Mark, Node, Scalar

_K = ButtonKind
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


class _Reader(YamlReader):
    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.found = Document(findings=self.findings)

    def document(self, tree: Node | None) -> None:
        if tree is None:
            self.fault("file-empty", "file", "The file is empty.", "Write a template, or delete it.", Mark(1, 1))
            return
        top = self.map(tree, "file", _TOP)
        for key in ("name", "category", "languages"):
            if key not in top:
                self.fault("key-missing", key, f"There is no `{key}`.", f"Write `{key}:`.", tree.mark)
        name = self.text(top, "name")
        category = self.word(top, "category", Category, leave_out=(Category.OTHER,))
        stated = self.word(top, "parameter_format", ParameterFormat)
        ttl_s = self.whole(top, "message_send_ttl_seconds")
        purpose, notes = self.text(top, "purpose"), self.text(top, "notes")
        languages = self.map(top["languages"], "languages", None) if "languages" in top else {}
        if isinstance(node := top.get("languages"), Entries) and not node.entries:
            self.fault("key-missing", "languages", "There is no language.", "Write `id:` and `en:`.", node.mark)
        common = dict(self.marks)
        for language, node in languages.items():
            self.marks = dict(common)
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
        parts = self.map(node, f"languages.{bare.language}", _TEXTS)
        header, body = self._header(parts.get("header")), self.text(parts, "body")
        template = replace(
            bare,
            parameter_format=stated or format_of(header.text if header else "", body),
            header=header,
            body=body,
            footer=self.text(parts, "footer") or None,
            buttons=self._buttons(parts.get("buttons")),
            examples=self._examples(parts.get("examples")),
            add_security_recommendation=self.yes_no(parts, "add_security_recommendation"),
            code_expiration_minutes=self.whole(parts, "code_expiration_minutes"),
        )
        self.found.templates.append(template)
        for place, at in {"language": node.mark, **self.marks}.items():
            self.found.positions[template.title, place] = Position(self.file, at.line, at.column)

    def _header(self, node: Node | None) -> Header | None:
        if (node := written(node)) is None:
            return None
        self.marks["header"] = node.mark
        if isinstance(node, Scalar):
            return Header(format=HeaderFormat.TEXT, text=node.text.strip())
        parts = self.map(node, "header", ("type", "text", "example"))
        if (form := self.word(parts, "type", HeaderFormat, prefix="header.")) is None:
            return None
        wrong = ("example",) if form in (HeaderFormat.TEXT, HeaderFormat.LOCATION) else ("text",)
        for key in wrong:
            if key in parts:
                self.unknown(f"header.{key}", parts[key].mark, ("type", "text" if key == "example" else "example"))
        return Header(
            format=form,
            text=self.text(parts, "text", prefix="header."),
            media_example=self.text(parts, "example", prefix="header.") or None,
        )

    def _buttons(self, node: Node | None) -> tuple[Button, ...]:
        if (node := written(node)) is None:
            return ()
        self.marks["buttons"] = node.mark
        if not isinstance(node, Items):
            self.fault("shape", "buttons", "This is not a list.", "Begin each button with a dash.", node.mark)
            return ()
        read = [self._button(each, f"buttons[{index}]") for index, each in enumerate(node.items)]
        return tuple(button for button in read if button is not None)

    def _button(self, node: Node, place: str) -> Button | None:
        every = tuple(dict.fromkeys(key for keys in _BUTTON_KEYS.values() for key in keys))
        parts, prefix = self.map(node, place, every), f"{place}."
        self.marks[place] = node.mark
        if not parts:
            return None
        if "type" not in parts:
            self.fault("key-missing", place, "The button has no `type`.", "Write `type: quick_reply`.", node.mark)
        if (kind := self.word(parts, "type", ButtonKind, prefix=prefix)) is None:
            return None
        for key, value in parts.items():
            if key not in _BUTTON_KEYS[kind]:
                self.unknown(prefix + key, value.mark, _BUTTON_KEYS[kind])
        text = {key: self.text(parts, key, prefix=prefix) for key in every if key != "type"}
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
        if (node := written(node)) is None:
            return {}
        self.marks["examples"] = node.mark
        parts = self.map(node, "examples", None)
        return {key: self.text(parts, key, prefix="examples.") for key in parts}
