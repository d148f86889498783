"""Circuit breakers: after several failures of one kind nothing is tried for a time, then one message tries for all.

closed -> open after some failures within a time -> half-open: one probe at a time -> closed, or open for longer.

Invariants: an open breaker lets nothing through before its time; there is one probe at a time; a success closes. A
clock that was set back keeps a breaker shut for at most twice the time that it was shut for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from lhwa.domain.jobs import RetryPolicy
from lhwa.domain.send_errors import ErrorClass, Scope, SendVerdict


class BreakerPosition(StrEnum):
    """Whether anything passes."""

    CLOSED = "closed"
    """Everything passes."""
    OPEN = "open"
    """Nothing passes before a certain time."""
    HALF_OPEN = "half_open"
    """One at a time may try."""


@dataclass(frozen=True, slots=True)
class BreakerKey:
    """What one breaker guards: one kind of error of one thing."""

    scope: Scope
    subject: str
    """An id of ours or of Meta's; never a telephone number."""
    error_class: ErrorClass


class BreakerState(msgspec.Struct, frozen=True):
    """What is remembered: for one row. Times are unix milliseconds."""

    failed_at_ms: tuple[int, ...] = ()
    """The recent failures, oldest first, while it is closed."""
    openings: int = 0
    """How often it opened since the last success."""
    opened_at_ms: int = 0
    open_until_ms: int = 0
    probe_at_ms: int = 0
    probe_until_ms: int = 0
    """A probe that was never heard of again counts as lost at this time."""


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a breaker opens, and for how long."""

    failures_max: int = 5
    """This many failures ..."""
    within_s: float = 60.0
    """... within this time, and no success among them, open it."""
    open_first_s: float = 30.0
    open_factor: float = 2.0
    open_s_max: float = 900.0
    probe_s_max: float = 180.0
    """Longer than any request can take."""

    def position(self, state: BreakerState, now_ms: int) -> BreakerPosition:
        """Where the breaker stands now."""
        if state.openings == 0:
            return BreakerPosition.CLOSED
        is_open = _is_within(now_ms, state.opened_at_ms, state.open_until_ms)
        return BreakerPosition.OPEN if is_open else BreakerPosition.HALF_OPEN

    def may_try(self, state: BreakerState, now_ms: int) -> BreakerState | None:
        """The state to store before a message is tried, or None when it may not be.

        Storing it is what makes a probe the only one.
        """
        position = self.position(state, now_ms)
        if position is BreakerPosition.CLOSED:
            return state
        if position is BreakerPosition.OPEN or _is_within(now_ms, state.probe_at_ms, state.probe_until_ms):
            return None
        return msgspec.structs.replace(state, probe_at_ms=now_ms, probe_until_ms=now_ms + _ms(self.probe_s_max))

    def failed(self, state: BreakerState, now_ms: int, *, jitter: float) -> BreakerState:
        """The state after a failure, also of a probe; one that comes late from before the opening changes nothing.

        Args:
            jitter: a uniform number in [0, 1); spreads the openings over the upper half of their time.
        """
        position = self.position(state, now_ms)
        if position is BreakerPosition.OPEN:
            return state
        if position is BreakerPosition.HALF_OPEN:
            return self._opened(state.openings + 1, now_ms, jitter=jitter)
        # A failure that the clock calls later than now happened before it was set back.
        recent = (*(at for at in state.failed_at_ms if abs(now_ms - at) < _ms(self.within_s)), now_ms)
        if len(recent) >= self.failures_max:
            return self._opened(1, now_ms, jitter=jitter)
        return BreakerState(failed_at_ms=recent)

    def opens_until_ms(self, state: BreakerState, now_ms: int) -> int | None:
        """When the next message may try; None when one may try now."""
        if self.position(state, now_ms) is BreakerPosition.OPEN:
            return state.open_until_ms
        return state.probe_until_ms if _is_within(now_ms, state.probe_at_ms, state.probe_until_ms) else None

    def _opened(self, openings: int, now_ms: int, *, jitter: float) -> BreakerState:
        growth = RetryPolicy(first_delay_s=self.open_first_s, factor=self.open_factor, delay_max_s=self.open_s_max)
        until_ms = now_ms + _ms(growth.delay_s(openings, jitter=jitter))
        return BreakerState(openings=openings, opened_at_ms=now_ms, open_until_ms=until_ms)


def succeeded() -> BreakerState:
    """The state after a success: closed and with nothing to remember, whatever was before."""
    return BreakerState()


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _is_within(now_ms: int, begin_ms: int, until_ms: int) -> bool:
    """True in a span of time, and as long before it: a clock set back further than that is not waited for."""
    return begin_ms - (until_ms - begin_ms) <= now_ms < until_ms


_AT_ONCE = BreakerPolicy(failures_max=1, open_first_s=60.0, open_s_max=3_600.0)
"""The error says that the next message fails too."""
POLICIES: dict[ErrorClass, BreakerPolicy] = {
    ErrorClass.RETRY: BreakerPolicy(),
    ErrorClass.SLOW: BreakerPolicy(failures_max=1, open_first_s=2.0),
    ErrorClass.REAUTH: _AT_ONCE,
    ErrorClass.OPER: _AT_ONCE,
}
"""By what an error asks for. The other classes are answered message by message."""


def policy_of(verdict: SendVerdict) -> BreakerPolicy | None:
    """The policy of the breaker that an error counts for; None when it says nothing about other messages."""
    return None if verdict.scope is Scope.MESSAGE else POLICIES.get(verdict.error_class)
