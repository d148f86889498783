"""Pure decisions about messages and identities."""

from __future__ import annotations

import hashlib
import re

import msgspec

from lhwa.domain.elements import MessageElement, Party, PlatformElement, StatusElement
from lhwa.domain.events import EventType
from lhwa.domain.gates import WINDOW_MS
from lhwa.domain.ids import is_ulid
from lhwa.domain.instants import AHEAD_MS_MAX
from lhwa.domain.messages import Direction, MessageType, Via

_NOT_A_CONVERSATION = frozenset({MessageType.SYSTEM, MessageType.EDIT, MessageType.REVOKE, MessageType.REACTION})
"""Types that do not surely open the customer service window; in doubt we take it as closed."""
NOT_OPENING = tuple(sorted(kind.value for kind in _NOT_A_CONVERSATION))
"""The same as they are stored."""
_WITHOUT_CONTENT = frozenset({"media_placeholder", "unsupported", "unknown", "errors"})
_VIA_ORDER = [Via.MESSAGES.value, Via.ECHO.value, Via.STANDBY.value, Via.HISTORY.value]
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
    found: dict[str, str] = {}
    if party.bsuid:
        found["bsuid"] = party.bsuid
    if party.wa_id:
        found["wa_id"] = party.wa_id
    if party.parent_bsuid:
        found["parent_bsuid"] = party.parent_bsuid
    return found


def change_reason(kind: str) -> str:
    """What a second identifier of one kind means for a person."""
    return "number_changed" if kind == "wa_id" else "user_id_changed"


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
    return had in _WITHOUT_CONTENT and now not in _WITHOUT_CONTENT


def telling_rank(*, wire_type: str, via: str, received_at_ms: int, telling: bytes) -> tuple[bool, int, int, bytes]:
    """Which of several tellings of one message stands: the smallest, in whatever order they are applied.

    One with content before a placeholder; the live feed before echoes, threads of others, and history; then the one
    that was received first, because the first text under an id holds; between equals the keyed hash decides.
    """
    return (wire_type in _WITHOUT_CONTENT, _VIA_ORDER.index(via), received_at_ms, telling)


def told_id_ms(told_ms: int | None) -> int:
    """The time in the id of what Meta made: what it says of itself, so that the id is the same whenever it comes."""
    return 0 if told_ms is None else told_ms


def own_id(opaque: str | None) -> str | None:
    """Our id of a message in what Meta echoes back; other senders on the number may put anything there."""
    text = (opaque or "").removeprefix(_OPAQUE_PREFIX)
    return text if is_ulid(text) else None


def event_type_of(element: PlatformElement) -> EventType | None:
    """Which event on the bus a platform element becomes; None for what nobody needs to react to."""
    if element.field.startswith(_TEMPLATE_FIELDS):
        return EventType.TEMPLATE_STATUS_CHANGED
    return EventType.ACCOUNT_ALERT if element.severity != "info" else None
