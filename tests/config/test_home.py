from __future__ import annotations

from pathlib import Path

import pytest

from lhwa.config import Home, find_home
from lhwa.domain.ids import TenantId
from lhwa.errors import InvariantError

HOME = Home(Path("/srv/lhwa"))
FIRMA = TenantId("firma")


def test_every_file_lies_where_the_design_says() -> None:
    placed = {
        HOME.settings_file: "lhwa.toml",
        HOME.registry_db: "registry.db",
        HOME.spool_db: "spool.db",
        HOME.lock_file: "serve.lock",
        HOME.wake_dir: "wake",
        HOME.wake_file(FIRMA): "wake/firma",
        HOME.secrets_dir: "secrets",
        HOME.tenants_dir: "tenants",
        HOME.tenant_dir(FIRMA): "tenants/firma",
        HOME.tenant_db(FIRMA): "tenants/firma/tenant.db",
        HOME.keys_db(FIRMA): "tenants/firma/keys.db",
    }
    assert {path.relative_to(HOME.root).as_posix(): path for path in placed} == {
        name: path for path, name in placed.items()
    }


@pytest.mark.parametrize("name", ["..", "../other", "a/b", "", ".", "Firma", "a" * 40])
def test_what_is_no_tenant_id_never_becomes_a_path(name: str) -> None:
    for place in (HOME.tenant_dir, HOME.tenant_db, HOME.keys_db, HOME.wake_file):
        with pytest.raises(InvariantError):
            place(TenantId(name))


def test_the_flag_wins_over_the_environment_which_wins_over_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"LHWA_HOME": "/from/environment"}
    assert find_home(environ, Path("/from/flag")).root == Path("/from/flag")
    assert find_home(environ).root == Path("/from/environment")
    monkeypatch.setenv("XDG_DATA_HOME", "/from/platform")
    assert find_home({}).root.name == "lhwa"


def test_a_home_is_absolute_and_knows_the_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert find_home({"LHWA_HOME": "~/cases"}).root == tmp_path / "cases"
    assert find_home({}, "relative").root == tmp_path / "relative"
