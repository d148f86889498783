from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lhwa.domain.audit import REGISTRY_OPENING, AuditRecord, read_entry
from lhwa.domain.instants import Instant
from lhwa.domain.merkle import Frontier, leaf_hash
from lhwa.errors import VerificationError
from lhwa.registry.audit_log import StoredLog
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


def test_the_log_begins_with_the_registry(registry: Registry) -> None:
    [first] = registry.audit_entries()
    entry = read_entry(first)
    assert (entry.action, entry.target) == (REGISTRY_OPENING.action, REGISTRY_OPENING.target)


ENDS = {
    # Of a log of eight records: what was done -> SQL
    "the newest is gone": "DELETE FROM audit_entry WHERE seq = 7",
    "the newest is changed": "UPDATE audit_entry SET entry = x'7b7d' WHERE seq = 7",
    "one was added": "INSERT INTO audit_entry SELECT 8, entry, leaf_hash FROM audit_entry WHERE seq = 7",
    "one was added far behind": "INSERT INTO audit_entry SELECT 9000000000000000000, entry, leaf_hash"
    " FROM audit_entry WHERE seq = 7",
    "one was added before the first": "INSERT INTO audit_entry SELECT -1, entry, leaf_hash FROM audit_entry"
    " WHERE seq = 7",
    "all is gone": "DELETE FROM audit_entry",
    "the frontier is gone": "DELETE FROM audit_frontier",
    "the frontier is another": "UPDATE audit_frontier SET stack = x'03' || x'00'",
    "the table is gone": "DROP TABLE audit_entry",
    "the frontier's table is gone": "DROP TABLE audit_frontier",
}


@pytest.mark.parametrize("sql", ENDS.values(), ids=ENDS)
def test_nothing_is_added_to_a_log_whose_end_was_changed(path: Path, filled: Registry, now: Instant, sql: str) -> None:
    tamper(path, sql.replace("x'03' || x'00'", f"x'03{'00' * 32}'"))
    with pytest.raises(VerificationError) as refused, filled.write(now=now) as tx:
        tx.record(AuditRecord("operator:sari", "app.added", "app:app9"))
    assert "lhwa audit verify --control-plane" in refused.value.hint


def test_an_emptied_log_does_not_begin_anew(path: Path, filled: Registry, now: Instant) -> None:
    tamper(path, "DELETE FROM audit_entry", "UPDATE audit_frontier SET n = 0, stack = x''")
    with pytest.raises(VerificationError), filled.write(now=now) as tx:
        tx.record(AuditRecord("operator:sari", "app.added", "app:app9"))


def test_every_row_is_walked(path: Path, filled: Registry) -> None:
    far = (1 << 63) - 1
    tamper(
        path,
        *(
            f"INSERT INTO audit_entry SELECT {seq}, entry, leaf_hash FROM audit_entry WHERE seq = 7"
            for seq in (-3, far)
        ),
    )
    with filled.read() as view:
        assert [row.seq for row in StoredLog(view.db).entries()] == [-3, *range(8), far]
        assert [row.seq for row in StoredLog(view.db).entries(first=1 << 70)] == [far]


def test_what_surrounds_the_log_is_what_a_new_registry_has(path: Path, filled: Registry) -> None:
    with filled.read() as view:
        log = StoredLog(view.db)
        assert log.schema() == log.written_schema()
        assert {name for kind, name in log.schema() if kind == "table"} == {"audit_entry", "audit_frontier"}
    tamper(path)
    with filled.read() as view:
        assert [kind for kind, _name in StoredLog(view.db).schema()] == ["table", "table"]
