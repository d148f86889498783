"""Pure decisions about messages and identities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lhwa.domain.elements import MessageElement, Party, PlatformElement, StatusElement
from lhwa.domain.events import EventType
from lhwa.domain.ids import ContactId
from lhwa.domain.messages import Direction, MessageType, Via

_NOT_A_CONVERSATION = frozenset({MessageType.SYSTEM, MessageType.EDIT, MessageType.REVOKE, MessageType.REACTION})
"""Types that do not surely open the customer service window; in doubt we take it as closed."""
_TEMPLATE_FIELDS = ("message_template_", "template_")


def aliases(party: Party) -> dict[str, str]:
    """The identifiers of a party by kind, in the order of trust: user id, number, parent user id."""
    found = {"bsuid": party.bsuid, "wa_id": party.wa_id, "parent_bsuid": party.parent_bsuid}
    return {kind: value for kind, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Match:
    """Who a party is, by the identifiers that are known already."""

    contact: ContactId | None
    """The most trusted match, or None for a new person."""
    others: tuple[ContactId, ...]
    """Further contacts that other identifiers point to: never merged, flagged."""
    new: tuple[str, ...]
    """Kinds of identifiers seen for the first time."""


def match(known: Mapping[str, ContactId | None]) -> Match:
    """Choose among the contacts that the identifiers of one party point to; `known` is in the order of trust."""
    hits = [contact for contact in known.values() if contact is not None]
    others = tuple(dict.fromkeys(contact for contact in hits[1:] if contact != hits[0]))
    return Match(hits[0] if hits else None, others, tuple(kind for kind, contact in known.items() if contact is None))


def change_reason(kind: str) -> str:
    """What a second identifier of one kind means for a person."""
    return "number_changed" if kind == "wa_id" else "user_id_changed"


def merged_profile(old: Party, new: Party, *, is_newer: bool) -> Party:
    """What is known of a person after one more fact: newer values win, known ones are never lost."""
    first, second = (new, old) if is_newer else (old, new)
    return Party(
        wa_id=first.wa_id or second.wa_id,
        bsuid=first.bsuid or second.bsuid,
        parent_bsuid=first.parent_bsuid or second.parent_bsuid,
        username=first.username or second.username,
        profile_name=first.profile_name or second.profile_name,
        identity_key_hash=first.identity_key_hash or second.identity_key_hash,
    )


def opens_window(element: MessageElement) -> bool:
    """True when this message surely opens the 24-hour customer service window."""
    return (
        element.direction is Direction.INBOUND
        and element.via is Via.MESSAGES
        and element.group_id is None
        and element.type not in _NOT_A_CONVERSATION
    )


def is_unread(element: MessageElement) -> bool:
    """True when somebody at the firm should read this."""
    return element.direction is Direction.INBOUND and element.via in (Via.MESSAGES, Via.STANDBY)


def status_key(element: StatusElement) -> tuple[str, ...]:
    """What makes a status fact the same fact. Source: WhatsApp Cloud API, deduplication keys."""
    recipient = element.participant or element.recipient.wa_id or element.recipient.bsuid or ""
    error = str(element.error_codes[0]) if element.error_codes else ""
    return (element.phone_number_id, element.wamid, element.status, recipient, error)


def event_type_of(element: PlatformElement) -> EventType | None:
    """Which event on the bus a platform element becomes; None for what nobody needs to react to."""
    if element.field.startswith(_TEMPLATE_FIELDS):
        return EventType.TEMPLATE_STATUS_CHANGED
    return EventType.ACCOUNT_ALERT if element.severity != "info" else None
