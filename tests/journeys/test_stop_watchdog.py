"""A firm's file that is held by another program cannot keep the daemon from ending."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

WATCHDOG_S = 1.0
EXIT_CODE = 1
HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
time.sleep(60)
"""
IMPATIENT = f"""
import sys
from lhwa.daemon import watchdog
watchdog.WATCHDOG_S = {WATCHDOG_S}
from lhwa.cli.app import main
sys.exit(main())
"""


@pytest.fixture
def held(place: Any) -> Iterator[subprocess.Popen[str]]:
    """Another program that writes in the file of the firm, and does not come to an end."""
    path = place.home / "tenants" / "firma" / "tenant.db"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    yield holder
    holder.kill()
    holder.wait()
    holder.stdout.close()


def _states(home: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(f"file:{home / 'spool.db'}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT state, count(*) FROM webhook_request GROUP BY state").fetchall()


@pytest.fixture
def used(place: Any) -> Any:
    """A home whose firm has got a message before."""
    first = place.serve()
    assert first.post(place.text("pertama")) == 200
    first.settle()
    first.stop()
    return place


def test_a_worker_that_hangs_is_left_in_time_and_its_requests_wait(used: Any, held: subprocess.Popen[str]) -> None:
    daemon = used.serve(program=["-c", IMPATIENT])
    for number in range(3):
        assert daemon.post(used.text(f"menunggu {number}")) == 200
    time.sleep(0.2)
    started_s = time.monotonic()
    daemon.process.terminate()
    code = daemon.process.wait(20)
    took_s = time.monotonic() - started_s
    assert code == EXIT_CODE, daemon.said()
    assert WATCHDOG_S * 0.9 < took_s < WATCHDOG_S + 2.0
    assert [line["timeout_s"] for line in daemon.lines("daemon_forced")] == [WATCHDOG_S]
    assert dict(_states(used.home)) == {"done": 1, "stored": 3}
    held.kill()
    held.wait()
    again = used.serve()
    again.settle()
    assert used.texts() == ["menunggu 0", "menunggu 1", "menunggu 2", "pertama"]
    again.stop()


def test_a_worker_that_only_waits_a_moment_ends_by_itself(used: Any, held: subprocess.Popen[str]) -> None:
    daemon = used.serve()
    assert daemon.post(used.text("menunggu")) == 200
    time.sleep(0.2)
    daemon.stop()
    assert daemon.lines("daemon_forced") == []
    assert dict(_states(used.home)) == {"done": 1, "stored": 1}
    held.kill()
