"""What people read about the state of an outgoing message: what it means, and what to do now."""

from __future__ import annotations

from collections.abc import Iterable

from lhwa.domain.gates import Rule
from lhwa.domain.outbound import OutboundState
from lhwa.domain.send_errors import ErrorClass, verdict_of
from lhwa.store.tables.outbox import OutboundRow

_S = OutboundState
_MEANINGS = {
    _S.DRAFT: "Somebody is writing it.",
    _S.PENDING_APPROVAL: "A second person has to decide.",
    _S.QUEUED: "It waits to leave.",
    _S.SENDING: "It is on its way to Meta.",
    _S.ACCEPTED: "Meta took it.",
    _S.SENT: "It left Meta's servers.",
    _S.DELIVERED: "It is on the client's device.",
    _S.READ: "The client saw it.",
    _S.FAILED: "It will not arrive.",
    _S.IN_DOUBT: "It left, and no answer came: nobody knows whether it arrived. It is not sent again by itself.",
    _S.CANCELLED: "A person took it back, or declined it.",
    _S.EXPIRED: "It could not leave in time.",
}
_NEXT = {
    _S.PENDING_APPROVAL: "Somebody else than its author runs `lhwa approve ID`, or `lhwa reject ID --reason TEXT`.",
    _S.IN_DOUBT: "Ask the client, then run `lhwa outbox resolve ID`.",
    _S.FAILED: "`lhwa outbox show ID` says why, and what to do.",
    _S.EXPIRED: "`lhwa outbox show ID` says why, and what to do.",
}
"""The states that ask something of people, those that are the most urgent first."""
_HINTS = {
    Rule.WINDOW.value: "The window had closed when it was to leave. Send an approved template.",
    Rule.TEMPLATE.value: "Its template could not be sent any more. Run `lhwa templates sync` and choose another.",
    Rule.IDENTITY.value: "The contact's identity changed before it left. Make sure who has the number.",
    Rule.OPT_OUT.value: "The client asked not to be written to before it left.",
    Rule.BLOCKED.value: "The contact was blocked before it left. Unblock it, then run `lhwa outbox retry`.",
    Rule.HOLD.value: "Messages to this contact were put on hold before it left. Have the hold released first.",
    Rule.CONSENT.value: "The client never wrote to this number. Ask them to write to the firm first.",
    Rule.MARKETING.value: "Meta counts its template as marketing, and the client did not agree to it. Choose another.",
    Rule.PARAMETERS.value: "Its template wants other values now. Send it again with them.",
    Rule.CONTENT.value: "Meta would not take what it says. Write it anew.",
    Rule.RECIPIENT.value: "No address of this contact can be read any more.",
    Rule.EXPIRED.value: "It waited too long. Send it again if it is still wanted.",
}
_UNREACHED = "Meta could not be reached, however often it was tried. Run `lhwa outbox retry` when it is back."
_NO_DOCUMENT = "Its document is gone, or is not the one that was approved. Look at the disk; send the file again."
_IN_DOUBT = "Nobody knows whether it arrived. Wait for a status, or ask the client; then run `lhwa outbox resolve`."


def meaning_of(state: OutboundState) -> str:
    """What a state means, in one or two sentences."""
    return _MEANINGS[state]


def explained(states: Iterable[str]) -> list[str]:
    """A line for each of these states that asks something of people: what it means, and what to do."""
    found = set(states)
    return [f"{state.value}: {_MEANINGS[state]} {step}" for state, step in _NEXT.items() if state.value in found]


def hint_of(row: OutboundRow) -> str | None:
    """What a person should do about a message in this state."""
    if row.state is OutboundState.PENDING_APPROVAL:
        return f"It needs a second person: `lhwa approve {row.id}`."
    if row.state is OutboundState.IN_DOUBT:
        return _IN_DOUBT
    if row.state not in (OutboundState.FAILED, OutboundState.EXPIRED):
        return None
    if row.error_code is None and (row.kind, row.rule) == ("document", "error_never"):
        return _NO_DOCUMENT
    if row.error_code is not None:
        return verdict_of(row.error_code, http_status=None).hint
    return _HINTS.get(row.rule, _UNREACHED if row.rule == f"error_{ErrorClass.RETRY.value}" else None)
