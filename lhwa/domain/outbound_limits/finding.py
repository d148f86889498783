"""Findings: what in a message Meta would refuse, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. It never quotes what a client will read."""

    rule: str
    """Stable, for scripts and tests: `text-length`."""
    place: str
    """The part of the message: `text.body`."""
    hint: str
    """What to do, as an imperative."""


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and newline, and halves of characters."""


def text_findings(rule: str, place: str, text: object, *, chars_max: int) -> Iterator[Finding]:
    """Findings of a text that must be there and not be too long: `RULE-empty` or `RULE-length`."""
    if not isinstance(text, str) or not text.strip():
        yield Finding(f"{rule}-empty", place, "Write something here.")
    elif len(text) > chars_max:
        yield Finding(f"{rule}-length", place, f"Shorten it to {chars_max} characters.")
    elif _UNPRINTABLE.search(text):
        yield Finding(
            f"{rule}-control", place, "Take out control characters: they come from another program or encoding."
        )
