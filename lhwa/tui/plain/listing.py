"""What is listed and read in the line mode: one queue at a time, numbered, and the one thing that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lhwa.services.inbox.context import ThreadContext, read_context
from lhwa.services.inbox.filters import ThreadFilter, parse_filter
from lhwa.services.inbox.opening import open_list, open_thread
from lhwa.services.inbox.pages import Cursor, Entry, read_page
from lhwa.services.inbox.queues import open_queue
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.services.inbox.threads import count_threads, read_threads, search_threads, thread_line
from lhwa.tui.acts import Subject
from lhwa.tui.desk import Desk
from lhwa.tui.lines import Line, plain
from lhwa.tui.paint.bubbles import entry_lines
from lhwa.tui.paint.context import context_lines
from lhwa.tui.paint.office import Eyes
from lhwa.tui.paint.rows import thread_rows
from lhwa.tui.panes.kinds import KINDS
from lhwa.tui.panes.subjects import subject_of_entry, subject_of_line

INBOX = "inbox"
PAGE = 20
WIDTH = 100
"""Cells of a line. A screen reader reads a line whole; nobody's terminal wraps a short one."""
SCAN_MAX = 200


@dataclass
class Listing:
    """Where somebody is."""

    desk: Desk
    eyes: Eyes
    queue: str = INBOX
    wanted: ThreadFilter = field(default_factory=ThreadFilter)
    start: int = 0
    items: Sequence[Any] = ()
    chosen: Any = None
    brought: Any = None
    line: ThreadLine | None = None
    context: ThreadContext | None = None
    entries: Sequence[Entry] = ()
    entry: Entry | None = None

    def list_queue(self, name: str) -> list[str]:
        """Go to a queue and list it from its beginning; that goes on record."""
        self.queue, self.start = name, 0
        self._close()
        if name == INBOX:
            self.desk.note(open_list)
        else:
            for each in self._kind.queues:
                self.desk.note(open_queue, each)
        return self.listed()

    def filter(self, written: str) -> list[str]:
        """List other conversations. Raises: UsageError."""
        self.wanted = parse_filter(written)
        return self.list_queue(INBOX)

    def listed(self) -> list[str]:
        """The page from `start` on, numbered."""
        if self.queue == INBOX:
            return self._threads()
        everything = self._kind.read(self.desk)
        self.items = everything[self.start : self.start + PAGE]
        if not everything:
            return [self._kind.empty(self.eyes)]
        return self._numbered(partial(self._kind.paint, eyes=self.eyes, width=WIDTH), len(everything))

    def _threads(self) -> list[str]:
        if self.wanted.reads_content:
            self.items, total = self._found()
        else:
            total = self.desk.read(count_threads, self.wanted)
            self.items = self.desk.read(read_threads, self.wanted, start=self.start, rows_max=PAGE)
        if not self.items:
            labels = self.eyes.labels
            return [labels.no_threads if self.wanted == ThreadFilter() else labels.no_hits]
        return self._numbered(partial(thread_rows, eyes=self.eyes, width=WIDTH), total)

    def _found(self) -> tuple[list[ThreadLine], int]:
        found: list[ThreadLine] = []
        start: int | None = 0
        while start is not None and len(found) < self.start + PAGE:
            hits, start = self.desk.read(search_threads, self.wanted, start=start, scan_max=SCAN_MAX)
            found += hits
        return found[self.start : self.start + PAGE], len(found)

    def _numbered(self, paint: Any, total: int) -> list[str]:
        lines = []
        for number, item in enumerate(self.items, start=self.start + 1):
            first, *rest = [plain(line).split() for line in paint(item)]
            lines.append(f"{number}. {' '.join(first)}")
            lines += [f"   {' '.join(words)}" for words in rest if words]
        lines.append(f"{self.start + 1}-{self.start + len(self.items)} / {total}")
        return lines

    def choose(self, number: int) -> list[str]:
        """Open what has this number; that goes on record."""
        place = number - 1 - self.start
        if place < 0:
            raise IndexError(number)
        item = self.items[place]
        if self.queue == INBOX:
            return self._open_thread(item.id)
        self.chosen = item
        if self._kind.read_detail is not None:
            self.brought = self._kind.read_detail(self.desk, item, again=False)
        return self._unpainted(self._kind.detail(item, self.brought, self.eyes, WIDTH))

    def follow(self) -> list[str]:
        """Open the conversation behind what is chosen."""
        conversation = "" if self.chosen is None else self._kind.thread(self.chosen)
        if not conversation:
            return [self.eyes.labels.none]
        self.queue = INBOX
        return self._open_thread(conversation)

    def _open_thread(self, conversation: str) -> list[str]:
        self.desk.note(open_thread, conversation)
        self._close()
        self.look(conversation)
        page = self.desk.read(read_page, conversation, rows_max=PAGE)
        self.entries = page.entries
        return [*self._read_aloud(), *([self.eyes.labels.older] if page.has_older else [])]

    def look(self, conversation: str) -> None:
        """Read anew what is known of the open conversation."""
        self.line = self.desk.read(thread_line, conversation)
        self.context = self.desk.read(read_context, conversation)

    def older(self) -> list[str]:
        """The page before what was read last."""
        if self.line is None or not self.entries:
            return [self.eyes.labels.choose_thread]
        before: Cursor = self.entries[0].cursor
        page = self.desk.read(read_page, self.line.id, before=before, rows_max=PAGE)
        if not page.entries:
            return [self.eyes.labels.none]
        self.entries = page.entries
        return self._read_aloud()

    def point(self, number: int) -> list[str]:
        """Make acts about one message of the open conversation."""
        if number < 1:
            raise IndexError(number)
        self.entry = self.entries[number - 1]
        return self._unpainted(entry_lines(self.entry, self.eyes, WIDTH))

    def _read_aloud(self) -> list[str]:
        lines: list[str] = []
        previous: Entry | None = None
        for number, entry in enumerate(self.entries, start=1):
            first, *rest = self._unpainted(entry_lines(entry, self.eyes, WIDTH, previous=previous))
            lines += [f"({number}) {first}", *rest]
            previous = entry
        return lines or [self.eyes.labels.no_entries]

    def about(self) -> list[str]:
        """What is known beside the open conversation."""
        if self.context is None:
            return [self.eyes.labels.choose_thread]
        return self._unpainted(context_lines(self.context, self.eyes, WIDTH))

    def subjects(self) -> Sequence[Subject]:
        """What an act is about."""
        if self.line is not None:
            newest = next((each.id for each in reversed(self.entries) if each.kind == "client"), "")
            seen = None if self.context is None else self.context.seen
            subject = subject_of_line(self.line, newest_message=newest, seen=seen)
            return [subject if self.entry is None else subject_of_entry(subject, self.entry)]
        if self.chosen is not None:
            return [self._kind.subject(self.chosen, self.brought)]
        return []

    def _close(self) -> None:
        self.line, self.context, self.entries, self.entry = None, None, (), None
        self.chosen = self.brought = None

    @property
    def _kind(self) -> Any:
        return next(kind for kind in KINDS if kind.name == self.queue)

    @staticmethod
    def _unpainted(lines: Sequence[Line]) -> list[str]:
        """Without the strokes and gaps that only an eye needs."""
        words = (" ".join(plain(line).replace("┃", " ").replace("─", " ").replace("┆", " ").split()) for line in lines)
        return [line for line in words if line]
