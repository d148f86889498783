from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lhwa.cli.options import Globals

Run = Callable[..., subprocess.CompletedProcess[str]]


def setting(ran: subprocess.CompletedProcess[str], key: str) -> tuple[object, str]:
    assert ran.returncode == 0, ran.stderr
    found = next(each for each in json.loads(ran.stdout) if each["key"] == key)
    return found["value"], found["origin"]


PLACES = [
    ("before", ("--json", "--home", "{home}", "-t", "firma", "config", "show")),
    ("between", ("config", "--json", "--home", "{home}", "--tenant", "firma", "show")),
    ("after", ("config", "show", "--json", "--home={home}", "-t", "firma")),
    ("mixed", ("-t", "firma", "config", "--json", "show", "--home", "{home}")),
]


@pytest.mark.parametrize("words", [words for _, words in PLACES], ids=[label for label, _ in PLACES])
def test_global_options_count_wherever_they_stand(lhwa: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    named = str(tmp_path / "named")
    ran = lhwa(*(word.format(home=named) for word in words))
    assert setting(ran, "home") == (named, "flag:--home")
    assert setting(ran, "cli.tenant") == ("firma", "flag:--tenant")


def test_what_stands_further_right_wins(lhwa: Run, tmp_path: Path) -> None:
    ran = lhwa("--home", "/left", "config", "show", "--json", "--home", str(tmp_path))
    assert setting(ran, "home") == (str(tmp_path), "flag:--home")


def test_flag_beats_environment_beats_file_beats_default(lhwa: Run, home: Path) -> None:
    assert setting(lhwa("--json", "config", "show"), "cli.tenant") == ("", "default")
    home.mkdir()
    (home / "lhwa.toml").write_text('[cli]\ntenant = "of-file"\n')
    assert setting(lhwa("--json", "config", "show"), "cli.tenant") == ("of-file", "file:lhwa.toml:2")
    env = {"LHWA_TENANT": "of-env"}
    assert setting(lhwa("--json", "config", "show", env=env), "cli.tenant") == ("of-env", "env:LHWA_TENANT")
    ran = lhwa("--json", "config", "show", "-t", "of-flag", env=env)
    assert setting(ran, "cli.tenant") == ("of-flag", "flag:--tenant")


def test_the_environment_can_ask_for_json(lhwa: Run) -> None:
    assert json.loads(lhwa("config", "show", env={"LHWA_JSON": "1"}).stdout)
    assert lhwa("config", "show", env={"LHWA_JSON": "0"}).stdout.startswith("setting")


WORDS = [
    (("--json", "x"), True),
    (("x", "y", "--json"), True),
    (("x", "--", "--json"), False),
    (("x", "--jsonish"), False),
    ((), False),
]


@pytest.mark.parametrize(("words", "wanted"), WORDS)
def test_json_is_seen_in_words_that_were_not_understood(words: tuple[str, ...], *, wanted: bool) -> None:
    assert Globals(words=words).json_wanted is wanted


def test_a_dumb_terminal_gets_plain_text() -> None:
    assert Globals.before_flags((), {"TERM": "dumb"}).plain
    assert not Globals.before_flags((), {"TERM": "xterm"}).plain
