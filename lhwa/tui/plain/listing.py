"""Where somebody is in the line mode: one queue, the stretch of it that was read last, and what is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from lhwa.errors import UsageError
from lhwa.tui.acts import Subject
from lhwa.tui.desk import Desk
from lhwa.tui.plain.conversation import Conversation
from lhwa.tui.plain.ears import Ears
from lhwa.tui.plain.opened import Opened, OpenItem
from lhwa.tui.plain.queues import INBOX, QueueSource, Threads, queues_of

PAGE = 20


class Listing:
    """A place. Everything returns what to say."""

    def __init__(self, desk: Desk, ears: Ears) -> None:
        self._desk = desk
        self.ears = ears
        self._queues = queues_of(desk)
        self.queue: QueueSource = self._queues[INBOX]
        self._filter = ""
        self._start = 0
        self._total = 0
        self._items: Sequence[Any] = ()
        self._place = -1
        """Of what was opened last, counted from the beginning of the queue."""
        self.opened: Opened | None = None

    @property
    def conversation(self) -> Conversation | None:
        """The open conversation, if it is one that is open."""
        return self.opened if isinstance(self.opened, Conversation) else None

    def where(self) -> str:
        """The place in a few words, for the prompt."""
        return f"{self.queue.name}, {self.opened.name(self.ears)}" if self.opened else self.queue.name

    # -- the list --------------------------------------------------------------------------------------------------

    def go(self, name: str) -> list[str]:
        """Go to a queue and read it from its beginning, without a filter; that goes on record."""
        queue = self._queues[name]
        queue.enter()
        queue.narrow("")
        self.queue, self._filter = queue, ""
        return self._read_from(0)

    def filter(self, written: str) -> list[str]:
        """Read only what fits. Raises: UsageError."""
        self.queue.narrow(written)
        self._filter = written
        return self._read_from(0)

    def listed(self) -> list[str]:
        """The same stretch, read anew; nothing is open then."""
        return self._read_from(self._start)

    def more(self) -> list[str]:
        """The stretch after it."""
        if self._start + PAGE >= self._total:
            return [self.ears.says.end_of_queue]
        return self._read_from(self._start + PAGE)

    def back(self) -> list[str]:
        """The stretch before it."""
        if not self._start:
            return [self.ears.says.begin_of_queue]
        return self._read_from(max(self._start - PAGE, 0))

    def _read_from(self, start: int) -> list[str]:
        self.close()
        self._load(start)
        says, queue = self.ears.says, self.queue
        if not self._items:
            return [*queue.head(self.ears), queue.empty(self.ears)]
        lines = queue.head(self.ears)
        for number, item in enumerate(self._items, start=start + 1):
            first, *rest = queue.said(item, self.ears)
            lines += [f"{number}, {first}", *rest]
        shown = says.page.format(start + 1, start + len(self._items), self._total)
        is_last = start + len(self._items) >= self._total
        return [*lines, shown if is_last else f"{shown} {says.has_more}"]

    def _load(self, start: int) -> None:
        self._items, self._total = self.queue.stretch(start, PAGE, self.ears)
        self._start = start

    # -- the one thing ---------------------------------------------------------------------------------------------

    def open(self, number: int) -> list[str]:
        """Open what has this number in the list. Raises: UsageError."""
        return self._open_at(self._at(number))

    def _at(self, number: int) -> int:
        place = number - 1
        if not self._start <= place < self._start + len(self._items):
            raise UsageError("There is nothing with this number in the list.", hint="list reads it again.")
        return place

    def _open_at(self, place: int) -> list[str]:
        self._place = place
        return self._read_opened(self.queue.open(self._items[place - self._start]))

    def _read_opened(self, opened: Opened) -> list[str]:
        self.opened = opened
        return opened.read_aloud(self.ears)

    def step(self, by: int) -> list[str]:
        """Open the next one of the queue, or with -1 the one before."""
        place = self._place + by
        if place < 0:
            return [self.ears.says.begin_of_queue]
        if not self._start <= place < self._start + len(self._items):
            if place >= self._total:
                return [self.ears.says.end_of_queue]
            self._load(place - place % PAGE)
            if place >= self._start + len(self._items):
                return [self.ears.says.end_of_queue]
        return self._open_at(place)

    def next_unread(self) -> list[str]:
        """Open the next unread conversation, wherever somebody is."""
        threads, here = cast("Threads", self._queues[INBOX]), self.conversation
        line = threads.unread_beside(here.key if here else "", here.line.last_message_at_ms if here else None)
        if line is None:
            return [self.ears.says.no_unread]
        self._to_inbox()
        return self._read_opened(threads.open(line))

    def follow(self) -> list[str]:
        """Open the conversation behind the open thing."""
        thread = self.opened.thread if isinstance(self.opened, OpenItem) else ""
        if not thread:
            return [self.ears.says.nothing_to_follow]
        self._to_inbox()
        return self._read_opened(Conversation(self._desk, thread))

    def _to_inbox(self) -> None:
        if self.queue.name != INBOX:
            self.queue, self._filter, self._items, self._total, self._start = self._queues[INBOX], "", (), 0, 0
            self.queue.enter()
            self.queue.narrow("")
            self._load(0)
        self._place = -1

    def close(self) -> None:
        """Nothing is open."""
        self.opened = None

    def forget(self) -> None:
        """Let go of everything that was read."""
        self.close()
        self._items, self._total, self._start, self._place = (), 0, 0, -1

    # -- acts ------------------------------------------------------------------------------------------------------

    def subjects(self, numbers: Sequence[int] = ()) -> Sequence[Subject]:
        """What an act is about: what is open, or what has these numbers. Raises: UsageError."""
        if not numbers:
            return self.opened.subjects() if self.opened else []
        if self.conversation is not None:
            return [self.conversation.subject_of(number) for number in numbers]
        if self.opened is not None:
            raise UsageError("Numbers are of the list, and one thing of it is open.", hint="close, then the act.")
        found = [self.queue.subject(self._items[self._at(number) - self._start]) for number in numbers]
        return [each for each in found if each is not None]
