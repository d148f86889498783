"""`set_path`: change one place of a body, as `--set entry.0.changes.0.value.messages.0.text.body=Halo` does."""

from __future__ import annotations

import copy
import json
from typing import Any

from lhwa.errors import UsageError


def set_path(payload: dict[str, Any], path: str, value: str) -> dict[str, Any]:
    """A copy of a body with another value at one place; the body itself stays.

    Args:
        payload: a webhook body.
        path: keys and indexes joined by dots. It must exist: a typing error must not pass for a test.
        value: JSON where it parses as JSON, else plain text.
    Raises: UsageError that names the first step that does not exist, and what exists there.
    """
    changed = copy.deepcopy(payload)
    *parents, last = path.split(".")
    place: Any = changed
    for depth, step in enumerate(parents):
        place = place[_key(place, step, path, depth)]
    place[_key(place, last, path, len(parents))] = _parsed(value)
    return changed


def _key(place: Any, step: str, path: str, depth: int) -> str | int:
    if isinstance(place, dict) and step in place:
        return step
    if isinstance(place, list) and step.isascii() and step.isdigit() and int(step) < len(place):
        return int(step)
    around = ".".join(path.split(".")[:depth]) or "the body"
    raise UsageError(f"There is no {step!r} in {around}.", hint=_what_is_there(place))


def _what_is_there(place: Any) -> str:
    if isinstance(place, dict):
        return f"It has: {', '.join(place)}." if place else "It is empty."
    if isinstance(place, list):
        return f"It is a list: use 0 to {len(place) - 1}." if place else "It is an empty list."
    return "It is a single value and has no parts."


def _parsed(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
