from __future__ import annotations

import apsw
import pytest

from lhwa.domain.ids import ContactId
from lhwa.domain.intake.states import IntakeState
from lhwa.errors import SealError
from lhwa.store.connection import rows
from lhwa.store.tables.parties import KEY_BYTES, Outcome, PartyRow
from lhwa.store.transaction import Tx
from tests.store.tables.office_rows import OfficeRows

CLIENT = ContactId("CONTACT000000001")
KEYS = ("w:zulkarnaen", "i:zulkarnaen c")
CHECK = "01CHECK"


@pytest.fixture
def office(office_rows: OfficeRows) -> OfficeRows:
    """Two intakes of one client."""
    office_rows.client(CLIENT)
    for intake in ("01ONE", "01TWO"):
        office_rows.intake(intake, CLIENT, IntakeState.ACCEPTED)
    return office_rows


def add(
    office: OfficeRows,
    party: str,
    intake: str = "01ONE",
    *,
    name: str = "Zulkarnaen Contoh",
    keys: tuple[str, ...] = KEYS,
) -> PartyRow:
    office.write(
        lambda tx: tx.parties.add(
            party, contact=CLIENT, intake=intake, role="client", name=name, keys=keys, node="name"
        )
    )
    found = office.store.read(lambda tx: tx.parties.of_intake(intake))
    return next(row for row in found if row.id == party)


def sharing(office: OfficeRows, *keys: str, besides: str = "01TWO") -> list[str]:
    return [row.id for row in office.store.read(lambda tx: tx.parties.sharing(keys, besides=besides))]


def note(office: OfficeRows, check: str, intake: str = "01ONE", *, hits: int = 0) -> None:
    office.write(
        lambda tx: tx.parties.note_check(
            check, contact=CLIENT, intake=intake, by="operator:x", parties=b"p" * 32, hits=hits, clear=b'["rahasia"]'
        )
    )


def index(office: OfficeRows) -> list[tuple[bytes, int]]:
    return office.store.read(lambda tx: rows(tx._connection, "SELECT hash, party FROM party_key"))


def test_a_party_is_read_as_it_was_named(office: OfficeRows) -> None:
    row = add(office, "01A")
    assert (row.intake, row.role, row.node, row.added_by, row.ended_at_ms) == ("01ONE", "client", "name", None, None)
    assert office.store.read(lambda tx: tx.parties.name(row)) == "Zulkarnaen Contoh"
    assert office.store.read(lambda tx: (tx.parties.count(), tx.parties.last_seq())) == (1, row.seq)


def test_names_are_sealed_and_the_index_holds_hashes_alone(office: OfficeRows) -> None:
    add(office, "01A")
    note(office, CHECK)
    assert office.holds("zulkarnaen", "rahasia") == []
    hashes = [hashed for hashed, _ in index(office)]
    assert len(hashes) == len(KEYS)
    assert {len(hashed) for hashed in hashes} == {KEY_BYTES}
    # Keyed: another firm's secret makes another hash of the same key.
    assert office.store.read(lambda tx: tx.vault.blind("party_key", KEYS[0])[:KEY_BYTES]) in hashes


def test_a_name_without_its_clients_key_is_gone(office: OfficeRows) -> None:
    row = add(office, "01A")
    office.destroy_key(CLIENT)
    with pytest.raises(SealError):
        office.store.read(lambda tx: tx.parties.name(row))


def test_who_shares_one_of_the_keys_is_found_once_and_in_order(office: OfficeRows) -> None:
    for party, keys in (("01A", KEYS), ("01B", KEYS[:1]), ("01C", ("w:other",))):
        add(office, party, keys=keys)
    assert sharing(office, *KEYS, *KEYS) == ["01A", "01B"]
    assert sharing(office, KEYS[1]) == ["01A"]
    assert sharing(office, "w:nobody") == []
    assert sharing(office) == []
    assert sharing(office, *KEYS, besides="01ONE") == [], "an intake's own names are no others"


@pytest.mark.parametrize("is_readable", [True, False])
def test_a_name_that_was_replaced_stays_and_is_not_looked_for(office: OfficeRows, *, is_readable: bool) -> None:
    row, other = add(office, "01A"), add(office, "01B", keys=KEYS[:1])
    office.write(lambda tx: tx.parties.end(row, keys=KEYS if is_readable else None))
    assert sharing(office, *KEYS) == ["01B"]
    assert [party for _, party in index(office)] == [other.seq]
    assert [each.id for each in office.store.read(lambda tx: tx.parties.of_intake("01ONE"))] == ["01B"]
    assert office.store.read(lambda tx: (tx.parties.count(), tx.parties.last_seq())) == (1, other.seq)
    assert office.store.read(lambda tx: tx.parties.name(row)) == "Zulkarnaen Contoh"


@pytest.mark.parametrize(("role", "intake"), [("judge", "01ONE"), ("client", "01NOWHERE")])
def test_a_party_has_a_role_and_an_intake(office: OfficeRows, role: str, intake: str) -> None:
    def wrong(tx: Tx) -> None:
        tx.parties.add("01A", contact=CLIENT, intake=intake, role=role, name="Contoh", keys=KEYS)

    with pytest.raises(apsw.ConstraintError):
        office.write(wrong)
    assert index(office) == []


def test_the_newest_check_counts(office: OfficeRows) -> None:
    assert office.store.read(lambda tx: tx.parties.last_check("01ONE")) is None
    note(office, "01FIRST", hits=3)
    note(office, "01SECOND")
    note(office, "01OTHER", "01TWO", hits=1)
    row = office.store.read(lambda tx: tx.parties.last_check("01ONE"))
    assert row is not None
    assert (row.id, row.hits, row.decision, row.parties) == ("01SECOND", 0, None, b"p" * 32)
    assert office.store.read(lambda tx: tx.parties.found(row)) == b'["rahasia"]'
    assert office.store.read(lambda tx: [tx.parties.checks_count(each) for each in ("01ONE", "01TWO", "01X")]) == [
        2,
        1,
        0,
    ]
    outcomes = office.store.read(lambda tx: tx.parties.outcomes(["01TWO", "01ONE", "01X"]))
    assert outcomes == {"01ONE": Outcome(0, None), "01TWO": Outcome(1, None)}
    assert office.store.read(lambda tx: tx.parties.outcomes([])) == {}


def test_a_check_is_decided_once(office: OfficeRows) -> None:
    note(office, CHECK, hits=1)
    row = office.store.read(lambda tx: tx.parties.last_check("01ONE"))
    assert row is not None
    assert office.write(lambda tx: tx.parties.decide(row, "waived", by="contoh-lawyer", reason="both agreed"))
    assert not office.write(lambda tx: tx.parties.decide(row, "conflict", by="contoh-other", reason="no"))
    decided = office.store.read(lambda tx: tx.parties.last_check("01ONE"))
    assert decided is not None
    assert (decided.decision, decided.decided_by, decided.reason) == ("waived", "contoh-lawyer", "both agreed")
    assert decided.decided_at_ms is not None


def test_a_fingerprint_tells_names_apart(office: OfficeRows) -> None:
    found = office.store.read(
        lambda tx: [tx.parties.fingerprint(each) for each in (["a", "b"], ["a|b"], ["a", "b"], [])]
    )
    assert found[0] == found[2]
    assert len(set(found)) == 3
