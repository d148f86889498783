"""From lines of spans to strips: the meanings of spans get the colours of the theme here.

The colours are looked up once for each theme: as component classes every widget would match every rule for each of
them, which took longer than everything else before the first paint.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

from lhwa.tui.lines import Line, Role, Span, fitted, plain

COLOURS: dict[Role, str] = {
    "muted": "faint",
    "good": "success",
    "warning": "warning",
    "bad": "error",
    "accent": "accent",
    "client": "client",
    "firm": "firm",
    "note": "note",
    "system": "faint",
}
"""Role -> variable of the theme. A role that is missing has the colour of plain text."""
BOLD: frozenset[Role] = frozenset({"strong", "bad"})
BARS = {"cursor": "bar", "beside": "panel", "marked": "panel"}
"""What lies under a row -> variable of the theme."""


class Painted(Widget):
    """A widget that paints lines of spans."""

    def strip_of(self, line: Iterable[Span], width: int, *, bar: str = "") -> Strip:
        """One line, exactly as wide as asked.

        Args:
            bar: what lies under the whole line, of `BARS`; empty for nothing.
        """
        styles = _styles(self.app.current_theme)
        ground = self.rich_style
        over = styles.get(bar)
        segments = []
        for span in fitted(line, width):
            style = ground + styles[span.role] if span.role else ground
            segments.append(Segment(span.text, style + over if over else style))
        return Strip(segments, width)


_KNOWN: dict[str, dict[str, Style]] = {}
"""By the name of the theme."""


def _styles(theme: Theme) -> dict[str, Style]:
    known = _KNOWN.get(theme.name)
    if known is not None:
        return known
    found = {**theme.to_color_system().generate(), **theme.variables}
    styles: dict[str, Style] = {
        role: Style(color=found[name], bold=True if role in BOLD else None) for role, name in COLOURS.items()
    }
    styles["strong"] = Style(bold=True)
    bars = {name: Style(bgcolor=found[variable]) for name, variable in BARS.items()}
    return _KNOWN.setdefault(theme.name, {**styles, **bars})


def text_of(lines: Iterable[Line]) -> str:
    """Lines as they are copied."""
    return "\n".join(plain(line).rstrip() for line in lines)
