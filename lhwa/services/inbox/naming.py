"""The thread that a person means."""

from __future__ import annotations

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.errors import NotAllowedError
from lhwa.services.messaging.meant import conversation_meant
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.transaction import Tx


def thread_named(tx: Tx, principal: Principal, wanted: str) -> ConversationRow:
    """A thread by its id, or by 6 or more characters of its beginning.

    Raises: NotAllowedError, the same for one that is not there; UsageError when several begin like this.
    """
    principal.require(Permission.READ_RECORDS)
    row = tx.conversations.get(conversation_meant(tx, wanted))
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    return row
