from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.cli.commands import init
from lhwa.cli.commands.init import _operator_name
from lhwa.config import Home
from lhwa.daemon.lock import HomeLock
from lhwa.errors import ConfigError

Run = Callable[..., subprocess.CompletedProcess[str]]


def files(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}


def modes(home: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.rglob("*"))}


def test_an_empty_machine_becomes_an_installation(child: Run, home: Path) -> None:
    ran = child("init", "--non-interactive")
    assert ran.returncode == 0, ran.stderr
    assert str(home) in ran.stdout
    assert "Next: lhwa app add main" in ran.stderr
    assert modes(home) == {
        "home": 0o700,
        "lhwa.toml": 0o600,
        "registry.db": 0o600,
        "spool.db": 0o600,
        "secrets": 0o700,
        "root-key": 0o600,
    }


def test_what_was_made_is_told_to_programs(lhwa: Run, home: Path) -> None:
    ran = lhwa("--json", "init", "--non-interactive", "--owner", "Sari Contoh, S.H.", "--root-key", "file")
    assert ran.stderr == ""
    assert json.loads(ran.stdout) == {
        "home": str(home),
        "settingsFile": str(home / "lhwa.toml"),
        "rootKeyStore": "file",
        "rootKeyIn": f"files in {home / 'secrets'}",
        "rootKeyIsNew": True,
        "operator": "sari.contoh.s.h",
        "name": "Sari Contoh, S.H.",
    }
    assert json.loads(lhwa("--json", "whoami").stdout)["operator"] == "sari.contoh.s.h"


def test_the_second_time_is_refused_and_changes_nothing(lhwa: Run, home: Path) -> None:
    lhwa("init", "--non-interactive")
    before = files(home)
    ran = lhwa("init", "--non-interactive", "--owner", "Somebody Else", "--root-key", "keyring")
    assert (ran.returncode, ran.stdout) == (5, "")
    assert "already; nothing was changed" in ran.stderr
    assert files(home) == before


