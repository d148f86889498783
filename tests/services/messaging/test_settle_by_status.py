from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from lhwa.domain.access import Role
from lhwa.domain.outbound import OutboundState
from lhwa.routes import REACTIONS
from lhwa.services.messaging.outbox_decisions import resolve_outbound
from lhwa.store.connection import rows
from lhwa.store.transaction import Tx
from lhwa.testing.builders import acting_as, open_firm, status
from lhwa.testing.fakes import FakeClock
from tests.outbound.desk import SECOND_NUMBER, Desk

S = OutboundState
SETS = [
    (("sent", 0), ("delivered", 0), ("read", 0)),
    (("sent", 0), ("failed", 131026)),
    (("failed", 131026), ("failed", 131047), ("sent", 0)),
    (("sent", 0), ("failed", 131047), ("delivered", 0)),
    (("failed", 131026), ("read", 0), ("from_the_future", 0)),
]


def test_what_waited_behind_a_doubt_is_looked_at_at_once_when_a_status_settles_it(desk: Desk) -> None:
    doubted = desk.in_doubt()
    waiting = desk.send()
    assert desk.taken() == []

    def due(tx: Tx) -> int:
        ((count,),) = rows(
            tx._connection, "SELECT count(*) FROM job WHERE kind = 'drain_outbox' AND run_at <= ?", (tx.now_ms,)
        )
        return int(count)

    desk.write(lambda tx: tx._connection.execute("UPDATE job SET run_at = ? WHERE kind = 'drain_outbox'", (2**62,)))
    assert desk.store.read(due) == 0
    desk.tell("sent", doubted)
    assert desk.store.read(due) == 1
    assert desk.taken() == [waiting]


@pytest.mark.parametrize("facts", SETS, ids=str)
def test_every_order_of_the_same_statuses_ends_in_the_same_row(
    tmp_path: Path, facts: tuple[tuple[str, int], ...]
) -> None:
    ends = set()
    orders = [(order, place) for order in permutations(enumerate(facts)) for place in range(len(facts) + 1)]
    for number, (order, place) in enumerate(orders):
        clock = FakeClock()
        with open_firm(tmp_path / str(number), clock=clock, reactions=REACTIONS) as store:
            desk = Desk(store, clock)
            desk.hear()
            sent = desk.send()
            desk.take()
            for index, (which, (word, code)) in enumerate(order):
                if index == place:
                    desk.accept(sent)
                codes = (code,) if code else ()
                desk.tell(word, sent, error_codes=codes, at_ms=desk.now_ms + which * 1_000)
            if place == len(order):
                desk.accept(sent)
            row = desk.row(sent)
            receipt = store.read(lambda tx, row=row: tx.outbox.receipt(row))  # type: ignore[misc]  # bound now
            assert receipt is not None
            ends.add((row.state, row.rule, row.error_code, row.in_doubt_since_ms, receipt.wamid))
    assert len(ends) == 1
    ((state, rule, error_code, _since, _wamid),) = ends
    assert (state is S.FAILED) == bool(rule) == bool(error_code)


