"""What the audit record of a consent holds of its words: salted hashes, made by the ledger and checked by a proof."""

from __future__ import annotations

import hashlib

HASHED_WORDS = ("reply", "reply_wamid", "prompt_wamid", "guardian")
"""Words of an entry that name or quote the client."""


def salted_sha256(salt: bytes, word: str) -> bytes:
    """SHA-256 of a salt and the UTF-8 bytes of a word.

    Salted, because the hash of a word that everybody uses would tell the word to whoever reads the log.
    """
    return hashlib.sha256(salt + word.encode()).digest()


def hash_field(word: str) -> str:
    """The field of the record that holds the hash of one of the words."""
    return f"{word}_sha256"
