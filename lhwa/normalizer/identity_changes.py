"""System messages that say a person has a new number, user id or device identity, in every spelling Meta has used.

Numbers get recycled: whoever reads an IdentityChange must not hand the old person's matters to the new one.
"""

from __future__ import annotations

from typing import Any

from lhwa.domain.elements import IdentityChange
from lhwa.normalizer.parties import merged, party_of
from lhwa.normalizer.scalars import as_dict, id_of, text_of

_KINDS = {
    "user_changed_number",
    "user_changed_user_id",
    "user_identity_changed",
    "customer_changed_number",
    "customer_identity_changed",
}
_NEW_ID_KEYS = ("wa_id", "new_wa_id", "user_id", "previous_user_id", "previous_parent_user_id")


def identity_change(item: dict[str, Any], system: dict[str, Any]) -> IdentityChange | None:
    """The change that a system message announces; None for other system messages.

    A kind that we do not know counts as a change when it carries an id of a person: better one review too many.
    """
    kind = text_of(system.get("type")) or ""
    if kind not in _KINDS and not any(id_of(system.get(key)) for key in _NEW_ID_KEYS):
        return None
    current = party_of(
        system.get("wa_id") or system.get("new_wa_id"),
        system.get("user_id"),
        system.get("parent_user_id"),
        identity_key_hash=as_dict(item.get("identity")).get("hash") or system.get("identity"),
    )
    sender = party_of(
        item.get("from") or system.get("customer"), item.get("from_user_id"), item.get("from_parent_user_id")
    )
    previous = merged(party_of(None, system.get("previous_user_id"), system.get("previous_parent_user_id")), sender)
    return IdentityChange(kind=kind, previous=previous, current=current)
