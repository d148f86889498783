"""Sealing: AES-256-GCM with the key's id in the header and the place of the blob in the AAD.

A blob copied to another row, column, table or firm does not open. Blob: version(1) | algorithm(1) | key id(16) |
nonce(12) | ciphertext | tag(16).

Invariants: nonces are random; a key is chosen by the id in the header, never by trying.
Source: NIST SP 800-38D; at most 2^32 random nonces per key.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lhwa.errors import SealError

KEY_BYTES = 32
KEY_ID_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
BLOB_VERSION = 1
AES_256_GCM = 1
HEADER_BYTES = 2 + KEY_ID_BYTES + NONCE_BYTES
BLOB_BYTES_MIN = HEADER_BYTES + TAG_BYTES
_HMAC_BLOCK_BYTES = 64
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))
_HEADER_START = bytes([BLOB_VERSION, AES_256_GCM])


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A 256-bit key and its public id. Never shown, never logged: `repr` masks it."""

    id: bytes
    secret: bytes
    _cipher: AESGCM | None = field(default=None, init=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.id) != KEY_ID_BYTES or len(self.secret) != KEY_BYTES:
            raise SealError("A key has 32 bytes and an id of 16.")

    @property
    def cipher(self) -> AESGCM:
        """What seals under this key; made once, because setting it up costs as much as sealing a message."""
        if self._cipher is None:
            object.__setattr__(self, "_cipher", AESGCM(self.secret))
        return self._cipher  # type: ignore[return-value]  # set above; the attribute of a frozen class

    def __repr__(self) -> str:
        return f"Key({self.id.hex()[:8]}…)"

    @staticmethod
    def random() -> Key:
        """A fresh key."""
        return Key(os.urandom(KEY_ID_BYTES), os.urandom(KEY_BYTES))

    def derive(self, purpose: str) -> Key:
        """The key for one purpose, such as `lhwa/spool/v1/2026-11-22`, by HKDF-SHA256. The id follows from both."""
        secret = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(self.secret)
        return Key(hashlib.sha256(self.id + purpose.encode()).digest()[:KEY_ID_BYTES], secret)


class Place(msgspec.Struct, frozen=True):
    """Where a sealed blob belongs. All of it is authenticated."""

    tenant: str
    table: str
    column: str
    row: str
    schema: int = 1

    def aad(self, key_id: bytes) -> bytes:
        """Each field with its length before it, so that no two places share one encoding."""
        row = self.row.encode()
        return b"".join(
            (
                _aad_head(self.tenant, self.table, self.column),
                len(row).to_bytes(4, "big"),
                row,
                len(key_id).to_bytes(4, "big"),
                key_id,
                _aad_tail(self.schema),
            )
        )


@lru_cache(maxsize=1_024)
def _aad_head(tenant: str, table: str, column: str) -> bytes:
    """The part that all rows of a column share."""
    fields = (b"lhwa", bytes([BLOB_VERSION]), tenant.encode(), table.encode(), column.encode())
    return b"".join(map(_measured, fields))


@lru_cache(maxsize=16)
def _aad_tail(schema: int) -> bytes:
    return _measured(str(schema).encode())


def _measured(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


def seal(key: Key, place: Place, clear: bytes) -> bytes:
    """Seal bytes for one place."""
    nonce = os.urandom(NONCE_BYTES)
    return b"".join((_HEADER_START, key.id, nonce, key.cipher.encrypt(nonce, clear, place.aad(key.id))))


def key_id_of(blob: bytes) -> bytes:
    """The id of the key that a blob wants."""
    if len(blob) < BLOB_BYTES_MIN or not blob.startswith(_HEADER_START):
        raise SealError("This is not a sealed blob of a version that lhwa knows.")
    return blob[2 : 2 + KEY_ID_BYTES]


def unseal(key: Key, place: Place, blob: bytes) -> bytes:
    """Open a blob at its place.

    Raises: SealError when the key is another one, the place is another one, or a bit was changed.
    """
    if key_id_of(blob) != key.id:
        raise SealError("This blob is sealed under another key.")
    nonce = blob[2 + KEY_ID_BYTES : HEADER_BYTES]
    try:
        return key.cipher.decrypt(nonce, blob[HEADER_BYTES:], place.aad(key.id))
    except InvalidTag:
        raise SealError("This blob was changed, or belongs to another row.") from None


class ColumnSeal:
    """Seals row after row of one column under one key; what the rows share is set up once. Opens with `unseal`."""

    __slots__ = ("_cipher", "_head", "_start", "_tail")

    def __init__(self, key: Key, place: Place) -> None:
        """Args: place: of any row of the column."""
        self._cipher = key.cipher
        self._start = _HEADER_START + key.id
        self._head = _aad_head(place.tenant, place.table, place.column)
        self._tail = _measured(key.id) + _measured(b"%d" % place.schema)

    def seal(self, row: str, clear: bytes) -> bytes:
        """Seal bytes for one row."""
        nonce = os.urandom(NONCE_BYTES)
        aad = b"".join((self._head, _measured(row.encode()), self._tail))
        return b"".join((self._start, nonce, self._cipher.encrypt(nonce, clear, aad)))


class KeyedHash:
    """HMAC-SHA256 under one secret, for looking things up without storing them.

    The two hashes of HMAC are begun once and copied for each text: a third of the cost of `hmac.digest`.
    Source: RFC 2104.
    """

    def __init__(self, secret: bytes) -> None:
        block = (secret if len(secret) <= _HMAC_BLOCK_BYTES else hashlib.sha256(secret).digest()).ljust(
            _HMAC_BLOCK_BYTES, b"\0"
        )
        self._inner = hashlib.sha256(block.translate(_INNER_PAD))
        self._outer = hashlib.sha256(block.translate(_OUTER_PAD))

    def digest(self, text: bytes) -> bytes:
        """32 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()
