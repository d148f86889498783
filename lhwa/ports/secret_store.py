"""Small secrets: the root key and an operator's token."""

from __future__ import annotations

from typing import ClassVar, Protocol


class SecretStore(Protocol):
    """Keeps a few named secrets for one installation. Plugins register under `lhwa.secret_store`."""

    name: ClassVar[str]
    """How settings choose it: `keyring`, `systemd`, `file`, ..."""
    writable: ClassVar[bool]
    """False when secrets are put there by other means, such as systemd."""

    def get(self, secret: str) -> bytes | None:
        """The secret, or None when there is none of that name. Raises UsageError when the store is not usable."""
        ...

    def put(self, secret: str, value: bytes) -> None:
        """Keep the secret, replacing an older one. Raises UsageError when the store is not usable or read-only."""
        ...

    def delete(self, secret: str) -> None:
        """Forget the secret; nothing happens when there is none."""
        ...

    def describe(self) -> str:
        """One line for `lhwa doctor`: what it is and where, without any secret."""
        ...
