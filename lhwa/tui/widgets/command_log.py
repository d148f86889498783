"""The `lhwa` lines that have run at this desk: what was done, and how to do the same at a prompt."""

from __future__ import annotations

from collections import deque

from lhwa.tui.lines import Line, Span, one_line
from lhwa.tui.widgets.lines_view import LinesView

LINES_MAX = 200


class CommandLog(LinesView):
    """The newest line stands at the bottom. What a client reads is on stdin of a line, never in it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- textual's name
        super().__init__(id=id)
        self._ran: deque[Line] = deque(maxlen=LINES_MAX)

    def add(self, line: str, *, is_done: bool, at: str) -> None:
        """One more line that ran."""
        mark = Span("✓ ", "good") if is_done else Span("✗ ", "bad")
        self._ran.append((Span(f" {at} ", "muted"), mark, Span(one_line(line))))
        self._show()

    def clear(self) -> None:
        """Show nothing, and keep nothing."""
        self._ran.clear()
        self._show()

    @property
    def ran(self) -> list[str]:
        """The lines as they were shown, oldest first."""
        return ["".join(span.text for span in line) for line in self._ran]

    def on_resize(self) -> None:
        """While it was hidden it had no end to scroll to."""
        self.scroll_end(animate=False)

    def _show(self) -> None:
        self.show(lambda _width: list(self._ran), keep_place=True)
        self.scroll_end(animate=False)
