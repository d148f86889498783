"""How fast messages may leave: one pace per number and one per pair of number and client.

A pace is a debt. Each message owes an interval, and the debt runs off with time. Whoever owes nothing may begin a
burst; whoever is within the burst may go on borrowing until it is used up; everybody else waits until all is paid.
Bursts that are paid off one after the other come to more in an hour than the rate alone does. So where Meta names a
figure for the hour it is kept apart: the times of the last hour are remembered.

Invariants: a clock that was set back counts as one that stood still, so it lets nothing through early, and no wait is
ever longer than the debt of a whole burst. For that, store what `rebased` gives when a message has to wait.

Source: WhatsApp Cloud API, throughput and pair rate limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lhwa.errors import InvariantError

_HOUR_MS = 3_600_000
DOUBT_HOLDS_MS = 120_000
"""So long a message in doubt keeps the next one of its thread from leaving."""


class PaceState(NamedTuple):
    """What is remembered between messages: a few integers for a row."""

    owed_until_us: int = 0
    """Unix microseconds at which everything is paid."""
    burst_at_ms: int = 0
    """When the last burst began."""
    burst_count: int = 0
    """How many messages it has had."""
    seen_ms: int = 0
    """The latest reading of the clock that this state knows of."""
    hour_ms: tuple[int, ...] = ()
    """When the messages of the last hour left, where an hour has a limit."""


@dataclass(frozen=True, slots=True)
class Pace:
    """One rule. A burst is up to `burst` messages within `burst_ms` of its first one."""

    interval_us: int
    """What one message owes."""
    burst: int
    burst_ms: int
    hour_max: int | None = None
    """The most in any hour, wherever it begins."""

    @property
    def wait_ms_max(self) -> int:
        """The longest that anybody ever waits: the debt of a whole burst.

        It is no longer where an hour has as many messages as the rate has: they take an hour less one burst's debt.
        """
        return _ms_up(self.interval_us * self.burst)

    def next_at(self, state: PaceState, now_ms: int) -> int:
        """When the next message may leave, in unix milliseconds: `now_ms`, or later.

        It holds as long as nothing is taken in between and the clock runs on.
        """
        now = rebased(state, now_ms)
        at_ms = now_ms
        if self.hour_max is not None and len(now.hour_ms) >= self.hour_max:
            at_ms = max(now_ms, now.hour_ms[-self.hour_max] + _HOUR_MS)
        # Whoever waits for the hour may find the burst over by then.
        return at_ms if self._is_in_burst(now, at_ms) else max(at_ms, _ms_up(now.owed_until_us))

    def taken(self, state: PaceState, now_ms: int) -> PaceState:
        """The state after one message that leaves now. Raises InvariantError when it may not leave yet."""
        if self.next_at(state, now_ms) > now_ms:
            raise InvariantError("A message was counted before it was allowed to leave.")
        now = rebased(state, now_ms)
        hour_ms: tuple[int, ...] = ()
        if self.hour_max is not None:
            hour_ms = (*(at for at in now.hour_ms if at > now_ms - _HOUR_MS), now_ms)
        if self._is_in_burst(now, now_ms):
            owed_us, count = now.owed_until_us + self.interval_us, now.burst_count + 1
            return PaceState(owed_us, now.burst_at_ms, count, now_ms, hour_ms)
        return PaceState(now_ms * 1000 + self.interval_us, now_ms, 1, now_ms, hour_ms)

    def _is_in_burst(self, state: PaceState, now_ms: int) -> bool:
        return 0 < state.burst_count < self.burst and now_ms < state.burst_at_ms + self.burst_ms


def rebased(state: PaceState, now_ms: int) -> PaceState:
    """The state on the clock as it is now; the same one unless the clock was set back.

    How long it really took is unknown then, so the debt counts as if no time had passed.
    """
    back_ms = state.seen_ms - now_ms
    if back_ms <= 0:
        return state
    return PaceState(
        state.owed_until_us - back_ms * 1000,
        state.burst_at_ms - back_ms,
        state.burst_count,
        state.seen_ms - back_ms,
        tuple(at - back_ms for at in state.hour_ms),
    )


def _ms_up(us: int) -> int:
    return -(-us // 1000)


PAIR = Pace(interval_us=6_000_000, burst=45, burst_ms=6_000, hour_max=600)
"""From one number to one client: one message in 6 s, or up to 45 within 6 s that are paid off at that rate after; and
never more than 600 in an hour, as 14 whole bursts would be."""

NUMBER_PER_S = 80
"""Of an ordinary number; 20 where the phone app is connected too, 1,000 after Meta's upgrade."""
_WINDOW_MS = 1_000
_BURST_MS = 10
"""Wakes and commits take some milliseconds: what they delay may catch up."""


def number_pace(per_s: int = NUMBER_PER_S) -> Pace:
    """The pace that lets at most `per_s` messages through in any second, wherever that second begins.

    A second can begin in the middle of one burst and end with another, so the interval is a little longer than the
    rate alone asks for: about 4 % at 80 a second.
    """
    burst = max(1, per_s // 20)
    # n messages of earlier bursts take n intervals, less what the first burst began before the second did; then one
    # more burst may follow. So ceil((window + burst_ms) / interval) - 1 + burst must not exceed the rate.
    return Pace(interval_us=-(-(_WINDOW_MS + _BURST_MS) * 1000 // (per_s - burst + 1)), burst=burst, burst_ms=_BURST_MS)
