"""Adapters of `ports/secret_store.py`, and which of them an installation uses.

`auto` takes the first store that holds the root key: systemd credential, file, keyring. When none does, it names the
place for a new one: the keyring when there is a safe one, else a file. So a key that was once put into a file stays in
use when a keyring appears later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lhwa import plugins
from lhwa.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from lhwa.adapters.secret_store.names import StoreFactory
    from lhwa.ports.secret_store import SecretStore

AUTO = "auto"
_HOLDS_THE_KEY_ORDER = ("systemd", "file", "keyring")
_NEW_KEY_ORDER = ("keyring", "file")


def open_secret_store(
    name: str, *, home: Path, path: str = "", environ: Mapping[str, str], allow: Collection[str] = ()
) -> SecretStore:
    """The secret store that settings name: `root_key.store`, `root_key.path`, `plugins.allow`.

    Raises: ConfigError when there is none of that name or it is not allowed.
    """
    folder = Path(path).expanduser() if path else None
    if name == AUTO:
        return _chosen(home=home, path=path, environ=environ, allow=allow)
    factory = cast("StoreFactory", plugins.load(plugins.SECRET_STORE, name, allow=allow))
    if not hasattr(factory, "for_home"):
        raise ConfigError(f"The secret store {name!r} has no `for_home`, so it cannot be opened.")
    return factory.for_home(home, path=folder, environ=environ)


def _chosen(*, home: Path, path: str, environ: Mapping[str, str], allow: Collection[str]) -> SecretStore:
    usable: dict[str, SecretStore] = {}
    for name in _HOLDS_THE_KEY_ORDER:
        store = open_secret_store(name, home=home, path=path, environ=environ, allow=allow)
        try:
            holds = store.get("root-key") is not None
        except UsageError:
            # A key file that others can read must be reported, not passed over for an empty keyring.
            if name == "file":
                raise
            continue
        if holds:
            return store
        usable[name] = store
    return next(usable[name] for name in _NEW_KEY_ORDER if name in usable)
