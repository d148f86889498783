"""Statuses: what becomes of an accepted message, planned when it is accepted and told by webhooks.

Source: WhatsApp Cloud API, statuses; pricing since 2026-10-01.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lhwa.domain.instants import Instant
from lhwa.sandbox.errors import status_error
from lhwa.sandbox.exchange import present
from lhwa.sandbox.firms import Firm, Number
from lhwa.sandbox.platform import Platform
from lhwa.sandbox.sent import SentMessage, StatusEvent

CHARGED_IN_WINDOW_FROM = datetime(2026, 10, 1, tzinfo=UTC)
"""Since then free messages, and utility templates inside the window, cost something."""
_SENT_AFTER_S = (0.2, 2.0)
_DELIVERED_AFTER_S = (0.3, 5.0)
_READ_AFTER_S = (1.0, 60.0)
_FAILED_AFTER_S = (0.5, 3.0)
_PRICED = ("sent", "delivered")


def plan_statuses(
    platform: Platform,
    firm: Firm,
    number: Number,
    message: SentMessage,
    *,
    failure: tuple[int, str] | None,
    now: Instant,
) -> None:
    """Plan what the firm will be told of a message.

    Args:
        failure: the code and the details with which it fails, None when it arrives.
    """
    if failure is not None:
        steps = [("failed", _FAILED_AFTER_S)]
    else:
        steps = [("sent", _SENT_AFTER_S), ("delivered", _DELIVERED_AFTER_S), ("read", _READ_AFTER_S)]
        if message.kind == "reaction":
            steps = steps[:1]
        elif message.person is not None and not message.person.shows_read:
            steps = steps[:2]
    at = now
    for status, (least_s, most_s) in steps:
        at += platform.chance.between(least_s, most_s)
        contact, item = _told(platform, firm, number, message, status, at)
        if failure is not None:
            item["errors"] = [status_error(*failure)]
        webhook = platform.tell_messages(firm, number, at=at, contacts=[contact], statuses=[item])
        message.events.append(StatusEvent(status=status, at=at, webhook=webhook))


def _told(
    platform: Platform, firm: Firm, number: Number, message: SentMessage, status: str, at: Instant
) -> tuple[dict[str, Any], dict[str, Any]]:
    person = message.person
    wa_id = message.to if message.is_by_number else None
    user_id = None if message.is_by_number else message.to
    identity = None
    if person is not None:
        user_id = user_id or platform.people.bsuid_of(person, firm.waba_id)
        wa_id = wa_id or (person.number if number.sees_number_of(person, now=at) else None)
        identity = person.identity_key_hash if number.checks_identity else None
    item = present(
        id=message.id,
        status=status,
        timestamp=str(int(at.timestamp())),
        recipient_id=wa_id,
        recipient_user_id=user_id,
        recipient_identity_key_hash=identity,
        biz_opaque_callback_data=message.biz_opaque_callback_data,
        pricing=_pricing(message) if status in _PRICED else None,
    )
    return present(wa_id=wa_id, user_id=user_id), item


def is_free(category: str, *, is_window_open: bool, now: Instant) -> bool:
    """True for what cost nothing inside the window before it was charged."""
    return category in ("service", "utility") and is_window_open and now < CHARGED_IN_WINDOW_FROM


def _pricing(message: SentMessage) -> dict[str, Any]:
    kind = "free_customer_service" if message.is_free else "regular"
    return {
        "billable": not message.is_free,
        "pricing_model": "PMP",
        "type": kind,
        "category": message.category,
    }
