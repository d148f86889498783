from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lhwa import __version__

Run = Callable[..., subprocess.CompletedProcess[str]]

FULL = Path("/dev/full")
HEAVY = (
    "aiosqlite",
    "apsw",
    "cryptography",
    "httpx",
    "keyring",
    "msgspec",
    "phonenumbers",
    "rich.console",
    "rich.table",
    "sqlite3",
    "sqlite_utils",
    "starlette",
    "structlog",
    "textual",
    "uvicorn",
)
PROBE = """
import sys
from lhwa.cli.app import main
code = main(sys.argv[1:])
print(*[name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
raise SystemExit(code)
"""


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("tenant", "add", "--help"), ("config", "--help"), ("nope",)]
)
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROBE.format(heavy=HEAVY), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stderr.splitlines()[-1] == ""


def test_version_is_one_line_or_one_object(child: Run) -> None:
    assert child("--version").stdout == f"lhwa {__version__}\n"
    assert json.loads(child("--json", "--version").stdout) == {"name": "lhwa", "version": __version__}
    assert json.loads(child("--version", "--json").stdout) == {"name": "lhwa", "version": __version__}


def test_no_words_show_the_help_as_wrong_usage(child: Run) -> None:
    ran = child()
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Usage: lhwa [OPTIONS] COMMAND" in ran.stderr


@pytest.mark.parametrize(
    "words", [("nope",), ("tenant", "nope"), ("config", "show", "--nope"), ("--nope",), ("tenant", "add")]
)
def test_wrong_usage_is_exit_2_and_leaves_stdout_empty(lhwa: Run, words: tuple[str, ...]) -> None:
    ran = lhwa(*words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: ")
    assert "hint: Try: lhwa" in ran.stderr


def test_a_slip_of_the_finger_gets_a_suggestion(lhwa: Run) -> None:
    assert "Did you mean 'tenant'" in lhwa("tenent").stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_completion_script(child: Run, shell: str) -> None:
    ran = child(env={"_LHWA_COMPLETE": f"source_{shell}"})
    assert ran.returncode == 0
    assert "_LHWA_COMPLETE" in ran.stdout


COMPLETIONS = [
    ("te", "tenant"),
    ("tenant su", "suspend"),
    ("--json tenant a", "add"),
    ("operator set-role --ro", "--role"),
    ("config show --ho", "--home"),
    ("operator add someone --role la", "lawyer"),
]


@pytest.mark.parametrize(("typed", "offered"), COMPLETIONS)
def test_bash_completes_names_options_and_values(child: Run, typed: str, offered: str) -> None:
    words = f"lhwa {typed}"
    ran = child(env={"_LHWA_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)})
    assert offered in ran.stdout.split()


def test_zsh_and_fish_complete_too(child: Run) -> None:
    zsh = child(env={"_LHWA_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "lhwa ten"})
    assert '"tenant"' in zsh.stdout
    fish_words = {"_TYPER_COMPLETE_ARGS": "lhwa ten", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    fish = child(env={"_LHWA_COMPLETE": "complete_fish"} | fish_words)
    assert fish.stdout.startswith("tenant\t")


def test_a_reader_that_goes_away_is_no_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    env = {**os.environ, "LHWA_HOME": str(tmp_path_factory.mktemp("home"))}
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        [sys.executable, "-m", "lhwa", "config", "show"], stdout=writing, stderr=subprocess.PIPE, env=env
    ) as running:
        os.close(writing)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (141, b"")


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", [["config", "show"], ["--version"], ["--help"]])
def test_a_full_stdout_is_a_failure(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    env = {**os.environ, "LHWA_HOME": str(tmp_path_factory.mktemp("home"))}
    with FULL.open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "lhwa", *words], stdout=full, stderr=subprocess.PIPE, env=env, text=True, check=False
        )
    assert ran.returncode == 1
    assert ran.stderr.startswith("error: The output could not be written: No space left on device.")
    assert "Exception ignored" not in ran.stderr


NO_TEXT = [
    ("tenant", "show", "\udcff"),
    ("token", "revoke", "\udcff\udcfe", "-t", "firma"),
    ("operator", "disable", "x\udcff", "--reason", "x"),
    ("status", "-t", "\udcff"),
    ("status", "--tenant=\udcff"),
    ("\udcff",),
]


@pytest.mark.parametrize("words", NO_TEXT)
def test_an_argument_that_is_no_text_is_wrong_usage(lhwa: Run, words: tuple[str, ...]) -> None:
    ran = lhwa(*words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "not UTF-8" in ran.stderr


@pytest.mark.parametrize("words", [("--home", "/tmp/\udcff", "whoami"), ("whoami", "--home=/tmp/\udcff")])
def test_a_path_may_be_any_bytes(lhwa: Run, words: tuple[str, ...]) -> None:
    assert "no lhwa installation in /tmp/" in lhwa(*words).stderr


TOO_LARGE = [
    ("token", "issue", "budi", "--days"),
    ("app", "rotate-secret", "main", "--keep-old-days"),
    ("trigger", "text", "--count"),
    ("trigger", "text", "--seed"),
]


@pytest.mark.parametrize("words", TOO_LARGE, ids=" ".join)
@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 10**30])
def test_a_number_past_all_bounds_is_wrong_usage(lhwa: Run, words: tuple[str, ...], number: int) -> None:
    ran = lhwa(*words, str(number))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "it can be at most" in ran.stderr


def test_a_name_that_people_expect_gets_the_command_that_does_it(lhwa: Run) -> None:
    ran = lhwa("logout")
    assert ran.returncode == 2
    assert "hint: Use: lhwa login --forget" in ran.stderr
