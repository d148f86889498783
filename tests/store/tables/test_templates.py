from __future__ import annotations

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.errors import ConflictError
from lhwa.store.store import Store
from lhwa.store.tables.templates import Part, SubmissionRow, SubmissionState, TemplateFact, TemplateRow
from lhwa.store.transaction import Tx

ROW = TemplateRow("jam_kerja", "id", "700100200300400", "APPROVED", "UTILITY", "GREEN", "{}", 1)


def audited(tx: Tx) -> None:
    tx.audit.append(AuditRecord("system:test", "test.wrote", "test"))


def submission(number: int = 1, language: str = "id") -> SubmissionRow:
    return SubmissionRow(f"01SUBMISSION{number}", "jam_kerja", language, "{}", "contoh-staff", number)


def test_a_template_is_put_once_and_then_replaced(store: Store) -> None:
    def run(tx: Tx) -> list[bool]:
        audited(tx)
        later = TemplateRow("jam_kerja", "id", "700100200300400", "PAUSED", "UTILITY", "RED", "{}", 2)
        return [tx.templates.put(row) for row in (ROW, ROW, later)]

    assert store.write(run) == [True, False, True]
    (row,) = store.read(lambda tx: tx.templates.all())
    assert (row.status, row.quality, row.synced_at_ms) == ("PAUSED", "RED", 2)


def test_one_fact_stands_for_each_part(store: Store) -> None:
    facts = [
        TemplateFact("1", Part.STATUS, 5, "APPROVED"),
        TemplateFact("1", Part.STATUS, 4, "PAUSED"),
        TemplateFact("1", Part.COMPONENTS, 4, "", b"sealed"),
        TemplateFact("2", Part.STATUS, 1, "PENDING"),
    ]

    def run(tx: Tx) -> None:
        audited(tx)
        for fact in facts:
            tx.templates.put_fact(fact)
        tx.templates.forget_facts("2")

    store.write(run)
    assert store.read(lambda tx: tx.templates.all_facts()) == [facts[2], facts[1]]
    assert store.read(lambda tx: tx.templates.facts("1"))[Part.STATUS].word == "PAUSED"
    assert store.read(lambda tx: tx.templates.facts("2")) == {}


def test_versions_are_kept_in_their_order(store: Store) -> None:
    def run(tx: Tx) -> None:
        audited(tx)
        for definition in ("{}", '{"a":1}'):
            tx.templates.add_version("jam_kerja", "id", definition)
        tx.templates.add_version("jam_kerja", "en", "[]")

    store.write(run)
    found = store.read(lambda tx: tx.templates.versions("jam_kerja", "id"))
    assert [version.definition for version in found] == ["{}", '{"a":1}']


def test_a_template_waits_once_in_each_language(store: Store) -> None:
    def add(tx: Tx, row: SubmissionRow) -> None:
        audited(tx)
        tx.templates.add_submission(row)

    store.write(add, submission(1))
    store.write(add, submission(2, "en"))
    with pytest.raises(ConflictError, match="waits for approval already"):
        store.write(add, submission(3))
    assert [each.id[-1] for each in store.read(lambda tx: tx.templates.waiting_submissions())] == ["1", "2"]


def test_a_submission_is_settled_once_and_makes_room_for_the_next(store: Store) -> None:
    def settle(tx: Tx) -> None:
        audited(tx)
        tx.templates.settle_submission("01SUBMISSION1", SubmissionState.REFUSED, by="contoh-owner", error_code=100)

    def add(tx: Tx, row: SubmissionRow) -> None:
        audited(tx)
        tx.templates.add_submission(row)

    store.write(add, submission(1))
    store.write(settle)
    with pytest.raises(ConflictError):
        store.write(settle)
    store.write(add, submission(2))
    found = store.read(lambda tx: tx.templates.submission("01SUBMISSION1"))
    assert found is not None
    assert (found.state, found.decided_by, found.error_code) == (SubmissionState.REFUSED, "contoh-owner", 100)
    assert store.read(lambda tx: tx.templates.submission("01UNKNOWN")) is None
