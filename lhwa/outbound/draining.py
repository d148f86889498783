"""Draining the outbox of one firm: take, post, settle, until nothing may leave now.

It is the effect of one job, so that it survives restarts and runs once for a firm at a time. No transaction is open
while a request is under way; what was marked as under way and never settled is in doubt.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import msgspec

from lhwa.domain.allowance_scopes import TOKEN_SCOPE, TOKEN_STORED
from lhwa.domain.audit import OUTBOUND, AuditRecord
from lhwa.domain.ids import TenantId
from lhwa.domain.jobs import OUTBOX, JobKind
from lhwa.domain.outbound import Document
from lhwa.domain.pacing import DOUBT_HOLDS_MS
from lhwa.domain.send_errors import verdict_of
from lhwa.domain.send_policy import SendPolicy
from lhwa.errors import InDoubtError
from lhwa.outbound.allowances import Sluices
from lhwa.outbound.settling import accepted, refused, unanswered
from lhwa.outbound.taking import LOOKED_AT_MAX, Posting, doubt_lost, leaves_now, stopped, take
from lhwa.outbound.uploading import uploaded
from lhwa.ports.channel import CancelledSendError, Channel, ChannelAccess, SendError
from lhwa.ports.clock import Clock
from lhwa.store.transaction import Tx

BURIED_WAIT_MS = 300_000
DRAIN_S_MAX = 20.0
"""No new request begins later than this: with the longest answer the job still ends within its lease."""
_TOKEN_GONE = 190
"""Meta's code for a token that does not work; one that is not there is no better."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the sender needs to know of a firm: what it decided, and how it speaks to Meta."""

    policy: SendPolicy
    base_url: str
    api_version: str
    token: str | None = None

    def __repr__(self) -> str:
        return "Account(…)"

    def access(self, phone_number_id: str) -> ChannelAccess | None:
        """The right to post from one of its numbers; None without a token."""
        if self.token is None:
            return None
        return ChannelAccess(self.base_url, self.api_version, phone_number_id, self.token)


