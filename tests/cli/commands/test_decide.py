"""`lhwa pending`, `approve`, `reject`: who decides about what somebody else wrote."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.journeys.outbound_place import BODY, CLIENT, VALUES, put_template

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]
Role = Callable[[str], dict[str, str]]
MISSING = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"


def has_template(home: Path) -> None:
    """Give the firm an approved template: it may leave at any time, so that no test depends on the day."""
    body = {"type": "BODY", "text": BODY}
    facts = {"id": "7001002003", "name": "pengingat_janji", "language": "id", "status": "APPROVED"}
    more = {"category": "UTILITY", "parameter_format": "NAMED", "components": [body]}
    put_template(SimpleNamespace(home=home), facts | more)


def ask_as(office: Run, env: dict[str, str]) -> str:
    """Send that template as somebody; returns the id."""
    values = [word for name, value in VALUES.items() for word in ("--param", f"{name}={value}")]
    done = office("--json", "send", CLIENT, "--template", "pengingat_janji", *values, env=env)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return str(json.loads(done.stdout)["id"])


@pytest.fixture
def clerk(home: Path, office: Run, role: Role) -> dict[str, str]:
    """Somebody whose messages a second person has to approve."""
    has_template(home)
    return role("staff")


def test_nothing_waits(office: Run) -> None:
    assert office("--json", "pending").stdout == "[]\n"
    assert "Nothing waits" in office("pending").stderr


def test_what_waits_is_listed_with_who_wrote_it(office: Run, data: Data, clerk: dict[str, str]) -> None:
    message = ask_as(office, clerk)
    [waiting] = data("pending")
    assert {"id", "kind", "since", "by", "about", "text"} <= set(waiting)
    assert (waiting["id"], waiting["kind"], waiting["by"]) == (message, "outbound", "contoh-staff")
    assert (waiting["about"], "Rina Contoh" in waiting["text"]) == ("+62 812-••••-1111", True)
    assert data("outbox", "list")[0]["state"] == "pending_approval"


def test_a_role_that_may_not_read_sees_that_something_waits(
    office: Run, data: Data, clerk: dict[str, str], role: Role
) -> None:
    ask_as(office, clerk)
    [waiting] = data("pending", env=role("auditor"))
    assert "text" not in waiting
    assert "812" not in json.dumps(waiting["about"])


def test_a_lawyer_approves_once(office: Run, data: Data, clerk: dict[str, str], role: Role) -> None:
    message, lawyer = ask_as(office, clerk), role("lawyer")
    done = office("--json", "approve", message, env=lawyer)
    assert json.loads(done.stdout) == {"id": message, "state": "queued"}
    assert data("pending") == []
    assert data("outbox", "list")[0]["decidedBy"] == "contoh-lawyer"
    again = office("approve", message, env=lawyer)
    assert (again.returncode, again.stdout) == (5, "")


def test_who_may_not_approve_is_refused(office: Run, data: Data, clerk: dict[str, str], role: Role) -> None:
    message = ask_as(office, clerk)
    for env in (clerk, role("finance"), role("auditor"), role("service")):
        assert office("approve", message, env=env).returncode == 4
        assert office("reject", message, "--reason", "coba", env=env).returncode == 4
    assert len(data("pending")) == 1


def test_the_author_does_not_approve_in_a_better_role(office: Run, clerk: dict[str, str]) -> None:
    message = ask_as(office, clerk)
    assert office("operator", "set-role", "contoh-staff", "--role", "lawyer").returncode == 0
    done = office("approve", message, env=clerk)
    assert done.returncode == 5
    assert "Ask another lawyer" in done.stderr


def test_a_rejection_needs_a_reason_and_keeps_it_in_the_audit_log(
    office: Run, data: Data, clerk: dict[str, str]
) -> None:
    message = ask_as(office, clerk)
    for words in ((), ("--reason", ""), ("--reason", "dua\nbaris"), ("--reason", "x" * 301)):
        assert office("reject", message, *words).returncode == 2
    done = office("--json", "reject", message, "--reason", "Nadanya salah")
    assert json.loads(done.stdout) == {"id": message, "state": "cancelled"}
    [record] = data("audit", "log", "--target", f"outbound:{message}", "--limit", "1")
    assert (record["action"], record["data"]["reason"]) == ("outbound.declined", "Nadanya salah")
    assert office("reject", message, "--reason", "Nadanya salah").returncode == 5


def test_an_unknown_id_is_refused_like_somebody_elses(office: Run) -> None:
    for unknown in (MISSING, "x", ""):
        assert office("approve", unknown).returncode == 4
        assert office("reject", unknown, "--reason", "coba").returncode == 4


def test_the_beginning_of_an_id_is_enough(office: Run, clerk: dict[str, str]) -> None:
    first = ask_as(office, clerk)
    done = office("--json", "approve", first[:12])
    assert json.loads(done.stdout) == {"id": first, "state": "queued"}
    second = ask_as(office, clerk)
    both = office("reject", second[:6], "--reason", "coba")
    assert (both.returncode, first in both.stderr, second in both.stderr) == (2, True, True)
    assert json.loads(office("--json", "reject", second, "--reason", "coba").stdout)["id"] == second


def test_who_waits_is_shown_by_name_and_what_is_approved_needs_a_daemon(office: Run, clerk: dict[str, str]) -> None:
    assert office("operator", "add", "tono", "--role", "staff", "--full-name", "Tono Contoh").returncode == 0
    env = {"LHWA_TOKEN": office("token", "issue", "tono").stdout.strip()}
    message = ask_as(office, env)
    assert "Tono Contoh" in office("pending").stdout
    assert "lhwa serve" in office("approve", message).stderr
