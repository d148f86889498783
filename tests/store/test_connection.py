from __future__ import annotations

import stat
from pathlib import Path

import apsw
import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.keys import TenantKeys
from lhwa.errors import (
    InvariantError,
    LhwaError,
    SealError,
    StorageError,
    UnavailableError,
    VerificationError,
)
from lhwa.store import connection as connections
from lhwa.store.connection import (
    guard_append_only,
    is_storage_failure,
    is_wal_safe,
    open_connection,
    require_safe_sqlite,
    rows,
    sqlite_version,
    storage_errors,
)
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import open_firm

CHECKPOINT = "INSERT INTO audit_checkpoint (size, note) VALUES (1, x'01')"
REWRITES = {
    "update": "UPDATE audit_entry SET entry = x'7b7d' WHERE seq = 0",
    "update all": "UPDATE audit_entry SET seq = seq + 1",
    "update through an alias": "UPDATE audit_entry AS a SET entry = x'7b7d'",
    "upper case": "UPDATE \"AUDIT_ENTRY\" SET entry = x'7b7d'",
    "delete": "DELETE FROM audit_entry WHERE seq = 0",
    "delete all": "DELETE FROM audit_entry",
    "replace into": "REPLACE INTO audit_entry (seq, entry, leaf_hash) VALUES (0, '{}', zeroblob(32))",
    "insert or replace": "INSERT OR REPLACE INTO audit_entry (seq, entry, leaf_hash) VALUES (0, x'7b7d', zeroblob(32))",
    "insert or replace by rowid": (
        "INSERT OR REPLACE INTO audit_entry (rowid, entry, leaf_hash) VALUES (0, x'7b7d', zeroblob(32))"
    ),
    "upsert": (
        "INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES (0, x'7b7d', zeroblob(32))"
        " ON CONFLICT (seq) DO UPDATE SET entry = excluded.entry"
    ),
    "gap": "INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES (99, x'7b7d', zeroblob(32))",
    "negative number": "INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES (-1, x'7b7d', zeroblob(32))",
    "checkpoint update": "UPDATE audit_checkpoint SET note = x'02'",
    "checkpoint delete": "DELETE FROM audit_checkpoint",
    "checkpoint replace": "INSERT OR REPLACE INTO audit_checkpoint (size, note) VALUES (1, x'02')",
    "checkpoint upsert": (
        "INSERT INTO audit_checkpoint (size, note) VALUES (1, x'02') ON CONFLICT DO UPDATE SET note = excluded.note"
    ),
}
"""Refused by the file's own triggers, whoever opens it."""
UNDERMINING = {
    "drop the trigger": "DROP TRIGGER audit_entry_no_update",
    "drop the table": "DROP TABLE audit_entry",
    "drop another table": "DROP TABLE message",
    "drop the index": "DROP INDEX audit_entry_target",
    "rename": "ALTER TABLE audit_entry RENAME TO old_audit_entry",
    "rename a column": "ALTER TABLE audit_entry RENAME COLUMN entry TO was",
    "add a column": "ALTER TABLE audit_entry ADD COLUMN more TEXT",
    "writable schema": "PRAGMA writable_schema = ON",
    "writable schema, odd case": "PRAGMA Writable_Schema = 1",
    "schema table": "UPDATE sqlite_schema SET sql = '' WHERE name = 'audit_entry_no_update'",
    "schema table delete": "DELETE FROM sqlite_schema WHERE name = 'audit_entry_no_update'",
    "new trigger": "CREATE TRIGGER quiet BEFORE INSERT ON audit_entry BEGIN SELECT raise(IGNORE); END",
    "temporary trigger": "CREATE TEMP TRIGGER quiet BEFORE INSERT ON audit_entry BEGIN SELECT raise(IGNORE); END",
    "view in front": "CREATE TEMP VIEW audit_entry AS SELECT 1",
    "another name for the file": "ATTACH 'tenant.db' AS again",
}
"""Refused by the guard of our connections."""


def run(tx: Tx, sql: str) -> None:
    tx.audit.append(AuditRecord("system:test", "test.run", "test:1"))
    rows(tx._connection, sql)


def history(tx: Tx) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], list[tuple[object, ...]]]:
    return (
        rows(tx._connection, "SELECT seq, entry, leaf_hash FROM audit_entry"),
        rows(tx._connection, "SELECT size, note, tst FROM audit_checkpoint"),
        rows(tx._connection, "SELECT type, name, sql FROM sqlite_schema"),
    )


@pytest.mark.parametrize("sql", [*REWRITES.values(), *UNDERMINING.values()], ids=[*REWRITES, *UNDERMINING])
def test_history_cannot_be_rewritten_through_a_store(store: Store, sql: str) -> None:
    store.write(run, CHECKPOINT)
    before = store.read(history)
    with pytest.raises((LhwaError, apsw.Error)):
        store.write(run, sql)
    assert store.read(history) == before
    store.write(run, "SELECT 1")
    assert len(store.read(history)[0]) == len(before[0]) + 1


@pytest.mark.parametrize("sql", REWRITES.values(), ids=REWRITES)
def test_history_cannot_be_rewritten_without_the_guard_either(folder: Path, store: Store, sql: str) -> None:
    store.write(run, CHECKPOINT)
    before = store.read(history)
    other = open_connection(folder / "tenant.db")
    with pytest.raises(apsw.ConstraintError):
        other.execute(sql)
    other.close()
    assert store.read(history) == before


