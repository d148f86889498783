"""Findings: what in a message Meta would refuse, where, and how to mend it."""

from __future__ import annotations

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


def text_findings(rule: str, place: str, text: object, *, chars_max: int) -> Iterator[Finding]:
    """Findings of a text that must be there and not be too long: `RULE-empty` or `RULE-length`."""
    if not isinstance(text, str) or not text.strip():
        yield Finding(f"{rule}-empty", place, "Write something here.")
    elif len(text) > chars_max:
        yield Finding(f"{rule}-length", place, f"Shorten it to {chars_max} characters.")
