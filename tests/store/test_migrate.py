from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import apsw
import pytest

from lhwa.errors import UsageError
from lhwa.store import migrate as migrations_module
from lhwa.store.connection import open_connection, rows
from lhwa.store.migrate import DatabaseKind, migrate, migrations, readable_schema

KINDS: tuple[DatabaseKind, ...] = get_args(DatabaseKind)
_MIGRATE = """
import sys, time
from pathlib import Path
from lhwa.store.connection import open_connection
from lhwa.store.migrate import migrate
folder = Path(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(10):
    connection = open_connection(folder / f"{number}.db", create=True)
    migrate(connection, "tenant")
    connection.close()
"""


def shape(connection: apsw.Connection) -> list[tuple[object, ...]]:
    """Every object of a database, spelled without comments and spaces."""

    def spelled(sql: str | None) -> str | None:
        if sql is None:
            return None
        return re.sub(r"\s+", "", re.sub(r"--[^\n]*", "", sql)).lower()

    found = rows(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
    return [(kind, name, table, spelled(sql)) for kind, name, table, sql in found]


def columns(connection: apsw.Connection) -> dict[str, list[tuple[object, ...]]]:
    tables = rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return {name: rows(connection, f"PRAGMA table_xinfo('{name}')") for (name,) in tables}


@pytest.mark.parametrize("kind", KINDS)
def test_the_readable_schema_is_what_the_migrations_build(kind: DatabaseKind, tmp_path: Path) -> None:
    migrated = open_connection(tmp_path / "migrated.db", create=True)
    read = open_connection(tmp_path / "read.db", create=True)
    migrate(migrated, kind)
    read.execute(readable_schema(kind)).fetchall()
    assert shape(migrated) == shape(read)
    assert columns(migrated) == columns(read)
    migrated.close()
    read.close()


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_is_strict(kind: DatabaseKind, tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "a.db", create=True)
    migrate(connection, kind)
    ours = "schema = 'main' AND type = 'table' AND name NOT IN ('sqlite_schema', 'sqlite_sequence')"
    assert rows(connection, f"SELECT name FROM pragma_table_list WHERE NOT strict AND {ours}") == []
    connection.close()


@pytest.mark.parametrize("kind", KINDS)
def test_migrating_twice_changes_nothing(kind: DatabaseKind, tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "a.db", create=True)
    assert migrate(connection, kind) == len(migrations(kind)) == connection.pragma("user_version")
    before = connection.total_changes()
    assert migrate(connection, kind) == len(migrations(kind))
    assert connection.total_changes() == before
    connection.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_a_newer_lhwa_is_refused_and_left_alone(kind: DatabaseKind, tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "a.db", create=True)
    connection.pragma("user_version", len(migrations(kind)) + 1)
    with pytest.raises(UsageError) as refused:
        migrate(connection, kind)
    assert refused.value.hint
    assert rows(connection, "SELECT * FROM sqlite_schema") == []
    connection.close()


def test_a_failing_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations_module, "migrations", lambda _kind: ("CREATE TABLE a (x)", "CREATE TABLE a (x)"))
    connection = open_connection(tmp_path / "a.db", create=True)
    with pytest.raises(apsw.SQLError):
        migrate(connection, "keys")
    assert not connection.in_transaction
    assert rows(connection, "SELECT * FROM sqlite_schema") == []
    assert connection.pragma("user_version") == 0
    connection.close()


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "a.db", create=True)
    connection.pragma("max_page_count", 4)
    with pytest.raises(apsw.FullError):
        migrate(connection, "tenant")
    assert not connection.in_transaction
    assert connection.pragma("user_version") == 0
    connection.close()


def test_several_processes_may_migrate_at_once(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", _MIGRATE, str(tmp_path)]
    children = [
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    for child in children:
        _, said = child.communicate(timeout=60)
        assert (child.returncode, said) == (0, ""), said
    connection = open_connection(tmp_path / "0.db")
    assert connection.pragma("user_version") == len(migrations("tenant"))
    assert connection.pragma("integrity_check") == "ok"
    connection.close()
