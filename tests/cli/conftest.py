"""Two ways to run a command line in a temporary home: as a real child process, and in this process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lhwa.cli.app import main

Run = Callable[..., subprocess.CompletedProcess[str]]


class Pipe(io.StringIO):
    """A stdin that is not a terminal."""

    def isatty(self) -> bool:
        return False


def environment(tmp_path: Path) -> dict[str, str]:
    """Nothing of the machine's own: no LHWA_*, no keyring, no user folders."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LHWA_", "XDG_", "_LHWA"))}
    kept.pop("CREDENTIALS_DIRECTORY", None)
    kept.pop("NO_COLOR", None)
    return kept | {
        "HOME": str(tmp_path / "user"),
        "LHWA_HOME": str(tmp_path / "home"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "XDG_CONFIG_HOME": str(tmp_path / "user" / "config"),
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def child(tmp_path: Path) -> Run:
    """Run `python -m lhwa WORDS` as its own process."""

    def run(*words: str, stdin: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lhwa", *words],
            input=stdin,
            env=environment(tmp_path) | (env or {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def lhwa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the same words in this process: faster, and nothing else differs."""

    def run(*words: str, stdin: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            for name in [
                name for name in os.environ if name.startswith(("LHWA_", "CREDENTIALS_DIRECTORY", "NO_COLOR"))
            ]:
                patch.delenv(name)
            for name, value in (environment(tmp_path) | (env or {})).items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", Pipe(stdin))
            capsys.readouterr()
            code = main(words)
        captured = capsys.readouterr()
        return subprocess.CompletedProcess(list(words), code, captured.out, captured.err)

    return run
