"""Pure decisions about messages and identities."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from lhwa.domain.elements import MessageElement, Party, PlatformElement, StatusElement
from lhwa.domain.events import EventType
from lhwa.domain.ids import ContactId, is_ulid
from lhwa.domain.instants import AHEAD_MS_MAX
from lhwa.domain.messages import Direction, MessageType, Via

WINDOW_MS = 86_400_000
"""How long a client's message lets the firm write freely. Source: WhatsApp Cloud API, customer service window."""
_NOT_A_CONVERSATION = frozenset({MessageType.SYSTEM, MessageType.EDIT, MessageType.REVOKE, MessageType.REACTION})
"""Types that do not surely open the customer service window; in doubt we take it as closed."""
_PLACEHOLDER = "media_placeholder"
_OPAQUE_PREFIX = "lhwa:"
_TEMPLATE_FIELDS = ("message_template_", "template_")
_METAS_ID = re.compile(r"[0-9]{1,5}|[1-9][0-9]{14,19}", re.ASCII)


def is_metas_id(text: str) -> bool:
    """True for what can lie in clear as an id of an account, a number or a template: as long as Meta's are.

    Telephone numbers have up to 15 digits, but beyond 14 none that a person has is known; shorter ids may be one, and
    very short ones cannot.
    """
    return _METAS_ID.fullmatch(text) is not None


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
    """What is known of a person after one more fact.

    Names: the newer fact wins. Identifiers: the first known one stays until a person has reviewed the change, because
    numbers get recycled; the other one is an alias with a flag.
    """
    first, second = (new, old) if is_newer else (old, new)
    return Party(
        wa_id=old.wa_id or new.wa_id,
        bsuid=old.bsuid or new.bsuid,
        parent_bsuid=old.parent_bsuid or new.parent_bsuid,
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


def window_closes_ms(last_inbound_at_ms: int | None, *, now_ms: int) -> int | None:
    """When the customer service window closes that a client's last message opened; None when it is not open.

    A message from the future, as files of older versions may hold, opens nothing: in doubt the window is closed.
    """
    if last_inbound_at_ms is None or last_inbound_at_ms > now_ms + AHEAD_MS_MAX:
        return None
    closes_ms = last_inbound_at_ms + WINDOW_MS
    return closes_ms if closes_ms > now_ms else None


def is_unread(element: MessageElement) -> bool:
    """True when somebody at the firm should read this."""
    return element.direction is Direction.INBOUND and element.via in (Via.MESSAGES, Via.STANDBY)


def status_key(element: StatusElement) -> tuple[str, ...]:
    """What makes a status fact the same fact. Source: WhatsApp Cloud API, deduplication keys."""
    recipient = element.participant or element.recipient.wa_id or element.recipient.bsuid or ""
    error = str(element.error_codes[0]) if element.error_codes else ""
    return (element.phone_number_id, element.wamid, element.status, recipient, error)


def platform_key(element: PlatformElement) -> tuple[str, ...]:
    """What makes a platform event the same event. Source: WhatsApp Cloud API, deduplication keys.

    Only calls have an id of their own; the ids of other fields name what the event is about, which has many.
    """
    scope = element.phone_number_id or element.waba_id or ""
    if element.item_id and element.field == "calls":
        return (scope, element.field, element.item_id, element.event)
    value = msgspec.json.encode(element.value, order="deterministic")
    return (scope, element.field, hashlib.sha256(value).hexdigest(), str(element.at_ms))


def completes(had: str, now: str) -> bool:
    """True when a message of wire type `now` is the content of one that came without. History sends media that way."""
    return had == _PLACEHOLDER and now != _PLACEHOLDER


def own_id(opaque: str | None) -> str | None:
    """Our id of a message in what Meta echoes back; other senders on the number may put anything there."""
    text = (opaque or "").removeprefix(_OPAQUE_PREFIX)
    return text if is_ulid(text) else None


def event_type_of(element: PlatformElement) -> EventType | None:
    """Which event on the bus a platform element becomes; None for what nobody needs to react to."""
    if element.field.startswith(_TEMPLATE_FIELDS):
        return EventType.TEMPLATE_STATUS_CHANGED
    return EventType.ACCOUNT_ALERT if element.severity != "info" else None
