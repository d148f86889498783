"""The envelope: from a body to its values, and from a value to its lists.

The object and its entries, changes and values are walked here; what an item means is known by the other modules.
Keys in the wrong place are forgiven (a change without `value` is its own value, an entry without `changes` its own
change), because some of Meta's own samples are written that way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lhwa.domain.elements import Element
from lhwa.normalizer import feeds
from lhwa.normalizer.fields import ITEMISED, guessed_field
from lhwa.normalizer.items import Build, each, leftovers, one, whole
from lhwa.normalizer.messages import inbound_message
from lhwa.normalizer.platform import (
    account_error,
    address_book_change,
    call,
    group_event,
    user_action,
    user_preference,
)
from lhwa.normalizer.positions import at_key
from lhwa.normalizer.reading import Broken
from lhwa.normalizer.scalars import id_of, instant_ms, text_of
from lhwa.normalizer.scope import Scope, outer_scope, scope_of
from lhwa.normalizer.source import Source
from lhwa.normalizer.statuses import status

OURS = "whatsapp_business_account"

_BODY_KEYS = frozenset({"object", "entry"})
_ENTRY_KEYS = frozenset({"id", "time", "uid", "changes"})
_CHANGE_KEYS = frozenset({"field", "value"})
_CIRCUMSTANCES = frozenset({"messaging_product", "metadata", "contacts", "field"})
"""Keys of a value that belong to its items and are no items themselves."""
_BUILDS: dict[str, Build] = {
    "messages": inbound_message,
    "statuses": status,
    "errors": account_error,
    "user_actions": user_action,
    "message_echoes": feeds.echo,
    "standby": feeds.standby,
    "history": feeds.history,
    "state_sync": address_book_change,
    "calls": call,
    "user_preferences": user_preference,
    "groups": group_event,
}
"""List in the value -> what its items are."""
_BUILDS_BY_FIELD: dict[str, dict[str, Build]] = {
    "standby": _BUILDS | {"messages": feeds.standby, "message_echoes": feeds.standby},
    "history": _BUILDS | {"messages": feeds.imported},
    "smb_message_echoes": _BUILDS | {"messages": feeds.echo},
    "message_echoes": _BUILDS | {"messages": feeds.echo},
}
"""Where a list means something else under one field."""
_KNOWN_KEYS = _CIRCUMSTANCES | _BUILDS.keys()


def elements_of(source: Source) -> Iterator[Element]:
    """Every element of a body, in its order."""
    tree = source.tree
    if not isinstance(tree, dict):
        yield source.poison("", tree.reason if isinstance(tree, Broken) else "not_an_object")
        return
    root = outer_scope(source, "")
    name = tree.get("object")
    if name != OURS and (isinstance(name, str) or "entry" not in tree):
        yield from _foreign(root, tree)
        return
    usual = _only_change(tree)
    if usual is not None:
        entry, change = usual
        yield from one(_scope_of_entry(source, "entry[0]", entry), "entry[0].changes[0]", change, _change)
        return
    yield from each(root, "entry", tree.get("entry"), _entry, may_be_empty=True)
    yield from leftovers(root, "", tree, known=_BODY_KEYS)


def _only_change(tree: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The entry and the change of a body that holds nothing else, as nearly all do: there is nothing to walk there."""
    entries = tree["entry"] if tree.keys() == _BODY_KEYS else None
    if not isinstance(entries, list) or len(entries) != 1:
        return None
    (entry,) = entries
    if not isinstance(entry, dict) or not entry.keys() <= _ENTRY_KEYS:
        return None
    changes = entry.get("changes")
    if not isinstance(changes, list) or len(changes) != 1 or not isinstance(changes[0], dict):
        return None
    return entry, changes[0]


def _foreign(root: Scope, tree: dict[str, Any]) -> Iterator[Element]:
    """A webhook of another product, as the dashboard's test buttons send: kept as one event, never acted on."""
    field = f"object:{id_of(tree.get('object')) or ''}"
    yield from whole(outer_scope(root.source, "", field=field), "", tree)


def _entry(root: Scope, position: str, entry: dict[str, Any]) -> Iterator[Element]:
    """One entry. Without `changes` it is its own change."""
    scope = _scope_of_entry(root.source, position, entry)
    if "changes" not in entry and ("value" in entry or "field" in entry):
        yield from _change(scope, position, {key: entry[key] for key in entry if key not in _ENTRY_KEYS})
        return
    yield from each(scope, at_key(position, "changes"), entry.get("changes"), _change)
    yield from leftovers(scope, position, entry, known=_ENTRY_KEYS)


def _scope_of_entry(source: Source, position: str, entry: dict[str, Any]) -> Scope:
    return outer_scope(source, position, waba_id=id_of(entry.get("id")), at_ms=instant_ms(entry.get("time")))


def _change(entry: Scope, position: str, change: dict[str, Any]) -> Iterator[Element]:
    """One change. Without `value` it is its own value."""
    field = text_of(change.get("field"))
    value = change.get("value")
    if value is None:
        yield from _value(entry, position, change, field=field)
        return
    if isinstance(value, dict):
        yield from _value(entry, at_key(position, "value"), value, field=field)
    else:
        reason = value.reason if isinstance(value, Broken) else "not_an_object"
        yield entry.source.poison(at_key(position, "value"), reason)
    yield from leftovers(entry, position, change, known=_CHANGE_KEYS)


def _value(entry: Scope, position: str, value: dict[str, Any], *, field: str | None) -> Iterator[Element]:
    name = field or text_of(value.get("field")) or guessed_field(value)
    scope = scope_of(entry, position, value, field=name)
    found = False
    if name in ITEMISED:
        for element in _items(scope, value):
            found = True
            yield element
    if not found:
        yield from whole(scope, position, value)


def _items(scope: Scope, value: dict[str, Any]) -> Iterator[Element]:
    builds = _BUILDS_BY_FIELD.get(scope.field, _BUILDS)
    for key, items in value.items():
        build = builds.get(key)
        if build is not None:
            yield from each(scope, at_key(scope.position, key), items, build)
    yield from _unreadable_contacts(scope, value.get("contacts"))
    yield from leftovers(scope, scope.position, value, known=_KNOWN_KEYS)


def _unreadable_contacts(scope: Scope, contacts: Any) -> Iterable[Element]:
    """Contacts are read with the items they belong to; only one that cannot be read stands for itself."""
    if isinstance(contacts, list) and all(isinstance(contact, dict) for contact in contacts):
        return ()
    return each(scope, at_key(scope.position, "contacts"), contacts, _no_element, may_be_empty=True)


def _no_element(_scope: Scope, _position: str, _contact: dict[str, Any]) -> Iterator[Element]:
    return iter(())
