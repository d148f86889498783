"""The commands of intakes on a real home: what they show, what they refuse, and their exit codes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.intake_place import put_intake
from tests.journeys.outbound_place import written_ago

NAME = "Rina Contoh Wijaya"


@pytest.fixture(scope="module")
def office(shared: Any) -> Any:
    """A client has written just now, and is in the middle of an intake."""
    daemon = shared.daemons[0]
    assert daemon.post(written_ago(shared.text("Selamat malam"), timedelta(0))) == 200
    daemon.settle()
    message = shared.messages()[0]["id"]
    shared.ids = put_intake(shared, message=message, words=NAME)
    shared.lawyer = shared.token("budi-contoh", "lawyer")
    shared.staff = shared.token("rani-contoh", "staff")
    return shared


def run(office: Any, *words: str, who: Any = None) -> Any:
    return office.run("--json", "-t", "firma", *words, env=who)


def test_the_queue_and_the_intake_are_shown_with_their_contract(office: Any) -> None:
    [row] = json.loads(run(office, "intake", "list").stdout)
    assert {"id", "state", "urgency", "contact", "tree", "version", "startedAt", "conflicts"} <= row.keys()
    assert (row["id"], row["state"], row["tree"]) == (office.ids["intake"], "in_progress", "umum")
    assert "••••" in row["contact"]
    shown = json.loads(run(office, "intake", "show", office.ids["intake"][:10]).stdout)
    assert {each["node"]: each["answer"] for each in shown["answers"]}["name"] == NAME
    assert all(each["message"] for each in shown["answers"])
    page = office.ok("--plain", "-t", "firma", "intake", "show", office.ids["intake"])
    assert NAME in page
    assert "Consents" in page


def test_a_person_takes_over_and_hands_back(office: Any) -> None:
    assert run(office, "intake", "take-over", office.ids["intake"], who=office.staff).returncode == 0
    assert json.loads(run(office, "intake", "list").stdout)[0]["withPerson"] is True
    assert run(office, "intake", "hand-back", office.ids["intake"], who=office.staff).returncode == 0
    assert run(office, "intake", "hand-back", office.ids["intake"], who=office.staff).returncode == 5


def test_who_may_not_decide_is_refused_and_nothing_changes(office: Any) -> None:
    for who in (office.staff, None):
        done = run(office, "intake", "reject", office.ids["intake"], "--code", "other", "--reason", "x", who=who)
        assert done.returncode == 4
    assert json.loads(run(office, "intake", "list").stdout)[0]["state"] == "in_progress"


def test_what_is_not_answered_cannot_be_accepted(office: Any) -> None:
    done = run(office, "intake", "accept", office.ids["intake"], "--reason", "x", who=office.lawyer)
    assert done.returncode == 5
    assert "still being asked" in done.stderr


def test_a_decision_names_what_was_seen_and_falls_when_more_has_happened(office: Any) -> None:
    intake = office.ids["intake"]
    shown = json.loads(run(office, "intake", "show", intake).stdout)
    assert shown["asOfAct"] == shown["history"][-1]["nth"]
    assert f"as of act {shown['asOfAct']}" in office.ok("--plain", "-t", "firma", "intake", "show", intake)
    decisions = (
        ("intake", "accept", intake, "--reason", "x"),
        ("intake", "reject", intake, "--code", "other", "--reason", "x"),
        ("intake", "ask", intake, "--question", "name"),
        ("conflict", "decide", intake, "waived", "--reason", "x"),
        ("approve", intake, "--reason", "x"),
        ("reject", intake, "--reason", "x"),
    )
    for words in decisions:
        done = run(office, *words, "--seen", "1", who=office.lawyer)
        assert (done.returncode, "Since you looked: the client" in done.stderr) == (5, True), done.stderr
        assert NAME not in done.stderr
        assert run(office, *words, "--seen", "99", who=office.lawyer).returncode == 2
    assert run(office, "approve", "01KAN5T9YB6Q2R8W4X7V3M0ZJD", "--seen", "1", who=office.lawyer).returncode == 2


def test_wrong_ids_and_names_are_told(office: Any) -> None:
    assert run(office, "intake", "show", "01KAN5T9YB6Q2R8W4X7V3M0ZJD").returncode == 4
    assert run(office, "intake", "exempt", "81230001111").returncode == 2
    assert run(office, "conflict", "party", office.ids["intake"], "--name", " ", who=office.staff).returncode == 2
    assert run(office, "tree", "publish", "tiada.yaml").returncode == 2
    assert run(office, "intake", "assign", office.ids["intake"], "--to", "tiada").returncode == 4
    assert run(office, "audit", "verify", "--proof", "/dev/null").returncode == 2


def test_a_consent_is_proved_and_a_changed_proof_fails(office: Any, tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"
    proof.write_text(run(office, "consent", "prove", office.ids["consent"]).stdout)
    assert run(office, "audit", "verify", "--proof", str(proof)).returncode == 0
    changed = json.loads(proof.read_text())
    proof.write_text(json.dumps(changed | {"rootHash": "00" * 32}))
    assert run(office, "audit", "verify", "--proof", str(proof)).returncode == 7


def test_a_number_is_exempt_until_it_is_not(office: Any) -> None:
    assert run(office, "intake", "exempt", "+6281230009999", who=office.staff).returncode == 0
    assert run(office, "intake", "exempt", "+6281230009999", who=office.staff).returncode == 5
    assert [each["number"] for each in json.loads(run(office, "intake", "exemptions").stdout)] == ["+62 812-••••-9999"]
    assert run(office, "intake", "exempt", "+6281230009999", "--end", who=office.staff).returncode == 0


def test_a_tree_is_published_by_two_people(office: Any) -> None:
    submitted = json.loads(run(office, "tree", "publish", "config/intake/debt.yaml", who=office.lawyer).stdout)
    shown = json.loads(run(office, "tree", "show", submitted["id"]).stdout)
    assert (shown["name"], len(shown["nodes"]) > 10) == ("debt", True)
    assert run(office, "tree", "show", "01KAN5T9YB6Q2R8W4X7V3M0ZJD").returncode == 2
    assert run(office, "approve", submitted["id"], who=office.lawyer).returncode == 5
    assert run(office, "approve", submitted["id"], who=office.staff).returncode == 4
    assert run(office, "approve", submitted["id"]).returncode == 0
    assert run(office, "approve", submitted["id"]).returncode == 5
    [row] = [each for each in json.loads(run(office, "tree", "versions").stdout) if each["name"] == "debt"]
    assert (row["version"], row["state"]) == (1, "published")


def test_a_rejection_offers_a_text_and_ends_it(office: Any) -> None:
    words = ("intake", "reject", office.ids["intake"], "--code", "no_capacity", "--reason", "no lawyer is free")
    done = run(office, *words, who=office.lawyer)
    assert json.loads(done.stdout)["state"] == "rejected"
    assert json.loads(done.stdout)["closingText"]
    assert run(office, *words, who=office.lawyer).returncode == 5
    assert json.loads(run(office, "intake", "list").stdout) == []
    assert len(json.loads(run(office, "intake", "list", "--all").stdout)) == 1
