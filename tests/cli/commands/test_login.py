from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from lhwa.adapters.secret_store import keyring as keyring_store

Run = Callable[..., subprocess.CompletedProcess[str]]
As = Callable[[str], dict[str, str]]


def who(ran: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    assert ran.returncode == 0, ran.stderr
    identity = json.loads(ran.stdout)
    return identity["operator"], identity["proof"]


def kept_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "user").rglob("*") if path.is_file()]


def test_who_acts_is_the_environment_then_the_login_then_the_user(firm: Run, token: As) -> None:
    assert who(firm("--json", "whoami")) == ("sari", "user")
    firm("login", stdin=token("budi")["LHWA_TOKEN"])
    assert who(firm("--json", "whoami")) == ("budi", "login")
    firm("login", "--forget")
    other = token("wati")
    assert who(firm("--json", "whoami", env=other)) == ("wati", "environment")
    assert who(firm("--json", "whoami")) == ("sari", "user")


def test_without_a_safe_keyring_the_token_is_in_a_file_of_its_owner(firm: Run, token: As, tmp_path: Path) -> None:
    text = token("budi")["LHWA_TOKEN"]
    ran = firm("login", stdin=text + "\n")
    assert ran.returncode == 0
    (kept,) = kept_files(tmp_path)
    assert str(kept.parent) in ran.stderr
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert text not in ran.stdout + ran.stderr


class SafeKeyring(KeyringBackend):
    """A keyring in memory that passes for one of the desktop's."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_a_safe_keyring_is_preferred(firm: Run, token: As, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = SafeKeyring()
    text = token("budi")["LHWA_TOKEN"]
    monkeypatch.setattr("keyring.get_keyring", lambda: backend)
    monkeypatch.setattr(keyring_store, "refuse_insecure", lambda _: None)
    ran = firm("login", stdin=text)
    assert "keyring" in ran.stderr
    assert backend.kept
    assert not [path for path in kept_files(tmp_path) if b"lhwa_" in path.read_bytes()]
    assert who(firm("--json", "whoami")) == ("budi", "login")
    firm("login", "--forget")
    assert not backend.kept
    assert who(firm("--json", "whoami")) == ("sari", "user")


@pytest.mark.parametrize("text", ["lhwa_wrong", "", "two words"])
def test_a_token_that_opens_nothing_is_not_kept(firm: Run, tmp_path: Path, text: str) -> None:
    ran = firm("login", stdin=text)
    assert ran.returncode in (2, 4)
    assert not kept_files(tmp_path)


def test_a_login_into_one_firm_does_not_lock_the_installer_out(firm: Run, token: As) -> None:
    firm("login", stdin=token("budi")["LHWA_TOKEN"])
    assert firm("app", "list").returncode == 0
    assert firm("operator", "list").returncode == 4


def test_each_firm_has_its_own_login(firm: Run, token: As) -> None:
    firm("operator", "add", "lia", "--role", "staff", "-t", "lain")
    elsewhere = firm("token", "issue", "lia", "-t", "lain").stdout
    firm("login", stdin=token("budi")["LHWA_TOKEN"])
    firm("login", stdin=elsewhere)
    assert who(firm("--json", "whoami")) == ("lia", "login")
    assert who(firm("--json", "whoami", "-t", "firma")) == ("budi", "login")
    firm("login", "--forget", "-t", "lain")
    assert who(firm("--json", "whoami")) == ("budi", "login")


def test_a_kept_token_that_others_can_read_is_refused(firm: Run, token: As, tmp_path: Path) -> None:
    firm("login", stdin=token("budi")["LHWA_TOKEN"])
    (kept,) = kept_files(tmp_path)
    kept.chmod(0o644)
    assert firm("whoami").returncode == 2


def test_who_is_logged_in_is_who_acts_on_the_firms_records(firm: Run, token: As) -> None:
    assert firm("login", stdin=token("budi")["LHWA_TOKEN"]).returncode == 0
    assert firm("outbox", "list").returncode == 0
    log = json.loads(firm("--json", "audit", "log", "--limit", "1000").stdout)
    actors = {entry["actor"] for entry in log if entry["action"] == "outbound.read"}
    assert actors == {"operator:budi"}, "not whoever installed lhwa"
    not_theirs = firm("outbox", "list", "-t", "lain")
    assert not_theirs.returncode == 4, "the installer could"
