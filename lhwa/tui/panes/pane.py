"""What every queue does: load, look again when something changed, say what an act would be about, forget everything."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import Horizontal
from textual.message import Message

from lhwa.tui.acts import Subject
from lhwa.tui.desk import Desk
from lhwa.tui.paint.office import Eyes
from lhwa.tui.widgets.rows import Rows
from lhwa.tui.working import Working


class Pane(Horizontal, Working):
    """One queue.

    Args:
        eyes: who looks; `self.eyes` is at the clock of the last look.
    """

    class SubjectChanged(Message):
        """What an act would be about is another thing now."""

    def __init__(self, desk: Desk, eyes: Eyes, *, id: str) -> None:  # noqa: A002 -- textual's name
        super().__init__(id=id)
        self.desk = desk
        self.eyes = eyes
        self.has_acted = False
        """Somebody has just acted here: what changes now is their own doing."""
        self.is_forgotten = False
        """What was still being read when the inbox was locked is not taken."""

    def begin(self) -> None:
        """It is on the screen: read what is to be seen."""
        raise NotImplementedError

    def look_again(self) -> None:
        """Something changed in the firm's file: read anew what is on the screen, and keep the place."""
        raise NotImplementedError

    def tick(self, eyes: Eyes) -> None:
        """Time has passed: countdowns go on."""
        raise NotImplementedError

    def leave(self) -> None:
        """Another queue is open now."""

    def forget(self) -> None:
        """Let go of all content."""
        raise NotImplementedError

    def subjects(self) -> Sequence[Subject]:
        """What an act is about now."""
        raise NotImplementedError

    def open_current(self) -> None:
        """Open what the cursor is on."""
        for rows in self.query(Rows):
            rows.action_choose()

    def go_back(self) -> bool:
        """One step back: from a detail to its list, from a filter to everything. False when there is none."""
        raise NotImplementedError

    def focus_first(self) -> None:
        """Where the keys go when somebody comes here."""
        raise NotImplementedError

    def front(self, name: str) -> None:
        """Which column a narrow terminal shows."""
        for child in self.children:
            child.set_class(child.id == name, "-front")
