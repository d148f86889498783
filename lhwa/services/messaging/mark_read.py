"""Marking a client's message as read: a person's act, never lhwa's own. The client sees it at once."""

from __future__ import annotations

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.messages import Direction
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.messaging.views import find_message
from lhwa.store.tables.messages import MessageRow
from lhwa.store.transaction import Tx


class ReadMark(msgspec.Struct, frozen=True, kw_only=True):
    """What to tell Meta."""

    id: str
    phone_number_id: str
    wamid: str

    def __repr__(self) -> str:
        return f"ReadMark({self.id})"


def number_of(tx: Tx, principal: Principal, message: str) -> str:
    """The phone number id that a client's message came to. Raises: as `mark_read`."""
    return _readable(tx, principal, message).phone_number_id


def mark_read(tx: Tx, principal: Principal, message: str, *, is_typing: bool = False) -> ReadMark:
    """Note that a person marks a message as read; whoever asks tells Meta then.

    Args:
        message: our id, or its wamid.
        is_typing: the client is also shown that somebody is writing.
    Raises: NotAllowedError; UsageError for a message of the firm's own; SealError when it was erased.
    """
    row = _readable(tx, principal, message)
    mark = ReadMark(id=row.id, phone_number_id=row.phone_number_id, wamid=tx.messages.content(row).wamid)
    actor, data = operator_actor(principal.operator), {"typing": is_typing}
    tx.audit.append(AuditRecord(actor, "message.marked_read", f"message:{row.id}", data))
    return mark


def _readable(tx: Tx, principal: Principal, message: str) -> MessageRow:
    principal.require(Permission.WRITE_TO_CLIENTS)
    row = find_message(tx, message)
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    if row.direction != Direction.INBOUND:
        raise UsageError("Only what a client wrote can be marked as read.")
    return row
