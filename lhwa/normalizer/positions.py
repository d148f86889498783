"""Positions: where in a body something is, such as `entry[0].changes[0].value.messages[2]`.

Keys that are not plain words are written as escaped JSON in brackets, so a position never carries control characters.
"""

from __future__ import annotations

import json


def at_key(position: str, key: str) -> str:
    """The position of a member of an object."""
    if not (key.isidentifier() and key.isascii()):
        return f"{position}[{json.dumps(key)}]"
    return f"{position}.{key}" if position else key


def at_index(position: str, index: int) -> str:
    """The position of an item of an array."""
    return f"{position}[{index}]"
