from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from lhwa.domain.access import Role
from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import TenantId
from lhwa.domain.merkle import leaf_hash, root_of
from lhwa.errors import NotAllowedError, VerificationError
from lhwa.services.audit.views import DAMAGED, read_log, verify, verify_firm_end
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


RECORD = (
    'CAST(\'{"action":"test.noted","actor":"x","data":{},"seq":%d,"target":"t:1","ts":"2026-11-22T05:00:00Z","v":1}\''
    " AS BLOB)"
)
FRONTIER_GONE = "DELETE FROM audit_frontier"
LOOSE_TABLE = (
    "DROP TABLE audit_entry; CREATE TABLE audit_entry (seq, entry, leaf_hash);"
    " INSERT INTO audit_entry VALUES (1, 'xx', NULL)"
)
TAMPERING: dict[str, tuple[str, int | None, str]] = {
    # what was done -> SQL, first bad, reason
    "an entry is changed": (
        "UPDATE audit_entry SET entry = CAST('{\"seq\":4}' AS BLOB) WHERE seq = 4",
        4,
        "the entry was changed",
    ),
    "an entry is removed": ("DELETE FROM audit_entry WHERE seq = 6", 6, "the entry is missing"),
    "the end is cut": ("DELETE FROM audit_entry WHERE seq > 7", 8, "the end is cut off: 10 entries were written"),
    "all is gone": ("DELETE FROM audit_entry", 0, "the end is cut off: 10 entries were written, 0 are here"),
    "all is gone, and the frontier reset": (
        "DELETE FROM audit_entry; UPDATE audit_frontier SET n = 0, stack = x''",
        0,
        "the log is empty, and every log begins with firm.created",
    ),
    "all is gone, and the frontier too": (
        f"DELETE FROM audit_entry; {FRONTIER_GONE}",
        None,
        "the frontier is gone",
    ),
    "the frontier is gone": (FRONTIER_GONE, None, "the frontier is gone"),
    "the frontier is set back": ("UPDATE audit_frontier SET n = 8", 8, "2 entries were added past the frontier"),
    "the frontier is another": (
        f"UPDATE audit_frontier SET stack = x'03{bytes(32).hex()}01{bytes(32).hex()}'",
        None,
        "somewhere in records 0 to 9, or in the frontier",
    ),
    "the frontier is rubbish": ("UPDATE audit_frontier SET stack = zeroblob(66)", None, "the frontier is damaged"),
    "a row before the first": (f"INSERT INTO audit_entry VALUES (-1, {RECORD % -1}, zeroblob(32))", -1, "added"),
    "a row far behind the last": (
        f"INSERT INTO audit_entry VALUES (9000000000000000000, {RECORD % 9000000000000000000}, zeroblob(32))",
        9000000000000000000,
        "added",
    ),
    "a row behind any range": (
        f"INSERT INTO audit_entry VALUES (9223372036854775807, {RECORD % 9}, zeroblob(32))",
        9223372036854775807,
        "added",
    ),
    "the entries' table is gone": ("DROP TABLE audit_entry", None, "table audit_entry is missing"),
    "the frontier's table is gone": ("DROP TABLE audit_frontier", None, "table audit_frontier is missing"),
    "the entries' table is another": (
        LOOSE_TABLE,
        None,
        "table audit_entry is changed",
    ),
    "a view stands in for the entries": (
        "ALTER TABLE audit_entry RENAME TO kept; CREATE VIEW audit_entry AS SELECT * FROM kept",
        None,
        "view audit_entry is added",
    ),
    "nothing but the guards": ("SELECT 1", None, "trigger audit_entry_no_update is missing"),
}


def tamper(folder: Path, sql: str, *, drop: tuple[str, ...] = ("no_update", "no_delete", "no_gap")) -> None:
    """Somebody with the file and any SQLite tool."""
    intruder = open_connection(folder / "tenant.db")
    for trigger in drop:
        intruder.execute(f"DROP TRIGGER audit_entry_{trigger}")
    intruder.execute(sql)
    intruder.close()


@pytest.mark.parametrize(("sql", "first_bad", "reason"), TAMPERING.values(), ids=TAMPERING)
def test_tampering_with_the_file_is_noticed(
    folder: Path, store: Store, sql: str, first_bad: int | None, reason: str
) -> None:
    tamper(folder, sql)
    found = store.read(verify, AUDITOR)
    assert (found.ok, found.first_bad) == (False, first_bad)
    assert found.reason is not None
    assert reason in found.reason


GUARDS = ["entry_no_update", "entry_no_delete", "entry_no_gap", "checkpoint_no_update", "checkpoint_no_rewrite"]


@pytest.mark.parametrize("trigger", GUARDS)
def test_a_guard_that_is_gone_or_another_is_noticed(folder: Path, store: Store, trigger: str) -> None:
    tamper(folder, f"DROP TRIGGER audit_{trigger}", drop=())
    assert store.read(verify, AUDITOR).reason == (
        f"what holds and guards the log is not as lhwa made it: trigger audit_{trigger} is missing"
    )
    table = "audit_" + trigger.split("_", maxsplit=1)[0]
    tamper(folder, f"CREATE TRIGGER audit_{trigger} BEFORE UPDATE ON {table} BEGIN SELECT 1; END", drop=())
    assert f"trigger audit_{trigger} is changed" in str(store.read(verify, AUDITOR).reason)


