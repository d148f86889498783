"""How long ago something was, also for a machine that slept meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from lhwa.domain.instants import Instant
from lhwa.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Moment:
    """What both clocks of the machine said at once."""

    at: Instant
    monotonic_s: float

    @staticmethod
    def of(clock: Clock) -> Moment:
        """This moment."""
        return Moment(clock.now(), clock.monotonic_s())

    def elapsed_s(self, now: Moment) -> float:
        """Seconds from here to `now`, by the clock that saw more of them.

        The monotonic clock stands still while a laptop sleeps, and the other one can be set back.
        """
        return max(now.monotonic_s - self.monotonic_s, (now.at - self.at).total_seconds())
