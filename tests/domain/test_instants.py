from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.instants import (
    AHEAD_MS_MAX,
    UNIX_MS_MAX,
    UNIX_MS_MIN,
    ago,
    event_ms,
    from_ms,
    parse_rfc3339,
    rfc3339,
    rfc3339_ms,
    to_ms,
)


@given(unix_ms=st.integers(-(10**12), UNIX_MS_MAX))
def test_milliseconds_survive_every_spelling(unix_ms: int) -> None:
    assert to_ms(from_ms(unix_ms)) == unix_ms
    assert to_ms(parse_rfc3339(rfc3339_ms(unix_ms))) == unix_ms


@given(unix_ms=st.tuples(st.integers(0, UNIX_MS_MAX), st.integers(0, UNIX_MS_MAX)))
def test_texts_sort_as_times_do(unix_ms: tuple[int, int]) -> None:
    one, other = unix_ms
    assert (rfc3339_ms(one) < rfc3339_ms(other)) == (one < other)


def test_milliseconds_round_down() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    assert to_ms(at + timedelta(microseconds=999)) == to_ms(at)
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


def test_one_spelling() -> None:
    assert rfc3339(parse_rfc3339("2026-11-22T08:00:00+07:00")) == "2026-11-22T01:00:00.000000Z"
    assert rfc3339_ms(0) == "1970-01-01T00:00:00.000000Z"


@pytest.mark.parametrize("text", ["2026-11-22T01:00:00", "2026-11-22", "now", ""])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rfc3339(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00"])
def test_a_time_that_has_no_place_in_utc_is_refused_like_any_other_wrong_text(text: str) -> None:
    with pytest.raises(ValueError, match="calendar"):
        parse_rfc3339(text)


@given(unix_ms=st.integers())
def test_whatever_is_stored_has_a_text(unix_ms: int) -> None:
    clamped = min(max(unix_ms, UNIX_MS_MIN), UNIX_MS_MAX)
    assert to_ms(parse_rfc3339(rfc3339_ms(unix_ms))) == clamped


NOW_MS = 1_795_305_600_000


@pytest.mark.parametrize(
    ("told_ms", "meant_ms"),
    [
        (None, NOW_MS),
        (NOW_MS - 7 * 86_400_000, NOW_MS - 7 * 86_400_000),
        (NOW_MS + 1, NOW_MS + 1),
        (NOW_MS + AHEAD_MS_MAX, NOW_MS + AHEAD_MS_MAX),
        (NOW_MS + AHEAD_MS_MAX + 1, NOW_MS),
        (UNIX_MS_MAX, NOW_MS),
    ],
)
def test_an_event_time_beyond_tomorrow_is_no_time(told_ms: int | None, meant_ms: int) -> None:
    assert event_ms(told_ms, received_at_ms=NOW_MS) == meant_ms


@pytest.mark.parametrize(
    ("past_s", "words"),
    [
        (-5, "just now"),
        (0, "just now"),
        (59.999, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (3_600, "1 hour ago"),
        (86_399, "23 hours ago"),
        (86_400, "1 day ago"),
        (30 * 86_400, "30 days ago"),
    ],
)
def test_how_long_ago_something_was(past_s: float, words: str) -> None:
    now_ms = 1_795_000_000_000
    assert ago(now_ms - int(past_s * 1000), now_ms=now_ms) == words
