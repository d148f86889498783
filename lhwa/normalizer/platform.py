"""Everything that is neither a message nor a status to PlatformElements: whole values, and items of lists."""

from __future__ import annotations

from typing import Any

import msgspec

from lhwa.domain.elements import Party, PlatformElement
from lhwa.normalizer.fields import event_word, facts_of, word_at
from lhwa.normalizer.parties import NOBODY, party_of, with_names
from lhwa.normalizer.scalars import as_dict, id_of, instant_ms, required_id
from lhwa.normalizer.scope import Scope
from lhwa.normalizer.severity import severity_of


def platform(
    scope: Scope,
    position: str,
    value: dict[str, Any],
    *,
    field: str | None = None,
    party: Party = NOBODY,
    at_ms: int | None = None,
) -> PlatformElement:
    """One value, or one item of a list, of a field (that of the scope, unless another is named)."""
    name = scope.field if field is None else field
    event = event_word(name, value)
    item_id = facts_of(name).item_id
    return PlatformElement(
        position=position,
        field=name,
        event=event,
        severity=severity_of(name, event, value),
        waba_id=scope.waba_id,
        phone_number_id=scope.phone_number_id,
        template_id=id_of(value.get("message_template_id") or value.get("template_id")),
        item_id=(word_at(value, item_id) or None) if item_id else None,
        party=None if party.is_nobody else party,
        at_ms=scope.at_ms if at_ms is None else at_ms,
        value=value,
    )


def account_error(scope: Scope, position: str, item: dict[str, Any]) -> PlatformElement:
    """An error of the account or the app; its event is the error's code."""
    return platform(scope, position, item, field="errors")


def user_action(scope: Scope, position: str, item: dict[str, Any]) -> PlatformElement:
    """What an unnamed person did with a message, such as a tap on a link."""
    return platform(scope, position, item, field="user_actions", at_ms=instant_ms(item.get("timestamp")))


def group_event(scope: Scope, position: str, item: dict[str, Any]) -> PlatformElement:
    """Something about one group. The field stays Meta's; the group is the item."""
    event = platform(scope, position, item, field="groups", at_ms=instant_ms(item.get("timestamp")))
    return event if scope.field == "groups" else _renamed(event, scope.field)


def call(scope: Scope, position: str, item: dict[str, Any]) -> PlatformElement:
    """A call that begins or ends.

    Raises: PoisonError when it has no usable id.
    """
    required_id(item)
    is_ours = item.get("direction") == "BUSINESS_INITIATED"
    side = "to" if is_ours else "from"
    other = party_of(item.get(side), item.get(f"{side}_user_id"), item.get(f"{side}_parent_user_id"))
    return platform(
        scope,
        position,
        item,
        field="calls",
        party=scope.contacts.complete(other),
        at_ms=instant_ms(item.get("timestamp")),
    )


def user_preference(scope: Scope, position: str, item: dict[str, Any]) -> PlatformElement:
    """A person stops or resumes marketing messages."""
    person = party_of(item.get("wa_id"), item.get("user_id"), item.get("parent_user_id"))
    return platform(
        scope,
        position,
        item,
        field="user_preferences",
        party=scope.contacts.complete(person),
        at_ms=instant_ms(item.get("timestamp")),
    )


def address_book_change(scope: Scope, position: str, item: dict[str, Any]) -> PlatformElement:
    """The phone app's address book gains or loses somebody."""
    contact = as_dict(item.get("contact"))
    person = with_names(
        party_of(contact.get("phone_number"), contact.get("user_id"), contact.get("parent_user_id")),
        username=contact.get("username"),
        profile_name=contact.get("full_name") or contact.get("first_name"),
    )
    return platform(
        scope,
        position,
        item,
        field="smb_app_state_sync",
        party=person,
        at_ms=instant_ms(as_dict(item.get("metadata")).get("timestamp")),
    )


def _renamed(element: PlatformElement, field: str) -> PlatformElement:
    return msgspec.structs.replace(element, field=field)
