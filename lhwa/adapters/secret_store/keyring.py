"""Secrets in the keyring of a desktop: macOS Keychain, Windows Credential Locker, Secret Service, KWallet.

keyring picks its backend from the environment, a file and whatever is installed, and some backends write plain text or
forget everything. So only backends on the list below are used; any other is refused with its name.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from lhwa.adapters.secret_store.names import checked_name
from lhwa.errors import UsageError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

ALLOWED_BACKENDS = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.macOS.Keyring",
    }
)
_CHAINER = "keyring.backends.chainer.ChainerBackend"
_HINT = (
    'Unlock or install a desktop keyring, or set store = "file" or "systemd" under [root_key]; '
    "PYTHON_KEYRING_BACKEND and keyringrc.cfg choose among installed backends."
)


class KeyringSecretStore:
    """Keeps secrets as base64 text, each installation under a service name of its own."""

    name: ClassVar[str] = "keyring"
    writable: ClassVar[bool] = True

    def __init__(self, service: str, *, backend: KeyringBackend | None = None) -> None:
        self._service = service
        self._backend = backend

    @classmethod
    def for_home(cls, home: Path, *, path: Path | None, environ: Mapping[str, str]) -> KeyringSecretStore:  # noqa: ARG003 -- one signature for all stores
        """The user's keyring; two homes of one user do not share a root key."""
        return cls(f"lhwa:{home}")

    def get(self, secret: str) -> bytes | None:
        """The secret, or None."""
        name = checked_name(secret)
        backend = self._usable()
        with _refusals():
            text = backend.get_password(self._service, name)
        if text is None:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise UsageError(f"The keyring entry {name!r} was not written by lhwa.") from None

    def put(self, secret: str, value: bytes) -> None:
        """Keep the secret."""
        name = checked_name(secret)
        backend = self._usable()
        with _refusals():
            backend.set_password(self._service, name, base64.b64encode(value).decode("ascii"))

    def delete(self, secret: str) -> None:
        """Forget the secret."""
        if self.get(secret) is None:
            return
        backend = self._usable()
        with _refusals():
            backend.delete_password(self._service, secret)

    def describe(self) -> str:
        """Which backend, or why none."""
        try:
            return f"keyring ({_class_name(self._usable())})"
        except UsageError as error:
            return f"keyring (not usable: {error.message})"

    def _usable(self) -> KeyringBackend:
        if self._backend is None:
            import keyring  # noqa: PLC0415 -- loads every backend; only when the store is used

            with _refusals():
                self._backend = keyring.get_keyring()
        refuse_insecure(self._backend)
        return self._backend


def refuse_insecure(backend: KeyringBackend) -> None:
    """Raise UsageError unless the backend, and every backend that it passes secrets to, is on the list."""
    name = _class_name(backend)
    inner = list(getattr(backend, "backends", ())) if name == _CHAINER else []
    insecure = [each for each in map(_class_name, inner or [backend]) if each not in ALLOWED_BACKENDS]
    if not insecure:
        return
    where = f"{name} with {', '.join(insecure)}" if inner else name
    raise UsageError(
        f"The keyring backend {where} is not known to keep secrets safe, so lhwa does not use it.", hint=_HINT
    )


def _class_name(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


@contextmanager
def _refusals() -> Iterator[None]:
    """A locked or missing keyring is something the user can mend."""
    from keyring.errors import KeyringError  # noqa: PLC0415 -- see `_usable`

    try:
        yield
    except KeyringError as error:
        raise UsageError(f"The keyring does not answer ({type(error).__name__}).", hint=_HINT) from None
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 -- backends raise whatever their platform raises; its text may hold the value
        raise UsageError(f"The keyring failed ({type(error).__name__}).", hint=_HINT) from None
