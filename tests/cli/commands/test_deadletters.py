"""`lhwa deadletters`: list, show, retry, discard. That the daemon takes up a retried one is in tests/journeys."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from lhwa.store import connection

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]


@pytest.fixture
def letter(data: Data) -> str:
    [found] = data("deadletters", "list")
    assert (found["kind"], found["state"]) == ("poison", "open")
    identity: str = found["id"]
    return identity


def test_show_has_what_it_holds(data: Data, office: Run, letter: str) -> None:
    shown = data("deadletters", "show", letter)
    assert shown["content"]["type"] == "text"
    assert shown["position"].startswith("entry")
    assert shown["rawEvent"] in office("deadletters", "show", letter).stdout


def test_who_may_not_read_content_sees_only_that_it_is_there(data: Data, role: Any, letter: str) -> None:
    shown = data("deadletters", "show", letter, env=role("auditor"))
    assert shown["id"] == letter
    assert "content" not in shown


def test_retry_sends_its_request_back(data: Data, letter: str) -> None:
    assert data("deadletters", "retry", letter) == {"id": letter, "retried": True}
    assert data("status")["queues"]["requests"]["waiting"] == 1
    assert [each["state"] for each in data("deadletters", "list")] == ["retried"], "its request still waits"
    assert data("deadletters", "retry", letter) == {"id": letter, "retried": True}
    assert data("status")["queues"]["requests"]["waiting"] == 1


def test_a_spool_that_is_busy_loses_no_letter(
    data: Data, office: Run, home: Path, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_MS", 200)
    other = apsw.Connection(str(home / "spool.db"))
    other.execute("BEGIN IMMEDIATE")
    done = office("deadletters", "retry", letter)
    other.execute("ROLLBACK")
    other.close()
    assert done.returncode == 3, done.stderr
    assert [each["state"] for each in data("deadletters", "list")] == ["open"]
    assert data("deadletters", "retry", letter) == {"id": letter, "retried": True}
    assert data("status")["queues"]["requests"]["waiting"] == 1


def test_dry_runs_change_nothing(data: Data, letter: str) -> None:
    assert data("deadletters", "retry", "--dry-run", letter) == {"id": letter, "retried": False}
    assert data("deadletters", "discard", "--dry-run", "--reason", "coba", letter) == {"id": letter, "discarded": False}
    assert [each["state"] for each in data("deadletters", "list", "--all")] == ["open"]
    assert data("status")["queues"]["requests"]["waiting"] == 0


def test_discard_needs_a_reason_and_keeps_it(data: Data, office: Run, letter: str) -> None:
    assert office("deadletters", "discard", letter).returncode == 2
    assert office("deadletters", "discard", letter, "--reason", "  ").returncode == 2
    data("deadletters", "discard", letter, "--reason", "kiriman uji")
    entry = data("audit", "log", "--target", f"dead_letter:{letter}")[-1]
    assert (entry["action"], entry["data"]) == ("dead_letter.discarded", {"reason": "kiriman uji"})


def test_what_was_decided_is_decided(data: Data, office: Run, letter: str) -> None:
    data("deadletters", "discard", letter, "--reason", "kiriman uji")
    assert office("deadletters", "retry", letter).returncode == 5
    assert office("deadletters", "discard", letter, "--reason", "lagi").returncode == 5
    assert office("deadletters", "retry", "--dry-run", letter).returncode == 5
    assert office("deadletters", "discard", "--dry-run", letter, "--reason", "lagi").returncode == 5


def test_roles_that_may_operate_the_queue_may_decide(office: Run, role: Any, letter: str) -> None:
    for name in ("lawyer", "staff", "finance", "auditor"):
        env = role(name)
        assert office("deadletters", "retry", letter, env=env).returncode == 4
        assert office("deadletters", "retry", "--dry-run", letter, env=env).returncode == 4
        assert office("deadletters", "discard", "--reason", "coba", letter, env=env).returncode == 4
        assert office("deadletters", "discard", "--dry-run", "--reason", "coba", letter, env=env).returncode == 4
    assert office("deadletters", "retry", letter, env=role("service")).returncode == 0


def test_requests_of_nobody_are_listed_for_the_installer_alone(data: Data, office: Run, role: Any) -> None:
    [request] = data("deadletters", "list", "--requests")
    assert (request["state"], request["reason"]) == ("unrouted", "unknown_number")
    assert office("deadletters", "list", "--requests", env=role("owner")).returncode == 4
    assert request["id"] in office("deadletters", "list", "--requests").stdout


def test_an_empty_list_says_so(firm: Run) -> None:
    assert firm("--json", "deadletters", "list", "-t", "firma").stdout == "[]\n"
    assert "No dead letter waits." in firm("deadletters", "list", "-t", "firma").stderr
