"""A doubt that is settled by the name which Meta gave the message."""

from __future__ import annotations

import json

import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.outbound import OutboundState
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.services.messaging.named_doubts import nameable, resolve_named
from lhwa.store.tables.outbox import OutboundRow
from lhwa.testing.builders import acting_as, status
from tests.outbound.desk import SECOND_NUMBER, Desk

S = OutboundState
WAMID = "wamid.SEEN1"
OTHER = Party(wa_id="6281230002222", bsuid=None, profile_name="Contoh Dua")


def resolve(
    desk: Desk, outbound: str, history: tuple[str, ...] | None = None, *, wamid: str = WAMID, role: Role = Role.LAWYER
) -> OutboundRow:
    who = acting_as(role)
    return desk.store.write(resolve_named, who, outbound, wamid=wamid, history=history, reason="quoted")


@pytest.mark.parametrize(
    ("history", "state"),
    [
        (None, S.SENT),
        ((), S.ACCEPTED),
        (("sent",), S.SENT),
        (("sent", "delivered"), S.DELIVERED),
        (("sent", "delivered", "read"), S.READ),
        (("failed",), S.FAILED),
    ],
    ids=["the person's word", "taken", "sent", "delivered", "read", "failed"],
)
def test_a_message_stands_where_its_history_says(desk: Desk, history: tuple[str, ...] | None, state: S) -> None:
    sent = desk.in_doubt()
    row = resolve(desk, sent, history)
    assert (row.state, row.in_doubt_since_ms, row.decided_by) == (state, None, acting_as(Role.LAWYER).operator)
    assert row.rule == ("error_status" if state is S.FAILED else "")
    assert desk.actions(sent)[-1] == "outbound.resolved_by_name"
    receipt = desk.store.read(lambda tx: tx.outbox.receipt(row))
    assert receipt is not None
    assert receipt.wamid == WAMID


def test_statuses_that_came_before_count_at_once_and_later_ones_find_it(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.tell("delivered", wamid=WAMID)
    assert desk.state(sent) is S.IN_DOUBT, "nothing said yet whose it is"
    assert resolve(desk, sent, ("sent",)).state is S.DELIVERED
    desk.tell("read", wamid=WAMID)
    assert desk.state(sent) is S.READ


def test_a_failure_that_came_before_is_told_with_its_code(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.tell("failed", wamid=WAMID)
    row = resolve(desk, sent)
    assert (row.state, row.error_code) == (S.FAILED, 131026)


def test_the_next_message_of_the_thread_leaves_then(desk: Desk) -> None:
    sent, waiting = desk.in_doubt(), desk.send()
    assert desk.taken() == []
    desk.store.bookkeep(lambda tx: [tx.jobs.finish(job.seq) for job in tx.jobs.claim(lease_ms=1, jobs_max=9)])
    resolve(desk, sent)
    assert desk.store.read(lambda tx: tx.jobs.counts()).waiting == 1, "the sender is woken"
    assert desk.taken() == [waiting]


def test_the_audit_log_has_the_reason_and_never_the_name(desk: Desk) -> None:
    resolve(desk, desk.in_doubt(), ("sent",))
    entries = desk.store.read(lambda tx: [each.entry for each in tx.audit.entries()])
    assert json.loads(entries[-1])["data"] == {
        "was": "in_doubt", "state": "sent", "history": "told", "reason": "quoted", "statuses": 0,
    }  # fmt: skip
    assert not [entry for entry in entries if b"SEEN1" in bytes(str(entry), "utf-8")]


def test_the_name_of_another_message_is_refused(desk: Desk) -> None:
    desk.hear(OTHER)
    other = desk.send(contact=f"+{OTHER.wa_id}")
    desk.take()
    desk.accept(other, "wamid.OTHERS")
    sent = desk.in_doubt()
    theirs = desk.hear(wamid="wamid.THEIRS")
    assert theirs
    for wamid in ("wamid.OTHERS", "wamid.THEIRS"):
        with pytest.raises(ConflictError, match="Another message"):
            resolve(desk, sent, wamid=wamid)
    assert desk.state(sent) is S.IN_DOUBT


def test_the_name_of_a_message_to_somebody_else_is_refused(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.apply(status("delivered", wamid=WAMID, recipient=OTHER, opaque=None, at_ms=desk.now_ms))
    with pytest.raises(ConflictError, match="somebody else"):
        resolve(desk, sent)


def test_the_name_of_a_message_from_another_number_of_the_firm_is_refused(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.apply(status("delivered", wamid=WAMID, phone_number_id=SECOND_NUMBER, opaque=None, at_ms=desk.now_ms))
    with pytest.raises(ConflictError, match="another number"):
        resolve(desk, sent)


@pytest.mark.parametrize("wamid", ["", "wamid.", "OUT1", "wamid.a b", "wamid.a\nb", "wamid." + "x" * 1_001, "wamid.é"])
def test_what_is_no_message_id_is_refused(desk: Desk, wamid: str) -> None:
    with pytest.raises(UsageError):
        resolve(desk, desk.in_doubt(), wamid=wamid)


def test_only_what_is_in_doubt_has_a_name_to_find(desk: Desk) -> None:
    with pytest.raises(ConflictError, match="queued"):
        resolve(desk, desk.send())


def test_who_may_not_decide_may_not_name(desk: Desk) -> None:
    sent = desk.in_doubt()
    with pytest.raises(NotAllowedError):
        desk.store.read(nameable, acting_as(Role.STAFF), sent, wamid=WAMID)


def test_the_name_of_its_own_earlier_try_may_be_given(desk: Desk) -> None:
    sent = desk.in_doubt()
    desk.tell("failed", sent, wamid=WAMID)
    desk.retry(sent)
    assert desk.taken() == [sent]
    desk.lose(sent)
    assert resolve(desk, sent, ("delivered",)).state is S.DELIVERED
