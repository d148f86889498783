"""Values of the command line: read quickly where that is sure, and always as typer's validator reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from lhwa.cli.plain_values import PlainValues, read_plainly
from lhwa.domain.access import Role

Run = Callable[..., subprocess.CompletedProcess[str]]


def _command(
    count: Annotated[int, typer.Option(min=1, max=100)] = 5,
    free: Annotated[int | None, typer.Option()] = None,
    role: Annotated[Role, typer.Option()] = Role.STAFF,
    folder: Annotated[Path | None, typer.Option()] = None,
    there: Annotated[Path | None, typer.Option(exists=True)] = None,
    many: Annotated[list[str] | None, typer.Option()] = None,
    word: Annotated[str | None, typer.Argument()] = None,
    *,
    flag: Annotated[bool, typer.Option("--flag")] = False,
) -> None:
    """Take one of each."""


LINES = [
    "", "--count 7", "--count 007", "--count 0", "--count 101", "--count -3", "--count 1_0", "--count 5.0", "--count x",
    "--count ٣", "--free 12345678901234567890", "--free -1", "--role owner", "--role OWNER", "--role king",
    "--folder /x", "--there /", "--there /nowhere-at-all", "--many a --many b", "text", "--flag", "--flag text",
]  # fmt: skip


def _values(line: str, *, plainly: bool) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(_command)
    command = typer.main.get_command(app)
    if plainly:
        read_plainly(command.params)
    try:
        return command.make_context("x", line.split()).params
    except typer.TyperException as error:
        return error.format_message()


@pytest.mark.parametrize("line", LINES)
def test_a_value_and_a_complaint_are_those_of_the_validator(line: str) -> None:
    quick, slow = _values(line, plainly=True), _values(line, plainly=False)
    assert quick == slow
    if isinstance(quick, dict):
        assert [type(value) for value in quick.values()] == [type(value) for value in slow.values()]


def test_typer_still_has_the_place_where_this_stands() -> None:
    app = typer.Typer(add_completion=False)
    app.command()(_command)
    command: Any = typer.main.get_command(app)
    read_plainly(command.params)
    assert all(isinstance(parameter.get_runtime_param(), PlainValues) for parameter in command.params)


HEAVY = ("pydantic", "sqlite_utils", "zoneinfo", "rich", "importlib.metadata", "structlog", "lhwa.routes", "asyncio")
SHOWN = """
import sys
from lhwa.cli.app import main
code = main({words!r})
print(code, [name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.fixture
def small_home(lhwa: Run, home: Path) -> Path:
    secrets = json.dumps({"app_secret": "x" * 20, "verify_token": "verify-me"})
    facts = ["--name", "Firma Contoh", "--waba", "200300400500600", "--phone-number-id", "301301301301301"]
    assert lhwa("init", "--non-interactive").returncode == 0
    assert lhwa("app", "add", "main", stdin=secrets).returncode == 0
    assert lhwa("tenant", "add", "firma", *facts, "--app", "main").returncode == 0
    assert lhwa("messages", "list").returncode == 0  # makes the firm's files
    return home


@pytest.mark.parametrize("words", [["whoami"], ["messages", "list"], ["status"]], ids=" ".join)
def test_a_command_imports_only_what_it_uses(small_home: Path, words: list[str]) -> None:
    script = SHOWN.format(words=words, heavy=HEAVY)
    env = {"PATH": os.environ["PATH"], "HOME": str(small_home.parent), "LHWA_HOME": str(small_home)}
    env |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stderr.splitlines()[-1] == "0 []", ran.stderr
