from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.errors import StorageError, UsageError
from lhwa.testing.contracts.secret_store import SecretStoreContract

needs_posix = pytest.mark.skipif(os.name != "posix", reason="modes and owners of POSIX")


class TestFileSecretStore(SecretStoreContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.directory = tmp_path / "home" / "secrets"

    def make(self) -> FileSecretStore:
        return FileSecretStore(self.directory)


@pytest.fixture
def store(tmp_path: Path) -> FileSecretStore:
    kept = FileSecretStore(tmp_path / "secrets")
    kept.put("root-key", b"sample")
    return kept


@needs_posix
@pytest.mark.usefixtures("store")
def test_the_file_is_0600_in_a_folder_of_0700_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        FileSecretStore(tmp_path / "open" / "secrets").put("root-key", b"sample")
    finally:
        os.umask(before)
    for folder in (tmp_path / "secrets", tmp_path / "open" / "secrets"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "root-key").stat().st_mode) == 0o600
        assert [path.name for path in folder.iterdir()] == ["root-key"]


@needs_posix
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o666])
def test_a_file_that_others_can_open_is_refused_with_the_command_that_mends_it(
    store: FileSecretStore, tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "secrets" / "root-key"
    path.chmod(mode)
    with pytest.raises(UsageError) as refused:
        store.get("root-key")
    assert f"chmod 600 {path}" in refused.value.hint
    assert "sample" not in str(refused.value)


@needs_posix
def test_a_file_of_another_user_is_refused(store: FileSecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody_else = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody_else)
    with pytest.raises(UsageError, match="belongs to another user"):
        store.get("root-key")


@needs_posix
def test_a_link_is_not_followed(store: FileSecretStore, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "token").symlink_to(tmp_path / "secrets" / "root-key")
    with pytest.raises(UsageError):
        store.get("token")


@needs_posix
def test_a_folder_that_others_can_enter_is_refused_for_writing(store: FileSecretStore, tmp_path: Path) -> None:
    (tmp_path / "secrets").chmod(0o755)
    with pytest.raises(UsageError) as refused:
        store.put("token", b"sample")
    assert "chmod 700" in refused.value.hint


def test_a_folder_in_place_of_a_file_is_no_secret(store: FileSecretStore, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "token").mkdir(mode=0o700)
    with pytest.raises(UsageError):
        store.get("token")


def test_a_write_that_fails_leaves_the_old_value_and_no_other_file(
    store: FileSecretStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError):
        store.put("root-key", b"new")
    assert store.get("root-key") == b"sample"
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["root-key"]


def test_a_secret_that_is_no_small_secret_is_refused(store: FileSecretStore) -> None:
    with pytest.raises(UsageError):
        store.put("token", bytes(70_000))
