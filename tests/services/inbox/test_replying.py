from __future__ import annotations

import pytest

from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import ConversationId, OperatorId
from lhwa.domain.outbound import OutboundState, Text
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.inbox.desk import draft_of, keep_draft
from lhwa.services.inbox.replying import reply_request, send_reply
from lhwa.services.messaging.sending import SendOutcome
from lhwa.store.transaction import Tx
from lhwa.testing.builders import FIRM, NUMBER
from tests.services.intake.office import Office

RINA, BUDI = (Principal(OperatorId(name), FIRM, Role.LAWYER) for name in ("rina", "budi"))


def answer(office: Office, thread: str, who: Principal = RINA, text: str = "Kami bantu.") -> SendOutcome:
    new = office.next_id()

    def run(tx: Tx) -> SendOutcome:
        request = reply_request(tx, who, thread, Text(body=text))
        return send_reply(tx, who, thread, request, office.policy, outbound_id=new)

    return office.store.write(run)


def has_draft(office: Office, thread: str, who: Principal) -> bool:
    return office.store.read(draft_of, who, thread) is not None


def test_an_answer_takes_its_writers_draft_with_it_and_no_others(office: Office, thread: ConversationId) -> None:
    for who in (RINA, BUDI):
        office.store.jot(keep_draft, who, thread, "Kami ba")
    outcome = answer(office, thread[:6])
    assert outcome.id is not None
    row = office.row(outcome.id)
    assert (row.state, row.conversation, row.phone_number_id) == (OutboundState.QUEUED, thread, NUMBER)
    assert (has_draft(office, thread, RINA), has_draft(office, thread, BUDI)) == (False, True)


def test_an_answer_that_a_gate_refuses_leaves_the_draft(office: Office, thread: ConversationId) -> None:
    office.store.jot(keep_draft, RINA, thread, "Kami ba")
    office.clock.advance(25 * 3_600)
    assert answer(office, thread).refused is not None
    assert has_draft(office, thread, RINA)


def test_an_answer_that_fails_leaves_draft_and_outbox_as_they_were(office: Office, thread: ConversationId) -> None:
    office.store.jot(keep_draft, RINA, thread, "Kami ba")

    def answer_and_fail(tx: Tx) -> None:
        request = reply_request(tx, RINA, thread, Text(body="Kami bantu."))
        assert send_reply(tx, RINA, thread, request, office.policy, outbound_id=office.next_id()).id
        raise KeyError

    with pytest.raises(KeyError):
        office.store.write(answer_and_fail)
    assert has_draft(office, thread, RINA)
    assert office.outbox() == []


def test_whoever_may_not_write_to_clients_answers_nobody(office: Office, thread: ConversationId) -> None:
    with pytest.raises(NotAllowedError):
        answer(office, thread, Principal(OperatorId("contoh"), FIRM, Role.AUDITOR))


def test_a_group_is_not_written_to(office: Office) -> None:
    group = ConversationId("0000000000000GRP")
    office.write(lambda tx: tx.conversations.add(group, NUMBER, contact=None, group_hash=b"g"))
    with pytest.raises(UsageError) as refused:
        answer(office, group)
    assert refused.value.hint
