"""The key tree: root key -> tenant keys -> data keys, and what is derived from each.

    root key                     from the secret store; never in a database
    ├── registry key             derived; seals Meta app secrets and access tokens in registry.db
    ├── unrouted key of a day    derived; seals webhook requests that belong to no firm yet
    └── tenant key               random, wrapped by the root key in registry.db; one epoch is current
        ├── spool key of a day   derived; seals this firm's webhook requests
        └── data keys            random, wrapped by the tenant key in keys.db: one per contact, one for the firm,
                                 one secret for blind hashes

A spool key lives for one day, so the number of seals under it stays far below 2^32 without counting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key
from lhwa.errors import SealError

ROOT_KEY_SECRET = "root-key"  # noqa: S105 -- the name of the secret, not the secret
"""Under which name every secret store keeps the root key: 32 bytes."""


@dataclass(frozen=True, slots=True)
class TenantKeys:
    """A firm's key-encrypting keys: the current epoch, and older ones that still open."""

    current: Key
    older: tuple[Key, ...] = ()

    def all(self) -> tuple[Key, ...]:
        """Current first."""
        return (self.current, *self.older)


def registry_key(root: Key) -> Key:
    """Seals secrets in registry.db."""
    return root.derive("lhwa/registry/v1")


def spool_key(tenant_key: Key, at: Instant) -> Key:
    """Seals one firm's webhook requests of one UTC day."""
    return tenant_key.derive(f"lhwa/spool/v1/{at:%Y-%m-%d}")


def unrouted_key(root: Key, at: Instant) -> Key:
    """Seals one UTC day of requests that belong to no firm."""
    return root.derive(f"lhwa/unrouted/v1/{at:%Y-%m-%d}")


def pick(keys: Iterable[Key], key_id: bytes) -> Key:
    """The key with this id; SealError when none of them has it."""
    for key in keys:
        if key.id == key_id:
            return key
    raise SealError("The key of this blob is gone, or was never here.")
