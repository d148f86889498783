from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.instants import UNIX_MS_MAX, from_ms, parse_rfc3339, rfc3339, rfc3339_ms, to_ms


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
