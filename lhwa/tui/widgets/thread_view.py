"""A thread of any length: a window of some hundred entries that moves with the eye, laid out for the width it has.

Invariants: what somebody reads does not move when something comes in above or below; who is at the end stays there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from lhwa.services.inbox.pages import Cursor, Entry, ThreadPage
from lhwa.tui.lines import Line, Span
from lhwa.tui.paint.bubbles import entry_lines
from lhwa.tui.paint.office import Eyes
from lhwa.tui.widgets.painting import Painted, text_of

ENTRIES_PAGE = 50
"""Entries that are read at once."""
ENTRIES_MAX = 300
"""Entries in memory."""
_NEAR_LINES = 20
"""So near the end of what is read the next page is asked for."""


class ThreadView(ScrollView, Painted, can_focus=True):
    """The entries of one thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Next message", id="thread.next", show=False),
        Binding("k,up", "move(-1)", "Previous message", id="thread.previous", show=False),
        Binding("pagedown,ctrl+f", "turn(1)", "Page down", id="thread.page_down", show=False),
        Binding("pageup,ctrl+b", "turn(-1)", "Page up", id="thread.page_up", show=False),
        Binding("home", "oldest", "Oldest", id="thread.oldest", show=False),
        Binding("end,G", "newest", "Newest", id="thread.newest", show=False),
    ]

    @dataclass
    class MoreWanted(Message):
        """The eye comes near the end of what is read: what lies before or after this place is wanted."""

        before: Cursor | None = None
        after: Cursor | None = None

    @dataclass
    class EndWanted(Message):
        """The oldest or the newest page is wanted."""

        oldest: bool

    @dataclass
    class EntryMoved(Message):
        """The cursor is on another entry."""

        entry: Entry | None

    def __init__(self, eyes: Eyes, *, id: str | None = None) -> None:  # noqa: A002 -- textual's name
        super().__init__(id=id)
        self.eyes = eyes
        self.empty = ""
        self._entries: list[Entry] = []
        self._bodies: list[tuple[Line, ...]] = []
        self._laid: list[tuple[str | None, Entry, int]] = []
        """Of each entry, what its lines were made from."""
        self._laid_width = 0
        self._tops: list[int] = [0]
        self._cursor_key: str | None = None
        self._is_asking = False
        self.has_older = False
        self.has_newer = False
        self.unseen_below = 0
        """Entries that came while somebody read further up."""
        self._stays_at_end = True
        """A box that opens below must not push the newest words out of sight."""

    # -- content ---------------------------------------------------------------------------------------------------

    @property
    def entries(self) -> Sequence[Entry]:
        """What is read of the thread, oldest first."""
        return self._entries

    @property
    def current(self) -> Entry | None:
        """The entry with the cursor."""
        return next((each for each in self._entries if each.key == self._cursor_key), None)

    @property
    def is_at_end(self) -> bool:
        """True when the newest lines of the thread are on the screen."""
        return not self.has_newer and self.scroll_y >= self.max_scroll_y - 1

    def clear(self) -> None:
        """No thread."""
        self._cursor_key = None
        self.has_older = self.has_newer = self._is_asking = False
        self.unseen_below = 0
        self._lay_out([])

    def open(self, page: ThreadPage, *, at_start: bool = False) -> None:
        """Show a page: its newest entry at the bottom, or its oldest at the top."""
        self.has_older, self.has_newer = page.has_older, page.has_newer
        self.unseen_below, self._is_asking, self._stays_at_end = 0, False, not at_start
        entries = list(page.entries)
        self._cursor_key = (entries[0 if at_start else -1].key) if entries else None
        self._lay_out(entries)
        self.scroll_to(y=0 if at_start else self._tops[-1], animate=False, immediate=True)
        self.call_after_refresh(self._settle, at_start=at_start)
        self.post_message(self.EntryMoved(self.current))

    def add_older(self, page: ThreadPage) -> None:
        """A page from above; the newest entries go when there are too many."""
        known = {each.key for each in self._entries}
        added = [each for each in page.entries if each.key not in known]
        entries = [*added, *self._entries]
        if len(entries) > ENTRIES_MAX:
            entries, self.has_newer = entries[:ENTRIES_MAX], True
        self.has_older, self._is_asking = page.has_older, False
        self._keep_place(entries)

    def add_newer(self, page: ThreadPage) -> None:
        """A page from below; the oldest entries go when there are too many."""
        known = {each.key for each in self._entries}
        entries = [*self._entries, *(each for each in page.entries if each.key not in known)]
        if len(entries) > ENTRIES_MAX:
            entries, self.has_older = entries[-ENTRIES_MAX:], True
        self.has_newer, self._is_asking = page.has_newer, False
        self._keep_place(entries)

    def replace(self, page: ThreadPage, *, is_newest: bool) -> None:
        """Some of the entries as they are now. Those of the newest page may be new: who is at the end sees them come.

        Args:
            is_newest: it is the newest page of the thread, and not one from further up.
        """
        fresh = {each.key: each for each in page.entries}
        entries = [fresh.pop(each.key, each) for each in self._entries]
        was_at_end = self.is_at_end
        if is_newest and not self.has_newer:
            entries = sorted([*entries, *fresh.values()], key=lambda each: each.cursor)[-ENTRIES_MAX:]
            self.has_older = self.has_older or len(entries) == ENTRIES_MAX
            self.unseen_below = 0 if was_at_end else self.unseen_below + len(fresh)
        if entries == self._entries:
            return
        follows = was_at_end and (not self._entries or self._cursor_key == self._entries[-1].key)
        self._keep_place(entries)
        if was_at_end:
            self.scroll_to(y=self._tops[-1], animate=False, immediate=True)
            self.call_after_refresh(self._settle, at_start=False)
        if follows and entries:
            self._cursor_key = entries[-1].key
            self.post_message(self.EntryMoved(self.current))

    def newest_cursor_shown(self) -> Cursor | None:
        """The place just after what is on the screen, for reading what is there anew; None at the end."""
        bottom = self._index_at(int(self.scroll_y) + self.size.height) + 1
        return self._entries[bottom].cursor if bottom < len(self._entries) else None

    def look_again(self, eyes: Eyes) -> None:
        """The same entries with other eyes: another language, another hour."""
        self.eyes = eyes
        self._keep_place(self._entries)

    # -- moving ----------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Go to the entry before or after; through a long one line by line."""
        place = self._place()
        if place is None:
            return
        top, bottom = self._tops[place], self._tops[place + 1]
        screen_top, screen_bottom = int(self.scroll_y), int(self.scroll_y) + self.size.height
        if (by > 0 and bottom > screen_bottom) or (by < 0 and top < screen_top):
            self.scroll_relative(y=by * max(self.size.height // 2, 1), animate=False, immediate=True)
            return
        self._go(place + by)

    def action_turn(self, by: int) -> None:
        """Go a screen up or down; the cursor comes along."""
        self.scroll_relative(y=by * max(self.size.height - 2, 1), animate=False, immediate=True)
        middle = self._index_at(int(self.scroll_target_y) + self.size.height // 2)
        if middle < len(self._entries):
            self._point_at(self._entries[middle].key)

    def action_oldest(self) -> None:
        """Go to the beginning of the thread."""
        if self.has_older:
            self.post_message(self.EndWanted(oldest=True))
        else:
            self._go(0)

    def action_newest(self) -> None:
        """Go to the end of the thread."""
        self.unseen_below = 0
        if self.has_newer:
            self.post_message(self.EndWanted(oldest=False))
        else:
            self._go(len(self._entries) - 1)
            self.scroll_to(y=self._tops[-1], animate=False, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor there."""
        place = self._index_at(int(self.scroll_y) + event.y)
        if place < len(self._entries):
            self._point_at(self._entries[place].key)

    def _go(self, place: int) -> None:
        if not self._entries:
            return
        place = max(0, min(place, len(self._entries) - 1))
        self._point_at(self._entries[place].key)
        height = self._tops[place + 1] - self._tops[place]
        self.scroll_to_region(Region(0, self._tops[place], 1, height), animate=False, immediate=True)
        self._ask_for_more()

    def _point_at(self, key: str) -> None:
        self._cursor_key = key
        self.refresh()
        self.post_message(self.EntryMoved(self.current))

    def _place(self) -> int | None:
        return next((place for place, each in enumerate(self._entries) if each.key == self._cursor_key), None)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Near the end of what is read, more is wanted."""
        super().watch_scroll_y(old_value, new_value)
        if old_value != new_value:
            self._stays_at_end = self.is_at_end
        if self._stays_at_end:
            self.unseen_below = 0
        self._ask_for_more()

    def _ask_for_more(self) -> None:
        if self._is_asking or not self._entries:
            return
        top, bottom = int(self.scroll_target_y), int(self.scroll_target_y) + self.size.height
        if self.has_older and top < _NEAR_LINES:
            self._is_asking = True
            self.post_message(self.MoreWanted(before=self._entries[0].cursor))
        elif self.has_newer and bottom > self._tops[-1] - _NEAR_LINES:
            self._is_asking = True
            self.post_message(self.MoreWanted(after=self._entries[-1].cursor))

    # -- layout ----------------------------------------------------------------------------------------------------

    def _keep_place(self, entries: list[Entry]) -> None:
        """Lay other entries out, and leave the first one on the screen where it is."""
        top = int(self.scroll_y)
        place = self._index_at(top)
        anchor = self._entries[place].key if place < len(self._entries) else None
        into = top - self._tops[place] if place < len(self._entries) else 0
        self._lay_out(entries)
        if anchor is not None:
            for place, each in enumerate(entries):
                if each.key == anchor:
                    self.scroll_to(y=self._tops[place] + into, animate=False, immediate=True, force=True)
                    return

    def _lay_out(self, entries: list[Entry]) -> None:
        known = {} if self._laid_width != self._width else dict(zip(self._laid, self._bodies, strict=True))
        laid: list[tuple[str | None, Entry, int]] = []
        layout: list[tuple[Line, ...]] = []
        day = self.eyes.now_ms // 86_400_000
        for previous, entry in pairwise([None, *entries]):
            if entry is None:
                continue
            name = (None if previous is None else previous.key, entry, day)
            laid.append(name)
            lines = known.get(name)
            layout.append(lines if lines is not None else entry_lines(entry, self.eyes, self._width, previous=previous))
        self._entries, self._bodies, self._laid, self._laid_width = list(entries), layout, laid, self._width
        self._tops = [0, *accumulate(len(lines) for lines in layout)]
        self.virtual_size = Size(self.size.width, self._tops[-1])
        self.refresh()

    @property
    def _width(self) -> int:
        return max(self.scrollable_content_region.width, 10)

    def _index_at(self, line: int) -> int:
        return max(bisect_right(self._tops, line) - 1, 0)

    def _settle(self, *, at_start: bool) -> None:
        """Once the size is known: the scroll bar may have changed it."""
        if not at_start and not self.has_newer:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)
            self._stays_at_end = True
        self._ask_for_more()

    def on_resize(self) -> None:
        """Other widths break lines elsewhere."""
        stays = self._stays_at_end
        self._keep_place(self._entries)
        if stays:
            self._stays_at_end = True
            self.call_after_refresh(self._settle, at_start=False)

    # -- painting --------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        scroll_y = int(self.scroll_y)
        row, width = scroll_y + y, self.scrollable_content_region.width
        if row >= self._tops[-1]:
            text = self.empty if not self._entries and y == 1 else ""
            return self.strip_of((Span(f"  {text}", "muted"),), width)
        place = self._index_at(row)
        line = self._bodies[place][row - self._tops[place]]
        bar = "beside" if self._entries[place].key == self._cursor_key and self.has_focus else ""
        return self._selected(self.strip_of(line, width, bar=bar), row).apply_offsets(0, row)

    def _selected(self, strip: Strip, row: int) -> Strip:
        selection = self.text_selection
        span = None if selection is None else selection.get_span(row)
        if span is None:
            return strip
        start, end = span
        end = strip.cell_length if end == -1 else end
        style = self.screen.get_component_rich_style("screen--selection")
        return Strip.join([strip.crop(0, start), strip.crop(start, end).apply_style(style), strip.crop(end)])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What the mouse has selected, for the clipboard."""
        return selection.extract(text_of(line for lines in self._bodies for line in lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 -- textual's signature
        """Paint what is selected now."""
        self.refresh()
