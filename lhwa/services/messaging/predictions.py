"""When a message that waits may leave, and what it waits for: the same paces and breakers that the sender asks."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from lhwa.domain.allowance_scopes import ACCOUNT, BREAKERS, of_breaker, pair_scope
from lhwa.domain.breaker import POLICIES, BreakerState
from lhwa.domain.pacing import DOUBT_HOLDS_MS, PAIR, PaceState
from lhwa.domain.send_errors import ErrorClass
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.transaction import Tx

_PACE = msgspec.json.Decoder(PaceState)
_BREAKER = msgspec.json.Decoder(BreakerState)
_PACED = "Many messages went to this client just now; Meta takes the next one then."
_REAUTH = "The access token does not work. Set another: `lhwa tenant set-access-token FIRM`."
_OPER = "Meta refuses the account's messages. Look into the WhatsApp Manager; `lhwa status` shows the error."
_HELD = "Meta refuses this number's messages for now. lhwa tries again by itself."


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    """Something that lets nothing through for now."""

    subject: str
    """A phone number id, or the account."""
    error_class: ErrorClass
    until_ms: int
    since_ms: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """When a message may leave, as far as is known now."""

    at_ms: int
    hint: str | None
    """What holds it back; None when its own time does."""


def open_breakers(tx: Tx) -> list[OpenBreaker]:
    """Every breaker that is open now."""
    found = []
    for name, state in tx.allowances.below(BREAKERS):
        subject, error_class = of_breaker(name)
        breaker = _BREAKER.decode(state)
        until_ms = POLICIES[error_class].opens_until_ms(breaker, tx.now_ms)
        if until_ms is not None:
            found.append(OpenBreaker(subject, error_class, until_ms, breaker.opened_at_ms))
    return found


def predict(tx: Tx, row: OutboundRow, breakers: list[OpenBreaker]) -> Prediction:
    """When a queued message may leave, if nothing else happens.

    Args:
        breakers: those that are open now.
    """
    stored = tx.allowances.get(pair_scope(row.phone_number_id, row.recipient_hash))
    paced_ms = PAIR.next_at(PaceState() if stored is None else _PACE.decode(stored), tx.now_ms)
    waits = [Prediction(row.next_attempt_at_ms, None)]
    if paced_ms > tx.now_ms:
        waits.append(Prediction(paced_ms, _PACED))
    waits += [
        Prediction(each.until_ms, breaker_hint(each))
        for each in breakers
        if each.subject in (row.phone_number_id, ACCOUNT)
    ]
    doubt = tx.outbox.doubt_before(row, since_ms=tx.now_ms - DOUBT_HOLDS_MS)
    if doubt is not None:
        hint = f"It waits for {doubt.id}, which is in doubt: lhwa outbox resolve."
        waits.append(Prediction((doubt.in_doubt_since_ms or tx.now_ms) + DOUBT_HOLDS_MS, hint))
    return max(waits, key=lambda each: each.at_ms)


def breaker_hint(breaker: OpenBreaker) -> str:
    """What to do about an open breaker."""
    hints = {ErrorClass.REAUTH: _REAUTH, ErrorClass.OPER: _OPER}
    return hints.get(breaker.error_class, _HELD)
