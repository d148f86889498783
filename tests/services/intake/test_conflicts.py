"""The check over the firm's own files finds what the rules find between any two names, and each name is opened once."""

from __future__ import annotations

import pytest

from lhwa.domain.intake.name_matching import match
from lhwa.domain.intake.party_names import parse
from lhwa.services.intake.conflicts import check_conflicts, conflict_states
from lhwa.services.intake.parties import add_party
from lhwa.store.tables.parties import Parties, PartyRow
from tests.services.intake.office import Office
from tests.services.intake.test_reviewing import LAWYER, OTHER, STAFF, through

ON_FILE = (
    "Drs. H. Soeharto Tjokro, S.H.",
    "Muhammad Contohwan bin Abdul",
    "PT Contoh Maju Abadi Tbk",
    "Siti Aminah Contohsari",
    "Ni Made Contohwati alias Made",
    "Zulkarnaen",
    "Bank Contoh Sejahtera",
)
ASKED = (
    "suharto cokro",
    "Moh. Contowan",
    "CV Contoh Maju Abadi",
    "Siti A. Contohsari",
    "Made Contohwati",
    "Zulkarnain",
    "Budi Lain Sekali",
)


def test_a_check_finds_what_a_comparison_of_all_names_finds(office: Office) -> None:
    old = through(office, name="Aaa Pertama")
    new = through(office, name="Bbb Kedua", party=OTHER)
    for name in ON_FILE:
        office.store.write(add_party, STAFF, old, name=name, role="opponent")
    for name in ASKED:
        office.store.write(add_party, STAFF, new, name=name, role="related")
    check = office.store.write(check_conflicts, STAFF, new)
    expected = {(asked, known) for asked in ASKED for known in ON_FILE if match(parse(asked), parse(known)) is not None}
    assert {(hit.name, hit.other_name) for hit in check.hits} == expected
    assert len(expected) == len(ASKED) - 1, "all of them but the last are on file in another spelling"
    assert check.compared == len(ON_FILE) + 1
    others = office.store.write(check_conflicts, STAFF, old)
    assert {(hit.other_name, hit.name) for hit in others.hits} == expected, "whoever is asked first"


def test_a_name_that_several_share_keys_with_is_opened_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    old = through(office, name="Aaa Pertama")
    new = through(office, name="Bbb Kedua", party=OTHER)
    office.store.write(add_party, STAFF, old, name="Zulkarnaen Contoh", role="opponent")
    for name in ("Zulkarnaen Contoh", "Zulkarnain Conto", "Zulkarnaen Tjontoh"):
        office.store.write(add_party, STAFF, new, name=name, role="related")
    opened: list[str] = []
    real = Parties.name

    def name_of(self: Parties, row: PartyRow) -> str:
        opened.append(row.intake)
        return real(self, row)

    monkeypatch.setattr(Parties, "name", name_of)
    check = office.store.write(check_conflicts, STAFF, new)
    assert len(check.hits) == 3
    assert opened.count(old) == 1


def test_each_intake_has_one_word_for_its_conflicts(office: Office) -> None:
    first = through(office, name="Zulkarnaen Contoh")
    second = through(office, name="Bbb Kedua", party=OTHER)
    assert office.store.read(conflict_states, [first, second]) == {first: "unchecked", second: "unchecked"}
    office.store.write(check_conflicts, LAWYER, first)
    office.store.write(add_party, STAFF, second, name="Zulkarnain Contoh", role="opponent")
    office.store.write(check_conflicts, LAWYER, second)
    assert office.store.read(conflict_states, [first, second]) == {first: "outdated", second: "found"}
    office.store.write(check_conflicts, LAWYER, first)
    assert office.store.read(conflict_states, [first]) == {first: "found"}
