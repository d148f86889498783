"""Telling Meta whom the firm blocked, so that they cannot write to it either, and what Meta said.

It is the effect of one job of the firm. Our own block works from the moment in which a person sets it and waits for
nothing here. Asking twice changes nothing at Meta, so a lost answer is asked for again.

Invariants: what Meta is told is what is wanted at that moment; no number of a client stands in a record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from lhwa.domain.audit import WORKER, AuditRecord
from lhwa.domain.blocks import WRITTEN_MS_MAX, BlockState, next_ask_ms
from lhwa.domain.gates import Rule
from lhwa.domain.ids import ContactId, TenantId
from lhwa.domain.jobs import BLOCKS, JobKind
from lhwa.domain.outbound import Recipient
from lhwa.ports.channel import Channel, ChannelAccess, SendError
from lhwa.services.messaging.addressing import recipient_of
from lhwa.store.gate_facts import restrictions_of
from lhwa.store.tables.blocks import BlockRow
from lhwa.store.transaction import Tx

TOLD_AT_ONCE_MAX = 20
"""So that the job ends within its lease; the rest is told by its next run."""
BURIED_WAIT_MS = 300_000
_KNOWN = frozenset({BlockState.WAITING, BlockState.BLOCKED})
"""States in which Meta may keep the contact from writing."""


class _Account(Protocol):
    def access(self, phone_number_id: str) -> ChannelAccess | None: ...


class _Ports(Protocol):
    @property
    def channel(self) -> Channel: ...

    @property
    def write(self) -> Callable[..., Awaitable[Any]]: ...

    @property
    def account_of(self) -> Callable[[TenantId], Awaitable[_Account]]: ...


class HasChannel(Protocol):
    """What `tell_blocks` needs of its context."""

    @property
    def outbound(self) -> _Ports:
        """The way to Meta."""
        ...


class _Payload(msgspec.Struct):
    tenant: str


class _Wish(msgspec.Struct, frozen=True):
    """What Meta is to be told."""

    row: BlockRow
    recipient: Recipient
    is_on: bool

    def __repr__(self) -> str:
        return "_Wish(…)"


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What Meta said, if it did."""

    is_final: bool
    is_done: bool = False
    code: int | None = None


def ask_for_block(tx: Tx, contact: ContactId) -> bool:
    """Have Meta told that a contact is blocked, on every number that they wrote to; False when there is nothing to ask.

    Meta is not asked again for what it has done.
    """
    threads = tx.conversations.of_contact(contact)
    numbers = {thread.phone_number_id for thread in threads if thread.last_inbound_at_ms is not None}
    done = {row.phone_number_id for row in tx.blocks.of([contact]) if row.state in _KNOWN}
    return _ask(tx, [(contact, number) for number in sorted(numbers - done)])


def ask_for_release(tx: Tx, contact: ContactId) -> bool:
    """Have Meta told that a contact may write again, wherever it may keep them from it; False when nowhere."""
    known = tx.blocks.of({contact, *tx.contacts.parts(contact)})
    return _ask(tx, [(row.contact, row.phone_number_id) for row in known if row.state in _KNOWN])


def _ask(tx: Tx, wanted: list[tuple[ContactId, str]]) -> bool:
    for contact, number in wanted:
        tx.blocks.ask(contact, number)
    if wanted:
        payload = msgspec.json.encode({"tenant": tx.tenant})
        tx.jobs.hasten(JobKind.TELL_BLOCKS, payload, place=BLOCKS, run_at_ms=None)
    return bool(wanted)


async def tell_blocks(payload: bytes, context: HasChannel) -> None:
    """Tell Meta what waits. Raises: errors of the firm's file and of the registry."""
    ports, tenant = context.outbound, TenantId(msgspec.json.decode(payload, type=_Payload).tenant)
    account = await ports.account_of(tenant)
    for wish in await ports.write(tenant, _wishes):
        answer = await _answer(ports.channel, wish, account.access(wish.row.phone_number_id))
        await ports.write(tenant, _note, wish, answer)


async def _answer(channel: Channel, wish: _Wish, access: ChannelAccess | None) -> _Answer:
    if access is None:
        return _Answer(is_final=False)  # there may be a token later
    if wish.recipient == Recipient():
        return _Answer(is_final=True)  # erased: nobody can name the contact any more
    try:
        await channel.block(wish.recipient, access=access, is_on=wish.is_on)
    except SendError as error:
        is_final = not (error.retryable or error.verdict.stops_account)
        return _Answer(is_final=is_final, code=error.vendor_code)
    return _Answer(is_final=True, is_done=True)


def next_told_ms(tx: Tx, _context: HasChannel) -> int | None:
    """When Meta is to be told something next; None while nothing waits."""
    return tx.blocks.next_attempt_ms()


def bury_blocks(tx: Tx, payload: bytes, *, error: str, tries: int) -> None:
    """A job that never came to its end is begun again later: a block is never given up in silence."""
    data = {"why": error, "tries": tries}
    tx.audit.append(AuditRecord(WORKER, "contact.blocks_not_told", f"firm:{tx.tenant}", data))
    tx.jobs.put(JobKind.TELL_BLOCKS, payload, place=BLOCKS, run_at_ms=tx.now_ms + BURIED_WAIT_MS, once=True)


def _wishes(tx: Tx) -> list[_Wish]:
    return [
        _Wish(row, recipient_of(tx, row.contact), _is_wanted(tx, row)) for row in tx.blocks.due()[:TOLD_AT_ONCE_MAX]
    ]


def _is_wanted(tx: Tx, row: BlockRow) -> bool:
    return Rule.BLOCKED.value in restrictions_of(tx, row.contact)


def _note(tx: Tx, wish: _Wish, answer: _Answer) -> None:
    row = tx.blocks.get(wish.row.contact, wish.row.phone_number_id)
    if row is None or row.state is not BlockState.WAITING or wish.is_on != _is_wanted(tx, row):
        return  # a person decided otherwise while Meta was asked: it is told anew
    state = _state(tx, row, wish, answer) if answer.is_final else BlockState.WAITING
    if answer.is_final:
        tx.blocks.settle(row, state, error_code=None if answer.is_done else answer.code)
    else:
        at_ms = next_ask_ms(tx.now_ms, asked_at_ms=row.asked_at_ms)
        tx.blocks.postpone(row, at_ms=at_ms, error_code=answer.code)
    data: dict[str, str | int] = {"wanted": "block" if wish.is_on else "release", "state": state.value}
    data |= {"phone_number_id": row.phone_number_id} | ({} if answer.code is None else {"code": answer.code})
    tx.audit.append(AuditRecord(WORKER, "contact.block_told", f"contact:{row.contact}", data))


def _state(tx: Tx, row: BlockRow, wish: _Wish, answer: _Answer) -> BlockState:
    if not wish.is_on:
        return BlockState.RELEASED  # also where Meta says that it does not keep them from writing
    if answer.is_done:
        return BlockState.BLOCKED
    threads = (each for each in tx.conversations.of_contact(row.contact) if each.phone_number_id == row.phone_number_id)
    newest_ms = max((each.last_inbound_at_ms or 0 for each in threads), default=0)
    return BlockState.TOO_LATE if newest_ms <= tx.now_ms - WRITTEN_MS_MAX else BlockState.REFUSED
