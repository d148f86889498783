"""Whose thread it is: the person of the firm who answers there. It binds nobody; it says who looks after it."""

from __future__ import annotations

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.errors import ConflictError
from lhwa.services.inbox.naming import thread_named
from lhwa.services.messaging.decisions import who_did
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.transaction import Tx

ASSIGNED = "conversation.assigned"


class Assigned(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whose a thread is now."""

    id: str
    assigned_to: str | None
    was: str | None
    """Whose it was before."""


def assign_thread(
    tx: Tx,
    principal: Principal,
    conversation: str,
    *,
    operator: str | None,
    was: str | msgspec.UnsetType | None = msgspec.UNSET,
) -> Assigned:
    """Say whose thread it is. Whoever may write to clients may. What is so already leaves no record.

    Args:
        conversation: its id, or the beginning of it.
        operator: a person of this firm, which the caller has made sure of; None for nobody.
        was: whose it was when the person looked (None: nobody's); left out when they overrule whatever stands.
    Raises: NotAllowedError; ConflictError when somebody assigned it to another one since, with who and to whom.
    """
    principal.require(Permission.WRITE_TO_CLIENTS)
    thread = thread_named(tx, principal, conversation)
    if was is not msgspec.UNSET and thread.assigned_to not in (was, operator):
        raise _conflict(tx, thread)
    if thread.assigned_to != operator:
        tx.conversations.assign(thread.id, operator)
        data = {"to": operator, "was": thread.assigned_to}
        actor = operator_actor(principal.operator)
        tx.audit.append(AuditRecord(actor, ASSIGNED, f"conversation:{thread.id}", data))
    return Assigned(id=thread.id, assigned_to=operator, was=thread.assigned_to)


def _conflict(tx: Tx, thread: ConversationRow) -> ConflictError:
    whose = "nobody" if thread.assigned_to is None else thread.assigned_to
    who = who_did(tx, f"conversation:{thread.id}", {ASSIGNED: f"assigned it to {whose}"})
    return ConflictError(
        f"This thread is not whose it was when you looked: {who or f'it is assigned to {whose}'}.",
        hint="Speak with them, or look again and assign it then.",
    )
