"""A queue: what waits, and beside it the one thing that the cursor is on. Each queue is a row of one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from lhwa.services.inbox.queues import Queue, open_queue
from lhwa.tui.acts import Subject
from lhwa.tui.desk import Desk
from lhwa.tui.lines import Line
from lhwa.tui.paint.office import Eyes
from lhwa.tui.panes.pane import Pane
from lhwa.tui.widgets.lines_view import LinesView
from lhwa.tui.widgets.rows import Rows

ROWS_MAX = 500
"""More than anybody works through before looking again; the counts at the top tell of the rest."""


class ReadDetail(Protocol):
    """Reads an item in full."""

    def __call__(self, desk: Desk, item: Any, *, again: bool) -> Any:
        """That somebody opens it goes on record; not again when it is read anew while it is open."""


@dataclass(frozen=True, slots=True)
class QueueKind:
    """How one queue is read, painted and acted on."""

    name: str
    queues: tuple[Queue, ...]
    """Whose opening goes on record."""
    read: Callable[[Desk], Sequence[Any]]
    key: Callable[[Any], str]
    paint: Callable[[Any, Eyes, int], tuple[Line, ...]]
    detail: Callable[[Any, Any, Eyes, int], Sequence[Line]]
    """Lines of the item, what `read_detail` brought (None before), eyes and width."""
    subject: Callable[[Any, Any], Subject]
    """What an act on the item is about; also from what `read_detail` brought."""
    empty: Callable[[Eyes], str]
    read_detail: ReadDetail | None = None
    """Opens the item; None where the row holds all there is."""
    thread: Callable[[Any], str] = lambda _: ""
    """The conversation that the item belongs to."""


class QueuePane(Pane):
    """A list and a detail."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "follow", "Conversation", id="queue.follow", show=False),
    ]

    @dataclass
    class ThreadWanted(Message):
        """Somebody wants to see the conversation behind the item."""

        conversation: str

    def __init__(self, kind: QueueKind, desk: Desk, eyes: Eyes) -> None:
        super().__init__(desk, eyes, id=kind.name)
        self._kind = kind
        self._is_on_record = False
        self._opened: dict[str, Any] = {}
        self._painted_key: str | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id=f"{self._kind.name}-list", classes="column queue-list -front"):
            yield Rows[Any](self._paint_row, self._kind.key, row_height=2)
        with Vertical(id=f"{self._kind.name}-detail", classes="column detail -last"):
            yield LinesView()

    @property
    def rows(self) -> Rows[Any]:
        """The list."""
        return self.query_one(Rows)

    @property
    def detail(self) -> LinesView:
        """The page beside it."""
        return self.query_one(LinesView)

    def begin(self) -> None:
        """Somebody opens the queue: that goes on record, once until it is left."""
        self.is_forgotten = False
        self.rows.empty = self.eyes.labels.loading
        self._load(record=not self._is_on_record)
        self._is_on_record = True

    def look_again(self) -> None:
        """Read it anew."""
        self._load(record=False)

    @work(thread=True, exit_on_error=False, exclusive=True, group="queue")
    def _load(self, *, record: bool) -> None:
        if record:
            for each in self._kind.queues:
                self.desk.note(open_queue, each)
        items = self._kind.read(self.desk)
        self.app.call_from_thread(self._show, items)

    def _show(self, items: Sequence[Any]) -> None:
        if self.is_forgotten:
            return
        self.rows.empty = self._kind.empty(self.eyes)
        self.rows.show_all(items)
        current = self.rows.current
        if current is not None and self._kind.key(current) in self._opened:
            # What was opened may have changed; a decision is about what is on the screen.
            self._open(current)

    @on(Rows.Wanted)
    def _all_is_here(self, event: Rows.Wanted) -> None:
        event.stop()

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._paint_detail()
        self.post_message(self.SubjectChanged())

    @on(Rows.Marked)
    def _marked(self, event: Rows.Marked) -> None:
        event.stop()
        self.post_message(self.SubjectChanged())

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.front(f"{self._kind.name}-detail")
        self.detail.focus()
        if self._kind.read_detail is not None:
            self._open(event.item)

    @work(thread=True, exit_on_error=False, exclusive=True, group="detail")
    def _open(self, item: Any) -> None:
        if self._kind.read_detail is not None:
            again = self._kind.key(item) in self._opened
            brought = self._kind.read_detail(self.desk, item, again=again)
            self.app.call_from_thread(self._show_detail, self._kind.key(item), brought)

    def _show_detail(self, key: str, brought: Any) -> None:
        if self.is_forgotten:
            return
        again = key in self._opened
        if again and brought != self._opened[key] and not self.has_acted:
            self.app.notify(self.eyes.labels.changed, severity="warning", markup=False)
        self.has_acted = False
        self._opened[key] = brought
        self._paint_detail()
        self.post_message(self.SubjectChanged())

    def _paint_detail(self) -> None:
        """What somebody reads stays under their eyes while the same thing is read anew."""
        item = self.rows.current
        if item is None:
            self._painted_key = None
            self.detail.forget()
            return
        key, was = self._kind.key(item), self._painted_key
        self._painted_key = key
        self.detail.show(partial(self._lines, item, self._opened.get(key)), keep_place=key == was)

    def _lines(self, item: Any, brought: Any, width: int) -> Sequence[Line]:
        return self._kind.detail(item, brought, self.eyes, width)

    def action_follow(self) -> None:
        """Go to the conversation behind the item."""
        item = self.rows.current
        conversation = "" if item is None else self._kind.thread(item)
        if conversation:
            self.post_message(self.ThreadWanted(conversation))

    def tick(self, eyes: Eyes) -> None:
        """Times go on."""
        self.eyes = eyes
        self.rows.refresh()

    def subjects(self) -> Sequence[Subject]:
        """What is marked, else what the cursor is on."""
        return [self._kind.subject(each, self._opened.get(self._kind.key(each))) for each in self.rows.meant]

    def go_back(self) -> bool:
        """From the detail to the list."""
        if self.rows.marked:
            self.rows.unmark()
        elif not self.rows.has_focus:
            self.focus_first()
        else:
            return False
        return True

    def focus_first(self) -> None:
        """The list."""
        self.front(f"{self._kind.name}-list")
        self.rows.focus()

    def leave(self) -> None:
        """Another queue is open: what was read here goes, and coming back is another opening."""
        self._opened.clear()
        self._is_on_record = False
        self.detail.forget()

    def forget(self) -> None:
        """Let go of everything that was read."""
        self.is_forgotten = True
        self._opened.clear()
        self._is_on_record = False
        self.rows.show_all([])
        self.detail.forget()

    def _paint_row(self, item: Any, width: int) -> tuple[Line, ...]:
        return self._kind.paint(item, self.eyes, width)
