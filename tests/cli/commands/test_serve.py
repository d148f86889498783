"""`lhwa serve`: what it refuses before it starts. How it serves is in tests/journeys."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

REFUSED = [
    ("a port beyond the last", ("--port", "70000"), "server.port"),
    ("a negative port", ("--admin-port", "-1"), "server.admin_port"),
    ("a port in words", ("--port", "http"), "--port"),
]


@pytest.mark.parametrize(("label", "flags", "named"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_wrong_flag(firm: Run, label: str, flags: tuple[str, ...], named: str) -> None:
    done = firm("serve", *flags)
    assert done.returncode == 2
    assert named in done.stderr


def test_no_home(lhwa: Run) -> None:
    done = lhwa("serve")
    assert done.returncode == 2
    assert "lhwa init" in done.stderr


def test_the_help_says_how_it_ends(lhwa: Run) -> None:
    assert "until Ctrl-C or SIGTERM" in " ".join(lhwa("serve", "--help").stdout.split())
