"""How long nobody was there: a clock that never goes back, and goes on while the machine sleeps."""

from __future__ import annotations

import time

# Python's own monotonic clock stands still while a laptop sleeps: whoever opens it an hour later would see everything.
# Linux has another clock for that; macOS counts the sleep in the clock of this name, but not in `time.monotonic`.
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def idle_clock_s() -> float:
    """Seconds since some moment, asleep or awake."""
    return time.clock_gettime(_CLOCK)
