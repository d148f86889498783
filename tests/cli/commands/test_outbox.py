"""`lhwa outbox`: what it shows to whom, and which decisions it takes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.outbound import OutboundState
from lhwa.store.transaction import Tx
from tests.cli.commands.test_decide import ask_as, has_template
from tests.journeys.outbound_place import write_in

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


def put_in_doubt(home: Path, message: str) -> None:
    """Approve it, and lose the answer of Meta."""

    def lose(tx: Tx) -> None:
        for state in (OutboundState.QUEUED, OutboundState.SENDING, OutboundState.IN_DOUBT):
            row = tx.outbox.get(message)
            assert row is not None
            tx.outbox.move(row, state)
        tx.audit.append(AuditRecord("system:test", "test.noted", "t"))

    write_in(SimpleNamespace(home=home), lose)


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


def test_people_read_what_a_state_means_and_what_to_do(office: Run, message: str) -> None:
    listed = office("outbox", "list")
    assert f"It needs a second person: `lhwa approve {message}`." in listed.stdout
    assert "pending_approval: A second person has to decide. Somebody else" in listed.stderr
    shown = office("outbox", "show", message).stdout
    assert "meaning" in shown
    assert "A second person has to decide." in shown
    assert f"lhwa approve {message}" in shown
    assert office("--quiet", "outbox", "list").stderr == office("--json", "outbox", "list").stderr == ""


def test_show_says_who_decided_and_why(office: Run, data: Data, message: str) -> None:
    office("reject", message, "--reason", "Nadanya salah")
    [decision] = data("outbox", "show", message)["decisions"]
    assert (decision["what"], decision["by"], decision["reason"]) == ("rejected", "sari", "Nadanya salah")
    shown = office("outbox", "show", message).stdout
    assert "rejected by Sari Contoh, " in shown
    assert ": Nadanya salah" in shown


def test_cancel_takes_a_reason(office: Run, data: Data, message: str) -> None:
    assert office("outbox", "cancel", message, "--reason", "").returncode == 2
    assert office("outbox", "cancel", message, "--reason", "Tanggalnya berubah").returncode == 0
    assert data("outbox", "show", message)["decisions"][0]["reason"] == "Tanggalnya berubah"


def test_the_beginning_of_an_id_is_enough_and_the_whole_id_is_told(office: Run, data: Data, message: str) -> None:
    assert data("outbox", "show", message[:12])["message"]["id"] == message
    assert message in office("outbox", "cancel", message[:12], "--dry-run").stderr
    assert json.loads(office("--json", "outbox", "cancel", message[:12]).stdout) == {
        "id": message,
        "state": "cancelled",
    }


def test_a_beginning_of_two_ids_is_wrong_usage(office: Run, home: Path, role: Role, message: str) -> None:
    other = ask_as(office, role("lawyer"))
    done = office("outbox", "cancel", message[:6])
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert other in done.stderr


def test_the_beginning_of_another_firms_id_finds_nothing(office: Run, lhwa: Run, message: str) -> None:
    assert lhwa("operator", "set-role", "sari", "--role", "owner", "-t", "lain").returncode == 0
    for words in (("outbox", "show"), ("outbox", "cancel"), ("approve",)):
        for wanted in (message, message[:12]):
            done = lhwa("-t", "lain", *words, wanted)
            assert done.returncode == 4, words
            assert message not in done.stderr or wanted == message


def test_a_rehearsal_says_what_would_happen(office: Run, home: Path, role: Role, message: str) -> None:
    said = office("outbox", "cancel", message, "--dry-run").stderr
    assert (
        said == f"Message {message} is pending_approval. It would be cancelled, and never leave. Nothing is changed.\n"
    )
    put_in_doubt(home, message)
    for word, would in (("--sent", "nothing would leave"), ("--resend", "the client gets it twice")):
        said = office("outbox", "resolve", message, word, "--reason", "coba", "--dry-run").stderr
        assert f"Message {message} is in_doubt. It would " in said
        assert f"{would}. Nothing is changed." in said
    shown = office("outbox", "show", message).stdout
    assert "nobody knows whether it arrived" in shown
    assert "lhwa outbox resolve" in shown
    assert "in_doubt: It left, and no answer came" in office("outbox", "list").stderr


def test_a_message_sent_again_does_not_leave_without_a_daemon(office: Run, home: Path, message: str) -> None:
    put_in_doubt(home, message)
    words = ("outbox", "resolve", message, "--resend", "--reason", "coba")
    assert "lhwa serve" not in office(*words, "--dry-run").stderr
    assert "lhwa serve" in office(*words).stderr
