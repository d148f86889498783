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


def test_a_request_that_is_not_aside_cannot_be_discarded(office: Run) -> None:
    assert office("deadletters", "discard", "01KAN5T9YB6Q2R8W4X7V3M0ZJD", "--request", "--reason", "x").returncode == 4
