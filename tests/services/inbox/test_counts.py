from __future__ import annotations

import pytest

from lhwa.domain.access import GRANTS, Permission, Role
from lhwa.domain.outbound import OutboundState
from lhwa.errors import NotAllowedError
from lhwa.services.inbox.counts import QueueCounts, count_queues
from lhwa.services.inbox.queues import FAILED_MS, Queue, list_approvals, read_outbox, read_review
from lhwa.testing.builders import acting_as
from tests.services.inbox.full_desk import OF_THE_BACKLOG, fill
from tests.services.intake.office import Office
from tests.services.query_plans import asked, careless_steps

LAWYER = acting_as(Role.LAWYER)
NOBODY = acting_as(Role.FINANCE)


@pytest.fixture
def office(quiet_office: Office) -> Office:
    return quiet_office


def counted(office: Office) -> QueueCounts:
    return office.store.read(count_queues, LAWYER)


def agrees(office: Office) -> bool:
    """Every count is the length of its list."""
    found, read = counted(office), office.store.read
    lengths = {
        "review": len(read(read_review, LAWYER, rows_max=99)),
        "approvals": len(read(list_approvals, LAWYER)),
        "scheduled": len(read(read_outbox, LAWYER, group=Queue.SCHEDULED, rows_max=99)),
        "in_doubt": len(read(read_outbox, LAWYER, group=Queue.IN_DOUBT, rows_max=99)),
        "failed": len(read(read_outbox, LAWYER, group=Queue.FAILED, rows_max=99)),
    }
    return all(getattr(found, name) == length for name, length in lengths.items())


def test_an_empty_firm_has_nothing_that_waits(office: Office) -> None:
    found = counted(office)
    assert (found.inbox_unread, found.review, found.approvals, found.scheduled) == (0, 0, 0, 0)
    assert (found.in_doubt, found.failed) == (0, 0)


def test_a_count_is_the_length_of_its_list(office: Office) -> None:
    made = fill(office)
    found = counted(office)
    assert (found.inbox_unread, found.review, found.approvals, found.scheduled) == (2, 2, 5, 1)
    assert (found.in_doubt, found.failed) == (1, 1)
    assert agrees(office)
    scheduled, doubted = office.row(made["scheduled"]), office.row(made["in_doubt"])
    office.write(lambda tx: tx.outbox.move(scheduled, OutboundState.EXPIRED))
    office.write(lambda tx: tx.outbox.move(doubted, OutboundState.SENT))
    assert agrees(office)
    assert (counted(office).failed, counted(office).in_doubt) == (2, 0)
    office.clock.advance(FAILED_MS / 1000 + 7_200)
    assert agrees(office)
    assert counted(office).failed == 0


def test_what_was_seen_is_counted_no_more(office: Office) -> None:
    fill(office)
    office.write(lambda tx: tx._connection.execute("UPDATE conversation SET unread = 0 WHERE seq = 1"))
    assert counted(office).inbox_unread == 1


@pytest.mark.parametrize("role", Role)
def test_the_length_of_the_audit_log_is_for_those_who_read_it(office: Office, role: Role) -> None:
    size = office.store.read(lambda tx: tx.audit.frontier().size)
    found = office.store.read(count_queues, acting_as(role))
    assert found.audit_entries == (size if acting_as(role).may(Permission.READ_AUDIT) else None)


def test_without_any_right_nothing_is_counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GRANTS, NOBODY.role, frozenset())
    with pytest.raises(NotAllowedError):
        office.store.read(count_queues, NOBODY)


def test_no_count_reads_more_than_what_waits(office: Office) -> None:
    fill(office)
    with asked(office.store) as queries:
        counted(office)
    found = {sql: set(careless_steps(office.store, sql)) - OF_THE_BACKLOG for sql in queries}
    assert {sql: steps for sql, steps in found.items() if steps} == {}
    assert len(queries) > 6
