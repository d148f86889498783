from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import ContactId, TenantId
from lhwa.domain.jobs import JobKind
from lhwa.domain.keys import TenantKeys
from lhwa.errors import (
    InvariantError,
    SealError,
    StorageError,
    UnauditedWriteError,
    UnavailableError,
    UsageError,
    VerificationError,
)
from lhwa.services.audit.verify import verify_log
from lhwa.store.connection import open_connection, rows
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, FIRM, open_firm, tenant_keys
from lhwa.testing.fakes import FakeClock

C = ContactId("C")
_DIE = """
import os, signal, sys
from pathlib import Path
from lhwa.domain.audit import AuditRecord
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.store.vault import Vault
from lhwa.testing.builders import CLIENT, open_firm
key_id, secret, folder = sys.argv[1:]  # a key of this test alone
store = open_firm(Path(folder), keys=TenantKeys(Key(bytes.fromhex(key_id), bytes.fromhex(secret))))
flush = Vault.flush
def flush_and_die(vault):
    flush(vault)
    os.kill(os.getpid(), signal.SIGKILL)
Vault.flush = flush_and_die
def add(tx):
    tx.contacts.add("C", CLIENT, at_ms=1)
    tx.audit.append(AuditRecord("system:test", "contact.created", "contact:C"))
store.write(add)
"""


def note(tx: Tx, target: str = "test:1") -> int:
    return tx.audit.append(AuditRecord("system:test", "test.noted", target))


def add_contact(tx: Tx, contact: ContactId = C) -> None:
    tx.contacts.add(contact, CLIENT, at_ms=1)
    note(tx, f"contact:{contact}")


def contacts(tx: Tx) -> list[str]:
    return [row[0] for row in rows(tx._connection, "SELECT id FROM contact ORDER BY seq")]


def size(tx: Tx) -> int:
    return tx.audit.frontier().size


def is_sound(tx: Tx) -> bool:
    stored, stack = tx.audit.stored_frontier()
    return verify_log(tx.audit.entries(), stored_size=stored, stored_stack=stack).ok


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def fail_late(tx: Tx) -> None:
        add_contact(tx)
        raise KeyError

    before = store.read(size)
    with pytest.raises(KeyError):
        store.write(fail_late)
    assert store.read(contacts) == []
    assert store.read(size) == before
    store.write(add_contact)
    assert store.read(contacts) == ["C"]
    assert store.read(size) == before + 1
    assert store.read(is_sound)


def test_a_write_without_an_audit_record_is_refused(store: Store) -> None:
    with pytest.raises(UnauditedWriteError) as refused:
        store.write(lambda tx: tx.contacts.add(C, CLIENT, at_ms=1))
    assert "contact" in refused.value.message
    assert store.read(contacts) == []
    with pytest.raises(UnauditedWriteError):
        store.write(lambda tx: tx.jobs.put(JobKind.ALERT_STAFF, b"{}", place="p"))


def test_emptying_a_table_without_an_audit_record_is_refused(store: Store) -> None:
    store.write(add_contact)
    with pytest.raises(UnauditedWriteError):
        store.write(lambda tx: rows(tx._connection, "DELETE FROM contact_sighting"))
    assert store.read(contacts) == ["C"]


def test_a_write_that_changes_nothing_needs_no_record(store: Store) -> None:
    before = store.read(size)
    assert store.write(contacts) == []
    assert store.read(size) == before


def test_the_queues_door_lets_jobs_through_and_nothing_else(store: Store) -> None:
    store.bookkeep(lambda tx: tx.jobs.put(JobKind.ALERT_STAFF, b"{}", place="p"))
    assert store.read(lambda tx: tx.jobs.counts().waiting) == 1
    refused: list[Callable[[Tx], object]] = [add_contact, note, lambda tx: tx.contacts.add(C, CLIENT, at_ms=1)]
    for fn in refused:
        with pytest.raises(InvariantError):
            store.bookkeep(fn)
    assert store.read(contacts) == []


def test_a_read_that_writes_is_refused(store: Store) -> None:
    before = store.read(size)
    refused: list[Callable[[Tx], object]] = [
        add_contact,
        note,
        lambda tx: tx.jobs.put(JobKind.ALERT_STAFF, b"{}", place="p"),
    ]
    for fn in refused:
        with pytest.raises(InvariantError):
            store.read(fn)
    assert (store.read(contacts), store.read(size)) == ([], before)
    assert store.read(lambda tx: tx.jobs.counts().waiting) == 0


