"""`lhwa alerts`: what asks for somebody, and taking notice of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]
Role = Callable[[str], dict[str, str]]
PROMISED = {"id", "kind", "severity", "atMs", "title", "hint"}
WHY = "Sudah dilihat bersama"


@pytest.fixture
def restricted(data: Data) -> str:
    """The id of the alert that Meta restricts the account."""
    [found] = [each["id"] for each in data("alerts", "list") if each["kind"] == "account"]
    return str(found)


def test_what_meta_tells_and_what_was_not_processed_is_listed(office: Run, data: Data) -> None:
    account, buried = data("alerts", "list")
    assert set(account) >= PROMISED
    assert (account["severity"], account["title"]) == ("critical", "Meta restricts what the account may do.")
    assert "RESTRICTED_BIZ_INITIATED_MESSAGING" in account["detail"]
    assert (buried["kind"], buried["id"], buried.get("mayAcknowledge")) == ("queue", "dead-letters", None)
    shown = office("alerts", "list").stdout
    assert "Meta restricts" in shown
    assert len(data("alerts", "list", "--limit", "1")) == 1


def test_an_alert_that_somebody_acknowledged_is_listed_with_their_name(
    office: Run, data: Data, restricted: str
) -> None:
    done = office("--json", "alerts", "acknowledge", restricted[:14], "--reason", WHY)
    assert json.loads(done.stdout) == {"id": restricted}
    assert [each["kind"] for each in data("alerts", "list")] == ["queue"]
    [ended] = [each for each in data("alerts", "list", "--all") if each["id"] == restricted]
    assert (ended["ended"], ended["acknowledgedBy"]) == (True, "sari")
    assert "Sari Contoh" in office("alerts", "list", "--all").stdout
    [record] = [each for each in data("audit", "log") if each["action"] == "alert.acknowledged"]
    assert record["data"] == {"reason": WHY}


REFUSED = [
    # which alert, reason, exit code, and what is said
    ("its own", "", 2, "--reason"),
    ("dead-letters", WHY, 5, "lhwa deadletters list"),
    ("01KAN5T9YB6Q2R8W4X7V3M0ZJD", WHY, 4, "not yours"),
]


@pytest.mark.parametrize(("alert", "reason", "code", "says"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_cannot_be_acknowledged_is_refused_with_what_to_do(
    office: Run, restricted: str, alert: str, reason: str, code: int, says: str
) -> None:
    done = office("alerts", "acknowledge", restricted if alert == "its own" else alert, "--reason", reason)
    assert done.returncode == code
    assert says in done.stderr


def test_who_may_not_approve_may_not_acknowledge(office: Run, restricted: str, role: Role) -> None:
    done = office("alerts", "acknowledge", restricted, "--reason", WHY, env=role("staff"))
    assert done.returncode == 4


def test_a_role_without_content_sees_what_it_is_about_and_not_what_meta_says(data: Data, role: Role) -> None:
    [account, _] = data("alerts", "list", env=role("auditor"))
    assert set(account) >= PROMISED
    assert "detail" not in account


def test_a_look_is_in_the_audit_log(data: Data) -> None:
    data("alerts", "list")
    [record] = [each for each in data("audit", "log") if each["action"] == "queue.read"]
    assert record["data"] == {"queue": "alerts", "saw": "content"}
