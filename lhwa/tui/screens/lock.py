"""The locked inbox: nothing of what was on the screen is kept, and only who sat here goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from lhwa.tui.labels import Labels
from lhwa.tui.screens.typed import Typed
from lhwa.tui.text import said
from lhwa.tui.working import WorkerFailed, Working


class LockScreen(ModalScreen[None], Typed, Working):
    """Stays until the one who sat here proves it.

    Args:
        unlock: whether this token is theirs; asked with an empty one where no token said who they are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "app.quit", "Quit", id="app.quit")]

    def __init__(self, labels: Labels, unlock: Callable[[str], bool], *, needs_token: bool, idle_minutes: int) -> None:
        super().__init__()
        self._labels, self._unlock, self._needs_token, self._idle_minutes = labels, unlock, needs_token, idle_minutes

    def compose(self) -> ComposeResult:
        labels = self._labels
        with Vertical(classes="box"):
            yield Static(said(f"lhwa · {labels.locked}"), classes="title")
            if self._idle_minutes:
                yield Static(said(labels.idle_note.format(self._idle_minutes)), classes="says")
            yield Static(said(labels.unlock_typed if self._needs_token else labels.unlock_entered), classes="says")
            yield Input(password=self._needs_token, id="token", classes="" if self._needs_token else "-bare")
            yield Static(said(""), classes="fault", id="fault")

    def on_mount(self) -> None:
        """Ready for the token."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _tried(self, event: Input.Submitted) -> None:
        token = event.value.strip()
        event.input.value = ""
        if token.lower() == "q":
            self.app.exit()
        else:
            self._try(token)

    @work(thread=True, exit_on_error=False, exclusive=True, group="unlock")
    def _try(self, token: str) -> None:
        opens = self._unlock(token)
        self.app.call_from_thread(self._answer, opens)

    @on(WorkerFailed)
    def _not_tried(self, event: WorkerFailed) -> None:
        event.stop()
        self.query_one("#fault", Static).update(said(f"{event.error.message} {event.error.hint}"))

    def _answer(self, opens: bool) -> None:  # noqa: FBT001 -- called by name of position across threads
        if opens:
            self.dismiss(None)
        else:
            self.query_one("#fault", Static).update(said(self._labels.unlock_refused))
