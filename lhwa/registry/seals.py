"""What is sealed in registry.db: under which key, and at which place.

Invariants: app secrets and access tokens under the registry key; tenant keys under the root key itself.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lhwa.domain.ids import TenantId
from lhwa.domain.keys import TenantKeys, registry_key
from lhwa.domain.sealing import Key, Place, key_id_of, seal, unseal
from lhwa.errors import ConfigError, SealError
from lhwa.registry import connection

_CANARY = b"lhwa registry"
_CANARY_PLACE = Place("", "root_canary", "sealed", "1")


class KeyState(StrEnum):
    """What a tenant key may still do."""

    ACTIVE = "active"
    DECRYPT_ONLY = "decrypt_only"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A tenant key as it lies in the registry."""

    key_id: bytes
    epoch: int
    wrapped: bytes
    state: KeyState


def seal_canary(root: Key) -> bytes:
    """What proves later that the root key is the same."""
    return seal(registry_key(root), _CANARY_PLACE, _CANARY)


def refuse_other_root(root: Key, sealed: bytes | None) -> None:
    """Raise ConfigError when the registry was made under another root key; VerificationError when nothing tells."""
    if sealed is None:
        raise connection.damaged("the table root_canary is empty")
    with connection.rows_of("root_canary"):
        key_id_of(sealed)
    try:
        unseal(registry_key(root), _CANARY_PLACE, sealed)
    except SealError:
        raise ConfigError(
            "This registry was made under another root key.",
            hint="Check root_key.store and root_key.path, and that --home and the key belong together.",
        ) from None


def app_secret_place(secret_id: str) -> Place:
    """Where an app secret or verify token belongs."""
    return Place("", "meta_app_secret", "sealed", secret_id)


def access_token_place(tenant: TenantId) -> Place:
    """Where a firm's access token belongs."""
    return Place(tenant, "tenant", "access_token", tenant)


def fingerprint(root: Key, secret: bytes) -> str:
    """8 hex digits that tell two secrets apart. Keyed: nobody tests guesses against a bare hash."""
    key = registry_key(root).derive("fingerprint")
    return hmac.new(key.secret, secret, hashlib.sha256).hexdigest()[:8]


def wrap(root: Key, tenant: TenantId, key: Key) -> bytes:
    """A tenant key, sealed by the root key."""
    return seal(root, _wrapped_place(tenant, key.id), key.secret)


def unwrap(root: Key, tenant: TenantId, wrapped: Iterable[WrappedKey]) -> TenantKeys:
    """A firm's keys: the active one first, then older ones, newest first. Raises: VerificationError."""
    current: list[Key] = []
    older: list[Key] = []
    for row in sorted(wrapped, key=lambda row: row.epoch, reverse=True):
        key = Key(row.key_id, unseal(root, _wrapped_place(tenant, row.key_id), row.wrapped))
        (current if row.state == KeyState.ACTIVE else older).append(key)
    if len(current) != 1:
        raise connection.damaged("the table tenant_key has not exactly one active key for a firm")
    return TenantKeys(current[0], tuple(older))


def _wrapped_place(tenant: TenantId, key_id: bytes) -> Place:
    return Place(tenant, "tenant_key", "wrapped", key_id.hex())
