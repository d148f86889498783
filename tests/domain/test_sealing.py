from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lhwa.domain.sealing import (
    BLOB_BYTES_MIN,
    HEADER_BYTES,
    KEY_BYTES,
    KEY_ID_BYTES,
    ColumnSeal,
    Key,
    KeyedHash,
    Place,
    key_id_of,
    seal,
    unseal,
)
from lhwa.errors import SealError

KEY = Key(bytes(range(16)), bytes(range(32)))
PLACE = Place("firma", "message", "content", "01M")


@given(clear=st.binary(max_size=200))
def test_what_was_sealed_opens_at_its_place(clear: bytes) -> None:
    blob = seal(KEY, PLACE, clear)
    assert unseal(KEY, PLACE, blob) == clear
    assert len(blob) == len(clear) + BLOB_BYTES_MIN


def test_the_header_says_version_algorithm_and_key() -> None:
    blob = seal(KEY, PLACE, b"x")
    assert blob[:2] == b"\x01\x01"
    assert blob[2:18] == KEY.id == key_id_of(blob)


def test_no_two_seals_share_a_nonce() -> None:
    assert len({seal(KEY, PLACE, b"same")[18:HEADER_BYTES] for _ in range(200)}) == 200


@pytest.mark.parametrize(
    "place",
    [
        replace(PLACE, tenant="firmb"),
        replace(PLACE, table="status"),
        replace(PLACE, column="profile"),
        replace(PLACE, row="01N"),
        replace(PLACE, schema=2),
        Place("firm", "amessage", "content", "01M"),
        Place("firma", "messagecontent", "", "01M"),
        Place("firma", "content", "message", "01M"),
    ],
    ids=["tenant", "table", "column", "row", "schema", "shifted border", "joined fields", "swapped fields"],
)
def test_a_blob_does_not_open_at_another_place(place: Place) -> None:
    with pytest.raises(SealError):
        unseal(KEY, place, seal(KEY, PLACE, b"x"))


def test_another_key_does_not_open() -> None:
    blob = seal(KEY, PLACE, b"x")
    with pytest.raises(SealError):
        unseal(Key.random(), PLACE, blob)
    with pytest.raises(SealError):
        unseal(Key(KEY.id, bytes(32)), PLACE, blob)


def test_a_blob_relabelled_with_another_keys_id_does_not_open() -> None:
    other = Key(bytes(16), KEY.secret)
    blob = bytearray(seal(KEY, PLACE, b"x"))
    blob[2:18] = other.id
    with pytest.raises(SealError):
        unseal(other, PLACE, bytes(blob))


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    blob = seal(KEY, PLACE, b"a sentence")
    for bit in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealError):
            unseal(KEY, PLACE, bytes(changed))


def test_a_cut_or_longer_blob_is_noticed() -> None:
    blob = seal(KEY, PLACE, b"a sentence")
    for changed in [*(blob[:end] for end in range(len(blob))), blob + b"\x00"]:
        with pytest.raises(SealError):
            unseal(KEY, PLACE, changed)


@given(secret=st.binary(min_size=1, max_size=200), text=st.binary(max_size=300))
def test_a_keyed_hash_is_the_hmac_of_the_standard(secret: bytes, text: bytes) -> None:
    keyed = KeyedHash(secret)
    assert keyed.digest(text) == hmac.digest(secret, text, hashlib.sha256)
    assert keyed.digest(b"") == hmac.digest(secret, b"", hashlib.sha256)


_words = st.text(max_size=12)


@given(fields=st.tuples(_words, _words, _words, _words), schema=st.integers(0, 1 << 40), key_id=st.binary(max_size=20))
def test_each_field_of_a_place_has_its_length_before_it(
    fields: tuple[str, str, str, str], schema: int, key_id: bytes
) -> None:
    parts = [b"lhwa", b"\x01", *(field.encode() for field in fields), key_id, str(schema).encode()]
    assert Place(*fields, schema).aad(key_id) == b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@pytest.mark.parametrize(("key_id", "secret"), [(15, 32), (17, 32), (16, 31), (16, 0), (16, 33)])
def test_a_key_of_another_length_is_refused(key_id: int, secret: int) -> None:
    with pytest.raises(SealError):
        Key(bytes(key_id), bytes(secret))


def test_derived_keys_depend_on_the_purpose_and_the_parent() -> None:
    made = [KEY.derive("a"), KEY.derive("b"), Key.random().derive("a"), KEY]
    assert len({key.id for key in made}) == len({key.secret for key in made}) == 4
    assert KEY.derive("a") == KEY.derive("a")
    assert len(made[0].secret) == KEY_BYTES
    assert len(made[0].id) == KEY_ID_BYTES


def test_a_key_is_never_shown() -> None:
    key = Key.random()
    for shown in (repr(key), str(key), f"{key}", repr([key]), repr({"k": key})):
        assert key.secret.hex() not in shown
        assert repr(key.secret) not in shown
        assert key.id.hex() not in shown


def test_a_column_sealed_row_after_row_opens_like_any_blob() -> None:
    key, place = Key.random(), Place("firma", "webhook_request", "body", "", schema=3)
    column = ColumnSeal(key, place)
    for row in ("", "01KAN5T9YB6Q2R8W4X7V3M0ZJD", "baris é"):
        blob = column.seal(row, b"clear")
        assert unseal(key, Place("firma", "webhook_request", "body", row, schema=3), blob) == b"clear"
        with pytest.raises(SealError):
            unseal(key, Place("firma", "webhook_request", "body", row + "x", schema=3), blob)
    assert column.seal("row", b"clear") != column.seal("row", b"clear")
