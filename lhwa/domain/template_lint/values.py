"""What Meta refuses in the value of any variable. Used for examples here and for the values of a message."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

SPACES_MAX = 4
"""In a row."""
SHAPE_CHARS_MAX = 24
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_MANY_SPACES = re.compile(rf"[^\S\t\n\r]{{{SPACES_MAX + 1},}}")


@dataclass(frozen=True, slots=True)
class ValueFault:
    """Why a value is refused. Quotes nothing of it."""

    rule: str
    what: str
    mend: str


def value_fault(value: str) -> ValueFault | None:
    """The first thing that is wrong with a value; None when Meta takes it."""
    if not value.strip():
        return ValueFault("value-empty", "The value is empty.", "Give it a value; a dash will do.")
    if _BREAKS.search(value):
        return ValueFault("value-line", "The value holds a line break or a tab.", _one_line(value))
    if _MANY_SPACES.search(value):
        return ValueFault("value-spaces", f"The value holds more than {SPACES_MAX} spaces in a row.", _one_line(value))
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        return ValueFault("value-control", "The value holds a control character.", "Type it anew, without copying.")
    return None


def shape_of(value: str) -> str:
    """How a value looks in one line, without saying what it is: letters as x, digits as 9, the rest cut off."""
    collapsed = " ".join(value.split())
    shape = "".join("x" if each.isalpha() else "9" if each.isdecimal() else _other(each) for each in collapsed)
    return shape if len(shape) <= SHAPE_CHARS_MAX else shape[: SHAPE_CHARS_MAX - 1] + "…"


def _other(character: str) -> str:
    return character if character in " .,:;-/()" else "?"


def _one_line(value: str) -> str:
    return f"Write it as one line with single spaces, in the shape `{shape_of(value)}`."
