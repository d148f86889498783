from __future__ import annotations

import pytest

from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import ConversationId, OperatorId
from lhwa.domain.outbound import OutboundState, Text
from lhwa.errors import NotAllowedError
from lhwa.services.inbox.desk import draft_of, keep_draft
from lhwa.services.inbox.replying import send_written
from lhwa.services.messaging.sending import SendOutcome, SendRequest
from lhwa.store.transaction import Tx
from lhwa.testing.builders import FIRM, NUMBER
from tests.services.intake.office import Office

RINA, BUDI = (Principal(OperatorId(name), FIRM, Role.LAWYER) for name in ("rina", "budi"))


def answer(office: Office, who: Principal = RINA, text: str = "Kami bantu.") -> SendOutcome:
    new = office.next_id()

    return office.store.write(send_written, who, request(office, text), office.policy, outbound_id=new)


def client(office: Office) -> str:
    """Of the one thread that there is."""
    return office.store.read(lambda tx: str(tx.conversations.newest(rows_max=1)[0].contact))


def request(office: Office, text: str) -> SendRequest:
    """To the client who has written."""
    return SendRequest(contact=client(office), content=Text(body=text), phone_number_id=NUMBER)


def has_draft(office: Office, thread: str, who: Principal) -> bool:
    return office.store.read(draft_of, who, thread) is not None


def test_an_answer_takes_its_writers_draft_with_it_and_no_others(office: Office, thread: ConversationId) -> None:
    for who in (RINA, BUDI):
        office.store.jot(keep_draft, who, thread, "Kami ba")
    outcome = answer(office)
    assert outcome.id is not None
    row = office.row(outcome.id)
    assert (row.state, row.conversation, row.phone_number_id) == (OutboundState.QUEUED, thread, NUMBER)
    assert (has_draft(office, thread, RINA), has_draft(office, thread, BUDI)) == (False, True)


def test_what_was_typed_behind_an_answer_while_it_left_stays_as_the_next_draft(
    office: Office, thread: ConversationId
) -> None:
    office.store.jot(keep_draft, RINA, thread, "Kami bantu. Lalu")
    answer(office, text="Kami bantu.")
    draft = office.store.read(draft_of, RINA, thread)
    assert draft is not None
    assert draft.text == " Lalu"


def test_an_answer_that_a_gate_refuses_leaves_the_draft(office: Office, thread: ConversationId) -> None:
    office.store.jot(keep_draft, RINA, thread, "Kami ba")
    office.clock.advance(25 * 3_600)
    assert answer(office).refused is not None
    assert has_draft(office, thread, RINA)


def test_an_answer_that_fails_leaves_draft_and_outbox_as_they_were(office: Office, thread: ConversationId) -> None:
    office.store.jot(keep_draft, RINA, thread, "Kami ba")
    written = request(office, "Kami bantu.")

    def answer_and_fail(tx: Tx) -> None:
        assert send_written(tx, RINA, written, office.policy, outbound_id=office.next_id()).id
        raise KeyError

    with pytest.raises(KeyError):
        office.store.write(answer_and_fail)
    assert has_draft(office, thread, RINA)
    assert office.outbox() == []


def test_whoever_may_not_write_to_clients_answers_nobody(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        answer(office, Principal(OperatorId("contoh"), FIRM, Role.AUDITOR))
