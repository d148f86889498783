"""`lhwa outbox`: what it shows to whom, and which decisions it takes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands.test_decide import ask_as, has_template

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]
Role = Callable[[str], dict[str, str]]
MISSING = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
PROMISED = {"id", "state", "type", "conversationId", "contact", "author", "attempts", "createdAt"}


@pytest.fixture
def message(office: Run, home: Path, role: Role) -> str:
    """A message of a clerk that waits for a second person."""
    has_template(home)
    return ask_as(office, role("staff"))


def test_an_empty_outbox_is_an_empty_array_and_a_sentence(office: Run) -> None:
    assert office("--json", "outbox", "list").stdout == "[]\n"
    shown = office("outbox", "list")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "empty" in shown.stderr


def test_the_list_has_the_promised_fields_and_a_masked_number(data: Data, message: str) -> None:
    [row] = data("outbox", "list")
    assert set(row) >= PROMISED
    assert (row["id"], row["state"], row["contact"]) == (message, "pending_approval", "+62 812-••••-1111")
    assert data("outbox", "list", "--open") == [row]
    assert "text" not in row


def test_show_says_what_it_says_to_a_role_that_may_read(data: Data, message: str, role: Role) -> None:
    assert data("outbox", "show", message)["text"].count("Rina Contoh") == 1
    blind = data("outbox", "show", message, env=role("auditor"))
    assert "text" not in blind
    assert "contact" not in blind["message"]


def test_a_look_at_content_is_in_the_audit_log(data: Data, message: str) -> None:
    data("outbox", "show", message)
    seen = [each for each in data("audit", "log", "--limit", "1000") if each["action"] == "outbound.read"]
    assert any(each["target"] == f"outbound:{message}" for each in seen)


def test_cancel_takes_it_back_once(office: Run, data: Data, message: str) -> None:
    rehearsed = office("--json", "outbox", "cancel", message, "--dry-run")
    assert json.loads(rehearsed.stdout) == {"id": message, "state": "pending_approval"}
    assert data("outbox", "list")[0]["state"] == "pending_approval"
    assert json.loads(office("--json", "outbox", "cancel", message).stdout)["state"] == "cancelled"
    assert office("outbox", "cancel", message).returncode == 5
    assert data("outbox", "list", "--open") == []


DECISIONS = [
    ("resolve", ("--sent", "--reason", "coba"), 5),
    ("resolve", ("--resend", "--reason", "coba"), 5),
    ("retry", ("--reason", "coba"), 5),
    ("resolve", ("--sent", "--resend", "--reason", "coba"), 2),
    ("resolve", ("--reason", "coba"), 2),
    ("resolve", ("--sent",), 2),
    ("retry", (), 2),
]


@pytest.mark.parametrize(("command", "words", "code"), DECISIONS)
def test_what_was_never_tried_is_neither_resolved_nor_tried_again(
    office: Run, data: Data, message: str, command: str, words: tuple[str, ...], code: int
) -> None:
    before = data("outbox", "list")
    assert office("outbox", command, message, *words).returncode == code
    assert data("outbox", "list") == before


NOBODYS = [("show",), ("cancel",), ("retry", "--reason", "coba"), ("resolve", "--sent", "--reason", "coba")]


@pytest.mark.parametrize("words", NOBODYS, ids=" ".join)
def test_an_unknown_id_is_refused_like_somebody_elses(office: Run, words: tuple[str, ...]) -> None:
    for unknown in (MISSING, "x", ""):
        done = office("outbox", words[0], unknown, *words[1:])
        assert (done.returncode, done.stdout) == (4, "")


@pytest.mark.parametrize("name", ["finance", "auditor", "service"])
def test_only_who_may_approve_resolves_or_tries_again(office: Run, message: str, role: Role, name: str) -> None:
    env = role(name)
    for words in (("resolve", message, "--sent"), ("resolve", message, "--resend"), ("retry", message)):
        assert office("outbox", *words, "--reason", "coba", env=env).returncode == 4


def test_a_clerk_takes_back_what_is_theirs_and_decides_nothing_else(office: Run, home: Path, role: Role) -> None:
    has_template(home)
    clerk = role("staff")
    own, lawyers = ask_as(office, clerk), ask_as(office, role("lawyer"))
    for words in (("resolve", own, "--resend"), ("retry", own)):
        assert office("outbox", *words, "--reason", "coba", env=clerk).returncode == 4
    assert office("outbox", "cancel", lawyers, env=clerk).returncode == 4
    assert office("outbox", "cancel", own, env=clerk).returncode == 0
