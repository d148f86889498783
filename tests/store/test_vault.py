from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

import apsw
import pytest

from lhwa.domain.ids import TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.errors import LhwaError, SealError, StorageError
from lhwa.store import memory as memory_module
from lhwa.store.connection import open_connection, rows
from lhwa.store.vault import BLIND, FIRM, Vault

TENANT = TenantId("firma")
SUBJECT = "contact:C"
_SEAL = """
import sys
from pathlib import Path
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key, key_id_of
from lhwa.store.vault import Vault
key_id, secret, path = sys.argv[1:]
keys = TenantKeys(Key(bytes.fromhex(key_id), bytes.fromhex(secret)))  # a key of this test alone
vault = Vault(Path(path), "firma", keys, create=True)
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    subject = f"contact:{number}"
    blob = vault.seal(subject, vault.place("t", "c", subject), b"x", now_ms=0)
    vault.flush()
    print(subject, key_id_of(blob).hex())
print("blind", vault.blind("x").hex())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.db"


@pytest.fixture
def open_vault(path: Path, firm_keys: TenantKeys) -> Callable[[], Vault]:
    return lambda: Vault(path, TENANT, firm_keys, create=True)


def stored_subjects(path: Path) -> list[str]:
    connection = open_connection(path)
    found = [row[0] for row in rows(connection, "SELECT subject FROM data_key ORDER BY subject")]
    connection.close()
    return found


def test_what_was_sealed_opens_after_a_restart(open_vault: Callable[[], Vault]) -> None:
    vault = open_vault()
    blob = vault.seal(SUBJECT, vault.place("t", "c", "1"), b"clear", now_ms=0)
    vault.flush()
    vault.close()
    assert open_vault().unseal(vault.place("t", "c", "1"), blob) == b"clear"


def test_every_subject_has_a_key_of_its_own(open_vault: Callable[[], Vault]) -> None:
    vault = open_vault()
    place = vault.place("t", "c", "1")
    ids = [vault.seal(subject, place, b"x", now_ms=0)[2:18] for subject in (SUBJECT, "contact:D", FIRM, SUBJECT)]
    assert len(set(ids)) == 3
    assert ids[0] == ids[3]


def test_discarded_keys_were_never_there(open_vault: Callable[[], Vault], path: Path) -> None:
    vault = open_vault()
    blob = vault.seal(SUBJECT, vault.place("t", "c", "1"), b"x", now_ms=0)
    vault.discard()
    vault.discard()
    assert stored_subjects(path) == ["blind"]
    with pytest.raises(SealError):
        vault.unseal(vault.place("t", "c", "1"), blob)
    again = vault.seal(SUBJECT, vault.place("t", "c", "1"), b"x", now_ms=0)
    assert again[2:18] != blob[2:18]


def test_a_destroyed_key_is_the_end_of_its_texts(open_vault: Callable[[], Vault], path: Path) -> None:
    vault = open_vault()
    place = vault.place("t", "c", "1")
    blob = vault.seal(SUBJECT, place, b"x", now_ms=0)
    vault.flush()
    vault.close()
    connection = open_connection(path, secure_delete=True)
    connection.execute("DELETE FROM data_key WHERE subject = ?", (SUBJECT,))
    connection.close()
    with pytest.raises(SealError):
        open_vault().unseal(place, blob)


def test_a_wrapped_key_moved_to_another_subject_does_not_open(open_vault: Callable[[], Vault], path: Path) -> None:
    vault = open_vault()
    vault.seal(SUBJECT, vault.place("t", "c", "1"), b"x", now_ms=0)
    vault.flush()
    vault.close()
    connection = open_connection(path)
    connection.execute("UPDATE data_key SET subject = 'contact:D' WHERE subject = ?", (SUBJECT,))
    connection.close()
    again = open_vault()
    with pytest.raises(SealError):
        again.seal("contact:D", again.place("t", "c", "1"), b"x", now_ms=0)


def test_older_tenant_keys_still_open_and_unknown_ones_do_not(path: Path) -> None:
    old, new = Key.random(), Key.random()
    first = Vault(path, TENANT, TenantKeys(old), create=True)
    blob = first.seal(SUBJECT, first.place("t", "c", "1"), b"x", now_ms=0)
    first.flush()
    first.close()
    rotated = Vault(path, TENANT, TenantKeys(new, (old,)))
    assert rotated.unseal(rotated.place("t", "c", "1"), blob) == b"x"
    rotated.close()
    with pytest.raises(SealError):
        Vault(path, TENANT, TenantKeys(new))


def test_a_refused_vault_holds_no_lock(path: Path, open_vault: Callable[[], Vault]) -> None:
    open_vault().close()
    with pytest.raises(SealError):
        Vault(path, TENANT, TenantKeys(Key.random()))
    with pytest.raises(SealError):
        Vault(path, TenantId("firmb"), TenantKeys(Key.random()))
    vault = open_vault()
    vault.seal(SUBJECT, vault.place("t", "c", "1"), b"x", now_ms=0)
    vault.flush()


def test_a_full_disk_is_told_as_such_and_leaves_a_working_vault(open_vault: Callable[[], Vault], path: Path) -> None:
    vault = open_vault()
    vault._connection.pragma("max_page_count", vault._connection.pragma("page_count"))

    def seal_many() -> None:
        for number in range(2_000):
            vault.seal(f"contact:{number}", vault.place("t", "c", "1"), b"x", now_ms=0)

    with pytest.raises(StorageError):
        seal_many()
    vault.discard()
    assert stored_subjects(path) == ["blind"]
    vault._connection.pragma("max_page_count", 1_000)
    vault.seal(SUBJECT, vault.place("t", "c", "1"), b"x", now_ms=0)
    vault.flush()
    assert stored_subjects(path) == ["blind", SUBJECT]


def test_the_cache_may_be_smaller_than_the_firm(
    open_vault: Callable[[], Vault], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_module, "OWN_MAX", 3)
    monkeypatch.setattr(memory_module, "SHARED_MAX", 0)
    vault = open_vault()
    blobs = [
        vault.seal(f"contact:{number}", vault.place("t", "c", str(number)), b"x", now_ms=0) for number in range(10)
    ]
    vault.flush()
    assert [vault.unseal(vault.place("t", "c", str(number)), blob) for number, blob in enumerate(blobs)] == [b"x"] * 10
    assert len(vault._by_subject) <= 3


def test_the_hash_of_a_number_is_that_of_the_design(open_vault: Callable[[], Vault]) -> None:
    vault = open_vault()
    secret = vault._subject_key(BLIND, now_ms=0).secret
    assert vault.blind("phone", "+6281230001111") == hmac.digest(secret, b"phone|+6281230001111", hashlib.sha256)
    assert vault.blind("a|b", "c\\") == hmac.digest(secret, b"a\\|b|c\\\\", hashlib.sha256)


def test_different_parts_never_share_a_hash(open_vault: Callable[[], Vault]) -> None:
    vault = open_vault()
    spelled = ("", "a", "|", "\\", "\\|", "a|")
    all_parts = [parts for count in range(4) for parts in product(spelled, repeat=count)]
    assert len({vault.blind("kind", *parts) for parts in all_parts}) == len(all_parts)


def test_hashes_of_two_firms_do_not_meet(tmp_path: Path) -> None:
    made = {
        Vault(tmp_path / f"{name}.db", TenantId(name), TenantKeys(Key.random()), create=True).blind("phone", "+62812")
        for name in ("firma", "firmb")
    }
    assert len(made) == 2


def test_processes_that_make_the_same_keys_at_once_agree(path: Path, firm_keys: TenantKeys) -> None:
    key = firm_keys.current
    argv = [sys.executable, "-c", _SEAL, key.id.hex(), key.secret.hex(), str(path)]
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
    answers = {child.communicate(timeout=60) for child in children}
    assert len(answers) == 1
    [(said, complaints)] = answers
    assert complaints == ""
    assert len(said.splitlines()) == 21
    assert len(stored_subjects(path)) == 21


def test_errors_of_the_file_are_ours(path: Path, open_vault: Callable[[], Vault]) -> None:
    path.write_bytes(b"no database " * 1_000)
    with pytest.raises(LhwaError):
        open_vault()


def test_a_locked_file_is_busy_and_not_a_bare_error(path: Path, open_vault: Callable[[], Vault]) -> None:
    open_vault().close()
    other = apsw.Connection(str(path))
    other.execute("BEGIN EXCLUSIVE")
    vault = open_vault()
    vault._connection.set_busy_timeout(10)
    with pytest.raises(LhwaError):
        vault.seal(SUBJECT, vault.place("t", "c", "1"), b"x", now_ms=0)
    vault.discard()
    other.execute("ROLLBACK")
    other.close()
    vault.seal(SUBJECT, vault.place("t", "c", "1"), b"x", now_ms=0)
    vault.flush()
