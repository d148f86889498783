from __future__ import annotations

from contextlib import suppress

import msgspec
import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.events import CloudEvent, EventType, PlatformFact
from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.jobs import JobKind
from lhwa.errors import StorageError, UnauditedWriteError
from lhwa.services.audit.verify import verify_log
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.store.tables.events import NewEvent
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, SENT_AT_MS

EVENT = NewEvent(
    id="01EVENT",
    type=EventType.ACCOUNT_ALERT,
    subject="contact:A",
    at_ms=SENT_AT_MS,
    data=PlatformFact(field="messages", event="identity_changed", severity="warning"),
    raw_event="01RAW",
)
ENVELOPE = CloudEvent(
    id="01EVENT",
    source="lhwa/firma",
    type=EventType.ACCOUNT_ALERT,
    subject="contact:A",
    time="2026-11-22T05:00:00.000000Z",
    dataschema=EventType.ACCOUNT_ALERT.schema,
    data={"field": "messages", "event": "identity_changed", "severity": "warning"},
)


def add(tx: Tx, contact: str) -> None:
    tx.contacts.add(ContactId(contact), CLIENT, at_ms=1)
    tx.audit.append(AuditRecord("system:test", "contact.created", f"contact:{contact}"))


def contacts(tx: Tx) -> list[str]:
    return [row[0] for row in rows(tx._connection, "SELECT id FROM contact ORDER BY seq")]


def test_an_undone_savepoint_costs_its_neighbours_nothing(store: Store) -> None:
    def three(tx: Tx) -> list[int]:
        sizes = [tx.audit.frontier().size]
        add(tx, "A")
        with suppress(KeyError), tx.savepoint():
            add(tx, "B")
            raise KeyError
        sizes.append(tx.audit.frontier().size)
        with tx.savepoint():
            add(tx, "C")
        sizes.append(tx.audit.appended)
        return sizes

    first, second, appended = store.write(three)
    assert (second - first, appended) == (1, 2)

    def check(tx: Tx) -> None:
        assert contacts(tx) == ["A", "C"]
        size, stack = tx.audit.stored_frontier()
        assert size == first + 2
        assert verify_log(tx.audit.entries(), stored_size=size, stored_stack=stack).ok
        assert tx.contacts.profile(ContactId("C")) == CLIENT

    store.read(check)


THREAD = ConversationId("THREAD")


class _Broken:
    """Changes that run together, of which one fails; `runs` counts how often they were begun."""

    def __init__(self, *, leaves: str) -> None:
        self.leaves = leaves
        self.runs = 0

    def __call__(self, tx: Tx) -> None:
        self.runs += 1
        add(tx, "A")
        with suppress(KeyError), tx.savepoint():
            if self.leaves == "a held count":
                tx.conversations.count_message(THREAD, sent_at_ms=1, opens_window=True, is_unread=True)
            elif self.leaves == "a held time":
                tx.contacts.sighted(ContactId("A"), CLIENT, first_ms=1, last_ms=7)
            elif self.leaves == "a row":
                tx.contacts.add(ContactId("B"), CLIENT, at_ms=1)
            elif self.leaves == "a record":
                tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
            raise KeyError
        with tx.savepoint():
            add(tx, "C")


@pytest.mark.parametrize(
    ("leaves", "runs"), [("a row", 2), ("a record", 2), ("a held count", 2), ("a held time", 2), ("nothing", 1)]
)
def test_changes_together_run_again_with_savepoints_when_something_is_to_undo(
    store: Store, leaves: str, runs: int
) -> None:
    size = store.read(lambda tx: tx.audit.frontier().size)
    changes = _Broken(leaves=leaves)
    store.write_together(changes)
    assert changes.runs == runs
    assert store.read(contacts) == ["A", "C"]
    assert store.read(lambda tx: [seen.last_ms for seen in tx.contacts.sightings(ContactId("A"))]) == [1]
    assert store.read(lambda tx: tx.audit.frontier().size) == size + 2
    assert [entry.seq for entry in store.read(lambda tx: list(tx.audit.entries()))] == list(range(size + 2))


def test_changes_together_that_break_altogether_leave_nothing(store: Store) -> None:
    def broken(tx: Tx) -> None:
        add(tx, "A")
        with tx.savepoint():
            add(tx, "B")
        raise KeyError

    with pytest.raises(KeyError):
        store.write_together(broken)
    assert store.read(contacts) == []


def test_an_error_of_the_disk_is_not_tried_again_together(store: Store) -> None:
    runs: list[int] = []

    def broken(tx: Tx) -> None:
        runs.append(1)
        with tx.savepoint():
            add(tx, "A")
            raise StorageError("The disk is full.")

    with pytest.raises(StorageError):
        store.write_together(broken)
    assert len(runs) == 1


def test_savepoints_may_lie_inside_each_other(store: Store) -> None:
    def nested(tx: Tx) -> None:
        with tx.savepoint():
            add(tx, "A")
            with suppress(KeyError), tx.savepoint():
                add(tx, "B")
                raise KeyError
            add(tx, "C")

    store.write(nested)
    assert store.read(contacts) == ["A", "C"]


def test_what_was_undone_needs_no_audit_record(store: Store) -> None:
    def undone(tx: Tx) -> None:
        with suppress(KeyError), tx.savepoint():
            tx.contacts.add(ContactId("A"), CLIENT, at_ms=1)
            raise KeyError

    store.write(undone)
    store.read(undone)

    def undone_and_done(tx: Tx) -> None:
        tx.contacts.add(ContactId("B"), CLIENT, at_ms=1)
        undone(tx)

    with pytest.raises(UnauditedWriteError):
        store.write(undone_and_done)


def test_an_audit_record_that_was_undone_covers_nothing(store: Store) -> None:
    def only_undone_records(tx: Tx) -> None:
        tx.contacts.add(ContactId("A"), CLIENT, at_ms=1)
        with suppress(KeyError), tx.savepoint():
            tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
            raise KeyError

    with pytest.raises(UnauditedWriteError):
        store.write(only_undone_records)


def announce(tx: Tx) -> None:
    tx.announce(EVENT)
    tx.audit.append(AuditRecord("system:test", "test.noted", "t"))


def test_an_event_and_the_jobs_that_react_to_it_are_one_commit(store: Store) -> None:
    store._reactions = {EventType.ACCOUNT_ALERT: (JobKind.ALERT_STAFF,)}

    def announce_unaudited(tx: Tx) -> None:
        tx.announce(EVENT)

    with pytest.raises(UnauditedWriteError):
        store.write(announce_unaudited)
    assert store.read(lambda tx: (tx.events.last(rows_max=9), tx.jobs.counts().waiting)) == ([], 0)
    store.write(announce)
    [job] = store.bookkeep(lambda tx: tx.jobs.claim(lease_ms=1_000, jobs_max=9))
    assert msgspec.json.decode(job.payload, type=CloudEvent) == ENVELOPE
    [stored] = store.read(lambda tx: tx.events.of_raw_event("01RAW"))
    assert stored.event == ENVELOPE


def test_an_event_nobody_reacts_to_puts_no_job(store: Store) -> None:
    store.write(announce)
    assert store.read(lambda tx: tx.jobs.counts().waiting) == 0


def test_another_processs_commit_changes_the_data_version(store: Store) -> None:
    before = store.read(Tx.data_version)
    store.write(add, "A")
    assert store.read(Tx.data_version) == before
