"""Ids of webhook requests: ULIDs, many in a row.

60 bits are drawn at random at times, and 20 count in between: a quarter of the cost of drawing each one.
"""

from __future__ import annotations

import os

from lhwa.domain.ids import PAIRS, ULID_TAIL_BYTES, RawEventId, short_id, time_chars

_COUNTED = 1 << 20


class EventIds:
    """For one process: after a fork, two would draw the same ones."""

    def __init__(self) -> None:
        self._start = ""
        self._count = _COUNTED

    def next(self, unix_ms: int) -> RawEventId:
        """One that was never given before."""
        if self._count == _COUNTED:
            self._start, self._count = short_id(os.urandom(ULID_TAIL_BYTES))[:-4], 0
        count = self._count
        self._count = count + 1
        return RawEventId(f"{time_chars(unix_ms)}{self._start}{PAIRS[count >> 10]}{PAIRS[count & 1023]}")
