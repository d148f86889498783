from __future__ import annotations

from dataclasses import replace

import apsw
import pytest

from lhwa.domain.ids import ContactId
from lhwa.errors import SealError
from lhwa.store.connection import rows
from lhwa.store.tables.consents import ConsentRow, ConsentWords
from tests.store.tables.office_rows import OfficeRows

CLIENT, OTHER = ContactId("CONTACT000000001"), ContactId("CONTACT000000002")
WORDS = ConsentWords(notice="Pemberitahuan rahasia", reply="Setuju sekali", salt="00ff", guardian="Ibu Contoh")


@pytest.fixture
def office(office_rows: OfficeRows) -> OfficeRows:
    """Two clients, one of them with an intake."""
    for contact in (CLIENT, OTHER):
        office_rows.client(contact)
    office_rows.intake("01INTAKE", CLIENT)
    return office_rows


def noted(
    office: OfficeRows, entry: str, what: str = "given", *, purpose: str = "intake", contact: ContactId = CLIENT
) -> ConsentRow:
    def add(sealed: bytes) -> ConsentRow:
        return ConsentRow(
            id=entry,
            contact=contact,
            intake="01INTAKE" if contact == CLIENT else None,
            purpose=purpose,
            basis="consent",
            what=what,
            notice_version="1",
            notice_sha256=b"n" * 32,
            language="id",
            prompt=None,
            reply="01REPLY",
            reply_sha256=b"r" * 32,
            method="button",
            is_guardian=True,
            at_ms=5,
            recorded_at_ms=6,
            audit_seq=7,
            sealed=sealed,
        )

    office.write(lambda tx: tx.consents.add(add(tx.consents.sealed(contact, entry, WORDS))))
    row = office.store.read(lambda tx: tx.consents.get(entry))
    assert row is not None
    return row


def test_an_entry_is_read_as_it_was_noted(office: OfficeRows) -> None:
    row = noted(office, "01A")
    assert row == replace(row, what="given", method="button", is_guardian=True, at_ms=5, recorded_at_ms=6, audit_seq=7)
    assert (row.notice_sha256, row.reply_sha256, row.prompt) == (b"n" * 32, b"r" * 32, None)
    assert office.store.read(lambda tx: tx.consents.words(row)) == WORDS
    assert office.store.read(lambda tx: tx.consents.get("01B")) is None


def test_words_are_sealed_and_go_with_the_clients_key(office: OfficeRows) -> None:
    row, other = noted(office, "01A"), noted(office, "01B", contact=OTHER)
    assert office.holds("rahasia", "setuju sekali", "ibu contoh") == []
    assert "rahasia" not in repr(WORDS)
    office.destroy_key(CLIENT)
    with pytest.raises(SealError):
        office.store.read(lambda tx: tx.consents.words(row))
    assert office.store.read(lambda tx: tx.consents.words(other)) == WORDS


@pytest.mark.parametrize("change", ["UPDATE consent SET what = 'given'", "DELETE FROM consent"])
def test_the_ledger_is_append_only(office: OfficeRows, change: str) -> None:
    row = noted(office, "01A", "refused")
    with pytest.raises(apsw.ConstraintError, match="append-only"):
        office.write(lambda tx: rows(tx._connection, change))
    assert office.store.read(lambda tx: tx.consents.of_contact(CLIENT)) == [row]


def test_the_last_word_on_each_purpose_is_in_force(office: OfficeRows) -> None:
    for entry, what, purpose in (
        ("01A", "given", "intake"),
        ("01B", "given", "marketing"),
        ("01C", "withdrawn", "marketing"),
        ("01D", "given", "sensitive"),
        ("01E", "refused", "sensitive"),
        ("01F", "given", "sensitive"),
    ):
        noted(office, entry, what, purpose=purpose)
    noted(office, "01G", "withdrawn", contact=OTHER)
    in_force = office.store.read(lambda tx: [row.id for row in tx.consents.in_force(CLIENT)])
    assert in_force == ["01A", "01F"]
    assert office.store.read(lambda tx: tx.consents.in_force(OTHER)) == []
    assert office.store.read(lambda tx: [row.id for row in tx.consents.newest(rows_max=2)]) == ["01G", "01F"]


@pytest.mark.parametrize("wrong", [{"what": "perhaps"}, {"contact": "CONTACT-UNKNOWN"}, {"notice_sha256": b"short"}])
def test_what_is_no_entry_is_refused(office: OfficeRows, wrong: dict[str, object]) -> None:
    row = replace(noted(office, "01A"), id="01B", **wrong)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(apsw.ConstraintError):
        office.write(lambda tx: tx.consents.add(row))
