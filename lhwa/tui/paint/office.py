"""What painting needs to know besides the view: whose eyes, which words, whose clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo

from lhwa.tui.labels import ENGLISH, Labels
from lhwa.tui.lines import one_line
from lhwa.tui.times import brief, full, short, span, worded


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks, and when."""

    labels: Labels = ENGLISH
    zone: tzinfo = UTC
    now_ms: int = 0
    me: str = ""
    """Operator id."""
    sees_content: bool = True
    """What is missing is missing in the record; False: the role does not see it."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Names by operator id."""

    @property
    def language(self) -> str:
        """`en` or `id`."""
        return self.labels.code

    def short(self, at_ms: int) -> str:
        """A time in few signs."""
        return worded(short(at_ms, self.zone, now_ms=self.now_ms), self.language)

    def full(self, at_ms: int) -> str:
        """A time to the second."""
        return worded(full(at_ms, self.zone), self.language)

    def lasts(self, ms: int) -> str:
        """How long."""
        return worded(span(ms), self.language)

    def lasts_about(self, ms: int) -> str:
        """How long, in one unit."""
        return worded(brief(ms), self.language)

    def at(self, now_ms: int) -> Eyes:
        """The same eyes at another time."""
        return replace(self, now_ms=now_ms)

    def person(self, operator: str | None) -> str:
        """An operator as this one reads it."""
        if not operator:
            return ""
        return self.labels.you if operator == self.me else one_line(self.people.get(operator, operator), chars_max=40)
