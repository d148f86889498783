"""`lhwa conversations`: list and show."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lhwa.domain.audit import AuditRecord
from lhwa.domain.outbound import OutboundState
from lhwa.store.transaction import Tx
from tests.cli.commands.test_decide import ask_as, has_template
from tests.journeys.outbound_place import write_in

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]


def test_a_thread_shows_a_masked_number_and_a_name(data: Data, office: Run) -> None:
    [thread] = data("conversations", "list")
    assert thread["contact"] == "+62 812-••••-1111"
    assert thread["name"] == "Contoh Klien"
    assert thread["messages"] == len(data("messages", "list"))
    assert "6281230001111" not in office("conversations", "list").stdout


def test_show_gives_the_messages_oldest_first(data: Data, office: Run) -> None:
    [thread] = data("conversations", "list")
    found = data("conversations", "show", thread["id"])
    assert found["conversation"] == thread
    assert found["messages"] == data("messages", "list")[::-1]
    assert data("conversations", "show", thread["id"], "--limit", "1")["messages"] == data("messages", "list")[:1]
    shown = office("conversations", "show", thread["id"]).stdout
    assert shown.startswith("conversation")
    assert "Halo [bold]Kantor[/bold]" in shown


def test_a_firm_without_messages_has_no_thread(firm: Run) -> None:
    assert firm("--json", "conversations", "list", "-t", "firma").stdout == "[]\n"
    assert "when a client writes" in firm("conversations", "list", "-t", "firma").stderr


def test_who_may_not_read_content_sees_no_person(data: Data, role: Any) -> None:
    [thread] = data("conversations", "list", env=role("auditor"))
    assert not thread.get("contact")
    assert not thread.get("name")


def test_a_thread_that_is_not_there(office: Run) -> None:
    assert office("conversations", "show", "TIADA").returncode == 4


def test_looking_is_recorded(data: Data) -> None:
    [thread] = data("conversations", "list")
    data("conversations", "show", thread["id"])
    first, second = data("audit", "log", "--limit", "2")
    assert (first["action"], first["target"]) == ("conversation.read", "firm:firma")
    assert (second["action"], second["target"]) == ("message.read", f"conversation:{thread['id']}")


def test_a_thread_counts_both_sides_and_names_its_contact(office: Run, data: Data, home: Path) -> None:
    [before] = data("conversations", "list")
    assert before["received"] + before["sent"] == before["messages"]
    assert before["sent"] == 1, "one was written on the phone"
    has_template(home)
    outbound = ask_as(office, {})
    assert data("conversations", "list")[0]["sent"] == 1, "it has not left"

    def take(tx: Tx) -> None:
        for state in (OutboundState.SENDING, OutboundState.ACCEPTED):
            row = tx.outbox.get(outbound)
            assert row is not None
            tx.outbox.move(row, state)
        tx.audit.append(AuditRecord("system:test", "test.noted", "t"))

    write_in(SimpleNamespace(home=home), take)
    [thread] = data("conversations", "list")
    assert (thread["received"], thread["sent"]) == (before["received"], 2)
    assert data("conversations", "show", thread["id"])["conversation"] == thread
    shown = office("conversations", "list").stdout
    assert thread["contactId"] in shown
    values = ("--param", "nama=Rina", "--param", "waktu=Senin")
    done = office("send", thread["contactId"], "--template", "pengingat_janji", *values, "--dry-run")
    assert done.returncode == 0
