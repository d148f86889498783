"""A list of which only what is on the screen, and the page after it, is in memory.

A hundred thousand rows cost no more than fifty.

Invariants: the cursor stays on the thing it is on, whatever moves around it; pages that are far away are let go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lhwa.tui.lines import Line, Span, wrapped
from lhwa.tui.widgets.painting import Painted

PAGE = 50
"""Rows that are read at once."""
PAGES_MAX = 8
"""Pages in memory."""
GLANCE_S = 0.7
"""Less time than anybody needs to see that another thing is under the cursor, and to mean it."""

Item = TypeVar("Item")


class Rows(ScrollView, Painted, Generic[Item], can_focus=True):
    """Rows of one height.

    Args:
        paint: the lines of one item at a width, `row_height` of them.
        key: what an item is known by, the same whenever it is read.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Next", id="list.next", show=False),
        Binding("k,up", "move(-1)", "Previous", id="list.previous", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", id="list.page_down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", id="list.page_up", show=False),
        Binding("home", "first", "First", id="list.first", show=False),
        Binding("end,G", "last", "Last", id="list.last", show=False),
        Binding("enter", "choose", "Open", id="list.open"),
        Binding("space", "mark", "Mark", id="list.mark", show=False),
    ]

    @dataclass
    class Wanted(Message):
        """Rows from `start` on are needed to paint; at most `count`."""

        rows: Rows[Any]
        start: int
        count: int

    @dataclass
    class Moved(Message):
        """The cursor is on another thing now; None: on nothing, or on a row that is not read yet."""

        rows: Rows[Any]
        item: Any

    @dataclass
    class Chosen(Message):
        """Somebody wants to see this one."""

        rows: Rows[Any]
        item: Any

    @dataclass
    class Marked(Message):
        """So many are marked."""

        rows: Rows[Any]
        count: int

    def __init__(
        self,
        paint: Callable[[Item, int], Sequence[Line]],
        key: Callable[[Item], str],
        *,
        row_height: int = 1,
        empty: str = "",
        id: str | None = None,  # noqa: A002 -- textual's name
    ) -> None:
        super().__init__(id=id)
        self._paint_item = paint
        self._key_of = key
        self._row_height = row_height
        self._pages: dict[int, list[Item]] = {}
        self._asked: set[int] = set()
        self._told_key: str | None = None
        self._cursor_key: str | None = None
        self._slid_s = float("-inf")
        self.empty = empty
        self.total = 0
        self.cursor = 0
        self.marked: dict[str, Item] = {}
        self.generation = 0
        """Which content this is; what was asked for an older one is not taken."""

    # -- content ---------------------------------------------------------------------------------------------------

    def reset(self, total: int, first: Sequence[Item]) -> None:
        """Another content, of so many rows, of which the first page is read."""
        self.generation += 1
        self._pages.clear()
        self._asked.clear()
        self.marked.clear()
        self.cursor, self._cursor_key, self._told_key = 0, None, None
        self._resize(total)
        self.scroll_to(y=0, animate=False, immediate=True)
        if first:
            self.put(0, first)
        else:
            self._tell(again=True)
        self._want_visible()
        self.refresh()

    def forget(self) -> None:
        """Let everything go that was read."""
        self.generation += 1
        self._pages.clear()
        self._asked.clear()
        self.marked.clear()
        self._resize(0)
        self.refresh()

    def put(self, start: int, items: Sequence[Item]) -> None:
        """A page that was read. `start` is a multiple of PAGE."""
        self._pages[start] = list(items)
        self._asked.discard(start)
        self._drop_far_pages()
        self._find_cursor()
        self.refresh()
        self._tell()

    def replace(self, pages: Mapping[int, Sequence[Item]], total: int) -> None:
        """The same content as it is now: the pages around the screen, read anew. The place on the screen is kept."""
        before = self.cursor
        self._pages = {start: list(items) for start, items in pages.items()}
        self._asked.clear()
        self._resize(total)
        self._find_cursor()
        if before not in (0, self.cursor):
            # What somebody looks at stays under their eyes; only who is at the top sees what comes in there.
            self.scroll_to(y=self.scroll_y + (self.cursor - before) * self._row_height, animate=False, immediate=True)
        self.refresh()
        self._tell(again=True)
        self._want_visible()

    def show_all(self, items: Sequence[Item]) -> None:
        """A content that is short enough to be there whole."""
        self.replace({start: items[start : start + PAGE] for start in range(0, len(items), PAGE)}, len(items))

    def around(self) -> list[int]:
        """The beginnings of the pages that are on the screen, of the first one, and of the one with the cursor."""
        top, bottom = self._visible()
        return sorted({0, self.cursor // PAGE * PAGE, *range(top // PAGE * PAGE, bottom + 1, PAGE)})

    def item_at(self, index: int) -> Item | None:
        """What stands in a row, if it is read."""
        page = self._pages.get(index // PAGE * PAGE)
        place = index % PAGE
        return page[place] if page is not None and place < len(page) else None

    @property
    def current(self) -> Item | None:
        """What the cursor is on."""
        return self.item_at(self.cursor) if self.cursor < self.total else None

    @property
    def meant(self) -> list[Item]:
        """What an act is about: everything that is marked, else what the cursor is on."""
        return list(self.marked.values()) or [item for item in (self.current,) if item is not None]

    def unmark(self) -> None:
        """Mark nothing any more."""
        self.marked.clear()
        self.refresh()
        self.post_message(self.Marked(self, 0))

    def go_to_key(self, key: str) -> None:
        """Put the cursor on a thing, if it is among what is read."""
        self._cursor_key = key
        self._find_cursor()
        self._show_cursor()

    # -- moving ----------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Go so many rows on."""
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Go so many screens on."""
        self._go(self.cursor + by * max(self.size.height // self._row_height - 1, 1))

    def action_first(self) -> None:
        """Go to the first row."""
        self._go(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self._go(self.total - 1)

    def action_choose(self) -> None:
        """Open what the cursor is on."""
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def action_mark(self) -> None:
        """Mark or unmark what the cursor is on, and go on."""
        item = self.current
        if item is None:
            return
        key = self._key_of(item)
        if self.marked.pop(key, None) is None:
            self.marked[key] = item
        self.post_message(self.Marked(self, len(self.marked)))
        self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        """The first click goes there, the second one opens it."""
        index = (int(self.scroll_y) + event.y) // self._row_height
        if index >= self.total:
            return
        was = self.cursor
        self._go(index)
        if was == index or event.chain > 1:
            self.action_choose()

    def _go(self, index: int) -> None:
        self.cursor = max(0, min(index, self.total - 1))
        self._slid_s = float("-inf")
        item = self.current
        self._cursor_key = None if item is None else self._key_of(item)
        self._show_cursor()
        self._want_visible()
        self._tell()

    def _show_cursor(self) -> None:
        self.scroll_to_region(
            Region(0, self.cursor * self._row_height, 1, self._row_height), animate=False, immediate=True
        )
        self.refresh()

    def _find_cursor(self) -> None:
        """The cursor follows its thing to where it is now; a thing that is gone leaves it where it is."""
        if self._cursor_key is not None:
            for start, page in self._pages.items():
                for place, each in enumerate(page):
                    if self._key_of(each) == self._cursor_key:
                        self.cursor = start + place
                        return
        self.cursor = max(0, min(self.cursor, self.total - 1))
        item = self.current
        if self._cursor_key is not None:
            self._slid_s = monotonic()
        self._cursor_key = None if item is None else self._key_of(item)

    @property
    def has_just_slid(self) -> bool:
        """What the cursor was on is gone, and nobody can have seen yet what it is on now: it was not put there."""
        return not self.marked and monotonic() - self._slid_s < GLANCE_S

    def _tell(self, *, again: bool = False) -> None:
        item = self.current
        key = None if item is None else self._key_of(item)
        if again or key != self._told_key:
            self._told_key = key
            self.post_message(self.Moved(self, item))

    # -- reading ---------------------------------------------------------------------------------------------------

    def _resize(self, total: int) -> None:
        self.total = total
        self.virtual_size = Size(self.size.width, total * self._row_height)

    def _visible(self) -> tuple[int, int]:
        """The first and the last row on the screen."""
        top = int(self.scroll_y) // self._row_height
        return top, min(top + self.size.height // self._row_height + 1, max(self.total - 1, 0))

    def _want_visible(self) -> None:
        """Ask for what is on the screen and not read, and for the page after it."""
        if not self.total or not self.size.height:
            return
        top, bottom = self._visible()
        for start in range(top // PAGE * PAGE, min(bottom + PAGE, self.total), PAGE):
            if start not in self._pages and start not in self._asked:
                self._asked.add(start)
                self.post_message(self.Wanted(self, start, PAGE))

    def _drop_far_pages(self) -> None:
        middle = sum(self._visible()) // 2
        for start in sorted(self._pages, key=lambda each: abs(each - middle))[PAGES_MAX:]:
            del self._pages[start]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """What comes on the screen is read."""
        super().watch_scroll_y(old_value, new_value)
        self._want_visible()

    def on_resize(self) -> None:
        """A wider or higher list may show rows that are not read."""
        self._resize(self.total)
        self._want_visible()

    # -- painting --------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        row = int(self.scroll_y) + y
        index, part = divmod(row, self._row_height)
        if index >= self.total:
            return self.strip_of((Span(self._said_of_nothing(y, width), "muted"),), width)
        shown = self.item_at(index)
        if shown is None:
            return self.strip_of((Span("  …" if part == 0 else "", "muted"),), width)
        key = self._key_of(shown)
        mark = "✓" if key in self.marked and part == 0 else " "
        pointer = "▌" if index == self.cursor else " "
        line = (Span(pointer, "accent"), Span(mark, "accent"), *self._paint_item(shown, width - 2)[part])
        return self.strip_of(line, width, bar=self._bar(index, key))

    def _said_of_nothing(self, y: int, width: int) -> str:
        """Why the list is empty, from its second line on."""
        lines = [] if self.total else ["", *wrapped(self.empty, width - 4)]
        return f"  {lines[y]}" if y < len(lines) else ""

    def _bar(self, index: int, key: str) -> str:
        if index == self.cursor:
            return "cursor" if self.has_focus else "beside"
        return "marked" if key in self.marked else ""
