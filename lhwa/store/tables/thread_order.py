"""The messages of one thread in the order of their times, from any place of it on, and in either direction.

Invariant: what is read does not grow with the thread, but for one look at each block of the message table.
"""

from __future__ import annotations

from typing import NamedTuple

import apsw

from lhwa.store.connection import rows

SEQ_MAX = TIME_MAX = (1 << 63) - 1
TIME_MIN = -(1 << 63)


class Split(NamedTuple):
    """A point of an order: below it is what has a smaller time, or the same one and a smaller number."""

    at_ms: int
    seq: int


_BLOCK = "SELECT sent_at, seq FROM message WHERE seq >> 14 = ?1 AND conversation = ?2"
_BELOW_IN_BLOCK = (
    f"{_BLOCK} AND sent_at <= ?3 AND sent_at >= ?5 AND (sent_at < ?3 OR seq < ?4)"
    " ORDER BY sent_at DESC, seq DESC LIMIT ?6"
)
_ABOVE_IN_BLOCK = (
    f"{_BLOCK} AND sent_at >= ?3 AND sent_at <= ?5 AND (sent_at > ?3 OR seq >= ?4) ORDER BY sent_at, seq LIMIT ?6"
)
_PLACE = "coalesce(posted_at, created_at)"
"""SQL: when a message of the outbox has its place in a thread, as `outbox_place` says it."""
_OUTBOX = f"SELECT {_PLACE}, seq FROM outbox WHERE conversation = ?1"  # noqa: S608 -- a constant
_OUTBOX_BELOW = (
    f"{_OUTBOX} AND {_PLACE} <= ?2 AND ({_PLACE} < ?2 OR seq < ?3) ORDER BY {_PLACE} DESC, seq DESC LIMIT ?4"
)
_OUTBOX_ABOVE = f"{_OUTBOX} AND {_PLACE} >= ?2 AND ({_PLACE} > ?2 OR seq >= ?3) ORDER BY {_PLACE}, seq LIMIT ?4"


class ThreadOrder:
    """Places of messages; whoever needs the rows asks for those."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def messages_below(self, conversation: str, split: Split, *, rows_max: int) -> list[Split]:
        """The messages next below a point, the nearest first."""
        found: list[Split] = []
        for (block,) in rows(self._connection, "SELECT number FROM message_block"):
            # Whatever lies beyond as many as are wanted is no longer looked at.
            oldest_ms = found[-1].at_ms if len(found) == rows_max else TIME_MIN
            bindings = (block, conversation, *split, oldest_ms, rows_max)
            found += (Split(*row) for row in rows(self._connection, _BELOW_IN_BLOCK, bindings))
            found = sorted(found, reverse=True)[:rows_max]
        return found

    def messages_above(self, conversation: str, split: Split, *, rows_max: int) -> list[Split]:
        """The messages at a point and next above it, the nearest first."""
        found: list[Split] = []
        for (block,) in reversed(rows(self._connection, "SELECT number FROM message_block")):
            newest_ms = found[-1].at_ms if len(found) == rows_max else TIME_MAX
            bindings = (block, conversation, *split, newest_ms, rows_max)
            found += (Split(*row) for row in rows(self._connection, _ABOVE_IN_BLOCK, bindings))
            found = sorted(found)[:rows_max]
        return found

    def outbox_below(self, conversation: str, split: Split, *, rows_max: int) -> list[Split]:
        """The same of what the firm sends from here."""
        found = rows(self._connection, _OUTBOX_BELOW, (conversation, *split, rows_max))
        return [Split(*row) for row in found]

    def outbox_above(self, conversation: str, split: Split, *, rows_max: int) -> list[Split]:
        """The same of what the firm sends from here."""
        found = rows(self._connection, _OUTBOX_ABOVE, (conversation, *split, rows_max))
        return [Split(*row) for row in found]
