from __future__ import annotations

import pytest

from lhwa.domain.access import GRANTS, Permission, Role
from lhwa.domain.outbound import OutboundState
from lhwa.errors import NotAllowedError
from lhwa.services.inbox.counts import QueueCounts, count_queues
from lhwa.services.inbox.queues import FAILED_MS, Queue, list_approvals, read_outbox, read_review
from lhwa.testing.builders import acting_as
from tests.services.inbox.full_desk import fill
from tests.services.intake.office import Office
from tests.services.query_plans import asked, careless_steps

LAWYER = acting_as(Role.LAWYER)
NOBODY = acting_as(Role.FINANCE)
_OF_THE_BACKLOG = {
    # Along the leaves of an index that has only what waits.
    "SCAN conversation USING INDEX conversation_unread",
    "SCAN intake USING INDEX intake_review",
    "SEARCH outbox USING COVERING INDEX outbox_open (state=?)",
    "SCAN template_submission USING COVERING INDEX template_submission_open",
    "SCAN tree_version USING COVERING INDEX tree_version_pending",
}


def counted(quiet_office: Office) -> QueueCounts:
    return quiet_office.store.read(count_queues, LAWYER)


def agrees(quiet_office: Office) -> bool:
    """Every count is the length of its list."""
    found, read = counted(quiet_office), quiet_office.store.read
    lengths = {
        "review": len(read(read_review, LAWYER, rows_max=99)),
        "approvals": len(read(list_approvals, LAWYER)),
        "scheduled": len(read(read_outbox, LAWYER, group=Queue.SCHEDULED, rows_max=99)),
        "in_doubt": len(read(read_outbox, LAWYER, group=Queue.IN_DOUBT, rows_max=99)),
        "failed": len(read(read_outbox, LAWYER, group=Queue.FAILED, rows_max=99)),
    }
    return all(getattr(found, name) == length for name, length in lengths.items())


def test_an_empty_firm_has_nothing_that_waits(quiet_office: Office) -> None:
    found = counted(quiet_office)
    assert (found.inbox_unread, found.review, found.approvals, found.scheduled) == (0, 0, 0, 0)
    assert (found.in_doubt, found.failed) == (0, 0)


def test_a_count_is_the_length_of_its_list(quiet_office: Office) -> None:
    made = fill(quiet_office)
    found = counted(quiet_office)
    assert (found.inbox_unread, found.review, found.approvals, found.scheduled) == (2, 2, 5, 1)
    assert (found.in_doubt, found.failed) == (1, 1)
    assert agrees(quiet_office)
    scheduled, doubted = quiet_office.row(made["scheduled"]), quiet_office.row(made["in_doubt"])
    quiet_office.write(lambda tx: tx.outbox.move(scheduled, OutboundState.EXPIRED))
    quiet_office.write(lambda tx: tx.outbox.move(doubted, OutboundState.SENT))
    assert agrees(quiet_office)
    assert (counted(quiet_office).failed, counted(quiet_office).in_doubt) == (2, 0)
    quiet_office.clock.advance(FAILED_MS / 1000 + 7_200)
    assert agrees(quiet_office)
    assert counted(quiet_office).failed == 0


def test_what_was_seen_is_counted_no_more(quiet_office: Office) -> None:
    fill(quiet_office)
    quiet_office.write(lambda tx: tx._connection.execute("UPDATE conversation SET unread = 0 WHERE seq = 1"))
    assert counted(quiet_office).inbox_unread == 1


@pytest.mark.parametrize("role", Role)
def test_the_length_of_the_audit_log_is_for_those_who_read_it(quiet_office: Office, role: Role) -> None:
    size = quiet_office.store.read(lambda tx: tx.audit.frontier().size)
    found = quiet_office.store.read(count_queues, acting_as(role))
    assert found.audit_entries == (size if acting_as(role).may(Permission.READ_AUDIT) else None)


def test_without_any_right_nothing_is_counted(quiet_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GRANTS, NOBODY.role, frozenset())
    with pytest.raises(NotAllowedError):
        quiet_office.store.read(count_queues, NOBODY)


def test_no_count_reads_more_than_what_waits(quiet_office: Office) -> None:
    fill(quiet_office)
    with asked(quiet_office.store) as queries:
        counted(quiet_office)
    found = {sql: set(careless_steps(quiet_office.store, sql)) - _OF_THE_BACKLOG for sql in queries}
    assert {sql: steps for sql, steps in found.items() if steps} == {}
    assert len(queries) > 6
