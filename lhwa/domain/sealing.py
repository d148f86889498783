"""Sealing: AES-256-GCM with the key's id in the header and the place of the blob in the AAD.

A blob copied to another row, column, table or firm does not open. Blob: version(1) | algorithm(1) | key id(16) |
nonce(12) | ciphertext | tag(16).

Invariants: nonces are random; a key is chosen by the id in the header, never by trying.
Source: NIST SP 800-38D; at most 2^32 random nonces per key.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A 256-bit key and its public id. Never shown, never logged: `repr` masks it."""

    id: bytes
    secret: bytes

    def __post_init__(self) -> None:
        if len(self.id) != KEY_ID_BYTES or len(self.secret) != KEY_BYTES:
            raise SealError("A key has 32 bytes and an id of 16.")

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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed blob belongs. All of it is authenticated."""

    tenant: str
    table: str
    column: str
    row: str
    schema: int = 1

    def aad(self, key_id: bytes) -> bytes:
        """Each field with its length before it, so that no two places share one encoding."""
        fields = (b"lhwa", bytes([BLOB_VERSION]), self.tenant, self.table, self.column, self.row, key_id, self.schema)
        out = bytearray()
        for field in fields:
            raw = field if isinstance(field, bytes) else str(field).encode()
            out += len(raw).to_bytes(4, "big") + raw
        return bytes(out)


def seal(key: Key, place: Place, clear: bytes) -> bytes:
    """Seal bytes for one place."""
    nonce = os.urandom(NONCE_BYTES)
    return (
        bytes([BLOB_VERSION, AES_256_GCM])
        + key.id
        + nonce
        + AESGCM(key.secret).encrypt(nonce, clear, place.aad(key.id))
    )


def key_id_of(blob: bytes) -> bytes:
    """The id of the key that a blob wants."""
    if len(blob) < BLOB_BYTES_MIN or blob[0] != BLOB_VERSION or blob[1] != AES_256_GCM:
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
        return AESGCM(key.secret).decrypt(nonce, blob[HEADER_BYTES:], place.aad(key.id))
    except InvalidTag:
        raise SealError("This blob was changed, or belongs to another row.") from None
