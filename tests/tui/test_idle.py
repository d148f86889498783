from __future__ import annotations

import sys
import time

import pytest

from lhwa.tui import app
from lhwa.tui.idle import idle_clock_s
from tests.tui.hands import hands_of
from tests.tui.place import SECOND, Place, settle


@pytest.mark.skipif(sys.platform != "linux", reason="the clock is called otherwise elsewhere")
def test_the_clock_counts_the_time_asleep() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= idle_clock_s() <= time.clock_gettime(time.CLOCK_BOOTTIME)


async def test_a_machine_that_slept_for_long_wakes_up_locked(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hands_of(place, SECOND, lock_minutes=10) as hands:
        monkeypatch.setattr(app, "idle_clock_s", lambda: idle_clock_s() + 3_600)
        hands.app._watch_idle()
        await settle(hands.pilot)
        assert hands.app.is_locked
