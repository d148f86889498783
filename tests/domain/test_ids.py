from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.ids import is_tenant_id, is_ulid, short_id, ulid

_times = st.integers(0, (1 << 48) - 1)
_tails = st.binary(min_size=10, max_size=32)


@given(one=_times, other=_times, tails=st.tuples(_tails, _tails))
def test_ulids_sort_by_time(one: int, other: int, tails: tuple[bytes, bytes]) -> None:
    if one != other:
        assert (ulid(one, tails[0]) < ulid(other, tails[1])) == (one < other)


@given(at=_times, tail=_tails)
def test_a_ulid_depends_on_its_time_and_tail_alone(at: int, tail: bytes) -> None:
    made = ulid(at, tail)
    assert is_ulid(made)
    assert made == ulid(at, tail[:10] + b"more")
    assert made != ulid(at, bytes([tail[0] ^ 1]) + tail[1:])


@pytest.mark.parametrize(
    ("unix_ms", "tail", "made"),
    [
        (0, bytes(10), "0" * 26),
        ((1 << 48) - 1, b"\xff" * 10, "7" + "Z" * 25),
        (1_469_918_176_385, bytes(10), "01ARYZ6S41" + "0" * 16),
        (-5, bytes(10), "0" * 26),
    ],
    ids=["lowest", "highest", "the time of the specification", "before 1970"],
)
def test_known_ulids(unix_ms: int, tail: bytes, made: str) -> None:
    assert ulid(unix_ms, tail) == made


@given(tail=_tails)
def test_a_short_id_is_the_tail_of_a_ulid(tail: bytes) -> None:
    assert len(short_id(tail)) == 16
    assert ulid(123_456, tail).endswith(short_id(tail))


@pytest.mark.parametrize("text", ["", "0" * 25, "0" * 27, "I" * 26, "l" * 26, "U" * 26, "0" * 25 + "\n"])
def test_what_is_no_ulid(text: str) -> None:
    assert not is_ulid(text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("firma", True),
        ("firma-contoh-2", True),
        ("ab", True),
        ("a" * 31, True),
        ("a" * 32, False),
        ("a", False),
        ("Firma", False),
        ("2firma", False),
        ("-firma", False),
        ("firma/..", False),
        ("..", False),
        ("firma\n", False),
        ("fïrma", False),
        ("", False),
    ],
)
def test_a_tenant_id_is_a_safe_folder_name(text: str, *, is_one: bool) -> None:
    assert is_tenant_id(text) == is_one
