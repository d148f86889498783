"""As what Meta counts a message, by its own word in the statuses. It tells no amounts; its price list does.

Source: WhatsApp Cloud API, statuses: `pricing` comes with `sent` and with one of `delivered` and `read`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from lhwa.domain.vocabulary import NOT_A_WORD
from lhwa.errors import SealError
from lhwa.store.tables.statuses import StatusRow
from lhwa.store.transaction import Tx

CATEGORIES = frozenset(
    [
        "authentication",
        "authentication_international",
        "general_purpose_ai",
        "group_marketing",
        "group_service",
        "group_utility",
        "marketing",
        "marketing_lite",
        "referral_conversion",
        "service",
        "utility",
    ]
)
TYPES = frozenset(["free_customer_service", "free_entry_point", "free_group_customer_service", "regular"])
CHARGED = "regular"
"""The type of a message that costs something; all others are free. Meta means to drop `billable` for it."""


class Price(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """As what Meta counts one message."""

    category: str
    """`utility`, `marketing`, `authentication`, `service` and their like; `other` for a word that nobody knows yet."""
    type: str
    is_charged: bool


def price_of(tx: Tx, facts: Iterable[StatusRow]) -> Price | None:
    """The price of a message by its status facts, the newest word first; None while Meta has told none."""
    for fact in sorted(facts, key=lambda each: (each.at_ms, each.seq), reverse=True):
        price = _price(tx, fact)
        if price is not None:
            return price
    return None


def _price(tx: Tx, fact: StatusRow) -> Price | None:
    try:
        pricing = tx.statuses.content(fact).get("pricing")
    except SealError:
        return None  # the client was erased
    return _read(pricing) if isinstance(pricing, dict) else None


def _read(pricing: dict[str, Any]) -> Price | None:
    category, kind = pricing.get("category"), pricing.get("type")
    if not isinstance(category, str):
        return None
    if isinstance(kind, str):
        return Price(
            category=_known(category, CATEGORIES), type=_known(kind, TYPES), is_charged=kind.lower() == CHARGED
        )
    # Before `type` came there was `billable` alone.
    charged = pricing.get("billable") is True
    return Price(category=_known(category, CATEGORIES), type=CHARGED if charged else "free", is_charged=charged)


def _known(word: str, words: frozenset[str]) -> str:
    """A word that Meta is known to use. Anything else may hold anything, and people without a right would see it."""
    plain = word.lower().replace("-", "_")
    return plain if plain in words else NOT_A_WORD
