"""The picture of the registry: what counts as another one, and what stays when it cannot be taken."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import make_root_key
from lhwa.daemon.picture import RegistryPicture
from lhwa.domain.ids import TenantId
from lhwa.errors import ConfigError, InvariantError, UnavailableError
from lhwa.registry import lookup
from lhwa.registry.registry import Registry
from lhwa.services.access.apps import add_app
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.founding import remember_founded
from lhwa.services.access.installation import init_installation
from lhwa.services.access.tenants import add_tenant
from lhwa.testing.fakes import NOON


class Setting:
    """An installation whose registry tests change."""

    def __init__(self, root: Path) -> None:
        root.chmod(0o700)
        self.path = root / "registry.db"
        self.key = make_root_key(FileSecretStore(root / "secrets"))
        self.me = Caller(os_uid=os_uid())
        init_installation(self.path, self.key, operator="sari", name="Sari", os_uid=os_uid(), now=NOON).close()
        self.picture = RegistryPicture(self.path, self.key)

    def add_app(self, name: str) -> None:
        with Registry.open(self.path, self.key) as registry:
            add_app(registry, self.me, name, app_secret="x" * 32, verify_token="verify-me", now=NOON)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    made = Setting(tmp_path)
    made.add_app("main")
    return made


def _levels(said: io.StringIO) -> list[str]:
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    return [line["level"] for line in lines if line["event"].startswith("registry_")]


async def test_before_it_is_taken_nobody_can_look_at_it(setting: Setting) -> None:
    with pytest.raises(InvariantError):
        _ = setting.picture.table


async def test_without_a_secret_there_is_nothing_to_serve(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no webhook could be verified"):
        await Setting(tmp_path).picture.load()


async def test_an_untouched_registry_is_not_even_read(setting: Setting, said: io.StringIO) -> None:
    await setting.picture.load()
    before = setting.picture.table
    assert await setting.picture.refresh() is False
    assert setting.picture.table is before
    assert _levels(said) == []


async def test_a_firm_that_got_its_files_is_known_and_nothing_to_wake_anybody_for(setting: Setting) -> None:
    firm = TenantId("firma")
    facts: dict[str, Any] = {
        "name": "Firma",
        "waba_id": "200300400500600",
        "phone_number_ids": ["301301301301301"],
        "app": "main",
    }
    with Registry.open(setting.path, setting.key) as registry:
        add_tenant(registry, setting.me, firm, now=NOON, **facts)
        await setting.picture.load()
        keys = setting.picture.keys_of(firm)
        assert not setting.picture.is_founded(firm)
        remember_founded(registry, firm, now=NOON)
    assert await setting.picture.refresh() is False
    assert setting.picture.is_founded(firm)
    assert setting.picture.keys_of(firm) is keys, "unwrapped once more"


async def test_a_new_app_is_taken_over_and_said(setting: Setting, said: io.StringIO) -> None:
    await setting.picture.load()
    setting.add_app("second")
    assert await setting.picture.refresh() is True
    assert set(setting.picture.table.apps) == {"main", "second"}
    assert _levels(said) == ["info"]


async def test_a_change_that_routes_nothing_otherwise_is_no_news(
    setting: Setting, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    await setting.picture.load()
    real = lookup.load_routing
    known = object()
    setting.picture.table._unwrapped[TenantId("firma")] = known  # type: ignore[assignment]  # any mark will do

    async def later(*words: Any) -> Any:
        taken = await real(*words)
        return replace(taken, revision=taken.revision + 1)

    async def changed(*_: Any) -> bool:
        return True

    monkeypatch.setattr(lookup, "load_routing", later)
    monkeypatch.setattr(lookup, "changed", changed)
    before = setting.picture.table
    assert await setting.picture.refresh() is False
    assert setting.picture.table.revision == before.revision + 1
    assert setting.picture.table._unwrapped[TenantId("firma")] is known
    assert _levels(said) == ["debug"]


async def test_a_registry_that_vanishes_is_said_once_and_taken_up_when_it_is_back(
    setting: Setting, said: io.StringIO
) -> None:
    await setting.picture.load()
    before = setting.picture.table
    aside = setting.path.rename(setting.path.with_name("aside.db"))
    for _ in range(3):
        assert await setting.picture.refresh() is False
    assert setting.picture.table is before
    assert _levels(said) == ["error"]
    aside.rename(setting.path)
    setting.add_app("second")
    assert await setting.picture.refresh() is True
    setting.path.rename(aside)
    await setting.picture.refresh()
    assert _levels(said) == ["error", "info", "error"]


async def test_a_home_that_may_not_be_entered_leaves_the_last_good_picture(
    setting: Setting, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    await setting.picture.load()

    async def forbidden(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied", "kept out")

    monkeypatch.setattr(lookup, "changed", forbidden)
    assert await setting.picture.refresh() is False
    assert _levels(said) == ["error"]


async def test_a_registry_that_was_put_back_is_taken_up(setting: Setting, said: io.StringIO) -> None:
    backup = shutil.copy(setting.path, setting.path.with_name("backup.db"))
    setting.add_app("second")
    await setting.picture.load()
    before = setting.picture.table
    shutil.copy(backup, setting.path)
    setting.add_app("third")
    assert await setting.picture.refresh() is True
    assert set(setting.picture.table.apps) == {"main", "third"}
    assert setting.picture.table.revision == before.revision
    assert _levels(said) == ["info"]


async def test_a_damaged_registry_leaves_the_last_good_picture(setting: Setting, said: io.StringIO) -> None:
    await setting.picture.load()
    with closing(sqlite3.connect(setting.path)) as raw, raw:
        raw.execute("DROP TRIGGER audit_frontier_delete")
        raw.execute("DELETE FROM audit_frontier")
    assert await setting.picture.refresh() is False
    assert set(setting.picture.table.apps) == {"main"}
    assert _levels(said) == ["error"]


async def test_in_trouble_the_last_good_picture_stays(
    setting: Setting, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    await setting.picture.load()
    before = setting.picture.table
    setting.add_app("second")

    async def busy(*_: Any) -> Any:
        raise UnavailableError("registry.db is busy.")

    monkeypatch.setattr(lookup, "load_routing", busy)
    assert await setting.picture.refresh() is False
    assert setting.picture.table is before
    assert _levels(said) == ["error"]