def test_a_transaction_inside_another_is_refused_and_the_outer_one_goes_on(store: Store) -> None:
    def nested(tx: Tx) -> None:
        add_contact(tx)
        with pytest.raises(Exception, match="transaction"):
            store.write(note)

    store.write(nested)
    assert store.read(contacts) == ["C"]
    assert store.read(is_sound)


def test_every_transaction_has_the_time_of_its_beginning(store: Store, clock: FakeClock) -> None:
    first = store.read(lambda tx: tx.now)
    clock.advance(60)
    assert store.read(lambda tx: tx.now) - first == timedelta(seconds=60)
    assert store.now() == clock.now()


def test_a_clock_that_fails_leaves_no_transaction_open(folder: Path) -> None:
    class Broken(FakeClock):
        broken = False

        def now(self):  # type: ignore[no-untyped-def]
            if self.broken:
                raise OSError
            return super().now()

    clock = Broken()
    with open_firm(folder, clock=clock) as store:
        clock.broken = True
        with pytest.raises(OSError):
            store.write(note)
        clock.broken = False
        store.write(note)


def test_a_wake_up_follows_the_commit_of_a_job(folder: Path) -> None:
    woken: list[bool] = []
    store = open_firm(folder)
    store._on_jobs = lambda: woken.append(store.read(lambda tx: tx.jobs.counts().waiting) == 1)

    def put(tx: Tx) -> None:
        note(tx)
        tx.jobs.put(JobKind.ALERT_STAFF, b"{}", place="p", once=True)

    store.write(put)
    assert woken == [True]
    store.write(put)
    store.write(note)
    assert woken == [True], "nothing new was put"
    with pytest.raises(UnauditedWriteError):
        store.write(lambda tx: tx.jobs.put(JobKind.ALERT_STAFF, b"{}", place="q"))
    assert woken == [True]
    store.close()


