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
from tests.services.inbox.full_desk import REFUSED, SECRETS, fill
from tests.services.intake.office import Office
from tests.services.query_plans import asked, careless_steps

LAWYER = acting_as(Role.LAWYER)
NOBODY = acting_as(Role.FINANCE)
BLIND = [role for role in Role if not acting_as(role).may(Permission.READ_CONTENT)]
THROTTLED = 131000
"""Meta's code for an error of its own: another try may do."""
OF_OUTBOX = (Queue.SCHEDULED, Queue.IN_DOUBT, Queue.FAILED)
_OF_THE_BACKLOG = {
    # Indexes that have only what waits.
    "SCAN intake USING INDEX intake_review",
    "SCAN tree_version USING INDEX tree_version_pending",
    "SEARCH intake USING INDEX intake_state (state=?)",
    "SEARCH outbox USING INDEX outbox_open (state=?)",
    # As many as a firm ever wrote templates.
    "SCAN template_submission",
}


def everything(store: Store, me: Principal) -> list[Any]:
    outgoing = [store.read(read_outbox, me, group=group, rows_max=9) for group in OF_OUTBOX]
    return [*outgoing, store.read(list_approvals, me), store.read(read_review, me, rows_max=9)]


def test_everything_that_waits_is_in_its_queue(quiet_office: Office) -> None:
    made = fill(quiet_office)
    scheduled, in_doubt, failed, approvals, review = everything(quiet_office.store, LAWYER)
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


def test_reading_leaves_no_record_and_opening_leaves_one(quiet_office: Office) -> None:
    fill(quiet_office)
    before = quiet_office.store.read(lambda tx: tx.audit.frontier().size)
    everything(quiet_office.store, LAWYER)
    assert quiet_office.store.read(lambda tx: tx.audit.frontier().size) == before
    quiet_office.store.write(open_queue, acting_as(Role.AUDITOR), Queue.REVIEW)
    (record,) = quiet_office.audited("queue.read")
    assert (record["target"], record["data"]) == ("firm:firma", {"queue": "review", "saw": "records"})


@pytest.mark.parametrize("role", BLIND)
def test_without_the_right_to_content_nothing_of_it_shows(quiet_office: Office, role: Role) -> None:
    fill(quiet_office)
    shown = msgspec.json.encode(everything(quiet_office.store, acting_as(role))).decode()
    assert [secret for secret in (*SECRETS, "812-") if secret in shown] == []


def test_without_any_right_nothing_is_read(quiet_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GRANTS, NOBODY.role, frozenset())
    for group in OF_OUTBOX:
        with pytest.raises(NotAllowedError):
            quiet_office.store.read(read_outbox, NOBODY, group=group, rows_max=9)
    with pytest.raises(NotAllowedError):
        quiet_office.store.read(list_approvals, NOBODY)
    with pytest.raises(NotAllowedError):
        quiet_office.store.read(read_review, NOBODY, rows_max=9)
    with pytest.raises(NotAllowedError):
        quiet_office.store.write(open_queue, NOBODY, Queue.REVIEW)


def test_a_queue_shows_no_more_than_it_is_asked_for(quiet_office: Office) -> None:
    fill(quiet_office)
    assert quiet_office.store.read(read_review, LAWYER, rows_max=1) == quiet_office.store.read(read_review, LAWYER, rows_max=9)[:1]
    assert quiet_office.store.read(read_outbox, LAWYER, group=Queue.IN_DOUBT, rows_max=0) == []


def test_a_failure_leaves_the_queue_after_a_week(quiet_office: Office) -> None:
    failed = fill(quiet_office)["failed"]
    due_ms = quiet_office.row(failed).next_attempt_at_ms
    quiet_office.clock.advance((due_ms + FAILED_MS - quiet_office.now_ms) / 1000)
    assert failed in [each.id for each in quiet_office.store.read(read_outbox, LAWYER, group=Queue.FAILED, rows_max=9)]
    quiet_office.clock.advance(0.001)
    assert failed not in [each.id for each in quiet_office.store.read(read_outbox, LAWYER, group=Queue.FAILED, rows_max=9)]


def test_a_message_that_waits_for_another_try_is_not_scheduled(quiet_office: Office) -> None:
    quiet_office.hear()
    waits = quiet_office.send()
    quiet_office.take()
    quiet_office.refuse(waits, THROTTLED)
    assert quiet_office.row(waits).next_attempt_at_ms > quiet_office.now_ms
    assert quiet_office.store.read(read_outbox, LAWYER, group=Queue.SCHEDULED, rows_max=9) == []
    assert quiet_office.store.read(count_queues, LAWYER).scheduled == 0


def test_what_came_too_late_is_among_the_failures(quiet_office: Office) -> None:
    scheduled = fill(quiet_office)["scheduled"]
    row = quiet_office.row(scheduled)
    quiet_office.write(lambda tx: tx.outbox.move(row, OutboundState.EXPIRED, rule="expired"))
    (newest, *_) = quiet_office.store.read(read_outbox, LAWYER, group=Queue.FAILED, rows_max=9)
    assert (newest.id, newest.state) == (scheduled, "expired")
    assert quiet_office.store.read(read_outbox, LAWYER, group=Queue.SCHEDULED, rows_max=9) == []


def test_no_queue_reads_more_than_what_waits(quiet_office: Office) -> None:
    fill(quiet_office)
    with asked(quiet_office.store) as queries:
        everything(quiet_office.store, acting_as(Role.AUDITOR))
    found = {sql: set(careless_steps(quiet_office.store, sql)) - _OF_THE_BACKLOG for sql in queries}
    assert {sql: steps for sql, steps in found.items() if steps} == {}


@pytest.mark.parametrize("queue", sorted(set(Queue) - set(OF_OUTBOX)))
def test_other_queues_hold_no_outgoing_messages(quiet_office: Office, queue: Queue) -> None:
    with pytest.raises(InvariantError):
        quiet_office.store.read(read_outbox, LAWYER, group=queue, rows_max=9)
