from __future__ import annotations

from datetime import UTC

from lhwa.adapters.clock.system import SystemClock
from lhwa.ports.clock import Clock


def test_now_is_aware_and_utc_and_the_monotonic_clock_does_not_run_backwards() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic_s() <= clock.monotonic_s()
