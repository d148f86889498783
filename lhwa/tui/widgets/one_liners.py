"""Lines at the edges of the screen: who and where, the queues with their counts, the keys that work here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from lhwa.tui.lines import Line, Span, sides, width_of
from lhwa.tui.paint.edges import Tab
from lhwa.tui.widgets.painting import Painted


class OneLine(Painted):
    """A line with something at both ends."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- textual's name
        super().__init__(id=id)
        self._left: Line = ()
        self._right: Line = ()

    def show(self, left: Sequence[Span], right: Sequence[Span] = ()) -> None:
        """Paint these, if they are others than before."""
        if (tuple(left), tuple(right)) != (self._left, self._right):
            self._left, self._right = tuple(left), tuple(right)
            self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 -- textual's signature
        """One."""
        return 1

    def render_line(self, y: int) -> Strip:
        """The line."""
        line = sides(self._left, self._right, self.size.width) if y == 0 else (Span(""),)
        return self.strip_of(line, self.size.width)


class Tabs(OneLine):
    """The queues, with their counts; a click goes there."""

    @dataclass
    class Wanted(Message):
        """Somebody wants to see this queue."""

        name: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- textual's name
        super().__init__(id=id)
        self._places: list[tuple[int, int, str]] = []

    def show_tabs(self, tabs: Sequence[Tab], current: str) -> None:
        """Paint the queues; where there is little room, those that are not open lose the ends of their names."""
        for chars_max in (40, 9, 7, 4):
            spans = self._spans(tabs, current, chars_max=chars_max)
            if width_of(spans) <= self.size.width:
                break
        self.show(spans)

    def _spans(self, tabs: Sequence[Tab], current: str, *, chars_max: int) -> list[Span]:
        spans: list[Span] = []
        self._places = []
        for number, tab in enumerate(tabs, start=1):
            begin = width_of(spans)
            is_short = tab.name == current or len(tab.label) <= chars_max
            label = tab.label if is_short else tab.label.split()[0][:chars_max]
            is_open = tab.name == current
            spans.append(Span(f"{'▌' if is_open else ' '}{number} ", "accent" if is_open else "muted"))
            spans.append(Span(label, "strong" if is_open else "muted"))
            if tab.count:
                spans.append(Span(f" {tab.count}", "bad" if tab.is_urgent else "accent"))
            spans.append(Span(" "))
            self._places.append((begin, width_of(spans), tab.name))
        return spans

    def on_click(self, event: events.Click) -> None:
        """Go to the queue under the mouse."""
        for begin, end, name in self._places:
            if begin <= event.x < end:
                self.post_message(self.Wanted(name))
