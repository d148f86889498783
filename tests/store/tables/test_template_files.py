"""Versions of template files are added and never rewritten."""

from __future__ import annotations

import apsw
import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.store.store import Store
from lhwa.store.tables.template_files import FileVersion
from lhwa.store.transaction import Tx
from lhwa.testing.fakes import FakeClock

KEY = ("jam_kerja", "id")
ONE, TWO = b"1" * 32, b"2" * 32


def audited(tx: Tx) -> None:
    tx.audit.append(AuditRecord("system:test", "test.wrote", "test"))


def add(tx: Tx, definition: str = "{}", sha256: bytes = ONE, key: tuple[str, str] = KEY) -> FileVersion:
    audited(tx)
    made = tx.template_files.add_version(*key, definition, sha256=sha256)
    tx.template_files.put(made, file="jam.yaml")
    return made


def test_versions_count_from_one_for_each_name_and_language(store: Store) -> None:
    made = [store.write(add, "{}", each) for each in (ONE, TWO, ONE)]
    made += [store.write(add, "{}", ONE, ("jam_kerja", "en"))]
    assert [(each.language, each.version) for each in made] == [("id", 1), ("id", 2), ("id", 3), ("en", 1)]
    kept = store.read(lambda tx: tx.template_files.versions("jam_kerja"))
    assert kept == [made[3], *made[:3]]
    assert store.read(lambda tx: tx.template_files.versions(*KEY)) == made[:3]
    assert store.read(lambda tx: tx.template_files.versions("lain")) == []


def test_the_newest_put_counts_until_it_is_deleted_and_put_again(store: Store, clock: FakeClock) -> None:
    first = store.write(add)
    clock.advance(1)
    second = store.write(add, '{"a":1}', TWO)

    def delete(tx: Tx) -> None:
        audited(tx)
        tx.template_files.mark_deleted(*KEY)

    def put(tx: Tx, version: FileVersion) -> None:
        audited(tx)
        tx.template_files.put(version, file="lain.yaml")

    assert first.seen_at_ms < second.seen_at_ms
    (row,) = store.read(lambda tx: tx.template_files.all())
    assert (row.file, row.current, row.deleted_at_ms) == ("jam.yaml", second, None)
    store.write(delete)
    found = store.read(lambda tx: tx.template_files.get(*KEY))
    assert found is not None
    assert found.deleted_at_ms is not None
    store.write(put, first)
    found = store.read(lambda tx: tx.template_files.get(*KEY))
    assert found is not None
    assert (found.file, found.current, found.deleted_at_ms) == ("lain.yaml", first, None)
    assert store.read(lambda tx: tx.template_files.get("jam_kerja", "en")) is None


@pytest.mark.parametrize(
    "sql", ["UPDATE template_file_version SET definition = '[]'", "DELETE FROM template_file_version"]
)
def test_the_file_itself_refuses_to_rewrite_a_version(store: Store, sql: str) -> None:
    def rewrite(tx: Tx) -> None:
        audited(tx)
        tx._connection.execute(sql)

    made = store.write(add)
    with pytest.raises(apsw.ConstraintError, match="never rewritten"):
        store.write(rewrite)
    assert store.read(lambda tx: tx.template_files.versions(*KEY)) == [made]


def test_files_with_errors_are_those_that_were_put_last(store: Store) -> None:
    def put(tx: Tx, errors: dict[str, int]) -> bool:
        audited(tx)
        return tx.template_files.put_faults(errors)

    steps: list[tuple[dict[str, int], bool]] = [
        ({}, False),
        ({"a.yaml": 1, "b.yaml": 2}, True),
        ({"a.yaml": 1, "b.yaml": 2}, False),
        ({"b.yaml": 3}, True),
        ({}, True),
    ]
    for errors, is_news in steps:
        assert store.write(put, errors) is is_news
        assert store.read(lambda tx: tx.template_files.faults()) == errors


def test_the_newest_change_is_that_of_any_template(store: Store, clock: FakeClock) -> None:
    assert store.read(lambda tx: tx.template_files.newest_change_ms()) == 0
    store.write(add)
    before = store.read(lambda tx: tx.template_files.newest_change_ms())
    clock.advance(2)
    store.write(add, "{}", ONE, ("lain", "id"))
    assert store.read(lambda tx: tx.template_files.newest_change_ms()) == before + 2_000
