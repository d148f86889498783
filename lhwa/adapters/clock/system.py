"""The time of this machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from lhwa.domain.instants import Instant


class SystemClock:
    """Reads the machine's clocks."""

    def now(self) -> Instant:
        """Aware, UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()
