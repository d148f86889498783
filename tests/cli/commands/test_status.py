"""`lhwa status` with and without a daemon."""

from __future__ import annotations

import fcntl
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]


def test_the_keys_are_a_promise(data: Data) -> None:
    status = data("status")
    assert set(status) >= {"tenant", "running", "workers", "queues", "oldestWaitingAt", "oldestAgeS", "lastWebhookAt"}
    assert (status["running"], status["workers"]) == (False, [])
    assert status["queues"]["deadLetters"] == {"open": 1}
    assert status["queues"]["unrouted"] == {"waiting": 1}
    assert status["messages"] == len(data("messages", "list"))


def test_people_are_told_what_to_do(office: Run) -> None:
    shown = office("status").stdout
    assert "not running; start it: lhwa serve" in shown
    assert "1; see: lhwa deadletters list" in shown
    assert "lhwa events replay --unrouted" in shown


def test_the_oldest_waiting_request_has_an_age(data: Data) -> None:
    assert data("status")["oldestAgeS"] is None
    data("events", "replay", "--all")
    status = data("status")
    assert status["queues"]["requests"]["waiting"] == 6
    assert status["oldestAgeS"] > 0
    assert status["oldestWaitingAt"] is not None


FACTS = json.dumps(
    {"pid": 4711, "started_at": "2026-11-22T03:00:00Z", "webhook": "127.0.0.1:1", "admin": "127.0.0.1:1"}
)
HELD = [
    ("does not answer", FACTS, "does not answer, process 4711"),
    ("has not said anything", "", "does not answer, process 0"),
    ("says nonsense", "{", "does not answer, process 0"),
]


@pytest.mark.parametrize(("label", "said", "shown"), HELD, ids=[case[0] for case in HELD])
def test_a_daemon_that_holds_the_lock(office: Run, home: Path, label: str, said: str, shown: str) -> None:
    with (home / "serve.lock").open("w") as lock:
        lock.write(said)
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = office("status")
        [worker] = json.loads(office("--json", "status").stdout)["workers"]
    assert done.returncode == 0
    assert shown in done.stdout
    assert worker["ready"] is None


def test_a_lock_file_that_nobody_holds_is_no_daemon(data: Data, home: Path) -> None:
    (home / "serve.lock").write_text(FACTS)
    assert data("status")["running"] is False


def test_a_firm_that_never_had_a_message(firm: Run) -> None:
    status = json.loads(firm("--json", "status", "-t", "firma").stdout)
    assert (status["messages"], status["lastWebhookAt"]) == (0, None)