class Write(Protocol):
    """Runs one transaction in a firm's file, away from the event loop."""

    def __call__(self, tenant: TenantId, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...


@dataclass(frozen=True, slots=True)
class OutboundPorts:
    """What the sender needs from outside."""

    channel: Channel
    write: Write
    account_of: Callable[[TenantId], Awaitable[Account]]
    clock: Clock
    per_s: int
    """Messages a second that Meta takes from one number."""
    jitter: Callable[[], float] = random.random


class HasOutbound(Protocol):
    """What `drain_outbox` needs of its context."""

    @property
    def outbound(self) -> OutboundPorts:
        """How messages leave."""
        ...


class _Payload(msgspec.Struct):
    tenant: str


async def drain_outbox(payload: bytes, context: HasOutbound) -> None:
    """Post what may leave now. Raises: errors of the firm's file and of the registry."""
    ports, tenant = context.outbound, TenantId(msgspec.json.decode(payload, type=_Payload).tenant)
    account = await _account(ports, tenant)
    if account.token is None:
        return
    until_s = ports.clock.monotonic_s() + DRAIN_S_MAX
    while ports.clock.monotonic_s() < until_s:
        taken = await ports.write(tenant, take, account.policy, per_s=ports.per_s)
        if not taken:
            return
        # All of them come to their end, whatever becomes of one: an answer that nobody waits for is lost.
        posts = [_post(ports, tenant, account, posting) for posting in taken]
        for ended in await asyncio.gather(*posts, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended


async def _account(ports: OutboundPorts, tenant: TenantId) -> Account:
    """What is known of the firm, read no earlier than the news that its token was changed."""
    while True:
        account = await ports.account_of(tenant)
        if not await ports.write(tenant, begin, fingerprint=_fingerprint(account.token), per_s=ports.per_s):
            return account


def begin(tx: Tx, *, fingerprint: str, per_s: int) -> bool:
    """Before a drain: what an earlier one left behind is in doubt, and another token is another chance.

    Args:
        fingerprint: tells one token from another; empty when there is none.
    Returns: True when somebody stored a token: whoever read one before that has to read it again.
    """
    sluices = Sluices(tx, per_s=per_s)
    # One drain of a firm runs at a time, so whatever is under way now is nobody's.
    doubt_lost(tx, sluices)
    known = tx.allowances.get(TOKEN_SCOPE)
    if known != fingerprint:
        tx.allowances.put(TOKEN_SCOPE, fingerprint)
        sluices.reopen_account()
        tx.audit.append(AuditRecord(OUTBOUND, "outbound.token_changed", f"firm:{tx.tenant}"))
    if not fingerprint and sluices.stop_account(verdict_of(_TOKEN_GONE, http_status=None)):
        tx.audit.append(AuditRecord(OUTBOUND, "outbound.account_stopped", f"firm:{tx.tenant}", {"why": "no_token"}))
    return known == TOKEN_STORED


def next_look_ms(tx: Tx, context: HasOutbound) -> int | None:
    """When the outbox is worth another look; None while nothing waits in it."""
    sluices = Sluices(tx, per_s=context.outbound.per_s, only_looks=True)
    times = _opening_ms(tx, sluices)
    if times and tx.allowances.get(TOKEN_SCOPE) == TOKEN_STORED:
        return tx.now_ms  # what shuts the account is the word on the token before
    later_ms = tx.outbox.next_attempt_ms(after_ms=tx.now_ms)
    if later_ms is not None:
        times.append(later_ms)
    doubt_ms = tx.outbox.oldest_doubt_ms(since_ms=tx.now_ms - DOUBT_HOLDS_MS)
    if doubt_ms is not None:
        times.append(doubt_ms + DOUBT_HOLDS_MS)
    return min(times, default=None)


def _opening_ms(tx: Tx, sluices: Sluices) -> list[int]:
    """When messages may leave whose time has come."""
    times: list[int] = []
    shut: set[str] = set()
    while True:
        due = tx.outbox.due(
            doubt_since_ms=tx.now_ms - DOUBT_HOLDS_MS, rows_max=LOOKED_AT_MAX, shut_numbers=sorted(shut)
        )
        times += [sluices.opens_at_ms(row) for row in due]
        newly_shut = {row.phone_number_id for row in due if sluices.number_opens_at_ms(row.phone_number_id) > tx.now_ms}
        # What waits for one number must not hide what may leave from another.
        if len(due) < LOOKED_AT_MAX or not newly_shut:
            return times
        shut |= newly_shut


def bury_drain(tx: Tx, payload: bytes, *, error: str, tries: int) -> None:
    """A drain that never came to its end is begun again: what waits in the outbox is never given up in silence."""
    tx.audit.append(AuditRecord(OUTBOUND, "outbound.drain_failed", f"firm:{tx.tenant}", {"why": error, "tries": tries}))
    tx.jobs.put(JobKind.DRAIN_OUTBOX, payload, place=OUTBOX, run_at_ms=tx.now_ms + BURIED_WAIT_MS, once=True)


async def _post(ports: OutboundPorts, tenant: TenantId, account: Account, posting: Posting) -> None:
    message, attempt = posting.message, posting.row.attempts
    access = account.access(message.phone_number_id)
    if access is None:
        raise AssertionError("a message was taken without a token")

    try:
        if isinstance(message.content, Document):
            read = partial(ports.write, tenant)
            media = await uploaded(message.content, message.id, channel=ports.channel, access=access, read=read)
            message = msgspec.structs.replace(message, content=media)
            await ports.write(tenant, leaves_now, message.id, attempt=attempt)
        receipt = await ports.channel.send(message, access=access)
    except SendError as error:
        jitter = ports.jitter()
        await ports.write(tenant, refused, message.id, error, attempt=attempt, per_s=ports.per_s, jitter=jitter)
    except asyncio.CancelledError as error:
        has_left = isinstance(error, CancelledSendError)
        told = ports.write(tenant, stopped, message.id, attempt=attempt, has_left=has_left, per_s=ports.per_s)
        await asyncio.shield(asyncio.ensure_future(told))
        raise
    except InDoubtError:
        await ports.write(tenant, unanswered, message.id, attempt=attempt)
    else:
        # A crash between the answer and this commit leaves the message in doubt; it never sends it again.
        await ports.write(tenant, accepted, message.id, receipt, per_s=ports.per_s)


def _fingerprint(token: str | None) -> str:
    return "" if token is None else hashlib.sha256(token.encode()).hexdigest()[:16]
