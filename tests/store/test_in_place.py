"""A firm's files that are moved, removed, replaced or emptied under an open store, or before it is opened."""

from __future__ import annotations

import shutil
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


@pytest.mark.parametrize("disturb", [move, replace, remove_log])
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
    with pytest.raises(StorageError):
        store.read(contacts)
    assert store.read(contacts) == ["A"]


def empty(path: Path) -> None:
    path.write_bytes(b"")


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
