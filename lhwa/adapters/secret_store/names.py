"""What all secret stores share: the shape of names, and how settings make a store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from lhwa.errors import UsageError
from lhwa.ports.secret_store import SecretStore

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


class StoreFactory(Protocol):
    """How a class registered under `lhwa.secret_store` is made into a store."""

    def for_home(self, home: Path, *, path: Path | None, environ: Mapping[str, str]) -> SecretStore:
        """The store of one installation; `path` is `root_key.path` when somebody set it."""
        ...


def checked_name(secret: str) -> str:
    """The name itself; UsageError when it could be anything but a plain name in a folder or a keyring."""
    if _NAME.fullmatch(secret) is None:
        raise UsageError("The name of a secret is lower-case letters, digits and dashes.", hint="Such as root-key.")
    return secret
