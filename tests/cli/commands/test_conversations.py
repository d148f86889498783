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


def test_the_beginning_of_an_id_is_enough(data: Data, office: Run) -> None:
    [thread] = data("conversations", "list")
    assert data("conversations", "show", thread["id"][:6])["conversation"]["id"] == thread["id"]
    assert office("conversations", "show", thread["id"][:5]).returncode == 4


def test_a_note_is_read_by_colleagues_and_tells_a_role_without_content_that_it_is_there(
    data: Data, office: Run, role: Any
) -> None:
    [thread] = data("conversations", "list")
    assert "Nobody has noted" in office("conversations", "notes", thread["id"]).stderr
    added = data("conversations", "note", thread["id"][:6], "--text", "Contoh: telepon dulu")
    assert (added["conversationId"], added["author"]) == (thread["id"], "sari")
    piped = office("conversations", "note", thread["id"], "--text", "-", stdin="Contoh dua\nbaris \U0001f600\n")
    assert (piped.returncode, piped.stderr) == (0, "Noted.\n")
    shown = data("conversations", "notes", thread["id"])
    assert [each["text"] for each in shown] == ["Contoh: telepon dulu", "Contoh dua\nbaris \U0001f600"]
    table = office("conversations", "notes", thread["id"]).stdout
    assert "Sari Contoh" in table
    assert "Contoh: telepon dulu" in table
    masked = data("conversations", "notes", thread["id"], env=role("auditor"))
    assert [sorted(each) for each in masked] == [["author", "conversationId", "id", "writtenAt"]] * 2
    assert "telepon" not in office("audit", "log", "--limit", "100").stdout


def test_a_note_that_is_none_is_refused(data: Data, office: Run, role: Any) -> None:
    [thread] = data("conversations", "list")
    assert office("conversations", "note", thread["id"], "--text", " ").returncode == 2
    assert office("conversations", "note", thread["id"], "--text", "x" * 4_001).returncode == 2
    assert office("conversations", "note", thread["id"], "--text", "-", stdin="\udcff").returncode == 2
    assert office("conversations", "note", "TIADA00000000000", "--text", "Contoh").returncode == 4
    assert office("conversations", "note", thread["id"], "--text", "Contoh", env=role("auditor")).returncode == 4


def test_a_thread_is_assigned_to_a_colleague_and_to_nobody_else(data: Data, office: Run) -> None:
    [thread] = data("conversations", "list")
    assert data("conversations", "assign", thread["id"], "--to", "sari") == {
        "id": thread["id"],
        "assignedTo": "sari",
        "was": None,
    }
    assert data("conversations", "list")[0]["assignedTo"] == "sari"
    assert "sari" in office("--plain", "conversations", "show", thread["id"]).stdout
    assert office("conversations", "assign", thread["id"], "--to", "tiada").returncode == 4
    for words in ([], ["--to", "sari", "--nobody"]):
        assert office("conversations", "assign", thread["id"], *words).returncode == 2
    assert office("conversations", "assign", thread["id"], "--nobody").stderr == "It is nobody's now.\n"
    assert "assignedTo" not in data("conversations", "list")[0]


def test_a_thread_is_seen_and_made_unread_again(data: Data, office: Run) -> None:
    [thread] = data("conversations", "list")
    assert thread["unread"] > 0
    first = data("messages", "list")[-1]["id"]
    assert data("conversations", "seen", thread["id"][:6], "--up-to", first)["id"] == thread["id"]
    assert data("conversations", "seen", thread["id"]) == {"id": thread["id"], "unread": 0}
    assert data("conversations", "list")[0]["unread"] == 0
    assert office("conversations", "seen", thread["id"], "--unread").stderr == "1 unread.\n"
    assert office("conversations", "seen", thread["id"], "--unread", "--up-to", first).returncode == 2
    assert [each["action"] for each in data("audit", "log", "--limit", "100")].count("conversation.seen") == 3
