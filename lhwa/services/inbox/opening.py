"""That somebody looks: one audit record when an inbox starts, and one for each thread that is opened in it.

The reads of the inbox run with every change, and leave no record of their own; whoever shows what they return has
called one of these first.
"""

from __future__ import annotations

from lhwa.domain.access import Permission, Principal
from lhwa.services.inbox.naming import thread_named
from lhwa.services.messaging.views import note_read
from lhwa.store.transaction import Tx

_THROUGH = {"through": "inbox"}


def open_list(tx: Tx, principal: Principal) -> None:
    """Record that somebody looks at the list of threads from here on."""
    principal.require(Permission.READ_RECORDS)
    note_read(tx, principal, "conversation.read", f"firm:{tx.tenant}", _THROUGH)


def open_thread(tx: Tx, principal: Principal, conversation: str) -> None:
    """Record that somebody opens a thread, with all that stands beside it.

    Raises: NotAllowedError when there is no such thread.
    """
    thread = thread_named(tx, principal, conversation)
    note_read(tx, principal, "message.read", f"conversation:{thread.id}", _THROUGH)
