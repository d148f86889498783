from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.access import Role
from lhwa.domain.instants import from_ms, to_ms
from lhwa.domain.send_policy import DAY_MS, QuietHours, SendPolicy

WIB, WITA, WIT = (ZoneInfo(name) for name in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"))
NIGHT, LUNCH = QuietHours(time(21), time(7)), QuietHours(time(12), time(13, 30))


def at(text: str, zone: ZoneInfo = WIB) -> int:
    return to_ms(datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone).astimezone(UTC))


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (NIGHT, "11-22T20:59:59.999", None),
        (NIGHT, "11-22T21:00", "11-23T07:00"),
        (NIGHT, "11-22T23:59:59", "11-23T07:00"),
        (NIGHT, "11-23T00:00", "11-23T07:00"),
        (NIGHT, "11-23T06:59:59.999", "11-23T07:00"),
        (NIGHT, "11-23T07:00", None),
        (NIGHT, "11-30T22:00", "12-01T07:00"),
        (LUNCH, "11-22T11:59", None),
        (LUNCH, "11-22T12:00", "11-22T13:30"),
        (LUNCH, "11-22T13:29:59", "11-22T13:30"),
        (LUNCH, "11-22T13:30", None),
        (QuietHours(time(9), time(9)), "11-22T09:00", None),
    ],
)
def test_quiet_hours_end_at_their_end(hours: QuietHours, now: str, until: str | None) -> None:
    assert hours.until_ms(at(now), WIB) == (None if until is None else at(until))


@pytest.mark.parametrize(
    ("zone", "until"), [(WIB, None), (WITA, "11-23T07:00"), (WIT, "11-23T07:00")], ids=["WIB", "WITA", "WIT"]
)
def test_each_firm_has_its_own_clock(zone: ZoneInfo, until: str | None) -> None:
    ten_to_nine_in_jakarta = at("11-22T20:50")
    expected = None if until is None else at(until, zone)
    assert NIGHT.until_ms(ten_to_nine_in_jakarta, zone) == expected


@given(
    now_ms=st.integers(1_700_000_000_000, 1_900_000_000_000),
    begin=st.times(),
    end=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    offset_h=st.integers(-12, 14),
)
def test_the_end_is_ahead_within_a_day_and_at_that_time_of_day(
    now_ms: int, begin: time, end: time, offset_h: int
) -> None:
    zone = timezone(timedelta(hours=offset_h))
    hours = QuietHours(begin, end)
    until_ms = hours.until_ms(now_ms, zone)
    if until_ms is None:
        return
    assert now_ms < until_ms <= now_ms + DAY_MS
    assert from_ms(until_ms).astimezone(zone).time() == end
    assert hours.until_ms(until_ms, zone) is None, "after the quiet hours it is not quiet"


def test_who_may_write_is_who_is_named() -> None:
    plain = SendPolicy(zone=UTC)
    assert plain.senders == {Role.OWNER, Role.LAWYER, Role.STAFF}
    assert SendPolicy(zone=UTC, direct=frozenset(), with_approval=frozenset({Role.LAWYER})).senders == {Role.LAWYER}
    assert not SendPolicy(zone=UTC, direct=frozenset(), with_approval=frozenset()).senders
