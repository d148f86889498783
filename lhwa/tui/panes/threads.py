"""The inbox itself: conversations, the open thread, and what is known of its client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.worker import get_current_worker

from lhwa.services.inbox.context import ThreadContext
from lhwa.services.inbox.filters import ThreadFilter, parse_filter
from lhwa.services.inbox.opening import open_list
from lhwa.services.inbox.pages import Entry
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.services.inbox.threads import count_threads, read_threads, search_threads, thread_line
from lhwa.tui.acts import Subject
from lhwa.tui.desk import Desk
from lhwa.tui.lines import Line, Span, one_line
from lhwa.tui.paint.bubbles import entry_text
from lhwa.tui.paint.context import context_lines
from lhwa.tui.paint.office import Eyes
from lhwa.tui.paint.rows import thread_rows
from lhwa.tui.panes.open_thread import OpenThread
from lhwa.tui.panes.pane import Pane
from lhwa.tui.panes.subjects import subject_of_entry, subject_of_line
from lhwa.tui.widgets.lines_view import LinesView
from lhwa.tui.widgets.one_liners import OneLine
from lhwa.tui.widgets.rows import PAGE, Rows

SCAN_MAX = 200
"""Conversations that a search opens at once; what it finds is shown after each step."""


class Threads(Pane):
    """Conversations | thread | context."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="thread.filter", show=False),
        Binding("i", "context", "Context", id="thread.context", show=False),
        Binding("y", "copy", "Copy the message", id="thread.copy", show=False),
    ]

    @dataclass
    class FilterWanted(Message):
        """A filter is to be typed; it begins as what it is now."""

        written: str

    def __init__(self, desk: Desk, eyes: Eyes, *, id: str) -> None:  # noqa: A002 -- textual's name
        super().__init__(desk, eyes, id=id)
        self._wanted = ThreadFilter()
        self.written = ""
        """The filter as it was typed."""
        self._known_beside: ThreadContext | None = None
        self._is_on_record = False
        self._found_by: ThreadFilter | None = None
        """Which filter the found rows on the screen belong to."""
        self._list_note = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="list", classes="column -front"):
            yield OneLine(id="list-head")
            yield Rows[ThreadLine](self._paint_row, lambda each: each.id, row_height=2, id="conversations")
        yield OpenThread(self.desk, self.eyes, id="thread-column", classes="column")
        with Vertical(id="context-column", classes="column -last"):
            yield LinesView(id="context")

    @property
    def rows(self) -> Rows[ThreadLine]:
        """The list."""
        return self.query_one("#conversations", Rows)

    @property
    def opened(self) -> OpenThread:
        """The open conversation."""
        return self.query_one(OpenThread)

    # -- the list --------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Read the first page."""
        self.is_forgotten = False
        self._load()

    @work(thread=True, exit_on_error=False, exclusive=True, group="list")
    def _load(self) -> None:
        wanted = self._wanted
        if not self._is_on_record:
            self.desk.note(open_list)
            self._is_on_record = True
        if wanted.reads_content:
            self._search(wanted)
            return
        total = self.desk.read(count_threads, wanted)
        first = self.desk.read(read_threads, wanted, start=0, rows_max=PAGE)
        self.app.call_from_thread(self._show_first, total, first)

    def _search(self, wanted: ThreadFilter) -> None:
        """In a worker: step by step, so that what is found early is seen early, and another filter ends it."""
        worker, found, seen = get_current_worker(), list[ThreadLine](), 0
        start: int | None = 0
        while start is not None and not worker.is_cancelled:
            hits, start = self.desk.read(search_threads, wanted, start=start, scan_max=SCAN_MAX)
            found += hits
            seen += SCAN_MAX
            self.app.call_from_thread(self._show_found, wanted, list(found), seen if start is not None else None)

    def _show_first(self, total: int, first: Sequence[ThreadLine]) -> None:
        if self.is_forgotten:
            return
        rows, labels = self.rows, self.eyes.labels
        rows.empty = labels.no_threads if self._wanted == ThreadFilter() else labels.no_hits
        self._found_by = None
        rows.reset(total, first)
        self._show_list_head(str(total))

    def _show_found(self, wanted: ThreadFilter, found: Sequence[ThreadLine], searched: int | None) -> None:
        if wanted != self._wanted or self.is_forgotten:
            return
        labels = self.eyes.labels
        if wanted != self._found_by:
            self._found_by = wanted
            self.rows.reset(0, [])  # another list, asked for: nothing has moved up under the cursor
        goes_on = labels.searching.format(searched) if searched is not None else ""
        self.rows.empty = goes_on or labels.no_hits
        self.rows.show_all(found)
        self._show_list_head(goes_on or str(len(found)))

    def _show_list_head(self, note: str | None = None) -> None:
        self._list_note = self._list_note if note is None else note
        filtered = one_line(self.written)
        left = Span(f" /{filtered}", "accent") if filtered else Span(f" {self.eyes.labels.inbox}", "muted")
        self.query_one("#list-head", OneLine).show([left], [Span(f"{self._list_note} ", "muted")])

    @on(Rows.Wanted)
    def _read_rows(self, event: Rows.Wanted) -> None:
        event.stop()
        self._read_page_of_rows(event.start, event.count, self.rows.generation)

    @work(thread=True, exit_on_error=False, group="rows")
    def _read_page_of_rows(self, start: int, count: int, generation: int) -> None:
        lines = self.desk.read(read_threads, self._wanted, start=start, rows_max=count)
        self.app.call_from_thread(self._put_rows, start, lines, generation)

    def _put_rows(self, start: int, lines: Sequence[ThreadLine], generation: int) -> None:
        if generation == self.rows.generation:
            self.rows.put(start, lines)

    def set_filter(self, written: str) -> None:
        """Show other conversations. Raises: UsageError for a filter that is none."""
        self._wanted, self.written = parse_filter(written), written.strip()
        self._load()
        self.front("list")
        self.rows.focus()

    def action_filter(self) -> None:
        """Type a filter."""
        self.post_message(self.FilterWanted(self.written))

    @on(Rows.Moved)
    @on(Rows.Marked)
    def _moved(self, event: Message) -> None:
        event.stop()
        self.post_message(self.SubjectChanged())

    # -- the open thread -------------------------------------------------------------------------------------------

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.open(event.item)

    def open(self, line: ThreadLine) -> None:
        """Open a conversation."""
        self._known_beside = None
        self.query_one("#context", LinesView).forget()
        self.front("thread-column")
        self.opened.open(line)

    @work(thread=True, exit_on_error=False, exclusive=True, group="thread")
    def open_by_id(self, conversation: str) -> None:
        """Open a conversation that another queue names."""
        line = self.desk.read(thread_line, conversation)
        if line is not None:
            self.app.call_from_thread(self.open, line)

    @on(OpenThread.Known)
    def _known(self, event: OpenThread.Known) -> None:
        event.stop()
        is_first, self._known_beside = self._known_beside is None, event.context
        self._paint_context(keep_place=not is_first)
        self.post_message(self.SubjectChanged())

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Who goes into the open conversation sees it marked in the list: what is written goes to that client."""
        line = self.opened.line
        if line is not None and self.opened in event.widget.ancestors:
            self.rows.go_to_key(line.id)

    @on(OpenThread.Moved)
    def _entry_moved(self, event: OpenThread.Moved) -> None:
        event.stop()
        self.post_message(self.SubjectChanged())

    def _paint_context(self, *, keep_place: bool) -> None:
        paint = None if self._known_beside is None else partial(context_lines, self._known_beside, self.eyes)
        self.query_one("#context", LinesView).show(paint, keep_place=keep_place)

    def action_copy(self) -> None:
        """Copy the words of the message with the cursor, and nothing else."""
        entry = self.opened.view.current
        if entry is not None and entry.text:
            self.app.copy_to_clipboard(entry_text(entry))
            self.app.notify("✓", markup=False, timeout=1)

    def action_context(self) -> None:
        """Show or hide what is known of the client, where there is no room for it beside the thread."""
        view = self.query_one("#context", LinesView)
        if not self.screen.has_class("-narrow"):
            self.toggle_class("-with-context")
        elif self.query_one("#context-column").has_class("-front"):
            self.front("thread-column" if self.opened.line is not None else "list")
            self.focus_first()
        else:
            self.front("context-column")
            view.focus()

    # -- the pane --------------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """Read what is on the screen anew."""
        if not self._wanted.reads_content:
            self._renew_rows(self.rows.around(), self.rows.generation)
        self.opened.look_again()

    @work(thread=True, exit_on_error=False, exclusive=True, group="renew-rows")
    def _renew_rows(self, starts: Sequence[int], generation: int) -> None:
        wanted = self._wanted
        total = self.desk.read(count_threads, wanted)
        pages = {start: self.desk.read(read_threads, wanted, start=start, rows_max=PAGE) for start in starts}
        self.app.call_from_thread(self._put_renewed, pages, total, generation)

    def _put_renewed(self, pages: Mapping[int, Sequence[ThreadLine]], total: int, generation: int) -> None:
        if generation == self.rows.generation:
            self.rows.replace(pages, total)
            self._show_list_head(str(total))

    def tick(self, eyes: Eyes) -> None:
        """Countdowns go on."""
        self.eyes = eyes
        self.rows.refresh()
        self._show_list_head()
        self.opened.tick(eyes)
        self._paint_context(keep_place=True)

    def subjects(self) -> Sequence[Subject]:
        """Marked conversations, else the one with the cursor, or the message with the cursor in the open one."""
        line = self.opened.line
        if self.rows.has_focus or line is None or self.rows.marked:
            return [self._of_line(each) for each in self.rows.meant]
        return [self._of_entry(line, self.opened.view.current)]

    def _of_line(self, line: ThreadLine) -> Subject:
        is_open = self.opened.line is not None and self.opened.line.id == line.id
        seen = self._known_beside.seen if is_open and self._known_beside is not None else None
        return subject_of_line(line, newest_message=self._newest_of_client() if is_open else "", seen=seen)

    def _of_entry(self, line: ThreadLine, entry: Entry | None) -> Subject:
        thread = self._of_line(line)
        return thread if entry is None else subject_of_entry(thread, entry)

    def _newest_of_client(self) -> str:
        return next((each.id for each in reversed(self.opened.view.entries) if each.kind == "client"), "")

    def go_back(self) -> bool:
        """From the context to the thread, from there to the list, from there to no filter."""
        if self.rows.marked:
            self.rows.unmark()
        elif self.screen.has_class("-narrow") and self.query_one("#context-column").has_class("-front"):
            self.action_context()
        elif self.screen.has_class("-middle") and self.has_class("-with-context"):
            self.remove_class("-with-context")
        elif not self.rows.has_focus:
            self.front("list")
            self.rows.focus()
        elif self.written:
            self.set_filter("")
        else:
            return False
        return True

    def focus_first(self) -> None:
        """The thread where one is in front, else the list."""
        is_thread = self.opened.line is not None and self.opened.has_class("-front")
        (self.opened.view if is_thread else self.rows).focus()

    def forget(self) -> None:
        """Let go of everything that was read; the draft is kept first."""
        self.is_forgotten = True
        self.opened.forget()
        self._known_beside, self._is_on_record = None, False
        self.rows.forget()
        self.query_one("#context", LinesView).forget()
        self.front("list")

    def _paint_row(self, line: ThreadLine, width: int) -> tuple[Line, ...]:
        return thread_rows(line, self.eyes, width)
