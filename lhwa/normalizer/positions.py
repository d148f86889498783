"""Positions: where in a body something is, such as `entry[0].changes[0].value.messages[2]`.

A position lies in clear, so a key that is not a short plain word is written as `[?]`: keys of the future may hold
anything, and what they hold is in the sealed content.
"""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_LONG_NUMBER = re.compile(r"\d{6}")
UNNAMED = "[?]"


def at_key(position: str, key: str) -> str:
    """The position of a member of an object."""
    if not _PLAIN.fullmatch(key) or _LONG_NUMBER.search(key):
        return f"{position}{UNNAMED}"
    return f"{position}.{key}" if position else key


def at_index(position: str, index: int) -> str:
    """The position of an item of an array."""
    return f"{position}[{index}]"
