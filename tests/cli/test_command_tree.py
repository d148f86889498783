"""What holds for every command, also for those that will be added: the tests walk the tree."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lhwa.cli.app import COMMANDS, build
from lhwa.cli.options import global_parameters

Run = Callable[..., subprocess.CompletedProcess[str]]

WALK = """
import io, sys
from lhwa.cli.app import main
sys.stdout = io.StringIO()
for path in {paths!r}:
    assert main([*path, "--help"]) == 0, path
heavy = [name for name in {heavy!r} if name in sys.modules]
print(heavy, file=sys.stderr)
"""
HEAVY = (
    "aiosqlite",
    "apsw",
    "cryptography",
    "httpx",
    "keyring",
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


UNLOADABLE: list[str] = []
"""Names that promise a module which is not there: one failing test instead of a file that cannot be collected."""


def walk(name: str, command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    try:
        real = command.load() if hasattr(command, "load") else command
    except ImportError:
        UNLOADABLE.append(name)
        return
    yield (name,), real
    for child_name, child in getattr(real, "commands", {}).items():
        for path, found in walk(child_name, child):
            yield (name, *path), found


TREE = dict(pair for name, command in build().commands.items() for pair in walk(name, command))
LEAVES = {path: command for path, command in TREE.items() if not hasattr(command, "commands")}


def each(tree: dict[tuple[str, ...], Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", tree, ids=" ".join)


def test_every_name_of_the_first_page_can_be_loaded() -> None:
    assert not UNLOADABLE


@each(TREE)
def test_every_name_is_explained_in_plain_sentences(path: tuple[str, ...]) -> None:
    command = TREE[path]
    assert command.help
    assert re.match(r"[A-Z].*[.]", command.help.splitlines()[0]), command.help
    assert not set(command.help) & set("[]"), "help is plain text"


@each(LEAVES)
def test_every_command_has_an_example_that_is_a_command_line_of_its_own(path: tuple[str, ...]) -> None:
    examples = LEAVES[path].epilog
    assert examples, "give it examples=[…]"
    lines = examples.replace("\\\n", "").splitlines()
    own = [shlex.split(line) for line in lines if not line.startswith("#") and "lhwa" in line]
    named = [
        tuple(word for word in words[words.index("lhwa") + 1 :] if word != "--json") for words in own if "lhwa" in words
    ]
    assert any(words[: len(path)] == path for words in named), examples


@each(TREE)
def test_every_command_takes_the_global_options_on_both_sides(path: tuple[str, ...], lhwa: Run) -> None:
    assert set(global_parameters()) <= set(TREE[path].params)
    after = lhwa(*path, "--json", "--quiet", "--plain", "--home", "/x", "-t", "x", "--help")
    before = lhwa("--json", "--quiet", "--plain", "--home", "/x", "-t", "x", *path, "--help")
    assert (after.returncode, before.returncode) == (0, 0), after.stderr + before.stderr
    assert after.stdout == before.stdout
    assert "Usage: lhwa " + " ".join(path) in after.stdout
    assert "Global options:" in after.stdout


@each(LEAVES)
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    for parameter in LEAVES[path].params:
        assert getattr(parameter, "help", None), parameter.name


@each(LEAVES)
def test_no_command_takes_a_secret_as_a_word(path: tuple[str, ...]) -> None:
    for parameter in LEAVES[path].params:
        if re.search("secret|password|passphrase|token", parameter.name or ""):
            assert getattr(parameter, "is_flag", False) or parameter.name.endswith("_id"), parameter.name


@each(LEAVES)
def test_an_unknown_option_is_wrong_usage_everywhere(path: tuple[str, ...], lhwa: Run) -> None:
    ran = lhwa(*path, "--no-such-option", "--json")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith('{"error": {"code": "usage", "exitCode": 2')


def test_no_help_imports_anything_heavy() -> None:
    script = WALK.format(paths=[(), *TREE], heavy=HEAVY)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert ran.stderr.strip() == "[]"


def test_summaries_of_the_first_page_fit_a_line() -> None:
    for name, _panel, summary, _module, _command in COMMANDS:
        assert len(summary) < 70, name
        assert summary.endswith("."), name
