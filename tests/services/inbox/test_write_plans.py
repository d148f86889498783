"""What people do at their desk does not cost more with every row of the firm's file."""

from __future__ import annotations

import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.ids import ConversationId
from lhwa.errors import ConflictError
from lhwa.services.inbox.assigning import assign_thread
from lhwa.services.inbox.desk import be_at, draft_of, drop_draft, keep_draft, leave, others_at
from lhwa.services.inbox.notes import add_note, show_notes
from lhwa.services.inbox.seeing import mark_seen
from lhwa.testing.builders import acting_as, message
from tests.services.intake.office import Office
from tests.services.query_plans import asked, careless_steps

LAWYER, STAFF = acting_as(Role.LAWYER), acting_as(Role.STAFF)


def test_no_query_of_a_desk_reads_a_whole_table(office: Office, thread: ConversationId) -> None:
    number, person = Party(wa_id="6281230007777"), Party(bsuid="ID.99001122334455")
    for party in (number, person):
        office.hear(party)
    both = Party(wa_id=number.wa_id, bsuid=person.bsuid)
    (first,) = office.store.read(lambda tx: tx.messages.newest(rows_max=9, conversation=thread))
    with asked(office.store) as queries:
        office.store.write(mark_seen, LAWYER, thread[:6], up_to=first.id)
        office.store.write(mark_seen, LAWYER, thread, unread=True)
        office.store.write(mark_seen, LAWYER, thread)
        office.apply(message(wamid="wamid.BOTH", party=both, sent_at_ms=office.now_ms - 60_000))
        office.store.write(add_note, LAWYER, thread, "Contoh", note_id=office.next_id())
        office.store.write(show_notes, LAWYER, thread)
        office.store.write(assign_thread, LAWYER, thread, operator="budi")
        with pytest.raises(ConflictError):
            office.store.write(assign_thread, STAFF, thread, operator="sari", was=None)
        office.store.jot(keep_draft, LAWYER, thread, "Contoh")
        office.store.read(draft_of, LAWYER, thread)
        office.store.jot(drop_draft, LAWYER, thread)
        office.store.jot(be_at, LAWYER, desk="1", conversation=thread, is_writing=True)
        office.store.read(others_at, STAFF, [thread])
        office.store.jot(leave, LAWYER, desk="1")
    assert len(queries) > 20
    found = {sql: careless_steps(office.store, sql) for sql in queries}
    assert {sql: steps for sql, steps in found.items() if steps} == {}
