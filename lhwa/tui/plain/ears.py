"""What speaking needs to know besides the view: whose ears, which words, whose clock. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from lhwa.tui.labels import LANGUAGES, Labels
from lhwa.tui.lines import many_lines, one_line
from lhwa.tui.paint.office import Eyes
from lhwa.tui.paint.rows import ms_of
from lhwa.tui.plain.sayings import SPOKEN, Sayings
from lhwa.tui.times import local, span
from lhwa.tui.words import State, mark_of

INDENT = "  "
"""Begins a line of what somebody else wrote, and no other line: a client cannot say something in the inbox's name."""
_HIDDEN = re.compile(r"[\s.-]*•[•\s.-]*")
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ears:
    """Who listens, and when."""

    eyes: Eyes

    def at(self, now_ms: int) -> Ears:
        """The same ears at another time."""
        return Ears(self.eyes.at(now_ms))

    def speaking(self, language: str) -> Ears:
        """The same ears in another language."""
        return Ears(replace(self.eyes, labels=LANGUAGES[language]))

    @property
    def language(self) -> str:
        """`en` or `id`."""
        return self.eyes.language

    @property
    def labels(self) -> Labels:
        """The words that the screen has, too."""
        return self.eyes.labels

    @property
    def says(self) -> Sayings:
        """The words of the line mode alone."""
        return SPOKEN[self.language]

    def state(self, states: dict[str, State], name: str | None) -> str:
        """A state as a word."""
        return mark_of(states, name, self.language).word

    def person(self, operator: str | None) -> str:
        """An operator as this one calls them."""
        return self.eyes.person(operator)

    def masked(self, contact: str | None) -> str:
        """A masked number: nobody wants to hear every dot of it."""
        return _HIDDEN.sub(f" {self.says.ending_in} ", one_line(contact)).strip()

    def clock(self, at_ms: int) -> str:
        """`14:05`."""
        return f"{local(at_ms, self.eyes.zone):%H:%M}"

    def day(self, at_ms: int) -> str:
        """`Today`, `Yesterday`, `Tuesday` within a week, else `28 November` with the year where it is another one."""
        at, now = local(at_ms, self.eyes.zone), local(self.eyes.now_ms, self.eyes.zone)
        gap = now.date() - at.date()
        named = {timedelta(0): self.labels.today, timedelta(days=1): self.labels.yesterday}.get(gap)
        if named is not None:
            return named
        if timedelta(0) < gap < _WEEK:
            return self.says.weekdays[at.weekday()]
        year = "" if at.year == now.year else f" {at.year}"
        return f"{at.day} {self.says.months[at.month - 1]}{year}"

    def time(self, at_ms: int) -> str:
        """`14:05` today, else with its day."""
        day = self.day(at_ms)
        return self.clock(at_ms) if day == self.labels.today else f"{day} {self.clock(at_ms)}"

    def time_of(self, at: str | None) -> str:
        """A time of a view; empty for none."""
        return "" if not at else self.time(ms_of(at))

    def lasting(self, ms: int) -> str:
        """`3 h 12 min`."""
        words = span(ms)
        if words.startswith("<"):
            return self.says.under_a_minute
        units = dict(zip(("d", "h", "min"), self.says.units, strict=True))
        return " ".join(units.get(word, word) for word in words.split())

    def window(self, closes_at_ms: int | None) -> str:
        """How long free text may be written."""
        left = 0 if closes_at_ms is None else closes_at_ms - self.eyes.now_ms
        return self.says.window_left.format(self.lasting(left)) if left > 0 else self.says.window_closed

    def content(self, text: str | None) -> str:
        """What somebody wrote, or that this role may not hear it; empty where the record has nothing."""
        if text is not None:
            return many_lines(text)
        return "" if self.eyes.sees_content else self.labels.hidden_content


def facts(*parts: str) -> str:
    """One fact after another; what is empty goes."""
    return ", ".join(part for part in parts if part)


def in_one(text: str | None, *, chars_max: int = 400) -> str:
    """Text from outside in one line; a line break is a blank, and not a sign that is read aloud."""
    return one_line(" ".join((text or "")[: chars_max * 4].split()), chars_max=chars_max)


def indented(text: str) -> list[str]:
    """Text from outside as lines of its own; empty ones go."""
    return [f"{INDENT}{line.strip()}" for line in many_lines(text).split("\n") if line.strip()]


def audible(lines: Iterable[str]) -> list[str]:
    """Lines without those in which there is nothing to hear."""
    return [line for line in lines if line.strip()]
