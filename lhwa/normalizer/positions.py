"""Positions: where in a body something is, such as `entry[0].changes[0].value.messages[2]`.

A position lies in clear, so a key that is none of Meta's is written as `[?]`: keys of the future may hold anything, a
name as well as a number, and what they hold is in the sealed content. Further ones beside it are `[?2]`, `[?3]`: a
place belongs to one element.
"""

from __future__ import annotations

from lhwa.domain.vocabulary import KEYS

UNNAMED = "[?]"


def at_key(position: str, key: str) -> str:
    """The position of a member of an object."""
    if key not in KEYS:
        return f"{position}{UNNAMED}"
    return f"{position}.{key}" if position else key


def at_index(position: str, index: int) -> str:
    """The position of an item of an array."""
    return f"{position}[{index}]"


def at_unnamed(position: str, nth: int) -> str:
    """The position of a member whose key is none of Meta's, the first, second or later one of its object."""
    return f"{position}{UNNAMED}" if nth == 1 else f"{position}[?{nth}]"


def is_unnamed(step: str) -> bool:
    """True for one step of a position that does not say which key it took."""
    return step.startswith("[?")
