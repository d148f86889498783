"""What people see of JSON from outside: what a client wrote as it is, every identifier of a person masked.

An identifier is what the envelope names as one (`from`, `wa_id`, `user_id`, ...), whatever its JSON type and however
deep it lies, and any number or user id in the words that the platform itself wrote: system messages spell them out.
"""

from __future__ import annotations

import re
from typing import Any

from lhwa.domain.phones import is_bsuid, mask_bsuid, mask_e164, mask_ids_in

_IDENTIFIER_KEYS = frozenset(
    {
        "from",
        "to",
        "wa_id",
        "new_wa_id",
        "customer",
        "recipient_id",
        "recipient_participant_id",
        "participant",
        "display_phone_number",
        "phone_number",
        "user_id",
        "parent_user_id",
        "previous_user_id",
        "previous_parent_user_id",
        "from_user_id",
        "from_parent_user_id",
        "to_user_id",
        "to_parent_user_id",
        "recipient_user_id",
        "recipient_parent_user_id",
        "parent_recipient_user_id",
        "recipient_participant_user_id",
        "bsuid",
        "parent_bsuid",
    }
)
"""Keys of Meta's envelope and of our elements whose values name a person or a number."""
_SYSTEM = "system"
_SYSTEM_TEXTS = frozenset({_SYSTEM, "text"})
"""Where the words of a system message are: in Meta's object, and in our element's text."""
_NUMBER = re.compile(r"[\s+().-]*(?:[0-9][\s().-]*){6,}")
_NOT_DIGITS = re.compile(r"[^0-9]")


def masked(value: Any, *, key: str = "") -> Any:
    """The same JSON with identifiers masked; `key` is what the value lies under."""
    return _masked(value, is_identifier=key in _IDENTIFIER_KEYS or key == _SYSTEM)


def _masked(value: Any, *, is_identifier: bool) -> Any:
    if isinstance(value, dict):
        texts = _SYSTEM_TEXTS if value.get("type") == _SYSTEM else {_SYSTEM}
        return {
            mask_ids_in(name): _masked(
                item,
                is_identifier=is_identifier or name in _IDENTIFIER_KEYS or name in texts,
            )
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, is_identifier=is_identifier) for item in value]
    return _masked_identifier(value) if is_identifier else value


def _masked_identifier(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return value
    text = str(value)
    if is_bsuid(text):
        return mask_bsuid(text)
    if _NUMBER.fullmatch(text):
        return mask_e164("+" + _NOT_DIGITS.sub("", text))
    return mask_ids_in(text) if isinstance(value, str) else value
