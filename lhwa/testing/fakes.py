"""Fakes for what lies outside: a clock that tests move, and a notifier that remembers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lhwa.domain.instants import Instant
from lhwa.ports.notifier import Alert

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
"""Where a fake clock starts: noon in Jakarta."""


class FakeClock:
    """Stands still until moved. Implements `lhwa.ports.clock.Clock`."""

    def __init__(self, at: Instant = NOON) -> None:
        self._at = at
        self._monotonic_s = 1_000.0

    def now(self) -> Instant:
        """The time it was moved to."""
        return self._at

    def monotonic_s(self) -> float:
        """Seconds, moved together with the time."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._at += timedelta(seconds=seconds)
        self._monotonic_s += seconds

    def set(self, at: Instant) -> None:
        """Somebody sets the clock: its time jumps, forwards or backwards, and the seconds that pass do not notice."""
        self._at = at


class FakeNotifier:
    """Keeps alerts in a list; fails as long as `error` is set. Implements `lhwa.ports.notifier.Notifier`."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.error: Exception | None = None

    async def notify(self, alert: Alert) -> None:
        """Remember one alert, or fail."""
        if self.error is not None:
            raise self.error
        self.alerts.append(alert)
