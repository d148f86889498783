"""Places in the one order of a thread: by time, then by kind, then by each kind's own order."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from lhwa.store.tables.thread_order import SEQ_MAX, TIME_MAX, TIME_MIN, Split


class Rank(StrEnum):
    """Kinds of entries, in their order where the time is the same: an answer comes after what it answers."""

    MESSAGE = "0"
    ACT = "1"
    NOTE = "2"
    OUTBOUND = "3"


class Cursor(msgspec.Struct, frozen=True, order=True, rename="camel", omit_defaults=True):
    """The place of an entry. Whoever keeps one need not know what is in it."""

    at_ms: int
    key: str
    is_past: bool = False

    def past(self) -> Cursor:
        """The place just after the entry: a page before it ends with the entry itself."""
        return Cursor(self.at_ms, self.key, is_past=True)


BEGINNING = Cursor(TIME_MIN, "")
END = Cursor(TIME_MAX, "~")


def place(at_ms: int, rank: Rank, own: int | str) -> Cursor:
    """The place of an entry with this number, or text, in the order of its kind."""
    return Cursor(at_ms, rank + (own if isinstance(own, str) else f"{own:019d}"))


def split_at(cursor: Cursor, rank: Rank) -> Split:
    """The same point in the order of one kind whose own order is a number."""
    if cursor.key[:1] == rank:
        return Split(cursor.at_ms, int(cursor.key[1:]) + cursor.is_past)
    return Split(cursor.at_ms, SEQ_MAX if rank < cursor.key[:1] else 0)
