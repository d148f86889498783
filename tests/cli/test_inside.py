"""Lines that run inside another program: the same commands, and nothing on the standard streams."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lhwa.cli import streams
from lhwa.cli.app import COMMANDS as TOP
from lhwa.cli.diagnostics import ExitCode
from lhwa.cli.inside import COMMANDS, known_lines, run_line
from tests.cli.commands.conftest import ready_home

Run = Callable[..., subprocess.CompletedProcess[str]]
__all__ = ["ready_home"]


@pytest.fixture
def home(ready_home: Path) -> Path:
    return ready_home


def test_what_a_line_writes_stays_in_memory(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = run_line(["--json", "whoami"], home=home, tenant="firma")
    assert (told.is_done, json.loads(told.out)["tenant"], told.err) == (True, "firma", "")
    assert capfd.readouterr() == ("", "")


def test_a_refusal_is_a_sentence_with_its_exit_code(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = run_line(["approve", "01KAN5T9YB6Q2R8W4X7V3M0ZJD"], home=home, tenant="firma")
    assert (told.is_done, told.code) == (False, ExitCode.NOT_ALLOWED)
    assert told.err.startswith("error: ")
    assert "01KAN5" not in repr(told)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "words",
    [
        ["serve"],
        ["init"],
        ["login"],
        ["inbox"],
        ["events", "tail"],
        ["--json", "events", "tail"],
        ["events", "-q", "tail"],
        [],
        ["--json"],
        ["token", "issue", "sari"],
    ],
    ids=" ".join,
)
def test_what_does_not_end_or_asks_for_a_secret_does_not_run_here(home: Path, words: list[str]) -> None:
    told = run_line(words, home=home, tenant="firma")
    assert told.code is ExitCode.USAGE
    assert "does not run here" in told.err


@pytest.mark.parametrize(
    "words",
    [
        ["--tenant", "lain", "whoami"],
        ["--tenant=lain", "whoami"],
        ["whoami", "-t", "lain"],
        ["whoami", "-tlain"],
        ["conversations", "list", "--home", "/nowhere"],
    ],
    ids=" ".join,
)
def test_no_line_leads_into_another_firm_or_home(home: Path, words: list[str]) -> None:
    told = run_line(words, home=home, tenant="firma")
    assert (told.code, told.out) == (ExitCode.USAGE, "")


def test_a_command_reads_what_was_typed_for_it(home: Path) -> None:
    told = run_line(["--json", "send", "+6281230009999", "--text", "-"], home=home, tenant="firma", typed="Halo")
    assert told.code is not ExitCode.USAGE  # it got a text; nobody with this number has written


def test_another_thread_keeps_its_own_streams(home: Path) -> None:
    outside: list[bool] = []
    with streams.kept("") as kept:
        thread = threading.Thread(target=lambda: outside.append(streams.out() is kept.out))
        thread.start()
        thread.join()
        assert streams.out() is kept.out
    assert outside == [False]
    assert run_line(["whoami"], home=home, tenant="firma").is_done


def test_every_name_that_runs_here_is_a_command() -> None:
    assert {name for name, *_ in TOP} >= COMMANDS
    lines = known_lines()
    assert "outbox resolve" in lines
    assert "send" in lines
    assert "events tail" not in lines