def test_a_trigger_elsewhere_that_could_reach_the_log_is_noticed(folder: Path, store: Store) -> None:
    tamper(folder, "CREATE TRIGGER evil AFTER INSERT ON message BEGIN DELETE FROM audit_entry; END", drop=())
    assert "trigger evil is added" in str(store.read(verify, AUDITOR).reason)


def test_another_firms_log_is_not_this_firms(tmp_path: Path, folder: Path, store: Store) -> None:
    with open_firm(tmp_path / "firmb", tenant=TenantId("firmb")) as other:
        other.write(note, "t:1")
    tamper(
        folder,
        f"ATTACH '{tmp_path / 'firmb' / 'tenant.db'}' AS other; DELETE FROM audit_entry; DELETE FROM audit_frontier;"
        " INSERT INTO audit_entry SELECT * FROM other.audit_entry;"
        " INSERT INTO audit_frontier SELECT * FROM other.audit_frontier",
    )
    found = store.read(verify, AUDITOR)
    assert (found.ok, found.entries, found.first_bad) == (False, 0, 0)
    assert str(found.reason).startswith("the log does not begin with firm.created of firm:firma")


DAMAGE = {
    # what the bytes are -> how they are read
    "no JSON": (b"xx", "the entry is no audit record"),
    "no UTF-8": (b'{"seq":4,"action":"\xff"}', "the entry is no audit record"),
    "a list": (b"[1]", "the entry is no audit record"),
    "a number alone": (b'{"seq":4}', "the entry is no audit record"),
    "nothing": (b"", "the entry is no audit record"),
    "deep": (b"[" * 65_000, "the entry is no audit record"),
    "no time": (
        b'{"action":"a.b","actor":"x","data":{},"seq":4,"target":"t:1","ts":"once","v":1}',
        "the entry is no audit record",
    ),
    "data that is no object": (
        b'{"action":"a.b","actor":"x","data":5,"seq":4,"target":"t:1","ts":"2026-11-22T05:00:00Z","v":1}',
        "the entry is no audit record",
    ),
    "another number": (
        b'{"action":"a.b","actor":"x","data":{},"seq":5,"target":"t:1","ts":"2026-11-22T05:00:00Z","v":1}',
        "the entry carries another number",
    ),
}


@pytest.mark.parametrize(("entry", "reason"), DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("keeps_hash", [True, False], ids=["old hash", "own hash"])
def test_a_damaged_entry_is_marked_and_its_neighbours_are_shown(
    folder: Path, store: Store, entry: bytes, reason: str, *, keeps_hash: bool
) -> None:
    leaf = "leaf_hash" if keeps_hash else f"x'{leaf_hash(entry).hex()}'"
    tamper(
        folder,
        "DROP INDEX audit_entry_target;"
        f" UPDATE audit_entry SET entry = x'{entry.hex()}', leaf_hash = {leaf} WHERE seq = 4",
    )
    shown = store.read(read_log, AUDITOR, start=None, rows_max=99)
    assert [view.seq for view in shown] == list(range(10))
    assert [view.seq for view in shown if view.action == DAMAGED] == [4]
    assert shown[4].data == {"reason": "the entry was changed" if keeps_hash else reason}
    assert (shown[4].at, shown[4].actor, shown[4].target) == ("", "", "")
    assert {view.seq for view in store.read(read_log, AUDITOR, start=None, rows_max=99, target="t:2")} >= {2, 5, 8}
    assert not store.read(verify, AUDITOR).ok


def test_a_record_whose_target_nobody_can_read_is_shown_for_every_target(folder: Path, store: Store) -> None:
    tamper(folder, "DROP INDEX audit_entry_target; UPDATE audit_entry SET entry = x'7878' WHERE seq = 4")
    shown = store.read(read_log, AUDITOR, start=None, rows_max=99, target="t:2")
    assert [(view.seq, view.action == DAMAGED) for view in shown] == [(2, False), (4, True), (5, False), (8, False)]


def test_a_log_is_shown_whatever_its_frontier_says(folder: Path, store: Store) -> None:
    tamper(folder, FRONTIER_GONE)
    assert seqs(store, start=None, rows_max=3) == [7, 8, 9]
    assert seqs(store, start=(1 << 64), rows_max=3) == []


@pytest.mark.parametrize("table", ["DROP TABLE audit_entry", LOOSE_TABLE])
def test_a_log_whose_table_is_gone_cannot_be_read(folder: Path, store: Store, table: str) -> None:
    tamper(folder, table)
    for target in (None, "t:1"):
        with pytest.raises(VerificationError) as refused:
            store.read(read_log, AUDITOR, start=None, rows_max=9, target=target)
        assert "lhwa audit verify" in refused.value.hint


def test_a_glance_compares_the_end_and_the_guards(folder: Path, store: Store) -> None:
    assert store.read(verify_firm_end) == ""
    tamper(folder, "DROP TRIGGER audit_checkpoint_no_update", drop=())
    assert "audit_checkpoint_no_update is missing" in store.read(verify_firm_end)
    tamper(folder, "DELETE FROM audit_entry WHERE seq = 9")
    with pytest.raises(VerificationError):
        store.read(verify_firm_end)
