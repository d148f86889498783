from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.tui.times import brief, clock, full, local, short, span, typed, worded

JAKARTA, MAKASSAR, JAYAPURA = (ZoneInfo(f"Asia/{name}") for name in ("Jakarta", "Makassar", "Jayapura"))
ZONES = (JAKARTA, MAKASSAR, JAYAPURA)
zones = st.sampled_from(ZONES)
moments = st.integers(0, 4_000_000_000_000)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


NOW = "2026-11-28T05:00:00Z"  # 12:00 in Jakarta, 13:00 in Makassar, 14:00 in Jayapura


@pytest.mark.parametrize(
    ("zone", "shown"),
    [(JAKARTA, "12:00"), (MAKASSAR, "13:00"), (JAYAPURA, "14:00")],
)
def test_a_clock_is_the_firms(zone: ZoneInfo, shown: str) -> None:
    assert clock(ms(NOW), zone) == shown


@pytest.mark.parametrize(
    ("at", "zone", "shown"),
    [
        ("2026-11-28T04:59:00Z", JAKARTA, "11:59"),
        ("2026-11-28T10:00:00Z", JAKARTA, "17:00"),
        ("2026-11-27T16:59:00Z", JAKARTA, "Fri 23:59"),
        ("2026-11-27T16:59:00Z", JAYAPURA, "01:59"),  # already this day in Papua
        ("2026-11-22T05:00:00Z", JAKARTA, "Sun 12:00"),
        ("2026-11-21T05:00:00Z", JAKARTA, "21 Nov"),
        ("2026-11-29T05:00:00Z", JAKARTA, "29 Nov"),
        ("2025-11-28T05:00:00Z", JAKARTA, "Nov 2025"),
        ("2027-01-02T05:00:00Z", JAKARTA, "Jan 2027"),
    ],
)
def test_short_times(at: str, zone: ZoneInfo, shown: str) -> None:
    assert short(ms(at), zone, now_ms=ms(NOW)) == shown


def test_a_full_time_says_its_zone() -> None:
    assert full(ms(NOW), MAKASSAR) == "Sat 28 Nov 2026 13:00:00 WITA"


@pytest.mark.parametrize("at_ms", [-(10**18), -(10**14), 10**14, 10**18])
def test_a_time_that_no_calendar_has_is_shown_all_the_same(at_ms: int) -> None:
    for zone in ZONES:
        assert short(at_ms, zone, now_ms=ms(NOW))
        assert full(at_ms, zone)


def test_a_time_in_bahasa_indonesia() -> None:
    assert worded(full(ms("2026-12-01T05:00:00Z"), JAKARTA), "id") == "Sel 01 Des 2026 12:00:00 WIB"
    assert worded(span(90_000_000), "id") == "1 hari 1 jam"
    assert worded("Sun 12:00", "en") == "Sun 12:00"


@pytest.mark.parametrize(
    ("ms_left", "shown"),
    [
        (-1, "<1 min"),
        (0, "<1 min"),
        (59_999, "<1 min"),
        (60_000, "1 min"),
        (3_599_999, "59 min"),
        (3_600_000, "1 h"),
        (3_660_000, "1 h 1 min"),
        (86_399_999, "23 h 59 min"),
        (86_400_000, "1 d"),
        (90_000_000, "1 d 1 h"),
    ],
)
def test_how_long_something_lasts(ms_left: int, shown: str) -> None:
    assert span(ms_left) == shown
    assert shown.startswith(brief(ms_left))


def test_in_brief_a_span_has_one_unit() -> None:
    assert [brief(each) for each in (0, 240_000, 11_040_000, 90_000_000)] == ["<1 min", "4 min", "3 h", "1 d"]


@pytest.mark.parametrize(
    ("text", "zone", "at"),
    [
        ("14:30", JAKARTA, "2026-11-28T14:30+07:00"),
        ("14.30", JAKARTA, "2026-11-28T14:30+07:00"),
        ("14:30", MAKASSAR, "2026-11-28T14:30+08:00"),
        ("14:30", JAYAPURA, "2026-11-28T14:30+09:00"),
        ("11:59", JAKARTA, "2026-11-29T11:59+07:00"),  # has passed today
        ("12:00", JAKARTA, "2026-11-29T12:00+07:00"),
        ("today 11:00", JAKARTA, "2026-11-28T11:00+07:00"),  # as it was typed; the gates say that it has passed
        ("tomorrow 08:00", JAKARTA, "2026-11-29T08:00+07:00"),
        ("besok 8:00", JAKARTA, "2026-11-29T08:00+07:00"),
        ("hari ini 23.59", JAYAPURA, "2026-11-28T23:59+09:00"),
        ("30 Nov 08:00", JAKARTA, "2026-11-30T08:00+07:00"),
        ("30 nov 08:00", JAKARTA, "2026-11-30T08:00+07:00"),
        ("1 Dec 2027 08:00", JAKARTA, "2027-12-01T08:00+07:00"),
        ("2026-12-01 08:00", JAKARTA, "2026-12-01T08:00+07:00"),
        ("2026-12-01T08:00", JAKARTA, "2026-12-01T08:00+07:00"),
        ("1 Des 08:00", JAKARTA, "2026-12-01T08:00+07:00"),
        ("5 mei 2027 08:00", JAKARTA, "2027-05-05T08:00+07:00"),
        ("+2h", JAKARTA, "2026-11-28T14:00+07:00"),
        ("+90m", JAKARTA, "2026-11-28T13:30+07:00"),
        ("+1d", JAKARTA, "2026-11-29T12:00+07:00"),
        ("  30   Nov  08:00 ", JAKARTA, "2026-11-30T08:00+07:00"),
    ],
)
def test_a_typed_time(text: str, zone: ZoneInfo, at: str) -> None:
    assert typed(text, zone, now_ms=ms(NOW)) == ms(at)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "25:00", "12:60", "31 Feb 08:00", "30 Xyz 08:00", "+2w", "8", "2026-13-01 08:00", "0 Nov 08:00"],
)
def test_what_is_no_time(text: str) -> None:
    assert typed(text, JAKARTA, now_ms=ms(NOW)) is None


@given(
    text=st.text(max_size=30) | st.from_regex(r"(today |tomorrow |\d\d? [A-Z][a-z]{2} )?\d{1,2}:\d{2}", fullmatch=True)
)
def test_anything_can_be_typed(text: str) -> None:
    at_ms = typed(text, JAKARTA, now_ms=ms(NOW))
    assert at_ms is None or isinstance(at_ms, int)


@given(now_ms=moments, zone=zones, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_clock_alone_is_the_next_time_that_it_shows(now_ms: int, zone: ZoneInfo, hour: int, minute: int) -> None:
    at_ms = typed(f"{hour}:{minute:02}", zone, now_ms=now_ms)
    assert at_ms is not None
    assert 0 < at_ms - now_ms <= 86_400_000
    assert clock(at_ms, zone) == f"{hour:02}:{minute:02}"


@given(at_ms=moments, now_ms=moments, zone=zones)
def test_a_short_time_is_short_and_of_the_zone(at_ms: int, now_ms: int, zone: ZoneInfo) -> None:
    shown = short(at_ms, zone, now_ms=now_ms)
    assert len(shown) <= len("Tue 14:05")
    assert local(at_ms, zone) - datetime.fromtimestamp(at_ms / 1000, UTC) == timedelta(0)
