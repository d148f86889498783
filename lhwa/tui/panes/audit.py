"""The audit log as it grows, newest first, with a mark at every record that has been verified."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.worker import get_current_worker

from lhwa.domain.access import Permission
from lhwa.services.audit.following import Follower, verify_some
from lhwa.services.audit.views import EntryView, read_log
from lhwa.services.inbox.counts import count_queues
from lhwa.tui.acts import Subject
from lhwa.tui.desk import Desk
from lhwa.tui.lines import Line, Span, many_lines, wrapped
from lhwa.tui.paint.context import when
from lhwa.tui.paint.office import Eyes
from lhwa.tui.paint.rows import audit_rows
from lhwa.tui.panes.pane import Pane
from lhwa.tui.widgets.lines_view import LinesView
from lhwa.tui.widgets.one_liners import OneLine
from lhwa.tui.widgets.rows import PAGE, Rows

VERIFY_ROWS = 500
"""Records that are verified at once: others get their turn at the file in between."""


class AuditPane(Pane):
    """Records, and the one with the cursor in full."""

    def __init__(self, desk: Desk, eyes: Eyes, *, id: str) -> None:  # noqa: A002 -- textual's name
        super().__init__(desk, eyes, id=id)
        self._records = 0
        self.following: Follower | None = None
        """How far the log has been verified, and whether it is sound so far."""

    def compose(self) -> ComposeResult:
        with Vertical(id="audit-list", classes="column queue-list -front"):
            yield OneLine(id="audit-head")
            yield Rows[EntryView](self._paint_row, lambda each: str(each.seq), row_height=1)
        with Vertical(id="audit-detail", classes="column detail -last"):
            yield LinesView()

    @property
    def rows(self) -> Rows[EntryView]:
        """The records."""
        return self.query_one(Rows)

    def begin(self) -> None:
        """Read the newest records, and verify from where it was left."""
        self.is_forgotten = False
        self.rows.empty = self.eyes.labels.loading
        if not self.desk.may(Permission.READ_AUDIT):
            self.rows.empty = self.eyes.labels.not_for_your_role
            self.rows.reset(0, [])
            return
        self._load(first=True)

    def look_again(self) -> None:
        """Read it anew."""
        if self.desk.may(Permission.READ_AUDIT):
            self._load(first=False)

    @work(thread=True, exit_on_error=False, exclusive=True, group="log")
    def _load(self, *, first: bool) -> None:
        size = self.desk.read(count_queues).audit_entries or 0
        starts = [0] if first else self.rows.around()
        pages = {start: self._page(size, start) for start in starts}
        self.app.call_from_thread(self._show, size, pages, first=first)
        self._verify()

    def _page(self, size: int, start: int) -> Sequence[EntryView]:
        """Records from a row on; the newest one stands first."""
        end = max(size - start, 0)
        begin = max(end - PAGE, 0)
        return self.desk.read(read_log, start=begin, rows_max=end - begin)[::-1] if end else []

    def _verify(self) -> None:
        """In a worker: a part of the log at a time, from where it was left."""
        worker = get_current_worker()
        state = self.following or Follower()
        while not worker.is_cancelled:
            state = self.desk.read(verify_some, state, rows_max=VERIFY_ROWS)
            self.app.call_from_thread(self._show_following, state)
            if state.is_caught_up:
                return

    def _show(self, size: int, pages: dict[int, Sequence[EntryView]], *, first: bool) -> None:
        self._records = size
        self.rows.empty = self.eyes.labels.no_entries
        if first:
            self.rows.reset(size, pages.get(0, []))
        else:
            self.rows.replace(pages, size)

    def _show_following(self, state: Follower) -> None:
        self.following = state
        labels = self.eyes.labels
        if not state.ok:
            line = Span(f" ✗ {labels.not_verified.format(state.first_bad)} ", "bad")
        elif state.is_caught_up:
            line = Span(f" ✓ {labels.verified.format(state.verified_to)} ", "good")
        else:
            line = Span(f" … {labels.verifying.format(state.verified_to, self._records)} ", "muted")
        self.query_one("#audit-head", OneLine).show([line])
        self.rows.refresh()
        self.post_message(self.SubjectChanged())

    @on(Rows.Wanted)
    def _wanted(self, event: Rows.Wanted) -> None:
        event.stop()
        self._read(event.start, self.rows.generation, self._records)

    @work(thread=True, exit_on_error=False, group="log-rows")
    def _read(self, start: int, generation: int, size: int) -> None:
        page = self._page(size, start)
        self.app.call_from_thread(self._put, start, page, generation)

    def _put(self, start: int, page: Sequence[EntryView], generation: int) -> None:
        if generation == self.rows.generation:
            self.rows.put(start, page)

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        entry = event.item
        self.query_one(LinesView).show(None if entry is None else partial(self._lines, entry))

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.front("audit-detail")
        self.query_one(LinesView).focus()

    def _lines(self, entry: EntryView, width: int) -> Sequence[Line]:
        pairs = {
            "record": str(entry.seq),
            "time": when(entry.at or None, self.eyes),
            "actor": entry.actor,
            "action": entry.action,
            "target": entry.target,
            **{name: str(value) for name, value in entry.data.items()},
            "leaf": entry.leaf_hash,
        }
        lines: list[Line] = []
        for name, value in pairs.items():
            lines.append((Span(many_lines(name), "muted"),))
            lines += [(Span(f"  {piece}"),) for piece in wrapped(many_lines(value), max(width - 2, 8))]
        return lines

    def tick(self, eyes: Eyes) -> None:
        """Times go on."""
        self.eyes = eyes
        self.rows.refresh()

    def subjects(self) -> Sequence[Subject]:
        """Nothing can be done to a record."""
        return []

    def go_back(self) -> bool:
        """From the record to the list."""
        if self.rows.has_focus:
            return False
        self.focus_first()
        return True

    def focus_first(self) -> None:
        """The list."""
        self.front("audit-list")
        self.rows.focus()

    def forget(self) -> None:
        """Records hold no content, so nothing is to be forgotten but the place."""
        self.is_forgotten = True
        self.rows.forget()
        self.query_one(LinesView).forget()

    def _paint_row(self, entry: EntryView, width: int) -> tuple[Line, ...]:
        state = self.following
        is_verified = state is not None and state.ok and entry.seq < state.verified_to
        return audit_rows(entry, self.eyes, width, is_verified=is_verified)
