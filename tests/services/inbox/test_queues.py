from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lhwa.domain.access import GRANTS, Permission, Principal, Role
from lhwa.domain.outbound import OutboundState
from lhwa.errors import InvariantError, NotAllowedError
from lhwa.services.inbox.counts import count_queues
from lhwa.services.inbox.queues import FAILED_MS, Queue, list_approvals, open_queue, read_outbox, read_review
from lhwa.store.store import Store
from lhwa.testing.builders import acting_as
from tests.services.inbox.full_desk import OF_THE_BACKLOG, REFUSED, SECRETS, fill
from tests.services.intake.office import Office
from tests.services.query_plans import asked, careless_steps

LAWYER = acting_as(Role.LAWYER)
NOBODY = acting_as(Role.FINANCE)
BLIND = [role for role in Role if not acting_as(role).may(Permission.READ_CONTENT)]
THROTTLED = 131000
"""Meta's code for an error of its own: another try may do."""
OF_OUTBOX = (Queue.SCHEDULED, Queue.IN_DOUBT, Queue.FAILED)


@pytest.fixture
def office(quiet_office: Office) -> Office:
    return quiet_office


def everything(store: Store, me: Principal) -> list[Any]:
    outgoing = [store.read(read_outbox, me, group=group, rows_max=9) for group in OF_OUTBOX]
    return [*outgoing, store.read(list_approvals, me), store.read(read_review, me, rows_max=9)]


def test_everything_that_waits_is_in_its_queue(office: Office) -> None:
    made = fill(office)
    scheduled, in_doubt, failed, approvals, review = everything(office.store, LAWYER)
    assert [each.id for each in scheduled] == [made["scheduled"]]
    assert [each.id for each in in_doubt] == [made["in_doubt"]]
    assert [(each.id, each.error_code) for each in failed] == [(made["failed"], REFUSED)]
    assert {(each.kind, each.id) for each in approvals} == {
        ("intake", made["review"]),
        ("intake", made["with_person"]),
        ("outbound", made["waiting"]),
        ("template", made["template"]),
        ("tree", made["tree"]),
    }
    assert approvals == sorted(approvals, key=lambda each: each.since)
    assert [each.id for each in review] == [made["review"], made["with_person"]]


def test_reading_leaves_no_record_and_opening_leaves_one(office: Office) -> None:
    fill(office)
    before = office.store.read(lambda tx: tx.audit.frontier().size)
    everything(office.store, LAWYER)
    assert office.store.read(lambda tx: tx.audit.frontier().size) == before
    office.store.write(open_queue, acting_as(Role.AUDITOR), Queue.REVIEW)
    (record,) = office.audited("queue.read")
    assert (record["target"], record["data"]) == ("firm:firma", {"queue": "review", "saw": "records"})


@pytest.mark.parametrize("role", BLIND)
def test_without_the_right_to_content_nothing_of_it_shows(office: Office, role: Role) -> None:
    fill(office)
    shown = msgspec.json.encode(everything(office.store, acting_as(role))).decode()
    assert [secret for secret in (*SECRETS, "812-") if secret in shown] == []


def test_without_any_right_nothing_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GRANTS, NOBODY.role, frozenset())
    for group in OF_OUTBOX:
        with pytest.raises(NotAllowedError):
            office.store.read(read_outbox, NOBODY, group=group, rows_max=9)
    with pytest.raises(NotAllowedError):
        office.store.read(list_approvals, NOBODY)
    with pytest.raises(NotAllowedError):
        office.store.read(read_review, NOBODY, rows_max=9)
    with pytest.raises(NotAllowedError):
        office.store.write(open_queue, NOBODY, Queue.REVIEW)


def test_a_queue_shows_no_more_than_it_is_asked_for(office: Office) -> None:
    fill(office)
    assert office.store.read(read_review, LAWYER, rows_max=1) == office.store.read(read_review, LAWYER, rows_max=9)[:1]
    assert office.store.read(read_outbox, LAWYER, group=Queue.IN_DOUBT, rows_max=0) == []


def test_a_failure_leaves_the_queue_after_a_week(office: Office) -> None:
    failed = fill(office)["failed"]
    due_ms = office.row(failed).next_attempt_at_ms
    office.clock.advance((due_ms + FAILED_MS - office.now_ms) / 1000)
    assert failed in [each.id for each in office.store.read(read_outbox, LAWYER, group=Queue.FAILED, rows_max=9)]
    office.clock.advance(0.001)
    assert failed not in [each.id for each in office.store.read(read_outbox, LAWYER, group=Queue.FAILED, rows_max=9)]


def test_a_message_that_waits_for_another_try_is_not_scheduled(office: Office) -> None:
    office.hear()
    waits = office.send()
    office.take()
    office.refuse(waits, THROTTLED)
    assert office.row(waits).next_attempt_at_ms > office.now_ms
    assert office.store.read(read_outbox, LAWYER, group=Queue.SCHEDULED, rows_max=9) == []
    assert office.store.read(count_queues, LAWYER).scheduled == 0


def test_what_came_too_late_is_among_the_failures(office: Office) -> None:
    scheduled = fill(office)["scheduled"]
    row = office.row(scheduled)
    office.write(lambda tx: tx.outbox.move(row, OutboundState.EXPIRED, rule="expired"))
    (newest, *_) = office.store.read(read_outbox, LAWYER, group=Queue.FAILED, rows_max=9)
    assert (newest.id, newest.state) == (scheduled, "expired")
    assert office.store.read(read_outbox, LAWYER, group=Queue.SCHEDULED, rows_max=9) == []


def test_no_queue_reads_more_than_what_waits(office: Office) -> None:
    fill(office)
    with asked(office.store) as queries:
        everything(office.store, acting_as(Role.AUDITOR))
    found = {sql: set(careless_steps(office.store, sql)) - OF_THE_BACKLOG for sql in queries}
    assert {sql: steps for sql, steps in found.items() if steps} == {}


@pytest.mark.parametrize("queue", sorted(set(Queue) - set(OF_OUTBOX)))
def test_other_queues_hold_no_outgoing_messages(office: Office, queue: Queue) -> None:
    with pytest.raises(InvariantError):
        office.store.read(read_outbox, LAWYER, group=queue, rows_max=9)
