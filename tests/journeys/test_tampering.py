"""Somebody with the file and any SQLite tool changes history: `audit verify` says where, and exits with 7."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

Tamper = Callable[[sqlite3.Connection], None]

MESSAGES = 6  # as many as `written` holds


@contextmanager
def tampering(database: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection to a copy of the file; afterwards the file is as it was."""
    before = {path: path.read_bytes() for path in database.parent.glob(f"{database.name}*")}
    with closing(sqlite3.connect(database)) as connection:
        triggers = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for trigger in triggers:
            connection.execute(f'DROP TRIGGER "{trigger}"')
        yield connection
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    for path, content in before.items():
        path.write_bytes(content)


def _verify(place: Any, *words: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    done = place.run("--json", "audit", "verify", *words, "-t", "firma")
    report = json.loads(done.stdout)
    error = json.loads(done.stderr)["error"] if done.stderr else {}
    return done.returncode, report, error


def _change_a_byte(connection: sqlite3.Connection) -> None:
    ((entry,),) = connection.execute("SELECT entry FROM audit_entry WHERE seq = 3")
    changed = entry.replace(b"message.recorded", b"message.recorder") if b"message.recorded" in entry else entry[:-1]
    connection.execute("UPDATE audit_entry SET entry = ? WHERE seq = 3", (changed,))


def _change_a_hash(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE audit_entry SET leaf_hash = zeroblob(32) WHERE seq = 2")


def _remove_from_the_middle(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM audit_entry WHERE seq = 4")


def _swap_two(connection: sqlite3.Connection) -> None:
    for old, new in ((2, -1), (3, 2), (-1, 3)):
        connection.execute("UPDATE audit_entry SET seq = ? WHERE seq = ?", (new, old))


def _cut_the_tail(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM audit_entry WHERE seq >= (SELECT max(seq) - 1 FROM audit_entry)")


def _add_past_the_end(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO audit_entry (seq, entry, leaf_hash)"
        " SELECT seq + 1, entry, leaf_hash FROM audit_entry ORDER BY seq DESC LIMIT 1"
    )


CASES: list[tuple[str, Tamper, int | None, str]] = [
    # label, what was done, first bad record (None: the last one that was written), reason
    ("a byte of an entry", _change_a_byte, 3, "changed"),
    ("a leaf hash", _change_a_hash, 2, "changed"),
    ("an entry removed", _remove_from_the_middle, 4, "missing"),
    ("two entries swapped", _swap_two, 2, "number"),
    ("the tail cut off", _cut_the_tail, None, "cut off"),
    ("an entry added by hand", _add_past_the_end, None, ""),
]


@pytest.mark.parametrize(("label", "tamper", "first_bad", "reason"), CASES, ids=[case[0] for case in CASES])
def test_the_first_bad_record_is_named(
    written: Any, label: str, tamper: Tamper, first_bad: int | None, reason: str
) -> None:
    entries = written.data("audit", "verify")["entries"]
    with tampering(written.home / "tenants" / "firma" / "tenant.db") as connection:
        tamper(connection)
        connection.commit()
        code, report, error = _verify(written)
    assert code == 7
    assert report["ok"] is False
    assert reason in report["reason"]
    if first_bad is not None:
        assert report["firstBad"] == first_bad
    else:
        assert entries - 2 <= report["firstBad"] <= entries
    assert error["exitCode"] == 7
    assert f"record {report['firstBad']}" in error["message"]
    assert _verify(written)[:1] == (0,)


def test_the_control_plane_has_the_same_proof(written: Any) -> None:
    assert written.data("audit", "verify", "--control-plane")["ok"] is True
    with tampering(written.home / "registry.db") as connection:
        connection.execute(
            "UPDATE audit_entry SET entry = CAST(replace(entry, 'tenant.added', 'tenant.hidden') AS BLOB)"
        )
        connection.commit()
        code, report, error = _verify(written, "--control-plane")
    assert (code, report["ok"], error["exitCode"]) == (7, False, 7)


def test_people_get_a_sentence_and_scripts_the_code(written: Any) -> None:
    with tampering(written.home / "tenants" / "firma" / "tenant.db") as connection:
        _cut_the_tail(connection)
        connection.commit()
        done = written.run("audit", "verify", "-t", "firma")
    assert done.returncode == 7
    assert done.stdout == ""
    assert "the end is cut off" in done.stderr
    assert "hint: Keep this home as it is" in done.stderr


def test_a_sealed_text_that_was_changed_is_shown_as_unreadable_and_its_neighbours_as_they_are(written: Any) -> None:
    with tampering(written.home / "tenants" / "firma" / "tenant.db") as connection:
        ((row, sealed),) = connection.execute("SELECT rowid, sealed FROM message ORDER BY rowid LIMIT 1")
        flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
        connection.execute("UPDATE message SET sealed = ? WHERE rowid = ?", (flipped, row))
        connection.commit()
        shown = written.messages()
        listed = written.ok("messages", "list", "-t", "firma")
    assert sorted(message["unreadable"] for message in shown) == [False] * (MESSAGES - 1) + [True]
    assert listed.count("[cannot be opened]") == 1


def test_a_file_of_rubbish_is_said_to_be_damaged(written: Any) -> None:
    database = written.home / "tenants" / "firma" / "tenant.db"
    before = database.read_bytes()
    database.write_bytes(b"rubbish " * 4096)
    try:
        done = written.run("messages", "list", "-t", "firma")
        doctor = written.run("--json", "doctor")
    finally:
        database.write_bytes(before)
    assert done.returncode == 7
    assert "tenant.db is damaged" in done.stderr
    assert doctor.returncode == 1
    assert [each["check"] for each in json.loads(doctor.stdout) if each["verdict"] == "bad"] == ["firma: tenant.db"]
