"""Answering in a thread: the message is asked for as always, and the draft that it was is gone in the same commit."""

from __future__ import annotations

from lhwa.domain.access import Principal
from lhwa.domain.outbound import Content
from lhwa.domain.send_policy import SendPolicy
from lhwa.errors import UsageError
from lhwa.services.inbox.naming import thread_named
from lhwa.services.messaging.sending import SendOutcome, SendRequest, TemplateChoice, request_send
from lhwa.store.transaction import Tx


def reply_request(
    tx: Tx,
    principal: Principal,
    conversation: str,
    content: Content | TemplateChoice,
    *,
    send_at_ms: int | None = None,
    reply_to: str | None = None,
    file: bytes | None = None,
) -> SendRequest:
    """The request for a message to the person of a thread, from the number that they wrote to.

    Args:
        conversation: its id, or the beginning of it.
        content: what to write.
        send_at_ms: not before this time.
        reply_to: our id, or the wamid, of the message that it answers.
        file: of a document.
    Raises: NotAllowedError; UsageError for a group: nothing is sent to one.
    """
    thread = thread_named(tx, principal, conversation)
    if thread.contact is None:
        raise UsageError("Nothing is sent to a group from here.", hint="Write to one of its people: `lhwa send`.")
    return SendRequest(
        contact=thread.contact,
        content=content,
        phone_number_id=thread.phone_number_id,
        send_at_ms=send_at_ms,
        reply_to=reply_to,
        file=file,
    )


def send_reply(
    tx: Tx, principal: Principal, conversation: str, request: SendRequest, policy: SendPolicy, *, outbound_id: str
) -> SendOutcome:
    """Put an answer into the outbox, unless a gate is shut; the writer's draft in the thread goes with it.

    Args:
        conversation: the thread in which it was written.
        request: see `reply_request`.
        policy: what the firm decided about sending.
        outbound_id: its ULID, new.
    Returns: the outcome; a refusal leaves the draft.
    Raises: as `request_send`.
    """
    thread = thread_named(tx, principal, conversation)
    outcome = request_send(tx, principal, request, policy, outbound_id=outbound_id)
    if outcome.refused is None:
        tx.drafts.drop(thread.id, principal.operator)
    return outcome
