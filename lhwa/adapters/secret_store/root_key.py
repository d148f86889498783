"""The root key in a secret store.

Invariants: a root key is written once and never replaced from here: everything sealed hangs on it.
"""

from __future__ import annotations

import hashlib
import os

from lhwa.domain.keys import ROOT_KEY_SECRET
from lhwa.domain.sealing import KEY_BYTES, KEY_ID_BYTES, Key
from lhwa.errors import ConfigError, ConflictError
from lhwa.ports.secret_store import SecretStore


def read_root_key(store: SecretStore) -> Key:
    """The root key; ConfigError when the store has none, or something that is no key."""
    secret = store.get(ROOT_KEY_SECRET)
    if secret is None:
        raise ConfigError(
            f"There is no root key in {store.describe()}.",
            hint="Restore the key that this home was made with; for a new home run `lhwa init`.",
        )
    return root_key_of(secret)


def make_root_key(store: SecretStore) -> Key:
    """Draw a new root key and keep it; ConflictError when there is one already."""
    if store.get(ROOT_KEY_SECRET) is not None:
        raise ConflictError(f"There is a root key in {store.describe()} already; it is never replaced.")
    secret = os.urandom(KEY_BYTES)
    store.put(ROOT_KEY_SECRET, secret)
    # Read back: a keyring that drops what it is given must not cost a firm its records.
    if store.get(ROOT_KEY_SECRET) != secret:
        raise ConfigError(f"{store.describe()} did not keep the root key.", hint="Choose another root_key.store.")
    return root_key_of(secret)


def root_key_of(secret: bytes) -> Key:
    """The root key of these 32 bytes. Its id follows from them, so that every process names it alike."""
    if len(secret) != KEY_BYTES:
        raise ConfigError(
            f"The root key has {len(secret)} bytes instead of {KEY_BYTES}.",
            hint="It is 32 random bytes, not hex or base64: head -c 32 /dev/urandom.",
        )
    return Key(hashlib.sha256(b"lhwa/root-key/v1" + secret).digest()[:KEY_ID_BYTES], secret)
