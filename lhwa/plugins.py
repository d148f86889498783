"""Adapters by port and name: listed without importing, loaded one at a time, and only when allowed.

Our own adapters register by the same entry points. A plugin runs with all rights of lhwa, so only distributions named
in `[plugins] allow` are ever imported; ours is always allowed, and nobody takes over one of our names.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lhwa.domain.text import safe_text
from lhwa.errors import ConfigError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

OWN_DISTRIBUTION = "lhwa"
SECRET_STORE = "lhwa.secret_store"  # noqa: S105 -- the name of an entry point group
GROUPS = (
    SECRET_STORE,
    "lhwa.blob_store",
    "lhwa.scanner",
    "lhwa.ai_provider",
    "lhwa.spool",
    "lhwa.notifier",
    "lhwa.command",
)


OWN = {
    (SECRET_STORE, "file"): "lhwa.adapters.secret_store.file:FileSecretStore",
    (SECRET_STORE, "keyring"): "lhwa.adapters.secret_store.keyring:KeyringSecretStore",
    (SECRET_STORE, "systemd"): "lhwa.adapters.secret_store.systemd:SystemdSecretStore",
}
"""Our own entry points once more, so that a command which uses one need not look through every distribution."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A name that a distribution offers for a port; nothing of it is imported yet."""

    group: str
    name: str
    distribution: str
    allowed: bool


def offers(group: str, *, allow: Collection[str] = ()) -> tuple[Offer, ...]:
    """Everything installed for one port, ours first."""
    found = [Offer(group, entry.name, _owner(entry), _allowed(entry, allow)) for entry in _entries(group)]
    return tuple(sorted(found, key=lambda offer: (offer.distribution != OWN_DISTRIBUTION, offer.name)))


def load(group: str, name: str, *, allow: Collection[str] = ()) -> Any:
    """Import the one object registered under this name.

    Raises: ConfigError when nobody offers it, its distribution is not allowed, several offer it, or it does not import.
    """
    if (group, name) in OWN:
        module, _, attribute = OWN[group, name].partition(":")
        return getattr(importlib.import_module(module), attribute)
    shown = safe_text(name, newlines=False, chars_max=40)
    named = [entry for entry in _entries(group) if entry.name == name]
    if not named:
        known = ", ".join(sorted({entry.name for entry in _entries(group)})) or "nothing"
        raise ConfigError(f"Nothing installed offers {shown!r} for {group}.", hint=f"Installed: {known}.")
    usable = [entry for entry in named if _allowed(entry, allow)]
    if not usable:
        raise ConfigError(
            f"{shown!r} for {group} comes from the distribution {_owner(named[0])!r}, which is not allowed.",
            hint=f'Add "{_owner(named[0])}" to plugins.allow once you trust it with client confidences.',
        )
    if len(usable) > 1:
        owners = ", ".join(sorted(_owner(entry) for entry in usable))
        raise ConfigError(
            f"Several distributions offer {shown!r} for {group}: {owners}.", hint="Allow only one of them."
        )
    return _imported(usable[0])


def _imported(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:
        raise ConfigError(
            f"The plugin {entry.name!r} of {_owner(entry)!r} does not import: {type(error).__name__}.",
            hint=f"Try: python -c 'import {entry.module}'",
        ) from error


def _entries(group: str) -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points  # noqa: PLC0415 -- slow to import, and `--help` does not need it

    return tuple(entry_points(group=group))


def _owner(entry: EntryPoint) -> str:
    return _normal(entry.dist.name) if entry.dist is not None else ""


def _allowed(entry: EntryPoint, allow: Collection[str]) -> bool:
    owner = _owner(entry)
    return owner == OWN_DISTRIBUTION or (owner != "" and owner in {_normal(name) for name in allow})


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
