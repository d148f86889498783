"""`lhwa audit completeness`: the ledger as people and scripts see it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lhwa.cli.commands import audit
from lhwa.domain.completeness import Disposition
from lhwa.services.audit import completeness

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]


def _tamper(home: Path, sql: str) -> None:
    with closing(sqlite3.connect(home / "tenants" / "firma" / "tenant.db")) as db, db:
        db.execute(sql)


def test_what_came_in_is_what_is_accounted_for(data: Data) -> None:
    ledger = data("audit", "completeness")
    assert ledger["balanced"] is True
    assert ledger["elements"] == sum(ledger["dispositions"].values()) == 6
    assert ledger["requests"] == {"stored": 0, "done": 6, "dead": 0}
    found = {name: number for name, number in ledger["dispositions"].items() if number}
    assert found == {"message": 3, "status": 1, "platform_event": 1, "dead_letter": 1}
    assert (ledger["missing"], ledger["olderThanSpool"], ledger["findings"]) == (0, 0, [])


def test_people_read_a_table(office: Run) -> None:
    done = office("audit", "completeness")
    assert (done.returncode, done.stderr) == (0, "")
    shown = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines())
    assert shown["items in"] == shown["items out"] == "6"
    assert {"  messages", "  duplicates", "  missing", "rows older than the spool"} <= {*shown}


def test_every_disposition_has_a_word() -> None:
    assert set(audit._WORDS) == set(Disposition)


def test_a_message_that_is_gone(office: Run, home: Path) -> None:
    _tamper(home, "DELETE FROM message WHERE via = 'echo'")
    told = office("audit", "completeness")
    assert told.returncode == 7
    assert "does not balance: 1 item is missing" in told.stderr
    assert "hint: " in told.stderr
    assert "lhwa events replay ID" in told.stderr
    assert "! missing" in told.stdout
    as_data = office("--json", "audit", "completeness")
    assert as_data.returncode == 7
    ledger = json.loads(as_data.stdout)
    assert (ledger["balanced"], ledger["missing"]) == (False, 1)
    # Its status was recorded with it, so that has lost its record too.
    assert {finding["kind"] for finding in ledger["findings"]} == {"missing", "without_row", "without_audit"}
    assert json.loads(as_data.stderr)["error"]["code"] == "not_verified"


def test_a_row_that_the_audit_log_does_not_know(office: Run, home: Path) -> None:
    _tamper(home, "DELETE FROM event")
    told = office("audit", "completeness")
    assert told.returncode == 7
    assert "does not balance: without event message:" in told.stderr
    assert "audit verify" in told.stderr


def test_long_work_says_how_far_it_is(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PROGRESS_S", -1.0)
    monkeypatch.setattr(completeness, "PAGE_ROWS", 2)
    assert office("audit", "completeness").stderr.splitlines() == ["2 of 6 requests ...", "4 of 6 requests ..."]
    assert office("--quiet", "audit", "completeness").stderr == ""
