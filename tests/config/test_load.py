from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lhwa.config import Home, Settings, check_settings, load_settings
from lhwa.config.load import nearest_keys
from lhwa.errors import ConfigError


def home_with(tmp_path: Path, text: str) -> Home:
    home = Home(tmp_path)
    home.settings_file.write_text(text, encoding="utf-8")
    return home


def test_without_any_layer_everything_is_default(tmp_path: Path) -> None:
    loaded = load_settings(Home(tmp_path))
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}


def test_each_layer_wins_over_the_one_before_and_is_remembered(tmp_path: Path) -> None:
    home = home_with(tmp_path, "[server]\nport = 8081\nadmin_port = 9091\nhost = '0.0.0.0'\n")
    environ = {"LHWA_SERVER__PORT": "8082", "LHWA_SERVER__ADMIN_PORT": "9092"}
    loaded = load_settings(home, environ, {"server.port": 8083, "server.host": None})
    server = loaded.settings.server
    assert (server.port, server.admin_port, server.host) == (8083, 9092, "0.0.0.0")
    assert loaded.origins["server.port"] == "flag:--port"
    assert loaded.origins["server.admin_port"] == "env:LHWA_SERVER__ADMIN_PORT"
    assert loaded.origins["server.host"] == "file:lhwa.toml:4"
    assert loaded.origins["log.level"] == "default"


def test_explain_lists_every_setting_once(tmp_path: Path) -> None:
    explained = load_settings(Home(tmp_path), {"LHWA_TENANT": "firma"}).explain()
    assert len({key for key, _, _ in explained}) == len(explained)
    assert ("cli.tenant", "firma", "env:LHWA_TENANT") in explained


@pytest.mark.parametrize(
    ("toml", "environ", "flags", "origin", "said"),
    [
        ("[server]\nprot = 1\n", {}, {}, "file:lhwa.toml:2", "server.prot"),
        ("[sever]\nport = 1\n", {}, {}, "file:lhwa.toml:2", "sever.port"),
        ("port = 1\n", {}, {}, "file:lhwa.toml:1", "no setting port"),
        ("[server]\nport = '80'\n", {}, {}, "file:lhwa.toml:2", "whole number"),
        ("[server]\nport = true\n", {}, {}, "file:lhwa.toml:2", "whole number"),
        ("[server]\nport = 70000\n", {}, {}, "file:lhwa.toml:2", "from 0 to 65535"),
        ("[server]\ntrusted_proxies = 'x'\n", {}, {}, "file:lhwa.toml:2", "list of texts"),
        ("[server]\ntrusted_proxies = ['nginx']\n", {}, {}, "file:lhwa.toml:2", "network"),
        ("[log]\nlevel = 'loud'\n", {}, {}, "file:lhwa.toml:2", "one of debug"),
        ("[log]\nlevel = ['info']\n", {}, {}, "file:lhwa.toml:2", "one of debug"),
        ("[server]\nport = \n", {}, {}, "file:lhwa.toml", "not TOML"),
        ("", {"LHWA_SERVER__PORT": "eighty"}, {}, "env:LHWA_SERVER__PORT", "whole number"),
        ("", {"LHWA_SERVER_PORT": "80"}, {}, "env:LHWA_SERVER_PORT", "server_port"),
        ("", {"LHWA_TENANT": "../x"}, {}, "env:LHWA_TENANT", "tenant id"),
        ("", {}, {"server.port": -1}, "flag:--port", "from 0 to 65535"),
    ],
)
def test_a_wrong_setting_is_named_with_its_origin(
    tmp_path: Path, toml: str, environ: Mapping[str, str], flags: Mapping[str, object], origin: str, said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(home_with(tmp_path, toml), environ, flags)
    assert origin in refused.value.message
    assert said in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("written", "nearest"),
    [("server.prot", "server.port"), ("sever.port", "server.port"), ("limits.lease_s", "worker.lease_s")],
)
def test_an_unknown_setting_is_answered_with_the_nearest_one(tmp_path: Path, written: str, nearest: str) -> None:
    section, name = written.split(".")
    _, problems = check_settings(home_with(tmp_path, f"[{section}]\n{name} = 1\n"))
    assert [problem.hint for problem in problems] == [f"Did you mean {nearest}?"]


def test_every_problem_is_reported_at_once_and_the_rest_still_counts(tmp_path: Path) -> None:
    home = home_with(tmp_path, "[server]\nport = 'x'\nhots = 1\n[worker]\nlease_s = 90\n")
    loaded, problems = check_settings(home, {"LHWA_LOG__LEVEL": "loud"})
    assert [problem.origin for problem in problems] == ["file:lhwa.toml:2", "file:lhwa.toml:3", "env:LHWA_LOG__LEVEL"]
    assert (loaded.settings.worker.lease_s, loaded.settings.server.port) == (90, 8080)
    with pytest.raises(ConfigError) as refused:
        load_settings(home, {"LHWA_LOG__LEVEL": "loud"})
    assert len(refused.value.message.splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "wanted"), [("10.0.0.0/8, ::1", ("10.0.0.0/8", "::1")), ("", ()), ("127.0.0.1", ("127.0.0.1",))]
)
def test_a_list_in_the_environment_is_separated_by_commas(tmp_path: Path, text: str, wanted: tuple[str, ...]) -> None:
    loaded = load_settings(Home(tmp_path), {"LHWA_SERVER__TRUSTED_PROXIES": text})
    assert loaded.settings.server.trusted_proxies == wanted


def test_the_token_and_names_of_others_are_no_settings(tmp_path: Path) -> None:
    environ = {"LHWA_TOKEN": "lhwa_canary", "LHWA_HOME": "/x", "LHWA_DEMO": "1", "_LHWA_COMPLETE": "1", "PATH": "/bin"}
    loaded = load_settings(Home(tmp_path), environ)
    assert "canary" not in repr(loaded)
    assert loaded.settings == Settings()


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    Home(tmp_path).settings_file.write_bytes(b"[server]\nhost = '\xff'\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings(Home(tmp_path))


def test_a_terminal_sequence_in_a_key_or_value_is_made_harmless(tmp_path: Path) -> None:
    home = home_with(tmp_path, '[server]\n"\\u001b[2J" = 1\nhost = 1\n[log]\nlevel = "\\u001b[2J"\n')
    _, problems = check_settings(home)
    assert len(problems) == 3
    assert "\x1b" not in "".join(problem.message for problem in problems)


def test_importing_settings_imports_nothing_heavy() -> None:
    heavy = ("platformdirs", "tomllib", "difflib", "sqlite3", "cryptography", "asyncio")
    code = f"import sys, lhwa.config, lhwa.plugins; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


NEAREST = [
    ("port", ("server.port", "server.admin_port")),
    ("log.port", ("server.port", "server.admin_port")),
    ("timeout", ("limits.header_timeout_s", "limits.body_timeout_s", "limits.idle_timeout_s")),
    ("server.prt", ("server.port",)),
    ("x", ()),
    ("", ()),
]


@pytest.mark.parametrize(("key", "wanted"), NEAREST)
def test_a_wrong_key_gets_the_keys_that_may_be_meant(key: str, wanted: tuple[str, ...]) -> None:
    assert nearest_keys(key) == wanted


def test_a_value_that_is_no_text_is_refused(tmp_path: Path) -> None:
    _, (problem,) = check_settings(Home(tmp_path), {"LHWA_SERVER__HOST": "\udcff"})
    assert "UTF-8" in problem.message
