"""The `:` line: acts and `lhwa` commands, with completion and what was typed before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from lhwa.tui.screens.typed import Typed
from lhwa.tui.text import said


class CommandLine(ModalScreen[str | None], Typed):
    """One line; dismissed with it.

    Args:
        known: what can be completed: words, each with what it does.
        history: lines typed before, oldest first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", id="dialog.cancel")]
    SHOWN_MAX = 8

    def __init__(
        self, known: Sequence[tuple[str, str]], history: Sequence[str], *, start: str = "", sign: str = ":"
    ) -> None:
        super().__init__()
        self._known, self._history, self._start, self._sign = known, history, start, sign
        self._place = len(history)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            suggester = SuggestFromList([word for word, _ in self._known], case_sensitive=False)
            yield Input(self._start, placeholder=self._sign, suggester=suggester, id="line")
            yield Static(said(""), id="known", classes="says")

    def on_mount(self) -> None:
        """Type at once."""
        line = self.query_one(Input)
        line.focus()
        line.cursor_position = len(line.value)
        self._show_known(self._start)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._show_known(event.value)

    def _show_known(self, value: str) -> None:
        last = value.rsplit(" ", 1)[-1].lower()
        fits = [
            (word, about)
            for word, about in self._known
            if word.lower().startswith((value.lower(), last or value.lower()))
        ]
        widest = max((len(word) for word, _ in fits[: self.SHOWN_MAX]), default=0)
        lines = [f"{word:<{widest}}  {about}" for word, about in fits[: self.SHOWN_MAX]]
        if len(fits) > self.SHOWN_MAX:
            lines.append(f"… {len(fits) - self.SHOWN_MAX}")
        self.query_one("#known", Static).update(said("\n".join(lines)))

    def on_key(self, event: events.Key) -> None:
        """Tab completes, up and down go through what was typed before."""
        line = self.query_one(Input)
        if event.key == "tab":
            event.prevent_default()
            event.stop()
            self._complete(line)
        elif event.key in ("up", "down") and self._history:
            event.prevent_default()
            event.stop()
            self._place = max(0, min(self._place + (-1 if event.key == "up" else 1), len(self._history)))
            line.value = self._history[self._place] if self._place < len(self._history) else ""
            line.cursor_position = len(line.value)

    def _complete(self, line: Input) -> None:
        head, _, last = line.value.rpartition(" ")
        fits = [word for word, _ in self._known if word.startswith(line.value)] or [
            f"{head} {word}".strip() for word, _ in self._known if last and word.startswith(last)
        ]
        if fits:
            line.value = fits[0]
            line.cursor_position = len(line.value)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or ("" if self._sign == "/" else None))

    def action_cancel(self) -> None:
        """Nothing."""
        self.dismiss(None)
