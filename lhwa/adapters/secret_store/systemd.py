"""Secrets that systemd hands to a service: read-only files in $CREDENTIALS_DIRECTORY.

Source: systemd.exec(5), LoadCredentialEncrypted=; systemd-creds(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from lhwa.adapters.secret_store.names import checked_name
from lhwa.errors import UsageError

ROOT_KEY_CREDENTIAL = "lhwa-kek"
_ENVIRONMENT = "CREDENTIALS_DIRECTORY"


class SystemdSecretStore:
    """Reads the credentials of this service."""

    name: ClassVar[str] = "systemd"
    writable: ClassVar[bool] = False

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    @classmethod
    def for_home(cls, home: Path, *, path: Path | None, environ: Mapping[str, str]) -> SystemdSecretStore:  # noqa: ARG003 -- one signature for all stores
        """The folder that systemd names; `root_key.path` does not change it."""
        named = environ.get(_ENVIRONMENT)
        return cls(Path(named) if named else None)

    def get(self, secret: str) -> bytes | None:
        """The credential; the root key is called `lhwa-kek`, everything else `lhwa-<name>`."""
        name = credential_name(secret)
        if self._directory is None:
            raise UsageError(
                "There is no $CREDENTIALS_DIRECTORY: this process was not started by systemd with a credential.",
                hint=f"Add LoadCredentialEncrypted={name} to the unit, or choose another root_key.store.",
            )
        try:
            return (self._directory / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UsageError(f"The credential {name} cannot be read: {error.strerror}.") from None

    def put(self, secret: str, value: bytes) -> None:  # noqa: ARG002 -- refused whatever it is
        """Refuse: systemd gives credentials, nobody takes them back."""
        name = credential_name(secret)
        raise UsageError(
            "The systemd store is read-only.",
            hint=f"Run: systemd-creds encrypt --name={name} - /etc/credstore.encrypted/{name}",
        )

    def delete(self, secret: str) -> None:
        """Refuse, unless there is nothing to forget."""
        if self._directory is not None and self.get(secret) is not None:
            name = credential_name(secret)
            raise UsageError(
                "The systemd store is read-only.", hint=f"Remove /etc/credstore.encrypted/{name} yourself."
            )

    def describe(self) -> str:
        """Where the credentials are."""
        return "systemd credentials" + (f" in {self._directory}" if self._directory else " (none in this process)")


def credential_name(secret: str) -> str:
    """How systemd calls a secret of ours."""
    return ROOT_KEY_CREDENTIAL if checked_name(secret) == "root-key" else f"lhwa-{secret}"