def test_threads_take_turns(store: Store) -> None:
    before = store.read(size)
    threads = [threading.Thread(target=lambda: [store.write(note) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(size) == before + 80
    assert store.read(is_sound)


def test_a_busy_file_is_worth_another_try(folder: Path, store: Store) -> None:
    other = open_connection(folder / "tenant.db")
    other.execute("BEGIN IMMEDIATE")
    store._open()[0].set_busy_timeout(10)
    with pytest.raises(UnavailableError) as busy:
        store.write(note)
    assert busy.value.retryable
    assert store.read(size) >= 1, "readers are not held up"
    other.execute("ROLLBACK")
    other.close()
    store.write(note)


def fill(tx: Tx) -> None:
    for number in range(500):
        tx.contacts.add(ContactId(f"C{number}"), CLIENT, at_ms=1)
        note(tx)


def test_a_full_disk_undoes_the_transaction_and_the_store_works_on(store: Store) -> None:
    store.write(add_contact)
    before = store.read(size)
    connection = store._open()[0]
    connection.pragma("max_page_count", connection.pragma("page_count") + 2)
    with pytest.raises(StorageError) as full:
        store.write(fill)
    assert full.value.retryable
    assert (store.read(contacts), store.read(size)) == (["C"], before)
    store.write(fill)
    assert store.read(size) == before + 500
    assert store.read(is_sound)


def test_a_full_keys_file_undoes_the_transaction_and_the_store_works_on(store: Store) -> None:
    before = store.read(size)
    vault = store._open()[1]
    vault._connection.pragma("max_page_count", vault._connection.pragma("page_count"))
    with pytest.raises(StorageError) as full:
        store.write(fill)
    assert "keys.db" in full.value.message
    assert (store.read(contacts), store.read(size)) == ([], before)
    store.write(fill)
    assert store.read(lambda tx: tx.contacts.profile(ContactId("C499"))) == CLIENT


def test_a_full_disk_inside_a_savepoint_is_told_as_such(store: Store) -> None:
    def fill_inside(tx: Tx) -> None:
        with tx.savepoint():
            fill(tx)

    connection = store._open()[0]
    connection.pragma("max_page_count", connection.pragma("page_count") + 2)
    before = store.read(size)
    with pytest.raises(StorageError):
        store.write(fill_inside)
    assert store.read(size) == before
    assert store.read(is_sound)


def test_a_firm_is_named_in_its_file(folder: Path, store: Store, firm_keys: TenantKeys) -> None:
    assert store.tenant == store.read(lambda tx: tx.firm()) == FIRM
    store.close()
    for keys in (firm_keys, tenant_keys()):
        with pytest.raises(VerificationError):
            open_firm(folder, tenant=TenantId("firmb"), keys=keys)


def test_another_firms_keys_yield_no_text(folder: Path, store: Store) -> None:
    store.write(add_contact)
    store.close()
    with pytest.raises(SealError):
        open_firm(folder, keys=tenant_keys())


def test_another_firms_keys_file_is_refused(tmp_path: Path, firm_keys: TenantKeys) -> None:
    with open_firm(tmp_path / "a", keys=firm_keys) as one, open_firm(tmp_path / "b", keys=firm_keys) as other:
        one.write(add_contact)
        other.write(note)
    for name in ("keys.db", "keys.db-wal", "keys.db-shm"):
        (tmp_path / "a" / name).unlink(missing_ok=True)
    (tmp_path / "b" / "keys.db").rename(tmp_path / "a" / "keys.db")
    with pytest.raises(VerificationError):
        open_firm(tmp_path / "a", keys=firm_keys)


@pytest.mark.parametrize("lost", ["tenant.db", "keys.db"])
def test_a_lost_file_is_not_replaced_by_an_empty_one(
    folder: Path, store: Store, firm_keys: TenantKeys, lost: str
) -> None:
    store.close()
    for path in folder.glob(f"{lost}*"):
        path.unlink()
    clock = FakeClock()
    for opening in (
        lambda: Store(
            folder / "tenant.db",
            folder / "keys.db",
            tenant=FIRM,
            tenant_keys=firm_keys,
            clock=clock,
            reactions={},
        ),
        lambda: store.read(size),
        lambda: store.write(note),
    ):
        with pytest.raises(StorageError) as missing:
            opening()
        assert missing.value.hint
    assert not (folder / lost).exists()


def test_a_file_of_a_newer_lhwa_is_refused(folder: Path, store: Store, firm_keys: TenantKeys) -> None:
    store.close()
    connection = open_connection(folder / "tenant.db")
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(UsageError):
        open_firm(folder, keys=firm_keys)


def test_a_file_of_garbage_is_damage_until_it_is_restored(folder: Path, store: Store, firm_keys: TenantKeys) -> None:
    store.close()
    good = (folder / "tenant.db").read_bytes()
    (folder / "tenant.db").write_bytes(b"garbage " * 4_096)
    with pytest.raises(VerificationError):
        open_firm(folder, keys=firm_keys)
    with pytest.raises(VerificationError):
        store.read(size)
    (folder / "tenant.db").write_bytes(good)
    assert store.read(size) >= 1


def test_a_crash_between_both_commits_leaves_no_unreadable_row(folder: Path, firm_keys: TenantKeys) -> None:
    key = firm_keys.current
    with open_firm(folder, keys=firm_keys) as store:
        store.write(add_contact, ContactId("B"))
    died = subprocess.run(
        [sys.executable, "-c", _DIE, key.id.hex(), key.secret.hex(), str(folder)], check=False, timeout=60
    )
    assert died.returncode == -signal.SIGKILL
    keys = open_connection(folder / "keys.db")
    assert ("contact:C",) in rows(keys, "SELECT subject FROM data_key")
    keys.close()
    with open_firm(folder, keys=firm_keys) as store:
        assert store.read(contacts) == ["B"]
        assert store.read(lambda tx: tx.contacts.profile(ContactId("B"))) == CLIENT
        store.write(add_contact)
        assert store.read(lambda tx: tx.contacts.profile(C)) == CLIENT
        assert store.read(is_sound)


def test_closing_twice_is_fine_and_use_opens_anew(store: Store) -> None:
    store.close()
    store.close()
    assert store.read(size) == 1


def test_the_log_before_a_checkpoint_is_measured(store: Store) -> None:
    store.write(note)
    assert store.wal_bytes > 0
    store.close()
    assert store.wal_bytes == 0
