"""Paces and breakers of one firm as they lie in its file: what may leave when, also after a restart."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lhwa.domain.allowance_scopes import breaker_scope, number_scope, pair_scope
from lhwa.domain.audit import OUTBOUND, AuditRecord
from lhwa.domain.breaker import POLICIES, BreakerState, policy_of, succeeded
from lhwa.domain.pacing import PAIR, Pace, PaceState, number_pace, rebased
from lhwa.domain.send_errors import ErrorClass, Scope, SendVerdict
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.transaction import Tx

_PACE = msgspec.json.Decoder(PaceState)
_BREAKER = msgspec.json.Decoder(BreakerState)


class Sluices:
    """What holds messages of one firm back, and when it lets the next one through.

    Args:
        per_s: messages a second that Meta takes from one number.
        only_looks: nothing is written.
    """

    def __init__(self, tx: Tx, *, per_s: int, only_looks: bool = False) -> None:
        self._tx = tx
        self._only_looks = only_looks
        self._number = number_pace(per_s)
        # One transaction asks for the same few scopes once for each message that waits.
        self._known: dict[str, str | None] = {}
        self._opens: dict[str, int] = {}

    def opens_at_ms(self, row: OutboundRow) -> int:
        """When this message may leave: now, or later."""
        number_ms = self.number_opens_at_ms(row.phone_number_id)
        # Which pair would wait longer matters only once the number lets anything through.
        return (
            number_ms
            if number_ms > self._tx.now_ms
            else self._paced_ms(pair_scope(row.phone_number_id, row.recipient_hash), PAIR)
        )

    def number_opens_at_ms(self, phone_number_id: str) -> int:
        """When anything may leave from a number: now, or later."""
        if phone_number_id not in self._opens:
            held = [
                until_ms
                for _scope, error_class, state in self._breakers(phone_number_id)
                if (until_ms := POLICIES[error_class].opens_until_ms(state, self._tx.now_ms)) is not None
            ]
            self._opens[phone_number_id] = max([self._paced_ms(number_scope(phone_number_id), self._number), *held])
        return self._opens[phone_number_id]

    def take(self, row: OutboundRow) -> None:
        """Count a message that leaves now; through a breaker that is half open it is the only probe."""
        now_ms = self._tx.now_ms
        for scope, pace in (
            (number_scope(row.phone_number_id), self._number),
            (pair_scope(row.phone_number_id, row.recipient_hash), PAIR),
        ):
            self._remember(scope, pace.taken(self._pace(scope), now_ms))
        for scope, error_class, state in self._breakers(row.phone_number_id):
            probing = POLICIES[error_class].may_try(state, now_ms)
            if probing is not None and probing != state:
                self._remember(scope, probing)

    def succeeded(self, row: OutboundRow) -> None:
        """Meta took a message: whatever was broken works again."""
        for scope, _error_class, state in self._breakers(row.phone_number_id):
            if state != succeeded():
                self._remember(scope, succeeded())

    def failed(self, row: OutboundRow, verdict: SendVerdict, *, jitter: float) -> None:
        """Meta refused a message, perhaps in a way that concerns others as well."""
        self.end_probe(row)
        policy = policy_of(verdict)
        if policy is None or verdict.scope is Scope.PAIR:
            return  # it concerns one client, whose next message waits for this one anyway
        scope = breaker_scope(verdict.scope, row.phone_number_id, verdict.error_class)
        self._remember(scope, policy.failed(self._breaker(scope), self._tx.now_ms, jitter=jitter))

    def end_probe(self, row: OutboundRow) -> None:
        """A probe is over that was answered, or whose answer nobody waits for any more: another one may try."""
        for scope, _error_class, state in self._breakers(row.phone_number_id):
            if state.probe_until_ms:
                self._remember(scope, msgspec.structs.replace(state, probe_at_ms=0, probe_until_ms=0))

    def stop_account(self, verdict: SendVerdict) -> bool:
        """Nothing of the account leaves for a while; False when that is so already."""
        scope = breaker_scope(verdict.scope, "", verdict.error_class)
        state, policy = self._breaker(scope), POLICIES[verdict.error_class]
        if policy.opens_until_ms(state, self._tx.now_ms) is not None:
            return False
        self._remember(scope, policy.failed(state, self._tx.now_ms, jitter=0.0))
        return True

    def reopen_account(self) -> None:
        """The account has another token: what was wrong with the old one says nothing any more."""
        scope = breaker_scope(Scope.ACCOUNT, "", ErrorClass.REAUTH)
        if self._breaker(scope) != succeeded():
            self._remember(scope, succeeded())

    def _paced_ms(self, scope: str, pace: Pace) -> int:
        return pace.next_at(self._rebased(scope), self._tx.now_ms)

    def _pace(self, scope: str) -> PaceState:
        stored = self._recalled(scope)
        return PaceState() if stored is None else _PACE.decode(stored)

    def _rebased(self, scope: str) -> PaceState:
        """A pace on the clock as it is now. After a clock was set back, waiting begins anew once, not each time."""
        state = self._pace(scope)
        now = rebased(state, self._tx.now_ms)
        if now != state and not self._only_looks:
            self._remember(scope, now)
            self._tx.audit.append(AuditRecord(OUTBOUND, "outbound.clock_set_back", f"firm:{self._tx.tenant}"))
        return now

    def _breakers(self, phone_number_id: str) -> Iterator[tuple[str, ErrorClass, BreakerState]]:
        for error_class in POLICIES:
            for scope in (Scope.NUMBER, Scope.ACCOUNT):
                name = breaker_scope(scope, phone_number_id, error_class)
                yield name, error_class, self._breaker(name)

    def _breaker(self, scope: str) -> BreakerState:
        stored = self._recalled(scope)
        return BreakerState() if stored is None else _BREAKER.decode(stored)

    def _recalled(self, scope: str) -> str | None:
        if scope not in self._known:
            self._known[scope] = self._tx.allowances.get(scope)
        return self._known[scope]

    def _remember(self, scope: str, state: PaceState | BreakerState) -> None:
        self._known[scope] = stored = msgspec.json.encode(state).decode()
        self._tx.allowances.put(scope, stored)
        self._opens.clear()
