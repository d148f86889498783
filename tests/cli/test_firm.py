"""The firm's own time, whatever is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.cli.columns import Brief
from lhwa.cli.firm import Firm, local_time
from lhwa.domain.instants import rfc3339, rfc3339_ms

ANYTHING: Any = mock.sentinel.not_used


def firm(zone: str) -> Firm:
    return Firm(ANYTHING, ANYTHING, ANYTHING, zone, ())


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Jakarta", "22 Nov 20:05:07 WIB"),
        ("Asia/Makassar", "22 Nov 21:05:07 WITA"),
        ("Asia/Jayapura", "22 Nov 22:05:07 WIT"),
        ("America/New_York", "22 Nov 08:05:07 EST"),
    ],
)
def test_a_time_is_shown_in_the_firms_zone(zone: str, shown: str) -> None:
    assert firm(zone).clock("2026-11-22T13:05:07.000000Z") == shown
    assert firm(zone).clock(None) == "-"


@pytest.mark.parametrize(
    ("stored", "full", "short"),
    [("2026-11-22T13:05:07.000000Z", "22 Nov 20:05:07 WIB", "22 Nov 20:05"), ("rusak: 1", "rusak: 1", "rusak: 1")],
)
def test_a_time_in_a_table_has_a_short_form(stored: str, full: str, short: str) -> None:
    assert firm("Asia/Jakarta").moment(stored) == Brief(full, short)
    assert firm("Asia/Jakarta").moment(None) is None


@given(unix_ms=st.integers(), zone=st.sampled_from(["Asia/Jakarta", "America/New_York"]))
def test_every_stored_time_can_be_shown(unix_ms: int, zone: str) -> None:
    assert firm(zone).clock(rfc3339_ms(unix_ms))


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59.000000Z", "0001-01-01T00:00:00.000000Z", "", "rusak"])
def test_a_time_without_a_local_spelling_is_shown_as_it_is(text: str) -> None:
    zone = "America/New_York" if text.startswith("0001") else "Asia/Jakarta"
    assert firm(zone).clock(text) == text


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
@given(at=st.datetimes(max_value=datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- hypothesis adds the zone
def test_a_local_time_is_that_of_the_time_zone_database(zone: str, at: datetime) -> None:
    try:
        expected = at.astimezone(ZoneInfo(zone))
    except OverflowError:
        return
    shown = local_time(rfc3339(at), zone)
    assert shown.rpartition(" ")[0] == f"{expected:%d %b %H:%M:%S}"
