"""Ids and times in every spelling."""

from __future__ import annotations

from typing import Any

import pytest

from lhwa.errors import PoisonError
from lhwa.normalizer.scalars import instant_ms, required_id


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1795305600", 1_795_305_600_000),
        (1795305600, 1_795_305_600_000),
        (1795305600.9, 1_795_305_600_000),
        ("1795305600123", 1_795_305_600_123),
        (1795305600123, 1_795_305_600_123),
        (" 1795305600 ", 1_795_305_600_000),
        ("-1795305600", None),
        (-5, None),
        (0, None),
        ("", None),
        ("soon", None),
        ("1e9", None),
        ("١٧٩٥٣٠٥٦٠٠", None),
        ("9" * 5000, None),
        (10**400, None),
        (1e308, None),
        (253_402_300_800_000, None),
        (True, None),
        (None, None),
        ({}, None),
    ],
)
def test_times_are_milliseconds_or_nothing(value: Any, expected: int | None) -> None:
    assert instant_ms(value) == expected


@pytest.mark.parametrize(("value", "expected"), [("wamid.A", "wamid.A"), (17, "17"), ("a" * 1024, "a" * 1024)])
def test_ids_are_text(value: Any, expected: str) -> None:
    assert required_id({"id": value}) == expected


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({}, "missing_id"),
        ({"id": None}, "missing_id"),
        ({"id": ""}, "missing_id"),
        ({"id": True}, "wrong_type"),
        ({"id": 1.5}, "wrong_type"),
        ({"id": ["wamid.A"]}, "wrong_type"),
        ({"id": {"a": 1}}, "wrong_type"),
        ({"id": "wamid\x00"}, "bad_id"),
        ({"id": "\x1b[31m"}, "bad_id"),
        ({"id": "   "}, "bad_id"),
        ({"id": "a" * 1025}, "bad_id"),
    ],
)
def test_an_id_that_cannot_be_stored_is_poison(item: dict[str, Any], reason: str) -> None:
    with pytest.raises(PoisonError) as caught:
        required_id(item)
    assert caught.value.reason == reason
