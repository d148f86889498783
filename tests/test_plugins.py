from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from lhwa import plugins
from lhwa.errors import ConfigError

MODULE = "sample_plugin_of_a_test"


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two real distributions on the path that offer secret stores."""
    (tmp_path / f"{MODULE}.py").write_text("class Vault:\n    pass\n", encoding="utf-8")
    (tmp_path / f"{MODULE}_broken.py").write_text("raise RuntimeError('canary')\n", encoding="utf-8")
    _distribution(tmp_path, "Lhwa_Vault", f"vault = {MODULE}:Vault\nboth = {MODULE}:Vault\nfile = {MODULE}:Vault\n")
    _distribution(tmp_path, "other", f"both = {MODULE}:Vault\nbroken = {MODULE}_broken:Vault\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in (MODULE, f"{MODULE}_broken"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def _distribution(where: Path, name: str, lines: str) -> None:
    folder = where / f"{name}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (folder / "entry_points.txt").write_text(f"[{plugins.SECRET_STORE}]\n{lines}", encoding="utf-8")


def test_the_table_of_our_own_is_what_is_registered() -> None:
    registered = {
        (group, entry.name): entry.value
        for group in plugins.GROUPS
        for entry in entry_points(group=group)
        if entry.dist is not None and entry.dist.name == plugins.OWN_DISTRIBUTION
    }
    assert registered == plugins.OWN


def test_our_own_adapters_are_found_and_need_no_permission() -> None:
    own = {offer.name for offer in plugins.offers(plugins.SECRET_STORE) if offer.distribution == "lhwa"}
    assert own >= {"file", "keyring", "systemd"}
    assert plugins.load(plugins.SECRET_STORE, "file").name == "file"


@pytest.mark.usefixtures("others")
def test_listing_imports_nothing() -> None:
    names = {offer.name: offer for offer in plugins.offers(plugins.SECRET_STORE, allow=["lhwa-vault"])}
    assert (names["vault"].allowed, names["broken"].allowed) == (True, False)
    assert MODULE not in sys.modules


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize("spelling", ["lhwa-vault", "Lhwa_Vault", "lhwa.vault"])
def test_an_allowed_distribution_is_loaded_however_its_name_is_spelled(spelling: str) -> None:
    assert plugins.load(plugins.SECRET_STORE, "vault", allow=[spelling]).__name__ == "Vault"


@pytest.mark.usefixtures("others")
def test_a_distribution_that_is_not_allowed_is_never_imported() -> None:
    with pytest.raises(ConfigError, match="not allowed") as refused:
        plugins.load(plugins.SECRET_STORE, "vault", allow=["other"])
    assert "lhwa-vault" in refused.value.hint
    assert MODULE not in sys.modules


@pytest.mark.usefixtures("others")
def test_nobody_takes_over_one_of_our_names() -> None:
    assert plugins.load(plugins.SECRET_STORE, "file", allow=["lhwa-vault"]).__module__.startswith("lhwa.")


@pytest.mark.usefixtures("others")
def test_two_allowed_offers_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="Several distributions"):
        plugins.load(plugins.SECRET_STORE, "both", allow=["lhwa-vault", "other"])
    assert plugins.load(plugins.SECRET_STORE, "both", allow=["other"]).__name__ == "Vault"


@pytest.mark.usefixtures("others")
def test_a_plugin_that_does_not_import_is_named() -> None:
    with pytest.raises(ConfigError, match="'broken' of 'other' does not import: RuntimeError"):
        plugins.load(plugins.SECRET_STORE, "broken", allow=["other"])


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ConfigError) as refused:
        plugins.load(plugins.SECRET_STORE, "va\x1bult")
    assert "keyring" in refused.value.hint
    assert "\x1b" not in refused.value.message


def test_an_entry_point_without_a_distribution_is_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    stray = EntryPoint("stray", f"{MODULE}:Vault", plugins.SECRET_STORE)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [stray])
    with pytest.raises(ConfigError, match="not allowed"):
        plugins.load(plugins.SECRET_STORE, "stray", allow=["", "stray"])
