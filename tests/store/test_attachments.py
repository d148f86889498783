from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import ContactId
from lhwa.domain.keys import TenantKeys
from lhwa.errors import InvariantError, SealError, StorageError
from lhwa.routes import REACTIONS
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import open_firm
from lhwa.testing.fakes import FakeClock

NAME = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
WHO = ContactId("7Q2M8ZK4T1V9XB3C")
CONTENT = b"%PDF-1.7 rahasia klien" * 100


@pytest.fixture
def store(folder: Path, firm_keys: TenantKeys, clock: FakeClock) -> Iterator[Store]:
    with open_firm(folder, keys=firm_keys, clock=clock, reactions=REACTIONS) as made:
        yield made


def put(tx: Tx, name: str = NAME, content: bytes = CONTENT, *, then: Exception | None = None) -> None:
    tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
    tx.attachments.put(name, WHO, content)
    if then is not None:
        raise then


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "media").iterdir()) if (folder / "media").exists() else []


def test_a_file_comes_back_and_lies_sealed(store: Store, folder: Path) -> None:
    store.write(put)
    (path,) = kept(folder)
    assert b"rahasia" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert store.read(lambda tx: tx.attachments.read(NAME)) == CONTENT


def test_nothing_stays_of_a_transaction_that_did_not_happen(store: Store, folder: Path) -> None:
    with pytest.raises(ValueError, match="no"):
        store.write(put, then=ValueError("no"))
    assert kept(folder) == []


def test_a_file_is_never_overwritten(store: Store, folder: Path) -> None:
    store.write(put)
    before = kept(folder)[0].read_bytes()
    with pytest.raises(StorageError):
        store.write(put, content=b"another")
    assert kept(folder)[0].read_bytes() == before
    assert store.read(lambda tx: tx.attachments.read(NAME)) == CONTENT


@pytest.mark.parametrize("name", ["", "../tenant", "a/b", ".", "naïve", "a.b"])
def test_what_is_no_id_names_no_file(store: Store, name: str) -> None:
    with pytest.raises(InvariantError):
        store.write(put, name=name)


def test_a_file_in_another_place_does_not_open(store: Store, folder: Path) -> None:
    store.write(put)
    kept(folder)[0].rename(folder / "media" / "OTHER")
    with pytest.raises(SealError):
        store.read(lambda tx: tx.attachments.read("OTHER"))
    with pytest.raises(StorageError, match="missing"):
        store.read(lambda tx: tx.attachments.read(NAME))


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("lhwa.store.attachments.os.fsync", full)
        with pytest.raises(StorageError, match="could not be kept"):
            store.write(put)
    assert kept(folder) == []
    store.write(put)
    assert store.read(lambda tx: tx.attachments.read(NAME)) == CONTENT
