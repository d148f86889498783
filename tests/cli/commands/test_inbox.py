"""`lhwa inbox`: what is said before a screen is drawn."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_without_a_terminal_it_says_how_to_go_on(office: Run) -> None:
    refused = office("inbox")
    assert refused.returncode == 2
    assert "lhwa inbox --plain" in refused.stderr


@pytest.mark.parametrize("words", [["--language", "fr"], ["--theme", "pink"], ["--port", "99999"]], ids=" ".join)
def test_a_wrong_option_is_refused_with_what_there_is(office: Run, words: list[str]) -> None:
    refused = office("inbox", *words)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_somebody_elses_firm_has_no_inbox_here(office: Run) -> None:
    refused = office("--plain", "-t", "nirgendwo", "inbox")
    assert refused.returncode == 4
    assert refused.stdout == ""


def test_the_line_mode_ends_with_its_input(office: Run) -> None:
    shown = office("--plain", "inbox", stdin="counts\nquit\n")
    assert shown.returncode == 0
    assert "Firma Contoh" in shown.stdout
