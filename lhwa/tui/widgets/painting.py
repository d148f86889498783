"""From lines of spans to strips: the meanings of spans get the colours of the theme here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from lhwa.tui.lines import ROLES, Line, Role, Span, fitted, plain

CLASSES = {*(f"span--{role}" for role in ROLES), "row--cursor", "row--cursor-blurred", "row--marked"}


class Painted(Widget):
    """A widget that paints lines of spans."""

    COMPONENT_CLASSES: ClassVar[set[str]] = CLASSES

    def strip_of(self, line: Iterable[Span], width: int, *, base: Style | None = None) -> Strip:
        """One line, exactly as wide as asked.

        Args:
            base: lies over the meanings: the bar of the cursor.
        """
        ground = self.rich_style
        segments = []
        for span in fitted(line, width):
            style = ground + self._style(span.role) if span.role else ground
            segments.append(Segment(span.text, style + base if base else style))
        return Strip(segments, width)

    def _style(self, role: Role) -> Style:
        return self.get_component_rich_style(f"span--{role}", partial=True)


def text_of(lines: Iterable[Line]) -> str:
    """Lines as they are copied."""
    return "\n".join(plain(line).rstrip() for line in lines)
