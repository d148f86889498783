"""Sending what somebody wrote: the message is asked for as always, and its draft is gone in the same commit.

Invariants: what was typed behind the words that are sent, while they left, stays as the next draft.
"""

from __future__ import annotations

from lhwa.domain.access import Principal
from lhwa.domain.outbound import Content, Text
from lhwa.domain.send_policy import SendPolicy
from lhwa.errors import SealError
from lhwa.services.messaging.sending import SendOutcome, SendRequest, TemplateChoice, request_send
from lhwa.store.tables.outbox import OutboundRow
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
        _take_from_draft(tx, principal, sent, request.content)
    return outcome


def _take_from_draft(tx: Tx, principal: Principal, sent: OutboundRow, content: Content | TemplateChoice) -> None:
    row = tx.drafts.of(sent.conversation, principal.operator)
    if row is None:
        return
    words = content.body if isinstance(content, Text) else ""
    try:
        typed = tx.drafts.text(row)
    except SealError:
        typed = ""
    rest = typed.removeprefix(words) if words and typed.startswith(words) else ""
    if rest.strip():
        tx.drafts.keep(sent.conversation, principal.operator, rest, contact=sent.contact)
    else:
        tx.drafts.drop(sent.conversation, principal.operator)
