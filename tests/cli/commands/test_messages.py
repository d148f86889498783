"""`lhwa messages`: list, show, why."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]

PROMISED = {"id", "tenantId", "channel", "direction", "senderHash", "messageType", "contentRef", "timestamp"}


def test_the_list_is_an_array_of_the_wire_type_with_text_and_wamid(data: Data) -> None:
    messages = data("messages", "list")
    assert [message["messageType"] for message in messages].count("document") == 1
    for message in messages:
        assert set(message) >= PROMISED | {"text", "wamid"}
        assert message["tenantId"] == "firma"
        assert message["channel"] == "whatsapp"
    assert {message["direction"] for message in messages} == {"inbound", "outbound"}


def test_an_empty_firm_is_an_empty_array_and_a_hint(firm: Run) -> None:
    assert firm("--json", "messages", "list", "-t", "firma").stdout == "[]\n"
    shown = firm("messages", "list", "-t", "firma")
    assert (shown.stdout, "lhwa trigger text" in shown.stderr) == ("", True)


def test_the_limit_keeps_the_newest(data: Data) -> None:
    every = data("messages", "list")
    assert data("messages", "list", "--limit", "1") == every[:1]


def test_only_of_one_thread_or_since_a_time(data: Data) -> None:
    every = data("messages", "list")
    thread = every[0]["conversationId"]
    assert data("messages", "list", "--conversation", thread) == [
        message for message in every if message["conversationId"] == thread
    ]
    assert data("messages", "list", "--since", "2026-11-22T00:00:00+07:00") == every
    assert data("messages", "list", "--since", "2027-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "time",
    [
        "kemarin",
        "2026-11-22",
        "2026-11-22T00:00:00",
        "",
        "0001-01-01T00:00:00+07:00",
        "9999-12-31T23:59:59-07:00",
    ],
)
def test_a_time_without_a_zone_is_no_time(office: Run, time: str) -> None:
    done = office("messages", "list", "--since", time)
    assert done.returncode == 2
    assert "2026-11-22T08:00:00+07:00" in done.stderr


def test_markup_in_a_text_is_only_text(office: Run) -> None:
    shown = office("messages", "list").stdout
    assert "Halo [bold]Kantor[/bold]" in shown
    assert "WIB" in shown


def test_one_message_by_its_id_and_by_its_wamid(data: Data, office: Run) -> None:
    [document] = [message for message in data("messages", "list") if message["messageType"] == "document"]
    detail = data("messages", "show", document["id"])
    assert detail["message"] == document
    assert detail["wireType"] == "document"
    assert detail["content"]["filename"].endswith(".pdf")
    assert data("messages", "show", document["wamid"]) == detail
    assert detail["rawEvent"] in office("messages", "show", document["id"]).stdout


def test_the_way_of_a_message_with_statuses(data: Data, office: Run) -> None:
    [echo] = [message for message in data("messages", "list") if message["direction"] == "outbound"]
    found = data("messages", "why", echo["id"])
    assert [fact["status"] for fact in found["statuses"]] == ["read"]
    assert len(found["raw"]) == 2
    shown = office("messages", "why", echo["id"]).stdout
    for raw in found["raw"]:
        assert raw["request"]["eventId"] in shown
        assert raw["bodySha256"] in shown
    assert "message.recorded" in shown


@pytest.mark.parametrize("command", ["show", "why"])
def test_what_is_not_there_is_not_allowed(office: Run, command: str) -> None:
    for wanted in ("01KAN5T9YB6Q2R8W4X7V3M0ZJD", "wamid.TIADA", "", "x" * 5000, "-1; DROP TABLE message"):
        done = office("messages", command, "--", wanted)
        assert done.returncode == 4
        assert done.stdout == ""


SEES = [("owner", True), ("lawyer", True), ("staff", True), ("finance", False), ("auditor", False), ("service", False)]


@pytest.mark.parametrize(("name", "sees"), SEES)
def test_text_is_for_roles_that_may_read_it(data: Data, role: Any, name: str, *, sees: bool) -> None:
    for message in data("messages", "list", env=role(name)):
        assert ("text" in message, "wamid" in message, "contact" in message) == (sees, sees, sees)
        assert set(message) >= PROMISED


def test_every_look_is_recorded(data: Data) -> None:
    message = data("messages", "list")[0]["id"]
    data("messages", "show", message)
    data("messages", "why", message)
    actions = [entry["action"] for entry in data("audit", "log", "--limit", "3")]
    assert actions == ["message.read", "message.read", "message.traced"]
