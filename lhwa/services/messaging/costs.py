"""How many messages to whom were counted as what: that side of a bill which Meta tells. It tells no amounts."""

from __future__ import annotations

from collections import Counter

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.ids import ContactId
from lhwa.services.messaging.outbox_views import masked_contact
from lhwa.services.messaging.prices import Price, price_of
from lhwa.services.messaging.views import note_read
from lhwa.store.tables.thread_order import SEQ_MAX, Split
from lhwa.store.transaction import Tx


class CostView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How many messages to one contact were counted as one thing."""

    contact_id: str | None
    contact: str | None = None
    """Masked; absent without the right to read content."""
    category: str
    type: str
    is_charged: bool
    messages: int


def costs(tx: Tx, principal: Principal, *, since_ms: int = 0) -> list[CostView]:
    """Priced messages by contact, category and type, of those with a status since a time. Most messages first."""
    principal.require(Permission.READ_RECORDS)
    counted: Counter[tuple[str, Price]] = Counter()
    for contact, facts in tx.statuses.by_message(since_ms=since_ms):
        price = price_of(tx, facts)
        if price is not None:
            counted[contact or "", price] += 1
    note_read(tx, principal, "cost.read", f"firm:{tx.tenant}", {"count": len(counted)})
    return _views(tx, principal, counted)


def costs_of_thread(
    tx: Tx, principal: Principal, conversation: str, *, since_ms: int, messages_max: int
) -> list[CostView]:
    """The same of one thread: of the newest messages that were sent from here since a time.

    Whoever shows it records that somebody looked.
    """
    spots = tx.thread_order.outbox_below(conversation, Split(tx.now_ms, SEQ_MAX), rows_max=messages_max)
    rows = tx.outbox.numbered([spot.seq for spot in spots if spot.at_ms >= since_ms])
    counted: Counter[tuple[str, Price]] = Counter()
    for row in rows.values():
        facts = [] if row.message_dedup is None else tx.statuses.of_message(row.message_dedup)
        price = price_of(tx, facts)
        if price is not None:
            counted[row.contact, price] += 1
    return _views(tx, principal, counted)


def _views(tx: Tx, principal: Principal, counted: Counter[tuple[str, Price]]) -> list[CostView]:
    may_read = principal.may(Permission.READ_CONTENT)
    ranked = sorted(counted.items(), key=lambda each: (-each[1], each[0][0], each[0][1].category, each[0][1].type))
    return [
        CostView(
            contact_id=contact or None,
            contact=masked_contact(tx, ContactId(contact)) if may_read and contact else None,
            category=price.category,
            type=price.type,
            is_charged=price.is_charged,
            messages=messages,
        )
        for (contact, price), messages in ranked
    ]
