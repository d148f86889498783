"""Sending what somebody wrote: the message is asked for as always, and its draft is gone in the same commit."""

from __future__ import annotations

from lhwa.domain.access import Principal
from lhwa.domain.send_policy import SendPolicy
from lhwa.services.messaging.sending import SendOutcome, SendRequest, request_send
from lhwa.store.transaction import Tx


def send_written(
    tx: Tx, principal: Principal, request: SendRequest, policy: SendPolicy, *, outbound_id: str
) -> SendOutcome:
    """Put a message into the outbox, unless a gate is shut; its writer's draft in that thread goes with it.

    Args:
        policy: what the firm decided about sending.
        outbound_id: its ULID, new.
    Returns: the outcome; a refusal leaves the draft.
    Raises: as `request_send`.
    """
    outcome = request_send(tx, principal, request, policy, outbound_id=outbound_id)
    sent = None if outcome.id is None else tx.outbox.get(outcome.id)
    if sent is not None:
        tx.drafts.drop(sent.conversation, principal.operator)
    return outcome
