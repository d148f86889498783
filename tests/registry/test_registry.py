from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import AppName, OperatorId
from lhwa.domain.instants import Instant
from lhwa.domain.merkle import Frontier, leaf_hash
from lhwa.domain.sealing import Key
from lhwa.errors import ConfigError, ConflictError, InvariantError, StorageError, UnavailableError, VerificationError
from lhwa.registry import connection
from lhwa.registry.registry import Registry
from lhwa.registry.tables import apps, operators

RECORD = AuditRecord("operator:sari", "app.added", "app:main")


def test_a_new_registry_is_one_file_that_only_its_owner_can_read(path: Path, registry: Registry) -> None:
    assert [each.name for each in path.parent.iterdir()] == ["registry.db"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert registry.audit_frontier().n == 1


@pytest.mark.usefixtures("registry")
def test_a_registry_is_not_made_over_another(path: Path, root: Key, now: Instant) -> None:
    before = path.read_bytes()
    with pytest.raises(ConflictError):
        Registry.create(path, root, now=now)
    assert path.read_bytes() == before


def test_a_registry_that_could_not_be_finished_leaves_nothing(
    path: Path, root: Key, now: Instant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(StorageError):
        Registry.create(path, root, now=now)
    assert list(path.parent.iterdir()) == []


def test_without_a_registry_the_hint_is_init(path: Path, root: Key) -> None:
    with pytest.raises(ConfigError) as refused:
        Registry.open(path, root)
    assert "lhwa init" in refused.value.hint


@pytest.mark.usefixtures("registry")
def test_another_root_key_is_refused_and_said(path: Path) -> None:
    with pytest.raises(ConfigError, match="another root key"):
        Registry.open(path, Key.random())


def test_a_newer_schema_is_refused(path: Path, root: Key, registry: Registry) -> None:
    registry.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('lhwa.registry', '0099_x', '')"
        )
        raw.commit()
    with pytest.raises(ConfigError, match="newer lhwa"):
        Registry.open(path, root)


def test_what_is_no_database_is_said(path: Path, root: Key) -> None:
    path.write_bytes(b"not a database, but long enough to look at " * 20)
    with pytest.raises(VerificationError, match="not a database"):
        Registry.open(path, root)


def test_a_wal_file_is_refused(path: Path, root: Key, registry: Registry) -> None:
    registry.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
    with pytest.raises(ConfigError, match="journal mode wal"):
        Registry.open(path, root)


def test_the_pragmas_hold(registry: Registry) -> None:
    wanted = {"synchronous": 2, "foreign_keys": 1, "journal_mode": "delete", "query_only": 1, "trusted_schema": 0}
    with registry.read() as view:
        assert {name: view.db.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted} == wanted


def test_a_write_and_its_record_are_one(registry: Registry, now: Instant) -> None:
    with registry.write(now=now) as tx:
        apps.insert(tx.record(RECORD), AppName("main"))
    assert [row.seq for row in registry.audit_entries()] == [0, 1]
    with registry.read() as view:
        assert apps.exists(view, AppName("main"))


def test_sqlite_refuses_a_write_before_its_record(registry: Registry, now: Instant) -> None:
    with pytest.raises(StorageError), registry.write(now=now) as tx:
        tx.db.execute("INSERT INTO meta_app VALUES ('main', 0)")
    with pytest.raises(StorageError), registry.read() as view:
        view.db.execute("INSERT INTO meta_app VALUES ('main', 0)")
    with registry.read() as view:
        assert not apps.exists(view, AppName("main"))


def test_after_a_write_the_next_transaction_is_read_only_again(registry: Registry, now: Instant) -> None:
    with registry.write(now=now) as tx:
        tx.record(RECORD)
    with pytest.raises(StorageError), registry.write(now=now) as tx:
        tx.db.execute("INSERT INTO meta_app VALUES ('main', 0)")


def test_a_failing_write_leaves_neither_row_nor_record(registry: Registry, now: Instant) -> None:
    def fail() -> None:
        with registry.write(now=now) as tx:
            apps.insert(tx.record(RECORD), AppName("main"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert registry.audit_frontier().n == 1
    with registry.read() as view:
        assert not apps.exists(view, AppName("main"))


def test_a_broken_constraint_is_a_conflict(registry: Registry, now: Instant) -> None:
    def add() -> None:
        with registry.write(now=now) as tx:
            apps.insert(tx.record(RECORD), AppName("main"))

    add()
    with pytest.raises(ConflictError):
        add()
    assert registry.audit_frontier().n == 2


def test_transactions_are_joined_and_never_nested(registry: Registry, now: Instant) -> None:
    with registry.write(now=now), pytest.raises(InvariantError), registry.read():
        pass


def test_a_busy_registry_is_worth_another_try(
    path: Path, root: Key, registry: Registry, now: Instant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.05)
    with Registry.open(path, root) as other, registry.write(now=now):
        with pytest.raises(UnavailableError) as busy, other.write(now=now):
            pass
        # Bookkeeping gives way at once, and says nothing.
        other.note_token_use("absent", now=now)
    assert busy.value.retryable
    with Registry.open(path, root) as other, other.write(now=now) as tx:
        tx.record(RECORD)


def add_operators(path: Path, root: Key, prefix: str, now: Instant) -> None:
    with Registry.open(path, root) as registry:
        for number in range(15):
            person = OperatorId(f"{prefix}{number}")
            with registry.write(now=now) as tx:
                write = tx.record(AuditRecord("operator:sari", "operator.added", f"operator:{person}"))
                operators.insert(write, person, name="Sample", os_uid=None, is_installer=False)


def test_writers_of_two_processes_lose_nothing(path: Path, root: Key, registry: Registry, now: Instant) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=add_operators, args=(path, root, prefix, now)) for prefix in ("budi", "sari")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    with registry.read() as view:
        assert len(operators.every(view)) == 30
    frontier = Frontier()
    for number, row in enumerate(registry.audit_entries()):
        assert row.seq == number
        frontier = frontier.append(leaf_hash(row.entry))
    assert (frontier.size, frontier.to_bytes()) == tuple(registry.audit_frontier())


def test_a_command_that_only_looks_does_not_import_sqlite_utils(path: Path, root: Key, registry: Registry) -> None:
    registry.close()
    code = f"""
import sys
from pathlib import Path
from lhwa.domain.sealing import Key
from lhwa.registry import lookup
from lhwa.registry.registry import Registry
from lhwa.registry.tables import tenants
with Registry.open(Path({str(path)!r}), Key({root.id!r}, {root.secret!r})) as registry, registry.read() as view:
    assert tenants.every(view) == ()
print("sqlite_utils" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
