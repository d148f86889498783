from __future__ import annotations

import apsw
import pytest

from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.testing.fakes import FakeClock
from tests.outbound.desk import Desk

KINDS = ("opt_out", "marketing_stop", "blocked", "outbound_hold")


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    return Desk(store, clock)


def in_force(desk: Desk, contact: ContactId) -> frozenset[str]:
    return desk.store.read(lambda tx: tx.restrictions.of(contact))


@pytest.mark.parametrize("kind", KINDS)
def test_a_restriction_holds_from_its_begin_to_its_end(desk: Desk, kind: str) -> None:
    contact = desk.hear()
    assert in_force(desk, contact) == frozenset()
    assert desk.write(lambda tx: tx.restrictions.begin(contact, kind, source="operator:contoh"))
    assert not desk.write(lambda tx: tx.restrictions.begin(contact, kind, source="operator:contoh")), "it is already"
    assert in_force(desk, contact) == {kind}
    desk.clock.advance(60)
    assert desk.write(lambda tx: tx.restrictions.end(contact, kind))
    assert not desk.write(lambda tx: tx.restrictions.end(contact, kind))
    assert in_force(desk, contact) == frozenset()


def test_what_ended_stays_on_record(desk: Desk) -> None:
    contact, begin_ms = desk.hear(), desk.now_ms
    for _ in range(2):
        desk.restrict(contact, "opt_out")
        desk.clock.advance(1)
        desk.write(lambda tx: tx.restrictions.end(contact, "opt_out"))
    found = desk.store.read(lambda tx: rows(tx._connection, "SELECT since, ended_at FROM contact_restriction"))
    assert found == [(begin_ms, begin_ms + 1_000), (begin_ms + 1_000, begin_ms + 2_000)]


def test_one_kind_or_contact_says_nothing_of_another(desk: Desk) -> None:
    contact = desk.hear()
    desk.restrict(contact, "blocked")
    assert not desk.write(lambda tx: tx.restrictions.end(contact, "opt_out"))
    assert in_force(desk, contact) == {"blocked"}
    assert in_force(desk, ContactId("0123456789ABCDEF")) == frozenset()


def test_an_unknown_kind_is_impossible(desk: Desk) -> None:
    contact = desk.hear()
    with pytest.raises(apsw.ConstraintError):
        desk.restrict(contact, "bad_mood")
