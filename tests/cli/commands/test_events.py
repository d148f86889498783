"""`lhwa events`: list, tail, replay. That a running daemon notices a replay is in tests/journeys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]


def test_events_are_cloud_events_in_the_firms_order(data: Data, office: Run) -> None:
    events = data("events", "list")
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    for event in events:
        assert set(event) >= {"seq", "rawEvent", "id", "source", "type", "subject", "time", "dataschema", "data"}
        assert event["specversion"] == "1.0"
        assert event["source"] == "lhwa/firma"
    assert {event["type"] for event in events} >= {"MessageReceived", "MessageStatusChanged", "AccountAlert"}
    shown = office("events", "list").stdout
    assert "inbound document" in shown
    assert events[0]["rawEvent"] in shown


def test_events_hold_no_content(office: Run) -> None:
    shown = office("--json", "events", "list").stdout
    assert not [word for word in ("Kantor", "Contoh", "81230001111", "wamid") if word in shown]


def test_events_after_a_place(data: Data) -> None:
    events = data("events", "list")
    assert data("events", "list", "--after", str(events[0]["seq"])) == events[1:]
    assert data("events", "list", "--after", str(events[-1]["seq"])) == []
    assert data("events", "list", "--limit", "2") == events[-2:]


@pytest.mark.usefixtures("office")
def test_tail_shows_what_is_there_and_ends_with_ctrl_c(home: Path) -> None:
    argv = [
        sys.executable,
        "-m",
        "lhwa",
        "--home",
        str(home),
        "-t",
        "firma",
        "--json",
        "events",
        "tail",
        "--limit",
        "2",
    ]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LHWA_")}
    tail = subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert tail.stdout is not None
    first, second = (json.loads(tail.stdout.readline()) for _ in range(2))
    assert first["seq"] < second["seq"]
    tail.send_signal(2)
    _, said = tail.communicate(timeout=10)
    assert (tail.returncode, "Traceback" in said) == (130, False)


def test_a_replay_needs_one_choice(office: Run, data: Data) -> None:
    request = data("events", "list")[0]["rawEvent"]
    for words in ([], [request, "--all"], ["--all", "--unrouted"], ["--all", "--since", "2026-11-22T00:00:00Z"]):
        assert office("events", "replay", *words).returncode == 2


def test_a_dry_run_says_how_many_and_changes_nothing(data: Data) -> None:
    before = data("status")
    assert data("events", "replay", "--all", "--dry-run")["requests"] == 6
    assert data("status") == before


def test_a_replay_sends_requests_back_and_is_recorded(data: Data) -> None:
    request = data("events", "list")[0]["rawEvent"]
    assert data("events", "replay", request, request)["requests"] == 1
    assert data("status")["queues"]["requests"]["waiting"] == 1
    assert data("events", "replay", "--since", "2026-01-01T00:00:00Z")["requests"] == 6
    assert [entry["data"] for entry in data("audit", "log") if entry["action"] == "events.replayed"] == [
        {"requests": 1},
        {"requests": 6},
    ]


def test_one_unknown_id_stops_all(office: Run, data: Data) -> None:
    request = data("events", "list")[0]["rawEvent"]
    done = office("events", "replay", request, request, "01KAN5T9YB6Q2R8W4X7V3M0ZJD")
    assert done.returncode == 4
    assert data("status")["queues"]["requests"]["waiting"] == 0


def test_unrouted_requests_wait_for_a_number(data: Data, office: Run) -> None:
    assert data("events", "replay", "--unrouted") == {"seen": 1, "routed": 0, "dryRun": False}
    assert office("tenant", "add-number", "lain", "999999999999999").returncode == 0
    assert data("events", "replay", "--unrouted", "--dry-run")["routed"] == 1
    assert data("events", "replay", "--unrouted") == {"seen": 1, "routed": 1, "dryRun": False}
    assert data("events", "replay", "--unrouted") == {"seen": 0, "routed": 0, "dryRun": False}


def test_roles_that_may_operate_the_queue_may_replay(office: Run, role: Any) -> None:
    for name, code in (("service", 0), ("owner", 0), ("lawyer", 4), ("staff", 4), ("auditor", 4)):
        assert office("events", "replay", "--all", "--dry-run", env=role(name)).returncode == code, name
