from __future__ import annotations

import pytest

from lhwa.domain.elements import Party
from lhwa.domain.outbound import Recipient
from lhwa.domain.phones import mask_e164
from lhwa.errors import NotAllowedError, SealError, UsageError
from lhwa.services.messaging.addressing import Addressee, addressee, recipient_of
from lhwa.store.store import Store
from lhwa.store.tables.contacts import Contacts
from lhwa.testing.builders import CLIENT, NUMBER
from lhwa.testing.fakes import FakeClock
from tests.outbound.desk import SECOND_NUMBER, Desk

PHONE = f"+{CLIENT.wa_id}"
BOTH = (NUMBER, SECOND_NUMBER)
HIDDEN = Party(bsuid="ID.99001122334455", profile_name="Contoh Tersembunyi")


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    return Desk(store, clock)


def found(desk: Desk, wanted: str, *, numbers: tuple[str, ...] = BOTH, sender: str | None = None) -> Addressee:
    return desk.store.read(addressee, wanted, numbers=numbers, phone_number_id=sender)


@pytest.mark.parametrize("wanted", [PHONE, "6281230001111", "081230001111", "+62 812-3000-1111", mask_e164(PHONE)])
def test_a_contact_is_found_by_what_people_write(desk: Desk, wanted: str) -> None:
    contact = desk.hear()
    assert (found(desk, wanted).contact, found(desk, contact).contact) == (contact, contact)


def test_a_message_goes_to_the_number_where_one_is_known(desk: Desk) -> None:
    desk.hear()
    assert found(desk, PHONE).recipient == Recipient(phone=PHONE)


def test_a_message_goes_to_the_user_id_where_no_number_is_known(desk: Desk) -> None:
    contact = desk.hear(HIDDEN)
    assert found(desk, contact).recipient == Recipient(bsuid=HIDDEN.bsuid)


def test_a_contact_whose_key_was_destroyed_has_no_address(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    contact = desk.hear()

    def gone(*_: object) -> None:
        raise SealError("x")

    monkeypatch.setattr(Contacts, "sightings", gone)
    assert desk.store.read(recipient_of, contact) == Recipient()


@pytest.mark.parametrize("wanted", ["+6281230009999", "0123456789ABCDEF", "+62 812-••••-9999"])
def test_somebody_who_is_not_here_is_not_yours(desk: Desk, wanted: str) -> None:
    desk.hear()
    with pytest.raises(NotAllowedError):
        found(desk, wanted)


@pytest.mark.parametrize("wanted", ["", "81230001111", "Budi", "ID.88001122334455", "+62", "0123456789ABCDEI"])
def test_words_that_name_nobody_are_refused_without_repeating_them(desk: Desk, wanted: str) -> None:
    desk.hear()
    with pytest.raises(UsageError) as refusal:
        found(desk, wanted)
    assert not wanted or wanted not in str(refusal.value)


def test_a_masked_number_that_fits_two_contacts_is_refused(desk: Desk) -> None:
    desk.hear(Party(wa_id="6281230001111"))
    desk.hear(Party(wa_id="6281290071111"))
    assert mask_e164("+6281230001111") == mask_e164("+6281290071111")
    with pytest.raises(UsageError, match="2 contacts"):
        found(desk, mask_e164(PHONE))


def test_it_leaves_from_the_number_of_the_newest_thread(desk: Desk) -> None:
    desk.hear(number=NUMBER)
    desk.clock.advance(60)
    desk.hear(number=SECOND_NUMBER)
    assert found(desk, PHONE).phone_number_id == SECOND_NUMBER
    chosen = found(desk, PHONE, sender=NUMBER)
    assert chosen.phone_number_id == NUMBER
    assert chosen.thread is not None
    assert chosen.thread.phone_number_id == NUMBER


def test_a_number_without_a_thread_has_none(desk: Desk) -> None:
    desk.hear(number=NUMBER)
    assert found(desk, PHONE, sender=SECOND_NUMBER).thread is None


@pytest.mark.parametrize("numbers", [(), (SECOND_NUMBER,)], ids=["none", "another"])
def test_a_number_that_is_not_the_firms_sends_nothing(desk: Desk, numbers: tuple[str, ...]) -> None:
    desk.hear(number=NUMBER)
    with pytest.raises(UsageError, match="which of the firm's numbers"):
        found(desk, PHONE, numbers=numbers)


def test_no_repr_shows_an_address(desk: Desk) -> None:
    desk.hear()
    assert "81230001111" not in repr(found(desk, PHONE))