def test_a_refusal_of_the_guard_is_a_defect_of_ours(store: Store) -> None:
    with pytest.raises(InvariantError):
        store.write(run, REWRITES["delete"])


def test_foreign_trees_may_still_be_changed(store: Store) -> None:
    store.write(
        run, "INSERT INTO conversation (id, phone_number_id, group_hash, last_message_at) VALUES (1, 1, x'', 0)"
    )
    store.write(run, "UPDATE conversation SET unread = 1")
    store.write(run, "DELETE FROM conversation WHERE unread = 1")
    assert store.read(lambda tx: rows(tx._connection, "SELECT count(*) FROM conversation")) == [(0,)]


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 99), True),
        ((3, 45, 0), False),
        ((3, 50, 4), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 1), True),
        ((4, 0, 0), True),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_which_sqlite_is_safe(version: tuple[int, int, int], *, is_safe: bool) -> None:
    assert is_wal_safe(version) is is_safe


def test_our_sqlite_is_safe() -> None:
    assert is_wal_safe(sqlite_version())


def test_an_unsafe_sqlite_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "sqlite_version", lambda: (3, 51, 2))
    with pytest.raises(InvariantError) as refused:
        require_safe_sqlite()
    assert refused.value.hint
    with pytest.raises(InvariantError):
        open_connection(tmp_path / "a.db", create=True)
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize("secure_delete", [False, True])
def test_every_connection_has_the_pragmas(tmp_path: Path, *, secure_delete: bool) -> None:
    path = tmp_path / "a.db"
    open_connection(path, create=True).close()
    connection = open_connection(path, secure_delete=secure_delete)
    found = {
        name: connection.pragma(name)
        for name in (
            *("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "temp_store", "cell_size_check"),
            *("busy_timeout", "page_size", "mmap_size", "journal_size_limit"),
        )
    }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "temp_store": 2,
        "cell_size_check": 1,
        "busy_timeout": 5_000,
        "page_size": 8_192,
        "mmap_size": 0,
        "journal_size_limit": 16 * 1024 * 1024,
    }
    assert bool(connection.pragma("secure_delete")) is secure_delete
    connection.close()


def test_both_files_of_a_firm_are_durable_and_the_keys_are_overwritten(store: Store) -> None:
    connection, vault, _ = store._open()
    for opened in (connection, vault._connection):
        assert (opened.pragma("journal_mode"), opened.pragma("synchronous")) == ("wal", 2)
    assert vault._connection.pragma("secure_delete") == 1


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.db"
    connection = open_connection(path, create=True)
    connection.execute("CREATE TABLE t (x)")
    for made in path.parent.iterdir():
        assert stat.S_IMODE(made.stat().st_mode) == 0o600, made.name
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    connection.close()


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        open_connection(tmp_path / "absent.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_garbage_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"no database " * 1_000)
    with pytest.raises(VerificationError) as refused:
        open_connection(path)
    assert "a.db" in refused.value.message
    assert str(tmp_path) not in refused.value.message


@pytest.mark.parametrize(
    ("raised", "ours"),
    [
        (apsw.BusyError, UnavailableError),
        (apsw.FullError, StorageError),
        (apsw.CorruptError, VerificationError),
        (apsw.NotADBError, VerificationError),
        (apsw.IOError, StorageError),
        (apsw.CantOpenError, StorageError),
        (apsw.ReadOnlyError, StorageError),
        (apsw.PermissionsError, StorageError),
        (apsw.AuthError, InvariantError),
    ],
)
def test_errors_of_sqlite_become_ours(raised: type[apsw.Error], ours: type[LhwaError]) -> None:
    with pytest.raises(ours) as found, storage_errors("tenant.db"):
        raise raised("UNIQUE constraint: 6281230001111")
    assert "62812" not in str(found.value)


@pytest.mark.parametrize(
    ("error", "is_failure"),
    [
        (StorageError("x"), True),
        (UnavailableError("x"), True),
        (VerificationError("x"), True),
        (apsw.FullError(), True),
        (apsw.IOError(), True),
        (SealError("x"), False),
        (InvariantError("x"), False),
        (apsw.ConstraintError(), False),
        (apsw.SQLError(), False),
        (OverflowError(), False),
        (KeyError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_which_errors_concern_the_whole_file(error: Exception, *, is_failure: bool) -> None:
    assert is_storage_failure(error) is is_failure


def test_emptying_a_table_is_noticed_row_by_row(tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "a.db", create=True)
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (1), (2)")
    guard_append_only(connection)
    noticed: list[str] = []
    connection.set_update_hook(lambda _kind, _database, table, _rowid: noticed.append(table))
    connection.execute("DELETE FROM t")
    assert noticed == ["t", "t"]
    assert rows(connection, "SELECT * FROM t") == []
    connection.close()


def test_the_guard_is_there_after_a_reopening(folder: Path, firm_keys: TenantKeys) -> None:
    with open_firm(folder, keys=firm_keys) as store:
        store.close()
        with pytest.raises(InvariantError):
            store.write(run, REWRITES["delete all"])
