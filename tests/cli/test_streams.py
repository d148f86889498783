"""Commands whose shell closed one of their standard streams."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLOSED = ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"]
PROBE = """
import os, sys
from lhwa.cli import streams
streams.prepare()
streams.prepare()
sys.stdout.write("x\\ud800")
sys.stderr.write("x")
assert sys.stdin.readline() == ""
next_one = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
with open(sys.argv[2], "w") as found:
    found.write(f"{next_one > 2} {sys.stdin.isatty()}")
"""


def started(redirections: str, *words: str, home: Path) -> subprocess.CompletedProcess[bytes]:
    """Run words as a shell does that closes streams."""
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" </dev/null {redirections}', "sh", sys.executable, *words],
        env={**os.environ, "LHWA_HOME": str(home)},
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("closed", CLOSED)
def test_no_file_gets_the_number_of_a_missing_stream(tmp_path: Path, closed: str) -> None:
    database, found = tmp_path / "database", tmp_path / "found"
    ran = started(closed, "-c", PROBE, str(database), str(found), home=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert found.read_text() == "True False"
    assert database.read_bytes() == b""


WORDS = [
    # words, exit code with each stream closed
    (("config", "show"), 0),
    (("--help",), 0),
    (("nope",), 2),
    (("login",), 2),
    (("app", "add", "main"), 2),
]


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize(("words", "code"), WORDS)
def test_a_missing_stream_is_an_empty_one(tmp_path: Path, words: tuple[str, ...], code: int, closed: str) -> None:
    ran = started(closed, "-m", "lhwa", *words, home=tmp_path / "home")
    assert ran.returncode == code
    assert b"Traceback" not in ran.stderr
    assert b"unexpectedly" not in ran.stderr
