from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import msgspec
import pytest

from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import ConversationId, OperatorId
from lhwa.domain.keys import TenantKeys
from lhwa.errors import ConflictError, LhwaError, NotAllowedError
from lhwa.services.inbox.assigning import assign_thread
from lhwa.services.messaging.views import list_conversations
from lhwa.testing.builders import FIRM, acting_as, open_firm
from tests.services.intake.office import Office

LAWYER = acting_as(Role.LAWYER)


def whose(office: Office, thread: ConversationId) -> str | None:
    row = office.store.read(lambda tx: tx.conversations.get(thread))
    assert row is not None
    return row.assigned_to


def test_a_thread_is_somebodys_until_it_is_nobodys(office: Office, thread: ConversationId) -> None:
    given = office.store.write(assign_thread, LAWYER, thread[:6], operator="budi")
    assert (given.id, given.assigned_to, given.was, whose(office, thread)) == (thread, "budi", None, "budi")
    (listed,) = office.store.write(list_conversations, LAWYER, rows_max=9)
    assert listed.assigned_to == "budi"
    taken = office.store.write(assign_thread, LAWYER, thread, operator=None)
    assert (taken.was, whose(office, thread)) == ("budi", None)
    assert [(each["target"], each["data"]) for each in office.audited("conversation.assigned")] == [
        (f"conversation:{thread}", {"to": "budi", "was": None}),
        (f"conversation:{thread}", {"to": None, "was": "budi"}),
    ]


def test_what_is_so_already_leaves_no_record(office: Office, thread: ConversationId) -> None:
    for was in (msgspec.UNSET, None, "sari"):
        office.store.write(assign_thread, LAWYER, thread, operator="budi", was=was)
    assert len(office.audited("conversation.assigned")) == 1


def test_whoever_did_not_see_the_last_assignment_is_told_of_it(office: Office, thread: ConversationId) -> None:
    rina = Principal(OperatorId("rina"), FIRM, Role.STAFF)
    office.store.write(assign_thread, rina, thread, operator="budi", was=None)
    office.clock.advance(timedelta(minutes=5).total_seconds())
    with pytest.raises(ConflictError, match="rina assigned it to budi 5 minutes ago") as refused:
        office.store.write(assign_thread, LAWYER, thread, operator="sari", was=None)
    assert refused.value.hint
    assert whose(office, thread) == "budi"
    office.store.write(assign_thread, LAWYER, thread, operator=None, was="budi")
    with pytest.raises(ConflictError, match="assigned it to nobody just now"):
        office.store.write(assign_thread, rina, thread, operator="sari", was="budi")
    office.store.write(assign_thread, rina, thread, operator="sari")
    assert whose(office, thread) == "sari"


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_whoever_may_not_write_to_clients_assigns_nothing(office: Office, thread: ConversationId, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        office.store.write(assign_thread, acting_as(role), thread, operator="budi")


def test_of_two_who_assign_at_once_one_is_told(office: Office, thread: ConversationId, firm_keys: TenantKeys) -> None:
    """Two processes: each has the files open for itself."""
    start, ended = Barrier(2), dict[str, str]()

    def assign(person: str) -> None:
        with open_firm(office.store._database.parent, keys=firm_keys, clock=office.clock) as own:
            start.wait(timeout=10)
            try:
                own.write(
                    assign_thread, Principal(OperatorId(person), FIRM, Role.STAFF), thread, operator=person, was=None
                )
                ended[person] = "done"
            except LhwaError as error:
                ended[person] = type(error).__name__

    threads = [Thread(target=assign, args=(person,)) for person in ("budi", "sari")]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    assert sorted(ended.values()) == ["ConflictError", "done"]
    assert ended[str(whose(office, thread))] == "done"
    assert len(office.audited("conversation.assigned")) == 1
