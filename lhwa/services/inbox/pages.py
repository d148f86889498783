"""Pages of one thread: what both sides said, what colleagues noted and what was done, in one order, from any place.

Nothing here writes an audit record: that somebody reads the thread is recorded once, when it is opened.

Invariant: going through a thread page by page, in either direction, shows each entry once, in order; what a page costs
does not grow with the thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.services.inbox.done_entries import done_entries
from lhwa.services.inbox.entries import Amended, Entry, FileView, Quoted
from lhwa.services.inbox.matching import has_all, words_of
from lhwa.services.inbox.naming import thread_named
from lhwa.services.inbox.places import BEGINNING, END, Cursor, Rank, place, split_at
from lhwa.services.inbox.said_entries import Said, said_entries
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.tables.messages import MessageRow
from lhwa.store.tables.thread_lists import AMENDING
from lhwa.store.tables.thread_order import Split
from lhwa.store.transaction import Tx

__all__ = ["Amended", "Cursor", "Entry", "FileView", "Quoted", "ThreadPage", "find_in_thread", "read_page"]

SEARCHED_AT_ONCE = 100


class ThreadPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A stretch of a thread."""

    entries: tuple[Entry, ...]
    """Oldest first."""
    has_older: bool
    has_newer: bool

    def __repr__(self) -> str:
        return f"ThreadPage({len(self.entries)})"


class _Found(NamedTuple):
    """Something that has a place; what it says is looked up only if it is shown."""

    cursor: Cursor
    what: Said | Entry


def read_page(
    tx: Tx,
    principal: Principal,
    conversation: str,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
    from_start: bool = False,
    rows_max: int,
) -> ThreadPage:
    """So many entries next to a place, which itself is not among them: before it, or after it.

    Without a place the newest ones, or the oldest ones `from_start`. `before=cursor.past()` ends with the entry that
    the cursor is of.
    Raises: NotAllowedError when there is no such thread.
    """
    principal.require(Permission.READ_RECORDS)
    thread = _Thread(tx, principal, thread_named(tx, principal, conversation))
    if after is not None or from_start:
        point = BEGINNING if after is None else after.past()
        found = thread.above(point, rows_max + 1)
        has_older, has_newer = bool(thread.below(point, 1)), len(found) > rows_max
        shown = found[:rows_max]
    else:
        point = END if before is None else before
        found = thread.below(point, rows_max + 1)
        has_older, has_newer = len(found) > rows_max, bool(thread.above(point, 1))
        shown = found[:rows_max][::-1]
    return ThreadPage(entries=tuple(thread.entries(shown)), has_older=has_older, has_newer=has_newer)


def find_in_thread(
    tx: Tx, principal: Principal, conversation: str, text: str, *, before: Cursor | None, scan_max: int
) -> tuple[Cursor | None, Cursor | None]:
    """The newest entry before a place in which all words of a text stand, and from where to look on.

    Looks at what was said first, at edits, and at the names of files. Gives up after so many entries.

    Args:
        before: None for the end of the thread.
        scan_max: so many entries are looked at.
    Returns: the place of the hit or None, and the `before` of the next look; None when the thread is at its beginning.
    """
    principal.require(Permission.READ_CONTENT)
    thread = _Thread(tx, principal, thread_named(tx, principal, conversation))
    words, point = words_of(text), END if before is None else before
    for first in range(0, scan_max, SEARCHED_AT_ONCE):
        wanted = min(SEARCHED_AT_ONCE, scan_max - first)
        found = thread.below(point, wanted)
        for entry in thread.entries(found):
            if has_all(words, *_texts(entry)):
                return entry.cursor, entry.cursor
        if len(found) < wanted:
            return None, None
        point = found[-1].cursor
    return None, point


def _texts(entry: Entry) -> list[str | None]:
    name = None if entry.file is None else entry.file.name
    return [entry.text, *(edit.text for edit in entry.edits), name]


class _Thread:
    """All that has a place in one thread."""

    def __init__(self, tx: Tx, principal: Principal, row: ConversationRow) -> None:
        self._tx = tx
        self._principal = principal
        self._row = row
        done = done_entries(tx, principal, row)
        notes = [(place(note.written_at_ms, Rank.NOTE, note.id), note) for note in tx.notes.of_conversation(row.id)]
        self._few: list[_Found] = sorted(
            [*(_Found(entry.cursor, entry) for entry in done), *(_Found(*note) for note in notes)],
            key=lambda each: each.cursor,
        )

    def below(self, point: Cursor, rows_max: int) -> list[_Found]:
        """What lies next below a point, the nearest first."""
        few = [each for each in self._few if each.cursor < point][-rows_max:]
        spots = self._tx.thread_order.outbox_below(self._row.id, split_at(point, Rank.OUTBOUND), rows_max=rows_max)
        found = [*few, *self._sent(spots), *islice(self._came_below(point, rows_max), rows_max)]
        return sorted(found, key=lambda each: each.cursor, reverse=True)[:rows_max]

    def above(self, point: Cursor, rows_max: int) -> list[_Found]:
        """What lies at a point and next above it, the nearest first."""
        few = [each for each in self._few if each.cursor >= point][:rows_max]
        spots = self._tx.thread_order.outbox_above(self._row.id, split_at(point, Rank.OUTBOUND), rows_max=rows_max)
        found = [*few, *self._sent(spots), *islice(self._came_above(point, rows_max), rows_max)]
        return sorted(found, key=lambda each: each.cursor)[:rows_max]

    def entries(self, found: Sequence[_Found]) -> list[Entry]:
        """These as entries, in the same order."""
        rows = [each.what for each in found if not isinstance(each.what, Entry)]
        said = iter(said_entries(self._tx, self._principal, rows, is_group=self._row.contact is None))
        return [each.what if isinstance(each.what, Entry) else next(said) for each in found]

    def _sent(self, spots: Sequence[Split]) -> list[_Found]:
        rows = self._tx.outbox.numbered([spot.seq for spot in spots])
        return [_Found(place(spot.at_ms, Rank.OUTBOUND, spot.seq), rows[spot.seq]) for spot in spots]

    def _came_below(self, point: Cursor, rows_max: int) -> Iterator[_Found]:
        split: Split | None = split_at(point, Rank.MESSAGE)
        while split is not None:
            spots = self._tx.thread_order.messages_below(self._row.id, split, rows_max=rows_max)
            yield from self._came(spots)
            split = spots[-1] if len(spots) == rows_max else None

    def _came_above(self, point: Cursor, rows_max: int) -> Iterator[_Found]:
        split: Split | None = split_at(point, Rank.MESSAGE)
        while split is not None:
            spots = self._tx.thread_order.messages_above(self._row.id, split, rows_max=rows_max)
            yield from self._came(spots)
            split = Split(spots[-1].at_ms, spots[-1].seq + 1) if len(spots) == rows_max else None

    def _came(self, spots: Sequence[Split]) -> Iterator[_Found]:
        rows = self._tx.messages.numbered([spot.seq for spot in spots])
        for spot in spots:
            if not self._stands_with_another(rows[spot.seq]):
                yield _Found(place(spot.at_ms, Rank.MESSAGE, spot.seq), rows[spot.seq])

    def _stands_with_another(self, row: MessageRow) -> bool:
        """True for an edit, a revoke or a reaction whose message is here: it is shown there."""
        if row.type not in AMENDING or row.target is None:
            return False
        message = self._tx.messages.by_dedup(row.target)
        if message is None:
            return self._tx.outbox.by_dedup(row.target) is not None
        return message.type not in AMENDING