def test_a_status_settles_a_doubt_and_names_the_message(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.tell("sent", sent)
    row = desk.row(sent)
    receipt = desk.store.read(lambda tx: tx.outbox.receipt(row))
    assert (row.state, row.in_doubt_since_ms) == (S.SENT, None)
    assert receipt is not None
    assert receipt.wamid == "wamid.OUT1"
    assert desk.actions(sent)[-1] == "outbound.told"
    desk.tell("read")
    assert desk.state(sent) is S.READ, "from then on without our id"


def test_a_failure_settles_a_doubt_and_says_why(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.tell("failed", sent)
    row = desk.row(sent)
    assert (row.state, row.rule, row.error_code) == (S.FAILED, "error_status", 131026)


def test_a_delivery_that_is_told_after_a_failure_takes_its_reason_away(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.tell("failed", sent)
    desk.tell("delivered", sent)
    row = desk.row(sent)
    assert (row.state, row.rule, row.error_code) == (S.DELIVERED, "", None)


def test_a_status_that_means_nothing_to_us_moves_nothing(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.tell("from_the_future", sent)
    assert (desk.state(sent), desk.row(sent).message_dedup) == (S.IN_DOUBT, None)


@pytest.mark.parametrize("before", ["queued", "pending"])
def test_our_id_on_a_message_that_never_left_is_not_believed(desk: Desk, before: str) -> None:
    sent = desk.send(role=Role.STAFF if before == "pending" else Role.LAWYER)
    state = desk.state(sent)
    desk.tell("read", sent)
    assert (desk.state(sent), desk.row(sent).message_dedup) == (state, None)


def test_our_id_on_another_number_is_not_believed(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.tell("read", sent, phone_number_id=SECOND_NUMBER)
    assert desk.state(sent) is S.IN_DOUBT


@pytest.mark.parametrize(
    "opaque",
    [None, "", "lhwa:", "lhwa:01M7Z000000000000000000000", "other-app:17", "lhwa:01M7Z'; DROP TABLE outbox;--"],
)
def test_the_words_of_other_senders_move_nothing(desk: Desk, opaque: str | None) -> None:
    sent = desk.in_doubt()
    desk.tell("read", opaque=opaque)
    assert desk.state(sent) is S.IN_DOUBT


def test_an_id_of_another_firm_moves_nothing_here(desk: Desk, tmp_path: Path) -> None:
    with open_firm(tmp_path / "other", reactions=REACTIONS) as store:
        other = Desk(store, FakeClock(), ids=500)
        other.hear()
        theirs = other.in_doubt()
    ours = desk.in_doubt()
    desk.tell("read", theirs)
    assert desk.state(ours) is S.IN_DOUBT


def test_two_tries_that_were_both_taken_count_by_the_one_that_came_furthest(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.resend(sent)
    desk.take()
    desk.accept(sent, "wamid.SECOND")
    desk.tell("delivered", sent, wamid="wamid.FIRST")
    assert desk.state(sent) is S.DELIVERED
    desk.tell("failed", sent, wamid="wamid.SECOND")
    assert desk.state(sent) is S.DELIVERED
    desk.tell("read", sent, wamid="wamid.SECOND")
    assert desk.state(sent) is S.READ


def test_a_status_of_the_first_try_makes_the_one_that_waits_needless(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.resend(sent)
    desk.tell("delivered", sent)
    assert desk.state(sent) is S.DELIVERED
    assert desk.taken() == []


def test_a_failure_of_the_first_try_leaves_the_one_that_waits(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.resend(sent)
    desk.tell("failed", sent)
    assert desk.state(sent) is S.QUEUED
    assert desk.taken() == [sent]


def test_a_doubt_about_the_second_try_is_settled_though_the_first_one_failed(desk: Desk) -> None:
    sent = desk.send()
    desk.take()
    desk.accept(sent, "wamid.FIRST")
    desk.tell("failed", wamid="wamid.FIRST")
    desk.retry(sent)
    desk.take()
    desk.lose(sent)
    desk.tell("failed", sent, wamid="wamid.FIRST", error_codes=(131000,))
    assert desk.state(sent) is S.IN_DOUBT, "that is known, and why it was tried again"
    desk.tell("sent", sent, wamid="wamid.SECOND")
    assert desk.state(sent) is S.SENT
    desk.tell("delivered", wamid="wamid.SECOND")
    assert desk.state(sent) is S.DELIVERED


def test_a_person_who_said_that_it_arrived_can_be_corrected(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.store.write(resolve_outbound, acting_as(Role.OWNER), sent, was_sent=True, reason="the client called")
    desk.tell("failed", sent)
    assert (desk.state(sent), desk.row(sent).error_code) == (S.FAILED, 131026)


def test_the_same_status_again_changes_nothing(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.tell("sent", sent, at_ms=desk.now_ms)
    before = desk.row(sent), desk.actions(sent)
    again = status("sent", wamid="wamid.OUT1", opaque=f"lhwa:{sent}", at_ms=desk.now_ms)
    assert [each.value for each in desk.apply(again)] == ["duplicate"]
    assert (desk.row(sent), desk.actions(sent)) == before
