from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked

from lhwa.adapters.secret_store import keyring as adapter
from lhwa.adapters.secret_store.keyring import KeyringSecretStore
from lhwa.errors import UsageError
from lhwa.testing.contracts.secret_store import SecretStoreContract


class InMemory(KeyringBackend):
    """A keyring that the test puts on the list."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it without types
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Plaintext(InMemory):
    """Not on any list."""


def made(kind: Callable[..., KeyringBackend]) -> KeyringBackend:
    """keyring leaves its constructors without types."""
    return kind()


def class_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "ALLOWED_BACKENDS", adapter.ALLOWED_BACKENDS | {class_name(InMemory)})


class TestKeyringSecretStore(SecretStoreContract):
    @pytest.fixture(autouse=True)
    def backend(self) -> None:
        self.keyring = InMemory()

    def make(self) -> KeyringSecretStore:
        return KeyringSecretStore("lhwa:/srv/lhwa", backend=self.keyring)


def chained(monkeypatch: pytest.MonkeyPatch, *inner: KeyringBackend) -> KeyringBackend:
    monkeypatch.setattr(chainer.ChainerBackend, "backends", list(inner))
    return made(chainer.ChainerBackend)


@pytest.mark.parametrize("kind", [fail.Keyring, null.Keyring, Plaintext], ids=["fail", "null", "plaintext"])
def test_any_backend_that_is_not_on_the_list_is_refused_by_its_name(kind: type[KeyringBackend]) -> None:
    backend = made(kind)
    store = KeyringSecretStore("lhwa:/srv/lhwa", backend=backend)
    refusals: tuple[Callable[[], object], ...] = (
        lambda: store.get("root-key"),
        lambda: store.put("root-key", b"x"),
        lambda: store.delete("root-key"),
    )
    for refuse in refusals:
        with pytest.raises(UsageError) as refused:
            refuse()
        assert class_name(type(backend)) in refused.value.message
        assert "root_key" in refused.value.hint
    assert "not usable" in store.describe()


def test_a_chain_is_as_safe_as_its_weakest_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter.refuse_insecure(chained(monkeypatch, InMemory(), InMemory()))
    with pytest.raises(UsageError, match="Plaintext"):
        adapter.refuse_insecure(chained(monkeypatch, InMemory(), Plaintext()))
    with pytest.raises(UsageError, match="chainer"):
        adapter.refuse_insecure(chained(monkeypatch))


def test_two_homes_of_one_user_do_not_share_a_root_key(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = InMemory()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    one, other = (KeyringSecretStore.for_home(Path(home), path=None, environ={}) for home in ("/one", "/other"))
    one.put("root-key", b"one")
    assert other.get("root-key") is None


def test_a_locked_keyring_is_something_the_user_can_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = InMemory()

    def locked(*_: str) -> str:
        raise KeyringLocked("canary")

    monkeypatch.setattr(backend, "get_password", locked)
    with pytest.raises(UsageError, match="KeyringLocked") as refused:
        KeyringSecretStore("lhwa:/srv/lhwa", backend=backend).get("root-key")
    assert "canary" not in str(refused.value)


def test_a_failure_of_the_platform_does_not_repeat_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = InMemory()

    def broken(_service: str, _name: str, password: str) -> None:
        raise RuntimeError(password)

    monkeypatch.setattr(backend, "set_password", broken)
    with pytest.raises(UsageError, match="RuntimeError") as refused:
        KeyringSecretStore("lhwa:/srv/lhwa", backend=backend).put("root-key", b"canary")
    assert refused.value.__suppress_context__
    assert "Y2FuYXJ5" not in str(refused.value)


def test_an_entry_that_somebody_else_wrote_is_refused() -> None:
    backend = InMemory()
    backend.set_password("lhwa:/srv/lhwa", "root-key", "not base64!")
    with pytest.raises(UsageError, match="not written by lhwa"):
        KeyringSecretStore("lhwa:/srv/lhwa", backend=backend).get("root-key")
