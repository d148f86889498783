"""What every secret store passes: ours, and a plugin's."""
# ruff: noqa: S101 -- these are tests that are shipped

from __future__ import annotations

import pytest

from lhwa.errors import UsageError
from lhwa.ports.secret_store import SecretStore

EVERY_BYTE = bytes(range(256))


class SecretStoreContract:
    """Inherit it, name the class `Test...`, and return stores that share one place from `make`."""

    def make(self) -> SecretStore:
        """A store; a second one made in the same test sees what the first one kept."""
        raise NotImplementedError

    def preload(self, secret: str, value: bytes) -> None:
        """Put a secret where the store finds it; read-only stores override this."""
        self.make().put(secret, value)

    def test_an_unknown_name_is_none(self) -> None:
        assert self.make().get("absent") is None

    @pytest.mark.parametrize("value", [b"x", b"line\n", b"\x00\x01", EVERY_BYTE], ids=["one", "newline", "nul", "all"])
    def test_every_byte_comes_back(self, value: bytes) -> None:
        self.preload("root-key", value)
        assert self.make().get("root-key") == value

    def test_names_do_not_share_a_value(self) -> None:
        self.preload("root-key", b"one")
        self.preload("token", b"two")
        assert (self.make().get("root-key"), self.make().get("token")) == (b"one", b"two")

    @pytest.mark.parametrize("name", ["", "../root-key", "a/b", "A", ".hidden", "a\x00b", "a" * 100])
    def test_a_name_that_could_be_a_path_is_refused(self, name: str) -> None:
        with pytest.raises(UsageError):
            self.make().get(name)

    def test_the_description_is_one_line_without_the_secret(self) -> None:
        self.preload("root-key", b"canary-of-the-root-key")
        store = self.make()
        store.get("root-key")
        for shown in (store.describe(), repr(store)):
            assert "canary" not in shown
            assert "\n" not in shown

    def test_forgetting_nothing_is_fine(self) -> None:
        self.make().delete("absent")

    def test_a_new_value_replaces_the_old_one(self) -> None:
        store = self.make()
        if not store.writable:
            pytest.skip("read-only")
        store.put("root-key", b"old")
        store.put("root-key", b"new")
        assert self.make().get("root-key") == b"new"

    def test_a_forgotten_secret_is_gone(self) -> None:
        store = self.make()
        if not store.writable:
            pytest.skip("read-only")
        store.put("root-key", b"old")
        store.delete("root-key")
        assert self.make().get("root-key") is None

    def test_a_read_only_store_refuses_to_write(self) -> None:
        store = self.make()
        if store.writable:
            pytest.skip("writable")
        with pytest.raises(UsageError) as refused:
            store.put("root-key", b"canary-of-the-root-key")
        assert refused.value.hint
        assert "canary" not in str(refused.value)
