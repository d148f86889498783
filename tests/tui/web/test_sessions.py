from __future__ import annotations

import pytest

from lhwa.testing.fakes import FakeClock
from lhwa.tui.web.limits import WebLimits
from lhwa.tui.web.moments import Moment
from lhwa.tui.web.sessions import Sessions

LIMITS = WebLimits(idle_s=900, session_s=3_600, sessions_max=2)


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(LIMITS)


def test_a_session_is_found_by_its_place_and_its_cookie_together(sessions: Sessions, clock: FakeClock) -> None:
    now = Moment.of(clock)
    one, cookie_of_one, _ = sessions.begin(now)
    two, cookie_of_two, _ = sessions.begin(now)
    assert sessions.find(one.place, cookie_of_one, now) is one
    assert sessions.find(two.place, cookie_of_two, now) is two
    assert sessions.find(one.place, cookie_of_two, now) is None
    assert sessions.find(one.place, "", now) is None
    assert sessions.find("", cookie_of_one, now) is None


def test_neither_cookie_nor_its_hash_is_in_the_repr(sessions: Sessions, clock: FakeClock) -> None:
    session, cookie, _ = sessions.begin(Moment.of(clock))
    assert cookie not in repr(session)
    assert repr(session.cookie_sha256) not in repr(session)


def test_input_keeps_a_session_alive_until_its_day_is_over(sessions: Sessions, clock: FakeClock) -> None:
    session, cookie, _ = sessions.begin(Moment.of(clock))
    for _ in range(4):
        clock.advance(899)
        assert sessions.note_input(session, Moment.of(clock))
    clock.advance(4)
    assert not sessions.note_input(session, Moment.of(clock))
    assert sessions.find(session.place, cookie, Moment.of(clock)) is None


def test_input_that_comes_too_late_brings_nothing_back(sessions: Sessions, clock: FakeClock) -> None:
    session, cookie, _ = sessions.begin(Moment.of(clock))
    clock.advance(900)
    assert not sessions.note_input(session, Moment.of(clock))
    assert sessions.find(session.place, cookie, Moment.of(clock)) is None
    assert sessions.take_ended(Moment.of(clock)) == (session,)
    assert sessions.take_ended(Moment.of(clock)) == ()


def test_one_browser_too_many_ends_the_one_that_was_idle_for_longest(sessions: Sessions, clock: FakeClock) -> None:
    first, _, _ = sessions.begin(Moment.of(clock))
    second, cookie, _ = sessions.begin(Moment.of(clock))
    clock.advance(10)
    sessions.note_input(first, Moment.of(clock))
    _, _, ended = sessions.begin(Moment.of(clock))
    assert ended == (second,)
    assert sessions.find(second.place, cookie, Moment.of(clock)) is None
    assert not sessions.note_input(second, Moment.of(clock))
