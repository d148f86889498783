from __future__ import annotations

from pathlib import Path

import pytest

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import make_root_key, read_root_key, root_key_of
from lhwa.errors import ConfigError, ConflictError


@pytest.fixture
def store(tmp_path: Path) -> FileSecretStore:
    return FileSecretStore(tmp_path / "secrets")


def test_the_key_that_was_made_is_the_key_that_is_read(store: FileSecretStore) -> None:
    assert make_root_key(store) == read_root_key(store)


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    one, other = (make_root_key(FileSecretStore(tmp_path / name)) for name in ("one", "other"))
    assert one.id != other.id
    assert one.secret != other.secret


def test_a_root_key_is_never_replaced(store: FileSecretStore) -> None:
    kept = make_root_key(store)
    with pytest.raises(ConflictError):
        make_root_key(store)
    assert read_root_key(store) == kept


def test_a_missing_key_says_what_to_do(store: FileSecretStore) -> None:
    with pytest.raises(ConfigError, match="no root key") as refused:
        read_root_key(store)
    assert "lhwa init" in refused.value.hint


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33), b"0" * 64])
def test_what_is_no_32_bytes_is_no_root_key(secret: bytes) -> None:
    with pytest.raises(ConfigError, match=f"{len(secret)} bytes"):
        root_key_of(secret)


def test_a_store_that_drops_what_it_is_given_is_found_out(
    store: FileSecretStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "put", lambda *_: None)
    with pytest.raises(ConfigError, match="did not keep"):
        make_root_key(store)
