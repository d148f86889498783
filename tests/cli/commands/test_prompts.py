"""On a terminal lhwa asks; what must stay secret is not echoed."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Ask = Callable[..., tuple[int, str, str]]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def terminal(tmp_path: Path) -> Ask:
    """Run with a terminal as stdin and stderr; returns the exit code, stdout, and what the person saw."""

    def run(*words: str, typed: str) -> tuple[int, str, str]:
        person, machine = pty.openpty()
        env = {name: value for name, value in os.environ.items() if not name.startswith("LHWA_")}
        env |= {
            "HOME": str(tmp_path / "user"),
            "LHWA_HOME": str(tmp_path / "home"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "XDG_CONFIG_HOME": str(tmp_path / "user" / "config"),
        }
        with subprocess.Popen(
            [sys.executable, "-m", "lhwa", *words],
            stdin=machine,
            stderr=machine,
            stdout=subprocess.PIPE,
            env=env,
            text=True,
            start_new_session=True,
            preexec_fn=take_the_terminal,  # noqa: PLW1509 -- no threads here; how a shell gives a terminal to a program
        ) as running:
            os.close(machine)
            seen = answering(person, typed.splitlines())
            out, _ = running.communicate(timeout=60)
        os.close(person)
        return running.returncode, out, seen

    return run


def take_the_terminal() -> None:
    """In the new process: make stdin the terminal whose Ctrl-C counts."""
    os.close(os.open(os.ttyname(0), os.O_RDWR))


def answering(person: int, answers: list[str]) -> str:
    """Type one answer per question, as a person would: after it is asked."""
    seen, answered = "", 0
    while True:
        assert select.select([person], [], [], 30)[0], f"the program waits for something else after: {seen}"
        try:
            seen += os.read(person, 1024).decode()
        except OSError:  # the other side has closed the terminal
            return seen
        if answered < len(answers) and seen.count(": ") > answered:
            os.write(person, (answers[answered] + "\n").encode())
            answered += 1


def test_init_asks_for_a_name(terminal: Ask) -> None:
    code, out, seen = terminal("--json", "init", typed="Sari Contoh")
    assert code == 0, seen
    assert "Your name" in seen
    assert json.loads(out)["operator"] == "sari.contoh"


def test_init_non_interactive_asks_nothing(terminal: Ask) -> None:
    code, out, seen = terminal("--json", "init", "--non-interactive", typed="")
    assert (code, seen) == (0, "")
    assert json.loads(out)["rootKeyIsNew"]


def test_secrets_are_asked_for_and_not_shown(terminal: Ask, child: Run) -> None:
    child("init", "--non-interactive")
    code, out, seen = terminal("app", "add", "main", typed="s3cret-of-the-meta-app-000000\nverify-me")
    assert code == 0, seen
    assert "App secret (hidden): " in seen
    assert "s3cret" not in out + seen
    assert "verify-me" not in out + seen
    assert "app_secret" in child("app", "list").stdout


def test_ctrl_c_at_a_prompt_is_130_and_leaves_nothing(terminal: Ask, tmp_path: Path) -> None:
    code, out, seen = terminal("init", typed="\x03")
    assert (code, out) == (130, "")
    assert "Interrupted" in seen
    assert not (tmp_path / "home").exists()
