"""Whole requests that no firm got: seen and discarded by the installer alone."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]


@pytest.fixture
def request_id(data: Data) -> str:
    [found] = data("deadletters", "list", "--requests")
    assert found["state"] == "unrouted"
    identity: str = found["id"]
    return identity


def test_only_the_installer_sees_them(role: Any, office: Run) -> None:
    refused = office("deadletters", "list", "--requests", env=role("lawyer"))
    assert refused.returncode == 4
    assert refused.stdout == ""


def test_a_discarded_request_is_gone_from_status_and_its_reason_is_on_record(data: Data, request_id: str) -> None:
    assert data("status")["queues"]["unrouted"]["waiting"] == 1
    data("deadletters", "discard", request_id, "--request", "--reason", "tombol uji")
    assert data("status")["queues"]["unrouted"]["waiting"] == 0
    entry = data("audit", "log", "--control-plane")[-1]
    assert (entry["action"], entry["target"]) == ("request.discarded", f"request:{request_id}")
    assert entry["data"] == {"reason": "tombol uji", "state": "unrouted"}


def test_a_dry_run_and_a_missing_reason_change_nothing(data: Data, office: Run, request_id: str) -> None:
    data("deadletters", "discard", request_id, "--request", "--reason", "uji", "--dry-run")
    assert office("deadletters", "discard", request_id, "--request", "--reason", " ").returncode == 2
    assert len(data("deadletters", "list", "--requests")) == 1


def test_a_reason_is_one_line_of_a_sentence_at_most(office: Run, request_id: str) -> None:
    for reason in ("x" * 301, "x" * 70_000, "satu\ndua"):
        ran = office("deadletters", "discard", request_id, "--request", "--reason", reason)
        assert ran.returncode == 2
        assert "--reason" in ran.stderr


def test_what_was_given_to_a_firm_is_on_record(data: Data, office: Run, request_id: str) -> None:
    assert office("tenant", "add-number", "lain", "999999999999999").returncode == 0
    data("events", "replay", "--unrouted")
    entry = data("audit", "log", "--control-plane")[-1]
    assert (entry["action"], entry["data"]) == ("requests.rerouted", {"requests": 1})
    assert office("deadletters", "discard", request_id, "--request", "--reason", "x").returncode == 4


def test_a_request_that_is_not_aside_cannot_be_discarded(office: Run) -> None:
    assert office("deadletters", "discard", "01KAN5T9YB6Q2R8W4X7V3M0ZJD", "--request", "--reason", "x").returncode == 4
