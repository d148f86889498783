"""The open conversation: its entries, who else is here, and the box in which somebody writes.

Invariants: opening is on record once, before anything of it is shown; what somebody types is kept as a draft.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from lhwa.domain.access import Permission
from lhwa.errors import LhwaError
from lhwa.services.inbox.context import ThreadContext, read_context
from lhwa.services.inbox.desk import Draft, be_at, draft_of, leave
from lhwa.services.inbox.opening import open_thread
from lhwa.services.inbox.pages import Cursor, Entry, ThreadPage, read_page
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.services.inbox.threads import thread_line
from lhwa.tui.desk import Desk
from lhwa.tui.letter import Letter
from lhwa.tui.lines import Span, one_line
from lhwa.tui.paint.bubbles import entry_text
from lhwa.tui.paint.office import Eyes
from lhwa.tui.panes.subjects import name_of
from lhwa.tui.panes.writer import Writer
from lhwa.tui.widgets.composer import Composer
from lhwa.tui.widgets.one_liners import OneLine
from lhwa.tui.widgets.thread_view import ENTRIES_PAGE, ThreadView
from lhwa.tui.working import Working


class OpenThread(Vertical, Working):
    """One conversation at a time, or none."""

    @dataclass
    class Known(Message):
        """What is known beside the thread has been read."""

        line: ThreadLine
        context: ThreadContext

    class Moved(Message):
        """The cursor is on another message, or another thread is open."""

    def __init__(self, desk: Desk, eyes: Eyes, *, id: str, classes: str) -> None:  # noqa: A002 -- textual's name
        super().__init__(id=id, classes=classes)
        self._desk = desk
        self.eyes = eyes
        self.line: ThreadLine | None = None
        self._draft: str | None = ""
        """None while it is being read."""
        self._owes_draft = False
        """Somebody writes already, and what they had typed before comes in a moment."""
        self.may_write = desk.may(Permission.WRITE_TO_CLIENTS)

    def compose(self) -> ComposeResult:
        yield OneLine(id="thread-head")
        yield OneLine(id="thread-others")
        yield ThreadView(self.eyes, id="thread")
        yield Writer(self._desk, self.eyes, id="composer")

    def on_mount(self) -> None:
        """Nothing is open yet."""
        self.query_one("#thread-others").display = False
        self.view.empty = self.eyes.labels.choose_thread

    @property
    def view(self) -> ThreadView:
        """The entries."""
        return self.query_one(ThreadView)

    @property
    def composer(self) -> Writer:
        """Where somebody writes."""
        return self.query_one(Writer)

    # -- opening ---------------------------------------------------------------------------------------------------

    def open(self, line: ThreadLine) -> None:
        """Open a conversation: that is on record from here on."""
        self.composer.keep()
        self.composer.shut()
        self.composer.holds_back = self.may_write
        self.line, self._draft, self._owes_draft = line, None, False
        self._show_head()
        self.view.empty = self.eyes.labels.loading
        self.view.clear()
        self.view.focus()
        self._open(line.id)

    @work(thread=True, exit_on_error=False, exclusive=True, group="thread")
    def _open(self, conversation: str) -> None:
        desk = self._desk
        desk.note(open_thread, conversation)
        page = desk.read(read_page, conversation, rows_max=ENTRIES_PAGE)
        self.app.call_from_thread(self._show_page, conversation, page)
        context = desk.read(read_context, conversation)
        draft = None
        if self.may_write:
            draft = desk.read(draft_of, conversation)
            desk.jot(be_at, desk=desk.id, conversation=conversation, is_writing=False)
        self.app.call_from_thread(self._show_context, conversation, context, draft)

    def _show_page(self, conversation: str, page: ThreadPage) -> None:
        if self._is_open(conversation):
            self.view.empty = self.eyes.labels.no_entries
            self.view.open(page)

    def _show_context(self, conversation: str, context: ThreadContext, draft: Draft | None) -> None:
        if self.line is None or not self._is_open(conversation):
            return
        self.post_message(self.Known(self.line, context))
        self._draft = (draft.text or "") if draft is not None else ""
        self.composer.holds_back = False
        if self._owes_draft:
            self._owes_draft = False
            self.composer.begin_with(self._draft)
        elif self._draft:
            self.compose_reply(takes_keys=False)

    def _is_open(self, conversation: str) -> bool:
        return self.line is not None and self.line.id == conversation

    @on(ThreadView.MoreWanted)
    def _more(self, event: ThreadView.MoreWanted) -> None:
        event.stop()
        if self.line is not None:
            self._read_more(self.line.id, event.before, event.after)

    @work(thread=True, exit_on_error=False, group="more")
    def _read_more(self, conversation: str, before: Cursor | None, after: Cursor | None) -> None:
        page = self._desk.read(read_page, conversation, before=before, after=after, rows_max=ENTRIES_PAGE)
        self.app.call_from_thread(self._add_more, conversation, page, is_older=before is not None)

    def _add_more(self, conversation: str, page: ThreadPage, *, is_older: bool) -> None:
        if self._is_open(conversation):
            (self.view.add_older if is_older else self.view.add_newer)(page)

    @on(ThreadView.EndWanted)
    def _end(self, event: ThreadView.EndWanted) -> None:
        event.stop()
        if self.line is not None:
            self._read_end(self.line.id, oldest=event.oldest)

    @work(thread=True, exit_on_error=False, exclusive=True, group="thread")
    def _read_end(self, conversation: str, *, oldest: bool) -> None:
        page = self._desk.read(read_page, conversation, from_start=oldest, rows_max=ENTRIES_PAGE)
        self.app.call_from_thread(self._show_end, conversation, page, oldest=oldest)

    def _show_end(self, conversation: str, page: ThreadPage, *, oldest: bool) -> None:
        if self._is_open(conversation):
            self.view.open(page, at_start=oldest)

    @on(ThreadView.EntryMoved)
    def _entry_moved(self, event: ThreadView.EntryMoved) -> None:
        event.stop()
        self.post_message(self.Moved())

    # -- looking again ---------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """Read anew what is on the screen."""
        if self.line is not None:
            self._renew(self.line.id, self.view.newest_cursor_shown())

    @work(thread=True, exit_on_error=False, exclusive=True, group="renew")
    def _renew(self, conversation: str, shown_to: Cursor | None) -> None:
        desk = self._desk
        line = desk.read(thread_line, conversation)
        newest = desk.read(read_page, conversation, rows_max=ENTRIES_PAGE)
        shown = None
        if shown_to is not None:
            shown = desk.read(read_page, conversation, before=shown_to, rows_max=ENTRIES_PAGE)
        context = desk.read(read_context, conversation)
        self.app.call_from_thread(self._put, line, newest, shown, context)

    def _put(
        self, line: ThreadLine | None, newest: ThreadPage, shown: ThreadPage | None, context: ThreadContext
    ) -> None:
        if line is None or not self._is_open(line.id):
            return
        self.line = line
        if shown is not None:
            self.view.replace(shown, is_newest=False)
        self.view.replace(newest, is_newest=True)
        self._show_head()
        self.composer.show_head(self.eyes, closes_at_ms=line.window_closes_at_ms)
        self.post_message(self.Known(line, context))

    def _show_head(self) -> None:
        line, labels = self.line, self.eyes.labels
        head, others = self.query_one("#thread-head", OneLine), self.query_one("#thread-others", OneLine)
        if line is None:
            head.show([])
            others.display = False
            return
        left = [Span(f" {name_of(line)}", "strong")]
        if line.name and line.contact:
            left.append(Span(f"  {one_line(line.contact)}", "muted"))
        right = [Span(f"@{self.eyes.person(line.assigned_to)} ", "muted")] if line.assigned_to else []
        if self.view.unseen_below:
            right.insert(0, Span(f"↓ {labels.new_below.format(self.view.unseen_below)} ", "accent"))
        head.show(left, right)
        writing = [labels.writes_now.format(self.eyes.person(each)) for each in line.is_writing_there]
        looking = [labels.looks_now.format(self.eyes.person(each)) for each in line.looking]
        others.display = bool(writing or looking)
        if writing:
            others.show([Span(f" ✎ {', '.join(writing)}", "warning")])
        elif looking:
            others.show([Span(f" ◉ {', '.join(looking)}", "muted")])

    def tick(self, eyes: Eyes) -> None:
        """Countdowns go on."""
        self.eyes = self.view.eyes = eyes
        self.composer.show_head(eyes, closes_at_ms=None if self.line is None else self.line.window_closes_at_ms)

    # -- writing ---------------------------------------------------------------------------------------------------

    def compose_reply(self, *, quoting: Entry | None = None, takes_keys: bool = True) -> None:
        """Write to the client; a draft goes on where it ends."""
        line = self.line
        if line is None or line.contact_id is None or not self.may_write:
            return
        self.composer.hear()
        letter = self.composer.letter
        if letter.thread != line.id:
            words, self._owes_draft = self._draft or "", self._draft is None
            letter = Letter(thread=line.id, contact=line.contact_id, number=line.phone_number_id, text=words)
        if quoting is not None and quoting.kind == "client":
            letter = letter.answering(quoting.id, one_line(entry_text(quoting), chars_max=60))
        self.composer.open(
            letter, self.eyes, name=name_of(line), closes_at_ms=line.window_closes_at_ms, takes_keys=takes_keys
        )
        self.beat()

    @on(Composer.Changed)
    def _letter_changed(self, event: Composer.Changed) -> None:
        event.stop()
        self.beat()

    @on(Composer.Closed)
    def _letter_closed(self, event: Composer.Closed) -> None:
        event.stop()
        self.beat()
        self.view.focus()

    @on(Writer.Sent)
    def _sent(self) -> None:
        self._draft = ""
        self.view.focus()
        self.view.action_newest()

    # -- being here ------------------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Let others see that somebody is here."""
        self.composer.keep_what_is_left()
        if self.line is not None and self.may_write:
            is_writing = self.composer.is_open and not self.composer.letter.is_empty
            self._be_at(self.line.id, is_writing=is_writing)

    @work(thread=True, exit_on_error=False, exclusive=True, group="beat")
    def _be_at(self, conversation: str, *, is_writing: bool) -> None:
        with suppress(LhwaError):
            self._desk.jot(be_at, desk=self._desk.id, conversation=conversation, is_writing=is_writing)

    def go_away(self) -> None:
        """The inbox ends or is locked: keep the draft, and be nowhere. Blocks; drafts are worth the moment."""
        if not self.may_write:
            return
        with suppress(LhwaError):
            self.composer.keep_now()
            self._desk.jot(leave, desk=self._desk.id)

    def forget(self) -> None:
        """Let go of everything that was read; the draft is kept."""
        self.go_away()
        self.line, self._draft, self._owes_draft = None, "", False
        self.composer.forget()
        self.view.clear()
        self.view.empty = self.eyes.labels.choose_thread
        self._show_head()
