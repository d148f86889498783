"""A page of lines that is laid out for the width it has: context, details, help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from lhwa.tui.lines import Line, Span
from lhwa.tui.widgets.painting import Painted, text_of

Paint = Callable[[int], Sequence[Line]]


class LinesView(ScrollView, Painted, can_focus=True):
    """Lines, painted by a function of the width.

    Args:
        paint: None while there is nothing to show.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_down", "Down", id="page.down", show=False),
        Binding("k,up", "scroll_up", "Up", id="page.up", show=False),
        Binding("pagedown,ctrl+f", "page_down", "Page down", id="page.page_down", show=False),
        Binding("pageup,ctrl+b", "page_up", "Page up", id="page.page_up", show=False),
    ]

    def __init__(self, paint: Paint | None = None, *, id: str | None = None) -> None:  # noqa: A002 -- textual's name
        super().__init__(id=id)
        self._painter = paint
        self._lines: list[Line] = []

    def show(self, paint: Paint | None, *, keep_place: bool = False) -> None:
        """Another page, or the same as it is now.

        Args:
            keep_place: it is the same page: what somebody reads stays where it is.
        """
        self._painter = paint
        self._lay_out()
        if not keep_place:
            self.scroll_to(y=0, animate=False, immediate=True)

    def forget(self) -> None:
        """Show nothing, and keep nothing."""
        self.show(None)

    def on_resize(self) -> None:
        """Other widths break lines elsewhere."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width or self.container_size.width
        self._lines = list(self._painter(max(width, 10))) if self._painter is not None else []
        self.virtual_size = Size(width, len(self._lines))
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 -- textual's signature
        """As many lines as there are, where the height is automatic."""
        return len(self._painter(max(width, 10))) if self._painter is not None else 0

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        row, width = int(self.scroll_y) + y, self.scrollable_content_region.width
        line = self._lines[row] if row < len(self._lines) else (Span(""),)
        return self.strip_of(line, width).apply_offsets(0, row)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What the mouse has selected, for the clipboard."""
        return selection.extract(text_of(self._lines)), "\n"
