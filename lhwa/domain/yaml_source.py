"""A small, strict part of YAML as a tree of texts, lists and maps, each with its line and column.

Invariants: nothing is ever constructed from a tag, no alias is followed, depth and size are bounded before the tree is
built, and every scalar stays the text that stands there (`no`, `08` and `1_000` mean nothing else).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import yaml

from lhwa.domain.findings import Finding, Position, error
from lhwa.domain.text import safe_text

BYTES_MAX = 256 * 1_024
DEPTH_MAX = 8
NODES_MAX = 5_000
_QUOTED_CHARS_MAX = 40
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML forbids, and two line separators that it would count as line ends."""
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: an escape can make it, and no UTF-8 can hold it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something begins; counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text."""

    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Entries:
    """A map, its entries in order. A key may be there twice: its reader says so."""

    entries: tuple[tuple[Scalar, Node], ...]
    mark: Mark


Node = Scalar | Items | Entries


class _YamlMark(Protocol):
    """What both of PyYAML's parsers say of a place, counted from 0."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class YamlRefusedError(Exception):
    """A file that is not read further.

    Args:
        rule: stable name of the reason.
        mend: what to do, as an imperative sentence.
    """

    def __init__(self, rule: str, what: str, mend: str, mark: Mark) -> None:
        super().__init__(what)
        self.rule, self.what, self.mend, self.mark = rule, what, mend, mark

    def finding(self, file: str) -> Finding:
        """The same as a finding in a file."""
        position = Position(file, self.mark.line, self.mark.column)
        return replace(error(self.rule, "file", self.what, self.mend), position=position)


def parse_yaml(source: bytes) -> Node | None:
    """The tree of one document; None for an empty one.

    Raises: YamlRefusedError for everything that is not plain YAML of a modest size.
    """
    text = _decoded(source)
    try:
        return _built(text)
    except yaml.MarkedYAMLError as fault:
        raise YamlRefusedError(
            "yaml-syntax",
            f"This is not valid YAML: {safe_text(fault.problem or 'unreadable', newlines=False, chars_max=120)}.",
            "Check the indentation here, and put texts with braces or colons in quotes or after `|`;"
            " between braces also texts with commas or question marks.",
            _mark(fault.problem_mark or fault.context_mark),
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # Escapes and version numbers that stand for no number: PyYAML lets Python's own errors through.
        raise YamlRefusedError(
            "yaml-syntax", "This is not valid YAML.", "Take escapes and directives out.", Mark(1, 1)
        ) from None


def _decoded(source: bytes) -> str:
    if len(source) > BYTES_MAX:
        raise YamlRefusedError(
            "file-size",
            f"The file is larger than {BYTES_MAX // 1_024} KiB.",
            "Divide it into several files.",
            Mark(1, 1),
        )
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        mark = _mark_at(source[: fault.start].decode("utf-8", "replace"))
        raise YamlRefusedError("file-encoding", "The file is not UTF-8.", "Save it as UTF-8.", mark) from None
    if (found := _UNPRINTABLE.search(text)) is not None:
        raise YamlRefusedError(
            "file-characters",
            f"The file holds a character that no text has: U+{ord(found[0]):04X}.",
            "Take the character out.",
            _mark_at(text[: found.start()]),
        )
    return text


class _Open:
    """A list or map whose end has not come."""

    def __init__(self, mark: Mark, *, is_map: bool) -> None:
        self.mark = mark
        self.is_map = is_map
        self.nodes: list[Node] = []

    def close(self) -> Node:
        if not self.is_map:
            return Items(tuple(self.nodes), self.mark)
        keys, values = self.nodes[::2], self.nodes[1::2]
        for key in keys:
            if not isinstance(key, Scalar):
                raise YamlRefusedError(
                    "yaml-key",
                    "A list or map stands where a name has to be.",
                    "Put texts with braces or brackets in quotes or after `|`.",
                    key.mark,
                )
        named = ((key, value) for key, value in zip(keys, values, strict=True) if isinstance(key, Scalar))
        return Entries(tuple(named), self.mark)


def _built(text: str) -> Node | None:
    """The tree, built without recursion, so that depth costs nothing before it is refused."""
    open_: list[_Open] = []
    root: Node | None = None
    for count, event in enumerate(_events(text)):
        mark = _mark(event.start_mark)
        if count > NODES_MAX:
            raise YamlRefusedError("yaml-size", "The file has too many parts.", "Divide it into several files.", mark)
        node: Node
        match event:
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                if len(open_) == DEPTH_MAX:
                    raise YamlRefusedError(
                        "yaml-depth", "Lists and maps are nested too deeply.", "Write it flatter.", mark
                    )
                open_.append(_Open(mark, is_map=isinstance(event, yaml.MappingStartEvent)))
                continue
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                node = open_.pop().close()
            case yaml.ScalarEvent():
                node = Scalar(_text(event.value, mark), mark)
            case _:
                continue
        if open_:
            open_[-1].nodes.append(node)
        else:
            root = node
    return None if isinstance(root, Scalar) and not root.text else root


def _text(value: str, mark: Mark) -> str:
    if (found := _SURROGATE.search(value)) is not None:
        raise YamlRefusedError(
            "file-characters",
            f"An escape stands for a character that no text has: U+{ord(found[0]):04X}.",
            "Write the character itself.",
            mark,
        )
    return value


def _events(text: str) -> Iterator[yaml.Event]:
    documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise YamlRefusedError(
                "yaml-alias",
                "The file uses an anchor or an alias.",
                "Write the text out in each place; put a text that begins with `&` or `*` in quotes.",
                _mark(event.start_mark),
            )
        if getattr(event, "tag", None) is not None:
            raise YamlRefusedError(
                "yaml-tag",
                "The file uses a tag.",
                "Take it out; put a text that begins with `!` in quotes.",
                _mark(event.start_mark),
            )
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise YamlRefusedError(
                "yaml-documents",
                "The file holds several documents.",
                "Put each into a file of its own.",
                _mark(event.start_mark),
            )
        yield event


def quoted(text: str) -> str:
    """A word of a file as findings show it."""
    return f"`{safe_text(text, newlines=False, chars_max=_QUOTED_CHARS_MAX)}`"


def _mark(mark: _YamlMark | None) -> Mark:
    return Mark(1, 1) if mark is None else Mark(mark.line + 1, mark.column + 1)


def _mark_at(before: str) -> Mark:
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Mark(len(lines), len(lines[-1]) + 1)
