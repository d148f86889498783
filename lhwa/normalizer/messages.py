"""One message object to one MessageElement, whichever feed carried it.

Types that we do not know become UNSUPPORTED and keep Meta's word in `wire_type` and everything else in `content`.
"""

from __future__ import annotations

from typing import Any

from lhwa.domain.elements import MessageElement, Party
from lhwa.domain.messages import Direction, MessageType, Via
from lhwa.normalizer.identity_changes import identity_change
from lhwa.normalizer.parties import party_of
from lhwa.normalizer.readable import readable_text
from lhwa.normalizer.scalars import as_dict, error_codes, id_of, instant_ms, required_id
from lhwa.normalizer.scope import Scope

_TYPES = {member.value: member for member in MessageType} | {"voice": MessageType.AUDIO}
"""By Meta's word. `voice` is how older feeds name a voice note."""
_TARGET_KEYS = {"reaction": "message_id", "edit": "original_message_id", "revoke": "original_message_id"}


def inbound_message(scope: Scope, position: str, item: dict[str, Any]) -> MessageElement:
    """A message that a client sent.

    Raises: PoisonError when it has no usable id or number to route by.
    """
    if "id" not in item:
        scope.routed_by()
        required_id(item)  # before anything that costs more: there may be very many of them
    return message(scope, position, item, direction=Direction.INBOUND, via=Via.MESSAGES, party=sender(scope, item))


def sender(scope: Scope, item: dict[str, Any]) -> Party:
    """Who a message is from."""
    return scope.contacts.complete(
        party_of(
            item.get("from"),
            item.get("from_user_id"),
            item.get("from_parent_user_id"),
            identity_key_hash=as_dict(item.get("identity")).get("hash"),
        )
    )


def recipient(scope: Scope, item: dict[str, Any]) -> Party:
    """Who a message of the firm is to."""
    return scope.contacts.complete(party_of(item.get("to"), item.get("to_user_id"), item.get("to_parent_user_id")))


def message(
    scope: Scope, position: str, item: dict[str, Any], *, direction: Direction, via: Via, party: Party
) -> MessageElement:
    """One message of a known direction, feed and counterpart.

    Raises: PoisonError when it has no usable id or number to route by.
    """
    number, wamid = scope.routed_by(), required_id(item)  # first: a broken item costs no more than this
    wire_type = wire_type_of(item)
    part = item.get(wire_type)
    about = part if isinstance(part, dict) else {}
    context = as_dict(item.get("context"))
    change = identity_change(item, about) if wire_type == "system" else None
    if change is not None:
        party = scope.contacts.complete(change.current if change.previous.is_nobody else change.previous)
    return MessageElement(
        position=position,
        phone_number_id=number,
        wamid=wamid,
        direction=direction,
        via=via,
        type=_TYPES.get(wire_type, MessageType.UNSUPPORTED),
        wire_type=wire_type,
        party=party,
        sent_at_ms=instant_ms(item.get("timestamp")),
        text=readable_text(wire_type, item),
        content=item,
        group_id=id_of(item.get("group_id")),
        reply_to_wamid=id_of(context.get("id")) or _quoted_by_edit(wire_type, about),
        target_wamid=id_of(about.get(_TARGET_KEYS[wire_type])) if wire_type in _TARGET_KEYS else None,
        forwarded=context.get("forwarded") is True or context.get("frequently_forwarded") is True,
        identity_change=change,
        error_codes=error_codes(item),
    )


def wire_type_of(item: dict[str, Any]) -> str:
    """Meta's word for the type; when it is missing, the first type that the message has a part for; else `""`."""
    word = item.get("type")
    if isinstance(word, str) and word:
        return word
    return next((known for known in _TYPES if isinstance(item.get(known), (dict, list))), id_of(word) or "")


def _quoted_by_edit(wire_type: str, about: dict[str, Any]) -> str | None:
    if wire_type != "edit":
        return None
    return id_of(as_dict(as_dict(about.get("message")).get("context")).get("id"))
