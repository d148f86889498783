"""`lhwa audit`: log and verify. What they find when a file was changed is in tests/journeys."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable
from typing import Any

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]


def test_the_proof_can_be_computed_by_somebody_else(data: Data) -> None:
    entries = data("audit", "log", "--start", "0", "--limit", "100000")
    proof = data("audit", "verify")
    assert proof == {"ok": True, "entries": len(entries), "root": proof["root"]}
    leaves = [base64.b64decode(entry["leafHash"]) for entry in entries]
    assert base64.b64encode(_root(leaves)).decode() == proof["root"]


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def test_verifying_changes_nothing(data: Data) -> None:
    assert data("audit", "verify") == data("audit", "verify")


def test_the_log_by_place_by_number_and_by_target(data: Data) -> None:
    every = data("audit", "log", "--start", "0", "--limit", "100000")
    assert [entry["seq"] for entry in every] == list(range(len(every)))
    assert every[0]["action"] == "firm.created"
    assert data("audit", "log", "--limit", "3") == every[-3:]
    assert data("audit", "log", "--start", "2", "--limit", "2") == every[2:4]
    target = next(entry["target"] for entry in every if entry["action"] == "message.recorded")
    about = data("audit", "log", "--target", target)
    assert {entry["target"] for entry in about} == {target}
    assert data("audit", "log", "--target", "message:TIADA") == []
    assert data("audit", "log", "--start", "100000") == []


def test_people_read_a_table(office: Run) -> None:
    shown = office("audit", "log").stdout
    assert shown.splitlines()[0].split() == ["number", "time", "(UTC)", "actor", "action", "target", "data"]
    assert "message.recorded" in shown
    assert "audit log  sound" in office("audit", "verify").stdout


def test_the_control_plane_has_a_log_of_its_own(data: Data) -> None:
    actions = {entry["action"] for entry in data("audit", "log", "--control-plane", "--limit", "1000")}
    assert actions >= {"app.added", "tenant.added", "operator.added"}
    proof = data("audit", "verify", "--control-plane")
    assert proof["ok"] is True
    about = data("audit", "log", "--control-plane", "--target", "tenant:lain")
    assert [entry["action"] for entry in about] == ["tenant.added", "tenant.founded"]


def test_a_number_past_any_log_shows_nothing(data: Data, office: Run) -> None:
    for more in ((), ("--control-plane",)):
        assert data("audit", "log", "--start", str((1 << 63) - 1), *more) == []
        assert office("audit", "log", "--start", str(1 << 63), *more).returncode == 2


def test_no_role_below_the_right_may_read_it(office: Run, role: Any) -> None:
    for name, code in (("auditor", 0), ("lawyer", 0), ("staff", 4), ("finance", 4), ("service", 4)):
        env = role(name)
        for command in ("log", "verify", "completeness"):
            done = office("--json", "audit", command, env=env)
            assert done.returncode == code, (name, command)
            if code:
                assert json.loads(done.stderr)["error"]["code"] == "not_allowed"
