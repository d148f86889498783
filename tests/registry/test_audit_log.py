from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.instants import Instant
from lhwa.domain.merkle import Frontier, leaf_hash
from lhwa.registry.registry import Registry


@pytest.fixture
def filled(registry: Registry, now: Instant) -> Registry:
    for number in range(1, 8):
        with registry.write(now=now) as tx:
            tx.record(AuditRecord("operator:sari", "app.added", f"app:app{number}", {"number": number}))
    return registry


def first_bad_row(registry: Registry) -> int | None:
    """What a verifier does: recompute every leaf and the right edge."""
    grown = Frontier()
    for row in registry.audit_entries():
        if row.seq != grown.size or leaf_hash(row.entry) != row.leaf_hash or json.loads(row.entry)["seq"] != row.seq:
            return row.seq
        grown = grown.append(row.leaf_hash)
    return None if (grown.size, grown.to_bytes()) == tuple(registry.audit_frontier()) else grown.size


def tamper(path: Path, *statements: str) -> None:
    """Somebody with the file and a shell: triggers are no obstacle to them."""
    with closing(sqlite3.connect(path)) as raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            raw.execute(statement)
        raw.commit()


def test_a_log_that_nobody_touched_verifies(filled: Registry) -> None:
    assert first_bad_row(filled) is None
    assert filled.audit_frontier().n == 8


def test_entries_can_be_read_from_the_middle(filled: Registry) -> None:
    assert [row.seq for row in filled.audit_entries(first=6)] == [6, 7]


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("UPDATE audit_entry SET entry = replace(entry, 'sari', 'budi') WHERE seq = 3", 3),
        ("UPDATE audit_entry SET leaf_hash = zeroblob(32) WHERE seq = 5", 5),
        ("DELETE FROM audit_entry WHERE seq = 4", 5),
        ("DELETE FROM audit_entry WHERE seq = 7", 7),
        ("UPDATE audit_frontier SET stack = zeroblob(33)", 8),
    ],
    ids=["changed entry", "changed hash", "gap", "cut tail", "changed frontier"],
)
def test_a_tampered_log_is_noticed_and_the_row_named(path: Path, filled: Registry, statement: str, bad: int) -> None:
    tamper(path, statement.replace("replace(entry, 'sari', 'budi')", "CAST(replace(entry, 'sari', 'budi') AS BLOB)"))
    assert first_bad_row(filled) == bad


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET entry = x'00' WHERE seq = 3",
        "DELETE FROM audit_entry WHERE seq = 7",
        "INSERT OR REPLACE INTO audit_entry VALUES (3, x'00', zeroblob(32))",
        "INSERT INTO audit_entry VALUES (99, x'00', zeroblob(32))",
        "UPDATE audit_frontier SET n = n - 1",
        "UPDATE audit_frontier SET stack = x''",
        "UPDATE audit_frontier SET id = 2",
        "DELETE FROM audit_frontier",
    ],
)
def test_the_log_only_grows_at_its_end(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)
