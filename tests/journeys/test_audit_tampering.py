"""A log that was emptied, cut, or robbed of its tables and guards: every command that meets it says so, none breaks."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

MESSAGES = 6  # as many as `written` holds
RESET = ("DELETE FROM audit_entry", "UPDATE audit_frontier SET n = 0, stack = x''")
RUBBISH = ("DROP INDEX audit_entry_target", "UPDATE audit_entry SET entry = x'7878' WHERE seq = 4")


@pytest.fixture
def kept(written: Any) -> Iterator[Any]:
    """That place, put back afterwards."""
    copy = written.root / "kept"
    shutil.copytree(written.home, copy)
    yield written
    written.close()
    shutil.rmtree(written.home)
    copy.rename(written.home)


def _tamper(database: Path, *statements: str, guards: bool = False) -> None:
    """Somebody with the file and any SQLite tool."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            if not guards:
                connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)


def _file(place: Any, firm: str = "firma") -> Path:
    found: Path = place.home / "tenants" / firm / "tenant.db"
    return found


UNSEEN = [
    # label, what was done to the file, what the error says
    ("all gone and the frontier reset", RESET, "record 0: the log is empty"),
    ("all gone and no frontier", (RESET[0], "DELETE FROM audit_frontier"), "the frontier is gone"),
    (
        "a record before the first",
        ("INSERT INTO audit_entry SELECT -1, entry, leaf_hash FROM audit_entry WHERE seq = 0",),
        "record -1: the entry was added",
    ),
    (
        "a record far behind",
        ("INSERT INTO audit_entry SELECT 9000000000000000000, entry, leaf_hash FROM audit_entry WHERE seq = 0",),
        "record 9000000000000000000: the entry was added",
    ),
    ("no table of records", ("DROP TABLE audit_entry",), "table audit_entry is missing"),
    ("no table of the frontier", ("DROP TABLE audit_frontier",), "table audit_frontier is missing"),
    ("no guards", (), "trigger audit_entry_"),
    ("rubbish", RUBBISH, "record 4: the entry was changed"),
]


@pytest.mark.parametrize(("label", "done", "said"), UNSEEN, ids=[case[0] for case in UNSEEN])
@pytest.mark.parametrize("plane", [(), ("--control-plane",)], ids=["firm", "control plane"])
def test_verify_says_what_is_wrong_and_ends_with_seven(
    kept: Any, label: str, done: tuple[str, ...], said: str, plane: tuple[str, ...]
) -> None:
    if plane:
        done = tuple(statement for statement in done if "INDEX" not in statement)
    _tamper(kept.home / "registry.db" if plane else _file(kept), *done)
    ended = kept.run("--json", "-t", "firma", "audit", "verify", *plane)
    assert ended.returncode == 7
    report, error = json.loads(ended.stdout), json.loads(ended.stderr)["error"]
    assert report["ok"] is False
    assert said in error["message"]
    assert error["hint"]
    assert kept.run("--json", "doctor").returncode == 1


READERS = [
    ("audit", "log"),
    ("audit", "log", "--target", "firm:firma"),
    ("messages", "list"),
    ("status",),
    ("audit", "log", "--control-plane"),
    ("audit", "log", "--control-plane", "--target", "tenant:firma"),
]


@pytest.mark.parametrize("reader", READERS, ids=" ".join)
@pytest.mark.parametrize(("label", "done", "said"), UNSEEN, ids=[case[0] for case in UNSEEN])
def test_no_reader_breaks(kept: Any, reader: tuple[str, ...], label: str, done: tuple[str, ...], said: str) -> None:
    _tamper(_file(kept), *done)
    _tamper(kept.home / "registry.db", *(statement for statement in done if "INDEX" not in statement))
    ended = kept.run("-t", "firma", *reader)
    assert ended.returncode in (0, 7), ended.stderr
    assert "unexpectedly" not in ended.stderr


def test_sound_records_are_shown_beside_a_damaged_one(kept: Any) -> None:
    every = kept.data("audit", "log", "--start", "0", "--limit", "1000")
    _tamper(_file(kept), *RUBBISH)
    ended = kept.run("--json", "-t", "firma", "audit", "log", "--start", "0", "--limit", "1000")
    assert ended.returncode == 7
    shown = json.loads(ended.stdout)
    assert [each["seq"] for each in shown] == [each["seq"] for each in every][: len(shown)]
    assert [each["seq"] for each in shown if each["action"] == "(damaged)"] == [4]
    assert [each for each in shown if each["seq"] != 4] == [each for each in every if each["seq"] != 4]
    error = json.loads(ended.stderr)["error"]
    assert error["message"] == "Record 4 is not what was written."
    assert error["hint"] == "Run `lhwa audit verify`."


def test_the_way_of_a_message_is_shown_beside_a_damaged_record(kept: Any) -> None:
    [message, *_] = kept.messages()
    # Tracing is an audit record itself, and a damaged end takes none: let the newest record stand alone in the tree.
    while kept.data("audit", "verify")["entries"] % 2 == 0:
        kept.messages()
    _tamper(_file(kept), *RUBBISH)
    traced = kept.run("-t", "firma", "messages", "why", message["id"])
    assert traced.returncode == 0
    assert "(damaged: the entry was changed; run `lhwa audit verify`)" in traced.stdout


APPENDING = [
    ("the newest record gone", ("DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)",)),
    ("all gone and the frontier reset", RESET),
    ("no table of records", ("DROP TABLE audit_entry",)),
]


@pytest.mark.parametrize(("label", "done"), APPENDING, ids=[case[0] for case in APPENDING])
def test_the_daemon_adds_nothing_to_a_tampered_log_and_keeps_what_arrives(
    kept: Any, label: str, done: tuple[str, ...]
) -> None:
    _tamper(_file(kept), *done)
    daemon = kept.serve()
    assert daemon.post(kept.text("sesudahnya")) == 200
    assert daemon.post(kept.text("di firma lain", firm="lain")) == 200
    kept.eventually(lambda: "di firma lain" in kept.texts("lain"), what="the other firm goes on")
    kept.eventually(lambda: daemon.lines("firm_in_trouble"), what="the daemon says so")
    assert {line["tenant"] for line in daemon.lines("firm_in_trouble")} == {"firma"}
    assert {line["error"] for line in daemon.lines("firm_in_trouble")} == {"VerificationError"}
    daemon.stop()
    with closing(sqlite3.connect(kept.home / "spool.db")) as spool:
        states = spool.execute("SELECT state FROM webhook_request WHERE tenant = 'firma' ORDER BY seq DESC LIMIT 1")
        assert states.fetchone() == ("stored",)
    with closing(sqlite3.connect(_file(kept))) as firm:
        assert firm.execute("SELECT count(*) FROM message").fetchone() == (MESSAGES,)
