"""The operator's own tokens on this machine, kept by `lhwa login`: in a safe keyring, else in a file of mode 0600.

One token per firm, and the latest one for commands that name no firm. They lie in one entry per home. A marker file
says that the keyring has it, so that the commands of people who never logged in do not wake the keyring.
"""

# ruff: noqa: PLC0415 -- the stores are imported when somebody has or keeps a token

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lhwa.config import Home
from lhwa.errors import UsageError

if TYPE_CHECKING:
    from lhwa.adapters.secret_store.file import FileSecretStore
    from lhwa.ports.secret_store import SecretStore

_ENTRY = "operator-tokens"
_MARKER = "operator-tokens-are-in-the-keyring"


class StoredTokens:
    """The tokens that one user of this machine keeps for one home."""

    def __init__(self, home: Home, environ: Mapping[str, str]) -> None:
        self._home = home
        self._environ = environ

    def find(self, tenant: str | None) -> str | None:
        """The token for a firm, else the latest one; None when nobody logged in."""
        kept = _read(self._store())
        return kept.get(tenant or "") or next(reversed(kept.values()), None)

    def keep(self, tenant: str, token: str) -> str:
        """Keep a token; returns where, for the person."""
        kept = _read(self._store())
        kept.pop(tenant, None)
        entry = json.dumps({**kept, tenant: token}).encode()
        files, keyring = self._files(), self._keyring()
        try:
            keyring.put(_ENTRY, entry)
        except UsageError:
            files.put(_ENTRY, entry)
            files.delete(_MARKER)
            return files.describe()
        files.put(_MARKER, b"yes")
        files.delete(_ENTRY)
        return keyring.describe()

    def forget(self, tenant: str | None) -> None:
        """Forget the token of a firm; with None, all of them."""
        store = self._store()
        kept = _read(store) if tenant else {}
        kept.pop(tenant or "", None)
        if kept:
            store.put(_ENTRY, json.dumps(kept).encode())
            return
        store.delete(_ENTRY)
        self._files().delete(_MARKER)

    def _store(self) -> SecretStore:
        files = self._files()
        return self._keyring() if files.get(_MARKER) is not None else files

    def _files(self) -> FileSecretStore:
        from platformdirs import user_config_path

        from lhwa.adapters.secret_store.file import FileSecretStore

        of_home = hashlib.sha256(str(self._home.root).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return FileSecretStore(user_config_path("lhwa", appauthor=False) / "tokens" / of_home)

    def _keyring(self) -> SecretStore:
        from lhwa.adapters.secret_store.keyring import KeyringSecretStore

        return KeyringSecretStore.for_home(self._home.root, path=None, environ=self._environ)


def _read(store: SecretStore) -> dict[str, str]:
    """Firm -> token, the latest last."""
    entry = store.get(_ENTRY)
    if entry is None:
        return {}
    try:
        kept = json.loads(entry)
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        raise UsageError(
            f"The tokens kept in {store.describe()} cannot be read.",
            hint="Run `lhwa login --forget`, then log in again.",
        )
    return {str(tenant): str(token) for tenant, token in kept.items()}
