from __future__ import annotations

import pytest

from lhwa.domain.access import Principal
from lhwa.domain.ids import ConversationId
from lhwa.errors import NotAllowedError
from lhwa.services.inbox.context import read_context
from lhwa.services.inbox.filters import ThreadFilter
from lhwa.services.inbox.opening import open_list, open_thread
from lhwa.services.inbox.pages import find_in_thread, read_page
from lhwa.services.inbox.threads import count_threads, read_threads, search_threads
from tests.services.inbox.scene import AUDITOR, LAWYER
from tests.services.intake.office import Office


@pytest.mark.parametrize(("me", "saw"), [(LAWYER, "content"), (AUDITOR, "records")])
def test_opening_leaves_one_record_that_says_what_this_role_sees(
    office: Office, thread: ConversationId, me: Principal, saw: str
) -> None:
    office.store.write(open_list, me)
    office.store.write(open_thread, me, thread)
    [listed] = office.audited("conversation.read")
    [opened] = office.audited("message.read")
    assert (listed["actor"], listed["target"]) == (f"operator:{me.operator}", "firm:firma")
    assert (opened["actor"], opened["target"]) == (f"operator:{me.operator}", f"conversation:{thread}")
    assert listed["data"] == opened["data"] == {"through": "inbox", "saw": saw}


def test_what_is_not_there_is_not_opened(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        office.store.write(open_thread, LAWYER, "NOSUCHTHREAD0000")
    assert office.audited("message.read") == []


def test_the_reads_that_run_with_every_change_write_nothing(office: Office, thread: ConversationId) -> None:
    # `Store.read` refuses whatever changes a row or writes a record.
    everything = ThreadFilter()
    assert office.store.read(count_threads, LAWYER, everything) == 1
    assert len(office.store.read(read_threads, LAWYER, everything, start=0, rows_max=9)) == 1
    found, _ = office.store.read(search_threads, LAWYER, ThreadFilter(text="klien"), start=0, scan_max=9)
    assert len(found) == 1
    assert len(office.store.read(read_page, LAWYER, thread, rows_max=9).entries) == 1
    assert office.store.read(find_in_thread, LAWYER, thread, "siang", before=None, scan_max=9)[0] is not None
    assert office.store.read(read_context, LAWYER, thread).contact is not None
