from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from lhwa.domain.access import Role
from lhwa.domain.audit import AuditRecord
from lhwa.domain.merkle import root_of
from lhwa.errors import NotAllowedError
from lhwa.services.audit.views import read_log, verify
from lhwa.store.connection import open_connection
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import acting_as, open_firm

AUDITOR = acting_as(Role.AUDITOR)
MAY = (Role.OWNER, Role.LAWYER, Role.AUDITOR)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "firma"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with open_firm(folder) as made:
        made.write(note, *(f"t:{number % 3}" for number in range(1, 10)))
        yield made


def note(tx: Tx, *targets: str) -> None:
    for target in targets:
        tx.audit.append(AuditRecord("system:test", "test.noted", target, {"n": 1}))


def seqs(store: Store, *, start: int | None, rows_max: int, target: str | None = None) -> list[int]:
    return [view.seq for view in store.read(read_log, AUDITOR, start=start, rows_max=rows_max, target=target)]


def test_the_log_is_read_from_a_number_or_from_its_end(store: Store) -> None:
    assert seqs(store, start=None, rows_max=3) == [7, 8, 9]
    assert seqs(store, start=None, rows_max=99) == list(range(10))
    assert seqs(store, start=0, rows_max=2) == [0, 1]
    assert seqs(store, start=8, rows_max=99) == [8, 9]
    assert seqs(store, start=99, rows_max=9) == []
    assert seqs(store, start=None, rows_max=2, target="t:1") == [4, 7]
    assert seqs(store, start=None, rows_max=2, target="absent") == []


def test_an_entry_as_it_is_shown(store: Store) -> None:
    [view] = store.read(read_log, AUDITOR, start=1, rows_max=1)
    assert (view.at, view.actor, view.action, view.target, view.data) == (
        "2026-11-22T05:00:00.000000Z",
        "system:test",
        "test.noted",
        "t:1",
        {"n": 1},
    )
    [entry] = store.read(lambda tx: list(tx.audit.entries(start=1, stop=2)))
    assert base64.b64decode(view.leaf_hash) == entry.leaf_hash


def test_a_sound_log_is_reported_with_its_root(store: Store) -> None:
    found = store.read(verify, AUDITOR)
    leaves = store.read(lambda tx: [entry.leaf_hash for entry in tx.audit.entries()])
    assert (found.ok, found.entries, found.first_bad, found.reason) == (True, 10, None, None)
    assert base64.b64decode(found.root) == root_of(leaves)


@pytest.mark.parametrize("role", Role)
def test_who_may_read_and_verify(store: Store, role: Role) -> None:
    me = acting_as(role)
    if role in MAY:
        assert store.read(verify, me).ok
        assert store.read(read_log, me, start=None, rows_max=1)
        return
    with pytest.raises(NotAllowedError):
        store.read(verify, me)
    with pytest.raises(NotAllowedError):
        store.read(read_log, me, start=None, rows_max=1)


TAMPERING = {
    "an entry is changed": ("UPDATE audit_entry SET entry = CAST('{\"seq\":4}' AS BLOB) WHERE seq = 4", 4),
    "an entry is removed": ("DELETE FROM audit_entry WHERE seq = 6", 6),
    "the end is cut": ("DELETE FROM audit_entry WHERE seq > 7", 8),
    "all is gone": ("DELETE FROM audit_entry", 0),
    "the frontier is set back": ("UPDATE audit_frontier SET n = 8", 8),
    "the frontier is another": ("UPDATE audit_frontier SET stack = zeroblob(66)", 0),
}


@pytest.mark.parametrize(("sql", "first_bad"), TAMPERING.values(), ids=TAMPERING)
def test_tampering_with_the_file_is_noticed(folder: Path, store: Store, sql: str, first_bad: int) -> None:
    intruder = open_connection(folder / "tenant.db")
    for trigger in ("no_update", "no_delete"):
        intruder.execute(f"DROP TRIGGER audit_entry_{trigger}")
    intruder.execute(sql)
    intruder.close()
    found = store.read(verify, AUDITOR)
    assert (found.ok, found.first_bad) == (False, first_bad)
    assert found.reason
