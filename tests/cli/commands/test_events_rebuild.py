"""`lhwa events replay --all --into NEWHOME`: the firm's records built anew and compared."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from lhwa.cli import rebuilding

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return tmp_path / "rebuilt"


def change(home: Path, sql: str) -> None:
    """Change the firm's file behind the daemon's back."""
    connection = apsw.Connection(str(home / "tenants" / "firma" / "tenant.db"))
    connection.execute(sql)
    connection.close()


def test_a_rebuilt_home_is_identical_and_can_be_read(data: Data, office: Run, there: Path) -> None:
    shown = data("events", "replay", "--all", "--into", str(there))
    assert (shown["same"], shown["requests"], shown["waiting"], shown["unreadable"]) == (True, 6, 0, 0)
    counts = {table["table"]: table for table in shown["tables"]}
    assert counts["message"]["here"] == counts["message"]["there"] == counts["message"]["compared"] == 3
    assert counts["dead_letter"]["here"] == 1
    assert sum(table["notComparable"] for table in shown["tables"]) == 0
    here = data("messages", "list")
    assert json.loads(office("--home", str(there), "--json", "messages", "list").stdout) == here
    assert office("--home", str(there), "audit", "verify").returncode == 0
    assert data("audit", "log")[-1]["action"] != "events.rebuilt_elsewhere", "reading came after it"
    assert "events.rebuilt_elsewhere" in [entry["action"] for entry in data("audit", "log")]


def test_what_people_have_seen_and_whose_a_thread_is_makes_no_difference(data: Data, there: Path) -> None:
    [thread] = data("conversations", "list")
    data("conversations", "seen", thread["id"])
    data("conversations", "assign", thread["id"], "--to", "budi")
    data("conversations", "note", thread["id"], "--text", "Contoh")
    assert data("events", "replay", "--all", "--into", str(there))["same"]


def test_a_dry_run_makes_nothing(data: Data, there: Path) -> None:
    assert data("events", "replay", "--all", "--into", str(there), "--dry-run") == {"requests": 6, "dryRun": True}
    assert not there.exists()


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_there_already_is_never_touched(office: Run, there: Path, kind: str) -> None:
    if kind == "file":
        there.write_text("mine")
    elif kind == "link":
        there.symlink_to(there.parent / "elsewhere")
    else:
        there.mkdir()
        (there / "mine").write_text("mine")
    assert office("events", "replay", "--all", "--into", str(there)).returncode == 5
    assert kind != "folder" or [path.name for path in there.iterdir()] == ["mine"]
    assert not list(there.parent.glob(".rebuilt.*"))


def test_into_goes_with_all(office: Run, there: Path) -> None:
    assert office("events", "replay", "--unrouted", "--into", str(there)).returncode == 2
    assert office("events", "replay", "--since", "2026-01-01T00:00:00Z", "--into", str(there)).returncode == 2


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=repr)
def test_nothing_half_written_is_left(
    office: Run, there: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(rebuilding, "_write_settings", fail)
    assert office("events", "replay", "--all", "--into", str(there)).returncode in (1, 3, 130)
    assert not there.exists()
    assert not list(there.parent.glob(".rebuilt.*"))


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("UPDATE message SET status = 'sent' WHERE status = 'read'", "message"),
        ("UPDATE conversation SET messages = messages + 1", "conversation"),
        ("UPDATE conversation SET unread = unread + 1", "conversation"),
        ("DELETE FROM message_status", "message_status"),
        ("UPDATE contact_sighting SET last_at = last_at + 1", "contact_sighting"),
    ],
)
def test_a_difference_is_named_and_exits_with_7(home: Path, office: Run, there: Path, sql: str, table: str) -> None:
    change(home, sql)
    done = office("--json", "events", "replay", "--all", "--into", str(there))
    assert done.returncode == 7
    assert table in done.stderr
    shown = json.loads(done.stdout)
    assert [each["table"] for each in shown["tables"] if each["different"] + each["missingHere"]] == [table]
    assert there.exists(), "to look at"


def test_what_is_not_stored_any_more_is_counted_and_not_a_difference(home: Path, data: Data, there: Path) -> None:
    request = data("messages", "list")[0]
    raw_event = data("messages", "show", request["id"])["rawEvent"]
    connection = apsw.Connection(str(home / "spool.db"))
    connection.execute("DELETE FROM webhook_request WHERE event_id = ?", (raw_event,))
    connection.close()
    shown = data("events", "replay", "--all", "--into", str(there))
    assert shown["same"]
    tables = {table["table"]: table for table in shown["tables"]}
    assert tables["message"]["notComparable"] == 1
    assert tables["message"]["compared"] == 2
    assert tables["conversation"]["compared"] == 0, "its counts cannot be the same any more"


def test_only_those_who_manage_the_firm_may(office: Run, role: Any, there: Path) -> None:
    for name in ("lawyer", "auditor", "service"):
        assert office("events", "replay", "--all", "--into", str(there), env=role(name)).returncode == 4, name
    assert not there.exists()
