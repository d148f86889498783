"""A process that does not end is ended, whatever hangs in it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from lhwa.daemon import watchdog
from lhwa.daemon.watchdog import Watchdog

HANGS = """
import os, time
from concurrent.futures import ThreadPoolExecutor
from lhwa.daemon import watchdog
from lhwa.telemetry import logs

logs.configure("info", "json")
watchdog.WATCHDOG_S = 0.3

def fill_the_log():
    _, log = os.pipe()
    logs.configure("info", "json", stream=os.fdopen(log, "w"))
    os.set_blocking(log, False)
    try:
        while True:
            os.write(log, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(log, True)

dog = watchdog.Watchdog()
dog.arm()
{what}
"""
WAYS = [
    ("sleeps", "time.sleep(60)"),
    ("waits for a thread at its end", "ThreadPoolExecutor().submit(time.sleep, 60)"),
    ("cannot log", "fill_the_log(); logs.Log('x').info('blocks')"),
    ("is armed again and again", "[(time.sleep(0.1), dog.arm()) for _ in range(600)]"),
]


@pytest.mark.parametrize(("label", "what"), WAYS, ids=[case[0] for case in WAYS])
def test_what_hangs_is_left_by_force(label: str, what: str) -> None:
    started_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", HANGS.format(what=what)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == watchdog.EXIT_CODE
    assert time.monotonic() - started_s < 20
    assert ("daemon_forced" in done.stderr) is (label != "cannot log")
    assert "Traceback" not in done.stderr


def test_what_ended_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []
    monkeypatch.setattr(watchdog, "WATCHDOG_S", 0.05)
    monkeypatch.setattr(os, "_exit", left.append)
    dog = Watchdog()
    dog.arm()
    dog.disarm()
    dog.disarm()
    time.sleep(0.15)
    assert left == []
    assert not dog.is_armed
