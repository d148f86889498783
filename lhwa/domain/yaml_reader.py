"""What readers of YAML files share: texts, words, numbers and maps out of a tree, and a finding for what does not fit.

Invariant: reading never raises for what a file holds; every fault is a finding with its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from lhwa.domain.findings import Finding, Position, error
from lhwa.domain.yaml_source import Entries, Mark, Node, Scalar, quoted

FINDINGS_MAX = 100
"""Of one file; nobody reads more."""
_E = TypeVar("_E", bound=StrEnum)
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


class YamlReader:
    """Reads one file's tree. A kind of file has its own reader, made from this one."""

    def __init__(self, file: str) -> None:
        self.file = file
        """Its name in findings."""
        self.findings: list[Finding] = []
        self.marks: dict[str, Mark] = {}
        """Where each text was, by its place."""

    def map(self, node: Node, place: str, known: tuple[str, ...] | None) -> dict[str, Node]:
        """The entries of a map, each once. Any key is right when `known` is None."""
        if not isinstance(node, Entries):
            self.fault(
                "shape", place, "This is not a map of names and values.", "Write `name: value`, one a line.", node.mark
            )
            return {}
        entries: dict[str, Node] = {}
        for key, value in node.entries:
            if key.text in entries:
                self.fault("key-duplicate", place, f"{quoted(key.text)} is there twice.", "Keep one.", key.mark)
            elif known is not None and key.text not in known:
                self.unknown(key.text, key.mark, known)
            else:
                entries[key.text] = value
        return entries

    def text(self, parts: Mapping[str, Node], key: str, *, prefix: str = "") -> str:
        """A text without the spaces around it; empty when it is not there."""
        node = parts.get(key)
        if node is None:
            return ""
        place = prefix + key
        self.marks[place] = node.mark
        if isinstance(node, Scalar):
            return node.text.strip()
        mend = "Put a text with braces or brackets in quotes or after `|`."
        self.fault("shape", place, "A list or map stands where a text has to be.", mend, node.mark)
        return ""

    def word(
        self, parts: Mapping[str, Node], key: str, kind: type[_E], *, prefix: str = "", leave_out: tuple[_E, ...] = ()
    ) -> _E | None:
        """A word of a fixed list, in letters of any size; None when it is not there or not one."""
        text = self.text(parts, key, prefix=prefix)
        choices = {each.value.lower(): each for each in kind if each not in leave_out}
        if (found := choices.get(text.lower())) is not None or key not in parts:
            return found
        mend = f"Write one of: {', '.join(choices)}."
        self.fault("word", prefix + key, f"{quoted(text)} is not known here.", mend, parts[key].mark)
        return None

    def whole(self, parts: Mapping[str, Node], key: str, *, prefix: str = "") -> int | None:
        """A whole number; None when it is not there or not one."""
        text = self.text(parts, key, prefix=prefix)
        if not text or _WHOLE.fullmatch(text):
            return int(text) if text else None
        self.fault("number", prefix + key, "This is not a whole number.", "Write digits only.", parts[key].mark)
        return None

    def yes_no(self, parts: Mapping[str, Node], key: str, *, prefix: str = "") -> bool:
        """True or false; false when it is not there."""
        text = self.text(parts, key, prefix=prefix).lower()
        if text and text not in _YES_NO:
            what, mend = "This is neither true nor false.", "Write `true` or `false`."
            self.fault("yes-no", prefix + key, what, mend, parts[key].mark)
        return _YES_NO.get(text, False)

    def unknown(self, key: str, mark: Mark, known: tuple[str, ...]) -> None:
        """Say that a key has no meaning, and which one was meant."""
        if len(self.findings) >= FINDINGS_MAX:  # looking for a near word is slow
            return
        near = get_close_matches(key[:40], known, n=1)
        mend = f"Did you mean `{near[0]}`? Correct it." if near else f"Take it out; here belong: {', '.join(known)}."
        self.fault("key-unknown", quoted(key).strip("`"), f"{quoted(key)} has no meaning here.", mend, mark)

    def fault(self, rule: str, place: str, what: str, mend: str, at: Mark) -> None:
        """Add an error, unless there are enough."""
        if len(self.findings) < FINDINGS_MAX:
            position = Position(self.file, at.line, at.column)
            self.findings.append(replace(error(rule, place, what, mend), position=position))


def written(node: Node | None) -> Node | None:
    """What was written; None also for a name with nothing after it."""
    return None if isinstance(node, Scalar) and not node.text.strip() else node
