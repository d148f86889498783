"""`lhwa status` with and without a daemon."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lhwa.daemon.lock import HomeLock

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]
As = Callable[[str], dict[str, str]]


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
    lock = HomeLock(home / "serve.lock")
    lock.acquire()
    (home / "serve.lock").write_text(said)
    done = office("status")
    [worker] = json.loads(office("--json", "status").stdout)["workers"]
    lock.release()
    assert done.returncode == 0
    assert shown in done.stdout
    assert worker["ready"] is None


def test_a_lock_file_that_nobody_holds_is_no_daemon(data: Data, home: Path) -> None:
    (home / "serve.lock").write_text(FACTS)
    assert data("status")["running"] is False


def test_a_firm_that_never_had_a_message(firm: Run) -> None:
    status = json.loads(firm("--json", "status", "-t", "firma").stdout)
    assert (status["messages"], status["lastWebhookAt"]) == (0, None)


def test_the_installer_sees_every_firm_in_a_row_of_its_own(office: Run, lhwa: Run) -> None:
    lines = lhwa("status").stdout.splitlines()
    assert [line.split()[0] for line in lines[lines.index("Firms") + 2 :]] == ["firma", "lain"]
    status = json.loads(lhwa("--json", "status").stdout)
    alone = [json.loads(office("--json", "-t", name, "status").stdout) for name in ("firma", "lain")]
    assert [firm["tenant"] for firm in status["firms"]] == ["firma", "lain"]
    assert status["tenant"] is None
    assert status["messages"] == sum(each["messages"] for each in alone)
    assert status["lastWebhookAt"] == max(each["lastWebhookAt"] for each in alone)
    assert set(status) == set(alone[0])


def test_a_firms_token_sees_its_own_firm_only(office: Run, lhwa: Run, role: As) -> None:
    env = role("owner")
    status = json.loads(lhwa("--json", "status", env=env).stdout)
    assert [firm["tenant"] for firm in status["firms"]] == ["firma"]
    assert (status["queues"]["unrouted"], status["queues"]["unreadable"]) == ({"waiting": None}, {"kept": None})
    shown = lhwa("status", env=env).stdout
    assert "no firm's" not in shown
    assert "lain" not in shown
    assert lhwa("status", "-t", "lain", env=env).returncode == 4
    assert "no firm's" in office("status").stdout


@pytest.fixture
def without_role(office: Run, lhwa: Run) -> Run:
    """The installer after somebody else took over the first firm."""
    assert office("operator", "set-role", "wati", "--role", "owner").returncode == 0
    disabled = office("operator", "disable", "sari", "--reason", "serah terima")
    assert disabled.returncode == 0, disabled.stderr
    return lhwa


def test_the_installer_sees_a_firm_without_a_role_from_outside(without_role: Run) -> None:
    shown = without_role("status")
    assert shown.returncode == 0, shown.stderr
    assert "not running; start it: lhwa serve" in shown.stdout
    [firma] = [line for line in shown.stdout.splitlines() if line.startswith("firma")]
    assert firma.split()[-3:] == ["-", "-", "-"]
    assert " WIB" in firma
    status = json.loads(without_role("--json", "status").stdout)
    firma, lain = status["firms"]
    assert (firma["tenant"], firma["messages"], firma["auditEntries"]) == ("firma", None, None)
    assert firma["queues"]["requests"] == {"waiting": 0}
    assert (firma["queues"]["jobs"], firma["queues"]["deadLetters"]) == (
        {"waiting": None, "running": None},
        {"open": None},
    )
    assert firma["lastWebhookAt"] is not None
    assert status["messages"] == lain["messages"] == 1
    assert set(firma) == set(lain)


def test_a_firm_that_the_installer_names_without_a_role_is_seen_from_outside(without_role: Run) -> None:
    shown = without_role("status", "-t", "firma").stdout
    assert shown.splitlines()[0].split() == ["firm", "firma"]
    assert "dead letters" in shown


def test_the_installer_who_is_logged_in_to_one_firm_sees_all(office: Run, lhwa: Run) -> None:
    text = office("token", "issue", "budi", "-t", "firma").stdout
    assert lhwa("login", stdin=text).returncode == 0
    status = json.loads(lhwa("--json", "status").stdout)
    assert [(firm["tenant"], firm["messages"] is None) for firm in status["firms"]] == [
        ("firma", False),
        ("lain", False),
    ]


def test_an_installation_without_firms_says_whether_the_daemon_runs(lhwa: Run) -> None:
    assert lhwa("init", "--non-interactive", "--owner", "Sari", "--root-key", "file").returncode == 0
    shown = lhwa("status")
    assert shown.returncode == 0, shown.stderr
    assert "not running; start it: lhwa serve" in shown.stdout
    assert "No firm yet" in shown.stdout + shown.stderr
    status = json.loads(lhwa("--json", "status").stdout)
    assert (status["firms"], status["running"], status["messages"]) == ([], False, None)


def test_a_broken_file_does_not_hide_whether_the_daemon_runs(office: Run, home: Path) -> None:
    (home / "spool.db").write_bytes(b"rubbish " * 4096)
    shown = office("status")
    assert shown.returncode in (3, 7)
    assert "not running; start it: lhwa serve" in shown.stdout


def test_a_broken_firm_does_not_hide_the_others(office: Run, lhwa: Run, home: Path) -> None:
    assert office("status").returncode == 0
    (home / "tenants" / "lain" / "keys.db").unlink()
    ran = lhwa("status")
    assert ran.returncode == 3
    assert "firma" in ran.stdout
    assert "warning: lain: " in ran.stderr


def test_a_home_that_cannot_be_written_is_a_matter_of_storage(firm: Run, home: Path) -> None:
    (home / "tenants").write_text("in the way")
    ran = firm("status", "-t", "firma")
    assert ran.returncode == 3
    assert "hint: Check who owns the home, that it can be written" in ran.stderr
