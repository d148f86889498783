"""Screens that lie over the inbox for a moment: where to go, what the keys do, what a command answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from lhwa.tui.lines import Line, Span, many_lines, wrapped
from lhwa.tui.text import said
from lhwa.tui.widgets.lines_view import LinesView


class Jump(ModalScreen[str | None]):
    """Waits for the letter of a place; dismissed with it."""

    def __init__(self, places: Sequence[tuple[str, str]], *, title: str) -> None:
        super().__init__()
        self._places, self._heading = places, title

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(said(self._heading), classes="title")
            yield Static(said("\n".join(f"  {letter}  {name}" for letter, name in self._places)))

    def on_key(self, event: events.Key) -> None:
        """Any other key goes nowhere."""
        event.stop()
        letters = {letter for letter, _ in self._places}
        self.dismiss(event.character if event.character in letters else None)


class Page(ModalScreen[None]):
    """A page to read: help, or what a command answered."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter", "leave", "Close", id="page.close")]

    def __init__(self, title: str, paint: Callable[[int], Sequence[Line]]) -> None:
        super().__init__()
        self._heading, self._painter = title, paint

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(said(self._heading), classes="title")
            yield LinesView(self._painter, id="answer")

    def on_mount(self) -> None:
        """Its keys are those of a page."""
        self.query_one(LinesView).focus()

    def action_leave(self) -> None:
        """Back to the inbox."""
        self.dismiss(None)


def text_page(text: str) -> Callable[[int], list[Line]]:
    """A text as a page."""

    def paint(width: int) -> list[Line]:
        return [(Span(piece),) for piece in wrapped(many_lines(text), width)]

    return paint
