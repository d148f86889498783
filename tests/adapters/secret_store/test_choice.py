from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from lhwa.adapters.secret_store import keyring as adapter
from lhwa.adapters.secret_store import open_secret_store
from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.errors import ConfigError, UsageError
from lhwa.ports.secret_store import SecretStore


class Desktop(KeyringBackend):
    priority = 1

    def __init__(self, held: str | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it without types
        self.held = held

    def get_password(self, service: str, username: str) -> str | None:
        return self.held

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held = password


@pytest.fixture(autouse=True)
def _desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "ALLOWED_BACKENDS", frozenset({f"{Desktop.__module__}.{Desktop.__qualname__}"}))
    use(monkeypatch, fail.Keyring())  # type: ignore[no-untyped-call]  # keyring leaves it without types


def use(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)


def chosen(home: Path, **environ: str) -> SecretStore:
    return open_secret_store("auto", home=home, environ=environ)


def test_on_a_bare_machine_a_new_key_goes_into_a_file(tmp_path: Path) -> None:
    assert chosen(tmp_path).name == "file"


def test_with_a_safe_keyring_a_new_key_goes_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Desktop())
    assert chosen(tmp_path).name == "keyring"


def test_a_key_in_a_file_stays_in_use_when_a_keyring_appears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FileSecretStore(tmp_path / "secrets").put("root-key", b"sample")
    use(monkeypatch, Desktop())
    assert chosen(tmp_path).name == "file"


def test_a_credential_of_systemd_comes_first(tmp_path: Path) -> None:
    (tmp_path / "lhwa-kek").write_bytes(b"sample")
    FileSecretStore(tmp_path / "secrets").put("root-key", b"sample")
    assert chosen(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path)).name == "systemd"
    (tmp_path / "lhwa-kek").unlink()
    assert chosen(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path)).name == "file"


def test_a_key_file_that_others_can_read_is_not_passed_over(tmp_path: Path) -> None:
    FileSecretStore(tmp_path / "secrets").put("root-key", b"sample")
    (tmp_path / "secrets" / "root-key").chmod(0o644)
    with pytest.raises(UsageError, match="Others can read"):
        chosen(tmp_path)


def test_a_path_moves_the_files(tmp_path: Path) -> None:
    store = open_secret_store("file", home=tmp_path, path=str(tmp_path / "elsewhere"), environ={})
    store.put("root-key", b"sample")
    assert (tmp_path / "elsewhere" / "root-key").read_bytes() == b"sample"


def test_an_unknown_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'vault'"):
        open_secret_store("vault", home=tmp_path, environ={})
