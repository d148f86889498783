"""Time."""

from __future__ import annotations

from typing import Protocol

from lhwa.domain.instants import Instant


class Clock(Protocol):
    """Reads the time. Deadlines use `now`, timeouts use `monotonic_s`."""

    def now(self) -> Instant:
        """Aware, UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never run backwards, from an arbitrary start."""
        ...
