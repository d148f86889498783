"""Who an item is about: the ids on the item itself, completed from the `contacts` that came beside it.

A contact belongs to an item when they share an id and contradict each other in none. It is never paired by its place
in the list, and nobody is guessed: an item that names nobody has an empty party.
"""

from __future__ import annotations

from typing import Any

from lhwa.domain.elements import Party
from lhwa.domain.phones import is_bsuid, is_wa_id
from lhwa.normalizer.scalars import as_dict, as_list, id_of, text_of

NOBODY = Party()


def party_of(phone: Any, user: Any = None, parent: Any = None, *, identity_key_hash: Any = None) -> Party:
    """The person that up to three ids name.

    A business-scoped id in the place of the phone number moves to its own slot, a parent id to the parent's. User ids
    are kept verbatim; what is neither a number nor a user id is left to the raw content.
    """
    bsuid = None if user is None else id_of(user)
    parent_bsuid = None if parent is None else id_of(parent)
    number = id_of(phone)
    wa_id = _wa_id(number) if number is not None else None
    if number is not None and wa_id is None and is_bsuid(number):
        if _is_parent(number):
            parent_bsuid = parent_bsuid or number
        else:
            bsuid = bsuid or number
    if bsuid is not None and parent_bsuid is None and _is_parent(bsuid):
        bsuid, parent_bsuid = None, bsuid
    return Party(wa_id=wa_id, bsuid=bsuid, parent_bsuid=parent_bsuid, identity_key_hash=text_of(identity_key_hash))


def _wa_id(text: str) -> str | None:
    digits = text.removeprefix("+")
    return digits if digits.isascii() and is_wa_id(digits) else None


def _is_parent(bsuid: str) -> bool:
    return bsuid[2:7] == ".ENT."


class Contacts:
    """The `contacts` of one value, by each of their ids."""

    def __init__(self, contacts: Any) -> None:
        self._by_id: dict[str, Party] = {}
        for contact in as_list(contacts):
            if isinstance(contact, dict):
                self._add(contact_party(contact))

    def _add(self, party: Party) -> None:
        for known_as in (party.bsuid, party.parent_bsuid, party.wa_id):
            if known_as is not None:
                self._by_id.setdefault(known_as, party)

    def complete(self, party: Party) -> Party:
        """The same person with everything that the matching contact adds."""
        for known_as in (party.bsuid, party.parent_bsuid, party.wa_id):
            contact = self._by_id.get(known_as) if known_as is not None else None
            if contact is not None and not _contradict(party, contact):
                return merged(party, contact)
        return party


def contact_party(contact: dict[str, Any]) -> Party:
    """The person that one item of `contacts` describes."""
    profile = as_dict(contact.get("profile"))
    party = party_of(
        contact.get("wa_id"),
        contact.get("user_id"),
        contact.get("parent_user_id"),
        identity_key_hash=contact.get("identity_key_hash"),
    )
    return with_names(
        party, username=profile.get("username") or contact.get("username"), profile_name=profile.get("name")
    )


def with_names(party: Party, *, username: Any, profile_name: Any) -> Party:
    """The same person with names for display. A user name is kept without the `@` that some feeds add."""
    handle, name = text_of(username), text_of(profile_name)
    if handle is None and name is None:
        return party
    return Party(
        wa_id=party.wa_id,
        bsuid=party.bsuid,
        parent_bsuid=party.parent_bsuid,
        username=(handle or "").removeprefix("@") or None,
        profile_name=name,
        identity_key_hash=party.identity_key_hash,
    )


def merged(party: Party, other: Party) -> Party:
    """Each fact of `party` and, where it has none, of `other`."""
    return Party(
        wa_id=party.wa_id or other.wa_id,
        bsuid=party.bsuid or other.bsuid,
        parent_bsuid=party.parent_bsuid or other.parent_bsuid,
        username=party.username or other.username,
        profile_name=party.profile_name or other.profile_name,
        identity_key_hash=party.identity_key_hash or other.identity_key_hash,
    )


def _contradict(one: Party, other: Party) -> bool:
    return _differ(one.wa_id, other.wa_id) or _differ(one.bsuid, other.bsuid)


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other
