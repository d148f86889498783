"""Which key does what: the defaults stand where the action is, and `inbox.keys` changes them by action id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingsMap, BindingType
from textual.dom import DOMNode

from lhwa.errors import ConfigError


def keymap_of(written: Iterable[str]) -> dict[str, str]:
    """Action id -> its keys, from `action=key` or `action=key key`.

    Raises: ConfigError for a line that is none.
    """
    found: dict[str, str] = {}
    for line in written:
        action, _, keys = line.partition("=")
        if not (action.strip() and keys.strip()):
            raise ConfigError("A line of inbox.keys names no action or no key.", hint='Write it as "approve=ctrl+a".')
        found[action.strip()] = ",".join(keys.split())
    return found


def require_known(keymap: Mapping[str, str], known: Iterable[str]) -> None:
    """Raise ConfigError for an action that does not exist: a key that does nothing would not be noticed for weeks."""
    names = sorted(set(known))
    for action in keymap:
        if action not in names:
            raise ConfigError(
                f"inbox.keys names an action that does not exist: {action}.", hint=f"Known: {', '.join(names)}."
            )


def ids_of(bindings: Iterable[BindingType]) -> set[str]:
    """The action ids of some bindings."""
    return {each.id for each in Binding.make_bindings(bindings) if each.id}


def rebind(node: DOMNode, keymap: Mapping[str, str]) -> None:
    """Give a widget's own actions the keys of the keymap. Textual's keymap cannot: it drops whoever shares a key."""
    bindings = node._bindings  # noqa: SLF001 -- there is no other way to change the keys of one widget
    if not any(each.id in keymap for kept in bindings.key_to_bindings.values() for each in kept):
        return
    changed: list[BindingType] = []
    done: set[tuple[str, str]] = set()
    for kept in bindings.key_to_bindings.values():
        for each in kept:
            keys = keymap.get(each.id or "")
            if keys is None:
                changed.append(each)
            elif (each.id or "", each.action) not in done:
                done.add((each.id or "", each.action))
                changed.append(each.with_key(keys))
    node._bindings = BindingsMap(changed)  # noqa: SLF001 -- as above
