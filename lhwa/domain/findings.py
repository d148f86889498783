"""Findings: what is wrong with a thing that people of a firm wrote, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lhwa.domain.text import safe_text


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """It cannot be used as it is: Meta refuses it, clients would be stuck, or the file cannot be read."""
    WARNING = "warning"
    """It may pass, and somebody should look."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong. It never quotes a value of a client, but names and places are words of the file."""

    rule: str
    """Stable, for exceptions and scripts: `body-length`."""
    severity: Severity
    place: str
    """The part: `body`, `nodes.name.text.id`; or a key of the file or of the values."""
    what: str
    """One sentence."""
    mend: str
    """What to do, as an imperative sentence."""
    subject: str = ""
    """Of several things the one: a template's name and language, a tree's name. Empty when that is not known."""
    position: Position | None = None
    """Where in a file; None when it is not from one."""

    def __str__(self) -> str:
        where = " ".join(str(part) for part in (self.position, self.subject, self.place) if part)
        return safe_text(f"{where}: {self.severity}: {self.what} {self.mend} [{self.rule}]", newlines=False)


def error(rule: str, place: str, what: str, mend: str) -> Finding:
    """A finding that stops the thing."""
    return Finding(rule=rule, severity=Severity.ERROR, place=place, what=what, mend=mend)


def warning(rule: str, place: str, what: str, mend: str) -> Finding:
    """A finding for somebody to look at."""
    return Finding(rule=rule, severity=Severity.WARNING, place=place, what=what, mend=mend)
