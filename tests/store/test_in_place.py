"""A firm's files that are moved, removed, replaced or emptied under an open store, or before it is opened."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import ContactId
from lhwa.domain.keys import TenantKeys
from lhwa.errors import StorageError, VerificationError
from lhwa.store.connection import open_connection, rows
from lhwa.store.in_place import InPlace
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, FIRM, open_firm
from lhwa.testing.fakes import FakeClock

Disturb = Callable[[Path], None]


def move(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))


def replace(path: Path) -> None:
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    copy.replace(path)


def remove_log(path: Path) -> None:
    path.with_name(path.name + "-wal").unlink()


def remove_memory(path: Path) -> None:
    path.with_name(path.name + "-shm").unlink()


def add_contact(tx: Tx, contact: str = "C") -> None:
    tx.contacts.add(ContactId(contact), CLIENT, at_ms=1)
    tx.audit.append(AuditRecord("system:test", "contact.created", f"contact:{contact}"))


def contacts(tx: Tx) -> list[str]:
    return [row[0] for row in rows(tx._connection, "SELECT id FROM contact ORDER BY seq")]


def reopened(folder: Path, keys: TenantKeys) -> Store:
    """As a process opens a firm that was founded before."""
    return Store(
        folder / "tenant.db", folder / "keys.db", tenant=FIRM, tenant_keys=keys, clock=FakeClock(), reactions={}
    )


@pytest.mark.parametrize("disturb", [move, replace, remove_log, remove_memory])
def test_a_file_that_is_no_longer_in_place_is_noticed(tmp_path: Path, disturb: Disturb) -> None:
    path = tmp_path / "a.db"
    connection = open_connection(path, create=True)
    in_place = InPlace(connection, path)
    connection.execute("CREATE TABLE t (x)")
    in_place.require()
    disturb(path)
    with pytest.raises(StorageError, match=r"a\.db") as moved:
        in_place.require()
    assert moved.value.hint
    connection.close(True)


def test_checkpoints_and_other_connections_are_no_disturbance(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = open_connection(path, create=True)
    in_place = InPlace(connection, path)
    for number in range(3):
        in_place.require()
        connection.execute(f"CREATE TABLE t{number} (x)")
        other = open_connection(path)
        other.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        other.close()
        in_place.require()
    connection.close()


@pytest.mark.parametrize("name", ["tenant.db", "keys.db"])
@pytest.mark.parametrize("disturb", [move, replace])
@pytest.mark.parametrize("is_read", [True, False])
def test_an_open_store_uses_no_file_that_is_not_in_place(
    folder: Path, store: Store, name: str, disturb: Disturb, *, is_read: bool
) -> None:
    store.write(add_contact, "A")
    disturb(folder / name)
    with pytest.raises(StorageError):
        _ = store.read(contacts) if is_read else store.write(add_contact, "B")


@pytest.mark.parametrize("name", ["tenant.db", "keys.db"])
def test_what_is_committed_into_a_file_that_moves_meanwhile_is_not_told_as_done(
    folder: Path, store: Store, name: str
) -> None:
    def move_in_between(tx: Tx) -> None:
        add_contact(tx, "B")
        move(folder / name)

    store.write(add_contact, "A")
    with pytest.raises(StorageError):
        store.write(move_in_between)
    with pytest.raises(StorageError):
        store.write(add_contact, "B")
    (folder / name).with_suffix(".moved").rename(folder / name)
    if name == "keys.db":
        assert store.read(contacts) == ["A"], "a row whose key was lost"
        store.write(add_contact, "B")
    assert store.read(lambda tx: tx.contacts.profile(ContactId("B"))) == CLIENT


def test_what_was_refused_is_not_in_the_file_that_was_moved(folder: Path, store: Store) -> None:
    store.write(add_contact, "A")
    move(folder / "tenant.db")
    with pytest.raises(StorageError):
        store.write(add_contact, "B")
    (folder / "tenant.moved").rename(folder / "tenant.db")
    assert store.read(contacts) == ["A"]


@pytest.mark.parametrize("name", ["tenant.db", "keys.db"])
def test_what_only_a_removed_log_held_is_saved(folder: Path, store: Store, name: str) -> None:
    store.write(add_contact, "A")
    remove_log(folder / name)
    with pytest.raises(StorageError):
        store.write(add_contact, "B")
    assert store.read(contacts) == ["A"]
    store.write(add_contact, "B")
    assert store.read(lambda tx: tx.contacts.profile(ContactId("A"))) == CLIENT


def test_a_restored_backup_is_taken_up_at_the_second_try(folder: Path, store: Store) -> None:
    store.write(add_contact, "A")
    store.close()
    shutil.copy(folder / "tenant.db", folder / "backup")
    store.write(add_contact, "B")
    store.close()
    store.read(contacts)
    (folder / "backup").replace(folder / "tenant.db")
    (folder / "tenant.db-wal").unlink(missing_ok=True)
    with pytest.raises(StorageError, match="replaced"):
        store.read(contacts)
    assert store.read(contacts) == ["A"]
    store.write(add_contact, "C")


def test_an_older_keys_file_is_refused_and_a_pair_of_one_time_is_not(
    folder: Path, store: Store, firm_keys: TenantKeys
) -> None:
    store.write(add_contact, "A")
    store.close()
    for name in ("tenant.db", "keys.db"):
        shutil.copy(folder / name, folder / f"{name}.backup")
    store.write(add_contact, "B")
    store.close()
    (folder / "keys.db.backup").replace(folder / "keys.db")
    with pytest.raises(VerificationError, match="older") as older:
        reopened(folder, firm_keys)
    assert "from one backup" in older.value.hint
    (folder / "tenant.db.backup").replace(folder / "tenant.db")
    with reopened(folder, firm_keys) as both:
        assert both.read(contacts) == ["A"]


def empty(path: Path) -> None:
    path.write_bytes(b"")


def copy_back(path: Path) -> None:
    """As `cp backup/a.db a.db` does: other bytes under the same inode."""
    path.write_bytes(path.with_suffix(".backup").read_bytes())


def back_up(path: Path) -> None:
    other = open_connection(path)
    other.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    other.close()
    shutil.copy(path, path.with_suffix(".backup"))


def log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def empty_log(path: Path) -> None:
    empty(log_of(path))


def scramble_log(path: Path) -> None:
    log_of(path).write_bytes(b"x" * log_of(path).stat().st_size)


def another_log(path: Path) -> None:
    """A log of another time, sound in itself."""
    other = open_connection(path.with_name("other.db"), create=True)
    for number in range(3):
        other.execute(f"CREATE TABLE t{number} (x)")
    log_of(path).write_bytes(log_of(path.with_name("other.db")).read_bytes())
    other.close()


def grown(tmp_path: Path) -> tuple[apsw.Connection, InPlace, Path]:
    """A file with committed rows in the database and others in the log alone."""
    path = tmp_path / "a.db"
    connection = open_connection(path, create=True)
    in_place = InPlace(connection, path)
    connection.execute("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(50000))")
    in_place.require()
    back_up(path)
    in_place.require()
    connection.execute("UPDATE t SET x = randomblob(50000)")
    in_place.require()
    return connection, in_place, path


@pytest.mark.parametrize("disturb", [empty, copy_back, empty_log, scramble_log, another_log])
def test_a_file_that_is_written_over_in_place_is_noticed(tmp_path: Path, disturb: Disturb) -> None:
    connection, in_place, path = grown(tmp_path)
    disturb(path)
    after = path.read_bytes()
    for _ in range(2):
        with pytest.raises(StorageError, match="written over") as found:
            in_place.require()
    assert "replay" in found.value.hint
    connection.close()
    assert path.read_bytes() == after, "the log of another file was copied into this one"


@pytest.mark.parametrize("disturb", [empty_log, scramble_log, another_log])
def test_a_log_that_is_lost_between_two_looks_is_noticed_after_the_commit(tmp_path: Path, disturb: Disturb) -> None:
    connection, in_place, path = grown(tmp_path)
    disturb(path)
    connection.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(StorageError, match="written over"):
        in_place.require()
    connection.close()


def test_a_log_that_is_emptied_when_the_database_has_it_all_is_no_loss(tmp_path: Path) -> None:
    connection, in_place, path = grown(tmp_path)
    back_up(path)
    in_place.require()
    empty_log(path)
    in_place.require()
    connection.execute("INSERT INTO t VALUES (1)")
    in_place.require()
    connection.close()
    with contextlib.closing(open_connection(path)) as again:
        assert rows(again, "SELECT count(*) FROM t") == [(2,)]


MODES = [
    apsw.SQLITE_CHECKPOINT_PASSIVE,
    apsw.SQLITE_CHECKPOINT_FULL,
    apsw.SQLITE_CHECKPOINT_RESTART,
    apsw.SQLITE_CHECKPOINT_TRUNCATE,
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("is_looked_between", [True, False])
def test_no_checkpoint_of_anybody_is_taken_for_a_disturbance(
    tmp_path: Path, mode: int, *, is_looked_between: bool
) -> None:
    connection, in_place, path = grown(tmp_path)
    for number in range(6):
        other = open_connection(path)
        (other if number % 2 else connection).execute("INSERT INTO t VALUES (randomblob(20000))")
        if is_looked_between:
            in_place.require()
        (connection if number % 3 else other).wal_checkpoint(mode=mode)
        in_place.require()
        other.close()
        in_place.require()
    connection.close()


def test_another_process_that_writes_and_copies_all_the_time_is_no_disturbance(tmp_path: Path) -> None:
    connection, in_place, path = grown(tmp_path)
    code = (
        "import sys, apsw\n"
        "c = apsw.Connection(sys.argv[1]); c.set_busy_timeout(5000); c.pragma('wal_autocheckpoint', 3)\n"
        "for n in range(400): c.execute('INSERT INTO t VALUES (randomblob(9000))')\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path)])
    while child.poll() is None:
        in_place.require()
        connection.execute("INSERT INTO t VALUES (1)")
        in_place.require()
        time.sleep(0.001)  # SQLite's queue for the lock is not fair
    assert child.returncode == 0
    connection.close()


@pytest.mark.parametrize("name", ["tenant.db", "keys.db"])
@pytest.mark.parametrize("disturb", [empty, copy_back])
def test_a_firms_file_that_is_written_over_is_refused_until_another_one_is_there(
    folder: Path, store: Store, name: str, disturb: Disturb
) -> None:
    path = folder / name
    store.write(add_contact, "A")
    back_up(path)
    for number in range(30):
        store.write(add_contact, f"B{number}")
    back_up(path)
    good = path.with_suffix(".good")
    shutil.copy(path, good)
    path.with_suffix(".backup").write_bytes(good.read_bytes()[: -8_192 * 2])
    disturb(path)
    for _ in range(3):
        with pytest.raises(StorageError, match="written over"):
            store.read(contacts)
    log_of(path).unlink(missing_ok=True)
    good.replace(path)
    assert len(store.read(contacts)) == 31
    store.write(add_contact, "C")


def without_rows(table: str) -> Disturb:
    def delete(path: Path) -> None:
        connection = apsw.Connection(str(path))
        connection.execute(f"DELETE FROM {table}")
        connection.close()

    return delete


@pytest.mark.parametrize(
    ("name", "disturb"),
    [
        ("tenant.db", empty),
        ("keys.db", empty),
        ("tenant.db", without_rows("firm")),
        ("keys.db", without_rows("data_key")),
    ],
)
def test_an_emptied_file_of_a_founded_firm_is_damage(
    folder: Path, store: Store, firm_keys: TenantKeys, name: str, disturb: Disturb
) -> None:
    store.write(add_contact, "A")
    store.close()
    disturb(folder / name)
    for opening in (lambda: reopened(folder, firm_keys), lambda: store.read(contacts)):
        with pytest.raises(VerificationError) as found:
            opening()
        assert found.value.hint
    if disturb is empty:
        assert (folder / name).stat().st_size <= 8_192, "tables were built in a file that should have had rows"


def test_a_keys_file_that_is_not_of_this_tenant_file_is_damage(
    folder: Path, store: Store, firm_keys: TenantKeys
) -> None:
    store.write(add_contact, "A")
    store.close()
    with open_firm(folder / "other", keys=firm_keys):
        pass
    (folder / "other" / "keys.db").replace(folder / "keys.db")
    with pytest.raises(VerificationError, match="does not belong"):
        reopened(folder, firm_keys)


class _HeadBeingWritten(apsw.Connection):
    """A connection that reads the head of its log in the instant in which another process writes it, now and then."""

    unlucky = 0

    def wal_checkpoint(self, dbname: str | None = None, mode: int = apsw.SQLITE_CHECKPOINT_PASSIVE) -> tuple[int, int]:
        if mode == apsw.SQLITE_CHECKPOINT_NOOP and self.unlucky > 0:
            self.unlucky -= 1
            raise apsw.BusyError("database is locked")
        return super().wal_checkpoint(dbname, mode)


def test_a_log_whose_head_is_being_written_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_connection(path, create=True).close()
    connection = _HeadBeingWritten(str(path))
    connection.execute("CREATE TABLE t (x)")
    in_place = InPlace(connection, path)
    for unlucky in (1, 5):
        connection.unlucky = unlucky
        in_place.require()
    connection.unlucky = 1_000_000
    with pytest.raises(apsw.BusyError):
        in_place.require()
    connection.close(True)
