from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.phones import (
    E164,
    e164_of_wa_id,
    is_bsuid,
    is_wa_id,
    mask_bsuid,
    mask_e164,
    normalise_number,
)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+6281230001111", "+62 812-••••-1111"),
        ("+628123000111", "+62 812-••••-111"),
        ("+62215551234", "+62 215-••••-34"),
        ("+6221555123", "+••••23"),
        ("+12345678", "+••••78"),
        ("+123456", "+••••56"),
        ("+12345678901234567890", "+12 345-••••-7890"),
    ],
)
def test_a_masked_number(number: str, shown: str) -> None:
    assert mask_e164(number) == shown


@given(digits=st.from_regex(r"[1-9][0-9]{5,19}", fullmatch=True))
def test_at_least_four_digits_are_hidden(digits: str) -> None:
    shown = [character for character in mask_e164("+" + digits) if character.isdigit()]
    assert len(shown) <= len(digits) - 4
    assert len(shown) <= 9


@pytest.mark.parametrize(
    ("bsuid", "shown"),
    [("ID.88001122334455", "ID.••••4455"), ("ID.ENT.88001122334455", "ID.••••4455"), ("ID.12", "ID.••••")],
)
def test_a_masked_user_id(bsuid: str, shown: str) -> None:
    assert mask_bsuid(bsuid) == shown


@pytest.mark.parametrize(
    ("text", "wa_id", "bsuid"),
    [
        ("6281230001111", True, False),
        ("123456", True, False),
        ("12345", False, False),
        ("1" * 21, False, False),
        ("+6281230001111", False, False),
        ("6281230001111\n", False, False),
        ("٦٢٨١٢٣٠٠٠١١", False, False),
        ("ID.88001122334455", False, True),
        ("ID.ENT.88001122334455", False, True),
        ("ID.a1B2c3", False, True),
        ("id.88001122334455", False, False),
        ("ID.", False, False),
        ("ID.88\n", False, False),
        ("IDN.88", False, False),
        ("", False, False),
    ],
)
def test_numbers_and_user_ids_are_told_apart(text: str, *, wa_id: bool, bsuid: bool) -> None:
    assert (is_wa_id(text), is_bsuid(text)) == (wa_id, bsuid)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("081230001111", "+6281230001111"),
        ("0812-3000-1111", "+6281230001111"),
        ("(0812) 3000.1111", "+6281230001111"),
        ("6281230001111", "+6281230001111"),
        ("62 0812 3000 1111", "+6281230001111"),
        ("+62 812-3000-1111", "+6281230001111"),
        ("+62 (0) 812 3000 1111", "+6281230001111"),
        ("0062 812 3000 1111", "+6281230001111"),
        ("006281230001111", "+6281230001111"),
        ("021 555 1234", "+62215551234"),
        ("+6591234567", "+6591234567"),
        ("6591234567", "+6591234567"),
        ("0065 9123 4567", "+6591234567"),
        ("+81 3 1234 5678", "+81312345678"),
        ("81230001111", None),
        ("+081230001111", None),
        ("+", None),
        ("", None),
        ("0", None),
        ("0812x", None),
        ("٠٨١٢٣٠٠٠١١١١", None),
        ("+6281230001111222", None),
        ("ID.88001122334455", None),
    ],
)
def test_a_typed_number(typed: str, number: str | None) -> None:
    assert normalise_number(typed) == number


@given(text=st.text())
def test_what_comes_out_is_e164_or_nothing(text: str) -> None:
    found = normalise_number(text)
    assert found is None or (E164.fullmatch(found) and normalise_number(found) == found)


def test_an_inbound_id_is_international_already() -> None:
    assert e164_of_wa_id("0812") == "+0812"
