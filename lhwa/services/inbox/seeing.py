"""What the firm has seen of a thread. The client learns nothing of it: for that there is `messaging/mark_read.py`.

The mark is the firm's, not each person's: what one colleague has seen, nobody has to look for again.
"""

from __future__ import annotations

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.inbox.naming import thread_named
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.transaction import Tx


def mark_seen(
    tx: Tx, principal: Principal, conversation: str, *, up_to: str | None = None, unread: bool = False
) -> int:
    """Note what somebody of the firm has seen; returns how many messages of the client are unread now.

    The mark goes by the order of arrival: an old message that comes after it is unread. It never goes back but with
    `unread`, so that of two people who look at once the one who saw more counts. What is so already leaves no record.

    Args:
        conversation: its id, or the beginning of it.
        up_to: our id of the newest message that was seen; None for all that is here.
        unread: take the mark back instead, to before the client's newest message.
    Raises: NotAllowedError for those who may not read content; UsageError for a message of another thread.
    """
    principal.require(Permission.READ_CONTENT)
    thread = thread_named(tx, principal, conversation)
    if unread and up_to is not None:
        raise UsageError("A thread is marked as seen up to a message, or as unread: one of them.")
    read_to = _before_last(tx, thread) if unread else _reached(tx, thread, up_to)
    if read_to == thread.read_to:
        return thread.unread
    left = tx.threads.mark_seen(thread.id, read_to=read_to)
    data: dict[str, object] = {"unread": left, "taken_back": unread}
    if up_to is not None:
        data["up_to"] = up_to
    tx.audit.append(
        AuditRecord(operator_actor(principal.operator), "conversation.seen", f"conversation:{thread.id}", data)
    )
    return left


def _reached(tx: Tx, thread: ConversationRow, up_to: str | None) -> int:
    if up_to is None:
        return tx.threads.newest_seq(thread.id) if thread.unread else thread.read_to
    message = tx.messages.get(up_to)
    if message is None:
        raise NotAllowedError(NOT_YOURS)
    if message.conversation != thread.id:
        raise UsageError("This message is in another thread.", hint=f"See `lhwa conversations show {thread.id}`.")
    return max(thread.read_to, message.seq)


def _before_last(tx: Tx, thread: ConversationRow) -> int:
    last = tx.threads.last_counted_seq(thread.id)
    return thread.read_to if last is None else min(thread.read_to, last - 1)
