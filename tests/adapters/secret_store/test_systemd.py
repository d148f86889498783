from __future__ import annotations

from pathlib import Path

import pytest

from lhwa.adapters.secret_store.systemd import SystemdSecretStore, credential_name
from lhwa.errors import UsageError
from lhwa.testing.contracts.secret_store import SecretStoreContract


class TestSystemdSecretStore(SecretStoreContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.directory = tmp_path

    def make(self) -> SystemdSecretStore:
        environ = {"CREDENTIALS_DIRECTORY": str(self.directory)}
        return SystemdSecretStore.for_home(Path("/unused"), path=None, environ=environ)

    def preload(self, secret: str, value: bytes) -> None:
        (self.directory / credential_name(secret)).write_bytes(value)

    def test_the_root_key_is_the_credential_lhwa_kek(self) -> None:
        (self.directory / "lhwa-kek").write_bytes(b"root")
        (self.directory / "lhwa-token").write_bytes(b"token")
        assert (self.make().get("root-key"), self.make().get("token")) == (b"root", b"token")

    def test_a_credential_is_not_deleted(self) -> None:
        self.preload("root-key", b"root")
        with pytest.raises(UsageError):
            self.make().delete("root-key")
        assert self.make().get("root-key") == b"root"


@pytest.mark.parametrize("environ", [{}, {"CREDENTIALS_DIRECTORY": ""}])
def test_without_systemd_the_hint_names_the_line_of_the_unit(environ: dict[str, str]) -> None:
    store = SystemdSecretStore.for_home(Path("/unused"), path=None, environ=environ)
    with pytest.raises(UsageError) as refused:
        store.get("root-key")
    assert "LoadCredentialEncrypted=lhwa-kek" in refused.value.hint
