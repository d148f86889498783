from __future__ import annotations

from datetime import timedelta

from lhwa.testing.fakes import NOON, FakeClock
from lhwa.tui.web.moments import Moment


def test_seconds_pass(clock: FakeClock) -> None:
    before = Moment.of(clock)
    clock.advance(5)
    assert before.elapsed_s(Moment.of(clock)) == 5


def test_the_sleep_of_a_laptop_counts(clock: FakeClock) -> None:
    before = Moment.of(clock)
    clock.set(NOON + timedelta(hours=8))
    assert before.elapsed_s(Moment.of(clock)) == 8 * 3600


def test_setting_the_clock_back_gains_no_time(clock: FakeClock) -> None:
    before = Moment.of(clock)
    clock.advance(1_000)
    clock.set(NOON - timedelta(hours=8))
    assert before.elapsed_s(Moment.of(clock)) == 1_000
