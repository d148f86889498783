"""What an answer, or none, makes of a message."""

from __future__ import annotations

import pytest

from lhwa.domain.access import Role
from lhwa.domain.outbound import OutboundState
from lhwa.services.messaging.outbox_decisions import cancel_outbound
from lhwa.testing.builders import acting_as
from tests.outbound.desk import Desk

S = OutboundState


def test_an_accepted_message_has_its_receipt(desk: Desk) -> None:
    sent = desk.send()
    desk.take()
    desk.accept(sent, "wamid.OUT7")
    row = desk.row(sent)
    receipt = desk.store.read(lambda tx: tx.outbox.receipt(row))
    assert row.state is S.ACCEPTED
    assert receipt is not None
    assert receipt.wamid == "wamid.OUT7"
    assert desk.actions(sent)[-1] == "outbound.accepted"


def test_a_status_before_the_answer_is_not_undone_by_it(desk: Desk) -> None:
    sent = desk.send()
    desk.take()
    desk.tell("delivered", sent)
    assert desk.state(sent) is S.DELIVERED
    desk.accept(sent)
    assert desk.state(sent) is S.DELIVERED
    desk.tell("read")
    assert desk.state(sent) is S.READ


def test_statuses_without_our_id_count_once_the_answer_names_the_message(desk: Desk) -> None:
    sent = desk.send()
    desk.take()
    desk.tell("delivered")
    assert desk.state(sent) is S.SENDING
    desk.accept(sent)
    assert desk.state(sent) is S.DELIVERED


def test_a_failure_that_came_before_the_answer_stands(desk: Desk) -> None:
    sent = desk.send()
    desk.take()
    desk.tell("failed", sent)
    desk.accept(sent)
    assert (desk.state(sent), desk.row(sent).error_code) == (S.FAILED, 131026)


@pytest.mark.parametrize(
    ("code", "state", "rule"),
    [
        (None, S.QUEUED, ""),
        (131016, S.QUEUED, ""),
        (130429, S.QUEUED, ""),
        (131056, S.QUEUED, ""),
        (100, S.FAILED, "error_never"),
        (131031, S.FAILED, "error_oper"),
        (131047, S.FAILED, "error_alt"),
        (131049, S.FAILED, "error_wait"),
    ],
    ids=str,
)
def test_a_refusal_is_tried_again_as_its_code_allows(desk: Desk, code: int | None, state: S, rule: str) -> None:
    sent = desk.send()
    desk.take()
    desk.refuse(sent, code)
    row = desk.row(sent)
    assert (row.state, row.rule, row.error_code) == (state, rule, code)
    assert (row.next_attempt_at_ms > desk.now_ms) == (state is S.QUEUED)


@pytest.mark.parametrize("code", [0, 3, 10, 190, 200, 131005])
def test_what_was_refused_because_of_the_token_waits_in_its_place(desk: Desk, code: int) -> None:
    sent = desk.send()
    before = desk.row(sent)
    desk.take()
    desk.refuse(sent, code)
    row = desk.row(sent)
    assert (row.state, row.attempts, row.error_code) == (S.QUEUED, 0, code)
    assert row.next_attempt_at_ms == before.next_attempt_at_ms
    assert desk.actions(sent)[-1] == "outbound.postponed"


def test_a_refusal_is_tried_five_times_and_no_more(desk: Desk) -> None:
    sent = desk.send()
    for _ in range(5):
        assert desk.state(sent) is S.QUEUED
        desk.clock.advance(3_600)
        assert desk.taken() == [sent]
        desk.refuse(sent, 131016)
    assert (desk.state(sent), desk.row(sent).attempts) == (S.FAILED, 5)


def test_metas_wait_is_kept(desk: Desk) -> None:
    sent = desk.send()
    desk.take()
    desk.refuse(sent, 130429, retry_after_s=1_234.0)
    assert desk.row(sent).next_attempt_at_ms == desk.now_ms + 1_234_000


def test_a_wait_beyond_its_time_is_a_failure_now(desk: Desk) -> None:
    sent = desk.send()
    desk.take()
    desk.refuse(sent, 130429, retry_after_s=90_000.0)
    assert desk.state(sent) is S.FAILED


def test_a_lost_answer_is_a_doubt(desk: Desk) -> None:
    sent = desk.in_doubt()
    assert (desk.state(sent), desk.row(sent).in_doubt_since_ms) == (S.IN_DOUBT, desk.now_ms)
    desk.clock.advance(80_000)
    assert desk.taken() == []


def test_a_late_answer_settles_a_doubt(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.accept(sent)
    assert (desk.state(sent), desk.row(sent).in_doubt_since_ms) == (S.ACCEPTED, None)


def test_a_late_refusal_leaves_a_doubt(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.refuse(sent, 131016)
    assert desk.state(sent) is S.IN_DOUBT


def test_a_late_answer_makes_another_try_needless(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.resend(sent)
    desk.accept(sent)
    assert desk.state(sent) is S.ACCEPTED
    assert desk.taken() == []


def test_an_answer_to_an_earlier_try_says_nothing_about_the_one_under_way(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.resend(sent)
    assert desk.taken() == [sent]
    desk.refuse(sent, 131016, attempt=1)
    assert desk.state(sent) is S.SENDING, (
        "back in the queue it would leave a third time, though the second is on its way"
    )
    desk.refuse(sent, 131016, attempt=2)
    assert desk.state(sent) is S.QUEUED


def test_the_second_receipt_does_not_hide_how_far_the_first_try_came(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.resend(sent)
    desk.take()
    desk.tell("delivered", sent, wamid="wamid.FIRST")
    desk.accept(sent, "wamid.SECOND")
    assert desk.state(sent) is S.DELIVERED
    desk.tell("failed", sent, wamid="wamid.SECOND")
    assert (desk.state(sent), desk.row(sent).rule) == (S.DELIVERED, "")
    desk.tell("read", sent, wamid="wamid.FIRST")
    assert desk.state(sent) is S.READ


def test_a_receipt_outweighs_the_failure_of_an_earlier_try(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.resend(sent)
    desk.take()
    desk.tell("failed", sent, wamid="wamid.FIRST")
    desk.accept(sent, "wamid.SECOND")
    assert (desk.state(sent), desk.row(sent).error_code) == (S.ACCEPTED, None)
    desk.tell("sent", sent, wamid="wamid.SECOND")
    assert desk.state(sent) is S.SENT


def test_an_answer_for_a_message_that_was_cancelled_since_tells_the_truth(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.resend(sent)
    desk.store.write(cancel_outbound, acting_as(Role.OWNER), sent)
    desk.accept(sent)
    assert desk.state(sent) is S.ACCEPTED


def test_after_several_failures_nothing_is_tried_and_one_success_opens_again(desk: Desk) -> None:
    sent = [desk.send() for _ in range(2)]
    for _ in range(5):
        assert desk.taken() == [sent[0]]
        desk.refuse(sent[0], None)
        row = desk.row(sent[0])
        desk.write(lambda tx, row=row: tx.outbox.move(row, S.QUEUED, next_attempt_at=tx.now_ms, attempts=0))  # type: ignore[misc]  # bound now
        desk.clock.advance(1)
    assert desk.taken() == [], "the breaker is open"
    desk.clock.advance(30)
    assert desk.taken() == [sent[0]], "one probe"
    desk.accept(sent[0])
    assert desk.taken() == [sent[1]]
