"""One status object to one StatusElement.

Invariants: the status is lower case, calls included (`RINGING` becomes `ringing`); words that we do not know are kept.
Statuses of messages that we never sent are normal: other tools may use the same number.
"""

from __future__ import annotations

from typing import Any

from lhwa.domain.elements import Party, StatusElement
from lhwa.errors import PoisonError
from lhwa.normalizer.parties import party_of
from lhwa.normalizer.scalars import error_codes, id_of, instant_ms, required_id, text_of
from lhwa.normalizer.scope import Scope

_PARENT_KEYS = ("recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id")
"""Meta's pages spell it in three ways."""


def status(scope: Scope, position: str, item: dict[str, Any]) -> StatusElement:
    """What became of one message.

    Raises: PoisonError when it has no usable id, no status, or no number to route by.
    """
    word = item.get("status")
    if not isinstance(word, str) or not word.strip():
        raise PoisonError("missing_status" if word is None or word == "" else "wrong_type")
    is_group = item.get("recipient_type") == "group"
    pricing = item.get("pricing")
    return StatusElement(
        position=position,
        phone_number_id=scope.routed_by(),
        wamid=required_id(item),
        status=word.strip().lower(),
        recipient=_recipient(scope, item, is_group=is_group),
        at_ms=instant_ms(item.get("timestamp")),
        participant=id_of(item.get("recipient_participant_id")),
        group_id=id_of(item.get("group_id")) or (id_of(item.get("recipient_id")) if is_group else None),
        opaque=text_of(item.get("biz_opaque_callback_data")),
        error_codes=error_codes(item),
        pricing=pricing if isinstance(pricing, dict) else None,
        content=item,
    )


def _recipient(scope: Scope, item: dict[str, Any], *, is_group: bool) -> Party:
    """The person; of a group message the participant, as far as one is named."""
    phone = item.get("recipient_participant_id") if is_group else item.get("recipient_id")
    user = item.get("recipient_user_id")
    if is_group:
        user = item.get("recipient_participant_user_id") or user
    return scope.contacts.complete(
        party_of(
            phone,
            user,
            next((item[key] for key in _PARENT_KEYS if item.get(key)), None),
            identity_key_hash=item.get("recipient_identity_key_hash"),
        )
    )
