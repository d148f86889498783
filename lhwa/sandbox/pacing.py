"""How fast a number may write: so many messages a second in and out, and one in six seconds to the same person.

Source: WhatsApp Cloud API, throughput and pair rate limits.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta

from lhwa.domain.instants import Instant

PAIR_GAP = timedelta(seconds=6)
PAIR_BURST = 45
"""So many may come at once; they are borrowed from the time after."""
PAIR_HOUR_MAX = 600
"""In any hour, however many bursts it has."""
_SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)


class SlidingWindow:
    """At most so many within any span of this length."""

    def __init__(self, *, most: int, span: timedelta) -> None:
        self._most = most
        self._span = span
        self._times: deque[Instant] = deque()

    def has_room(self, *, now: Instant) -> bool:
        """True when one more fits."""
        while self._times and self._times[0] <= now - self._span:
            self._times.popleft()
        return len(self._times) < self._most

    def count(self, *, now: Instant) -> None:
        """Count one, even one too many."""
        self._times.append(now)


class Pacing:
    """The allowances of one number."""

    def __init__(self, *, messages_per_s: int) -> None:
        self._all = SlidingWindow(most=messages_per_s, span=_SECOND)
        self._paid_until: dict[str, Instant] = {}
        self._hours: dict[str, SlidingWindow] = {}

    def number_has_room(self, *, now: Instant) -> bool:
        """True when the number may send one more in this second."""
        return self._all.has_room(now=now)

    def pair_has_room(self, person: str, *, now: Instant) -> bool:
        """True when this person may be sent one more."""
        hour = self._hours.get(person)
        if hour is not None and not hour.has_room(now=now):
            return False
        paid_until = self._paid_until.get(person, now)
        return paid_until - now <= PAIR_GAP * (PAIR_BURST - 1)

    def count_out(self, person: str, *, now: Instant) -> None:
        """Count a message to a person."""
        self._all.count(now=now)
        self._hours.setdefault(person, SlidingWindow(most=PAIR_HOUR_MAX, span=_HOUR)).count(now=now)
        self._paid_until[person] = max(self._paid_until.get(person, now), now) + PAIR_GAP

    def count_in(self, *, now: Instant) -> None:
        """Count a message from anybody."""
        self._all.count(now=now)