STEPS = ["_make_folder", "_store", "_root_key", "_write_settings", "_make_spool"]


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_died_after_any_step_is_finished_by_the_next(
    lhwa: Run, home: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    original = getattr(init, step)

    def dying(*arguments: object) -> object:
        original(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(init, step, dying)
        assert lhwa("init", "--non-interactive").returncode == 130
    key = home / "secrets" / "root-key"
    kept = key.read_bytes() if key.exists() else None
    assert lhwa("init", "--non-interactive").returncode == 0
    assert kept in (None, key.read_bytes())
    assert lhwa("whoami").returncode == 0


def test_a_registry_without_its_key_never_gets_a_new_key(lhwa: Run, home: Path) -> None:
    lhwa("init", "--non-interactive")
    (home / "secrets" / "root-key").unlink()
    ran = lhwa("init", "--non-interactive")
    assert ran.returncode == 2
    assert "root key" in ran.stderr
    assert not (home / "secrets" / "root-key").exists()


def test_no_key_is_drawn_into_another_store_beside_a_registry(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (home / "registry.db").touch()
    other = FileSecretStore(tmp_path / "other")
    with pytest.raises(ConfigError):
        init._root_key(other, Home(home))
    assert not (tmp_path / "other").exists()


def test_settings_that_were_there_stay_and_count(lhwa: Run, home: Path, tmp_path: Path) -> None:
    home.mkdir(mode=0o700)
    written = f'[root_key]\nstore = "file"\npath = "{tmp_path / "elsewhere"}"\n'
    (home / "lhwa.toml").write_text(written)
    assert lhwa("init", "--non-interactive").returncode == 0
    assert (home / "lhwa.toml").read_text() == written
    assert (tmp_path / "elsewhere" / "root-key").exists()
    assert lhwa("whoami").returncode == 0


REFUSED: list[tuple[str, tuple[str, ...], str]] = [
    ("a flag that the file contradicts", ("--root-key", "keyring"), "lhwa.toml:2 says file"),
    ("an unsafe keyring", ("--root-key", "keyring"), ""),
    ("systemd without a credential", ("--root-key", "systemd"), "CREDENTIALS_DIRECTORY"),
    ("an unknown store", ("--root-key", "cloud"), "Invalid value"),
]


@pytest.mark.parametrize(("label", "words", "why"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_place_that_cannot_hold_the_key_is_refused(
    lhwa: Run, home: Path, label: str, words: tuple[str, ...], why: str
) -> None:
    if "contradicts" in label:
        home.mkdir(mode=0o700)
        (home / "lhwa.toml").write_text('[root_key]\nstore = "file"\n')
    ran = lhwa("init", "--non-interactive", *words)
    assert ran.returncode == 2
    assert why in ran.stderr
    assert not (home / "registry.db").exists()


def test_systemd_brings_the_key(lhwa: Run, home: Path, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "lhwa-kek").write_bytes(os.urandom(32))
    env = {"CREDENTIALS_DIRECTORY": str(credentials)}
    ran = lhwa("--json", "init", "--non-interactive", "--root-key", "systemd", env=env)
    assert json.loads(ran.stdout)["rootKeyIsNew"] is False
    assert not (home / "secrets").exists()
    assert lhwa("whoami", env=env).returncode == 0
    assert lhwa("whoami").returncode == 2


def test_a_folder_with_other_things_is_left_alone(lhwa: Run, home: Path) -> None:
    home.mkdir(mode=0o755)
    (home / "thesis.odt").write_text("x")
    ran = lhwa("init", "--non-interactive")
    assert ran.returncode == 2
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert list(home.iterdir()) == [home / "thesis.odt"]


def test_a_home_that_is_a_file_is_refused(lhwa: Run, home: Path) -> None:
    home.write_text("x")
    assert lhwa("init", "--non-interactive").returncode == 2


NAMES = [
    ("Sari", "sari"),
    ("  Sari   Contoh ", "sari.contoh"),
    ("Ni Luh Ayu, S.H., M.H.", "ni.luh.ayu.s.h.m.h"),
    ("Élise", "elise"),
    ("9lives", "lives"),
    ("王", "owner"),
    ("", "owner"),
    ("x" * 99, "x" * 40),
]


@pytest.mark.parametrize(("name", "operator"), NAMES)
def test_a_name_becomes_an_operator_name(name: str, operator: str) -> None:
    assert _operator_name(name) == operator


def moved_away(home: Path) -> Path:
    aside = home.with_name("lost")
    (home / "spool.db").rename(aside)
    return aside


@pytest.mark.parametrize("words", [("events", "replay", "--unrouted"), ("deadletters", "list", "--requests")])
def test_no_command_makes_a_spool_in_the_place_of_a_lost_one(lhwa: Run, home: Path, words: tuple[str, ...]) -> None:
    lhwa("init", "--non-interactive")
    moved_away(home)
    ran = lhwa(*words)
    assert ran.returncode == 3, ran.stderr
    assert "--new-spool" in ran.stderr
    assert not (home / "spool.db").exists()


def test_a_spool_that_is_lost_for_good_is_begun_anew_on_purpose_and_on_record(lhwa: Run, home: Path) -> None:
    lhwa("init", "--non-interactive")
    ran = lhwa("init", "--new-spool")
    assert (ran.returncode, "nothing was changed" in ran.stderr) == (5, True)
    moved_away(home)
    assert lhwa("init", "--new-spool").returncode == 0
    assert (home / "spool.db").exists()
    log = json.loads(lhwa("--json", "audit", "log", "--control-plane").stdout.splitlines()[-1])
    assert "spool.begun_anew" in json.dumps(log)


def test_no_new_spool_is_begun_beside_the_log_of_the_old_one(lhwa: Run, home: Path) -> None:
    lhwa("init", "--non-interactive")
    moved_away(home)
    (home / "spool.db-wal").write_bytes(b"frames")
    ran = lhwa("init", "--new-spool")
    assert ran.returncode == 7
    assert "spool.db-wal" in ran.stderr
    assert not (home / "spool.db").exists()
    assert (home / "spool.db-wal").read_bytes() == b"frames"


def test_no_new_spool_is_begun_under_a_daemon(lhwa: Run, home: Path) -> None:
    lhwa("init", "--non-interactive")
    moved_away(home)
    lock = HomeLock(home / "serve.lock")
    lock.acquire()
    assert lhwa("init", "--new-spool").returncode == 5
    lock.release()
    assert not (home / "spool.db").exists()
