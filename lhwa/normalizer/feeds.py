"""Messages from feeds that are not live: echoes of the phone app, history from before, threads that others hold.

They share the message's own shape; what differs is who wrote them and what they may set off, which is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lhwa.domain.elements import Element, MessageElement, Party, StatusElement
from lhwa.domain.messages import Direction, Via
from lhwa.normalizer.items import each, leftovers, whole
from lhwa.normalizer.messages import message, recipient, sender
from lhwa.normalizer.parties import merged, party_of, with_names
from lhwa.normalizer.platform import platform
from lhwa.normalizer.scalars import as_dict, id_of
from lhwa.normalizer.scope import Scope
from lhwa.normalizer.statuses import status


def echo(scope: Scope, position: str, item: dict[str, Any]) -> MessageElement:
    """A message that staff wrote in the phone app; the counterpart is whom it is to."""
    return message(scope, position, item, direction=Direction.OUTBOUND, via=Via.ECHO, party=recipient(scope, item))


def standby(scope: Scope, position: str, item: dict[str, Any]) -> MessageElement | StatusElement:
    """A message or status of a thread that somebody else holds."""
    if "status" in item and "type" not in item:
        return status(scope, position, item)
    return _undirected(scope, position, item, via=Via.STANDBY, thread=Party())


def imported(scope: Scope, position: str, item: dict[str, Any]) -> MessageElement:
    """A message of the past that came by itself, as media of history does."""
    return _undirected(scope, position, item, via=Via.HISTORY, thread=Party())


def history(scope: Scope, position: str, chunk: dict[str, Any]) -> Iterator[Element]:
    """One chunk of history: its messages, its errors, and how far the import has come."""
    if not chunk.get("threads") and not chunk.get("errors"):
        yield from whole(scope, position, chunk, field="history")
        return
    yield from each(scope, f"{position}.threads", chunk.get("threads"), _thread)
    yield from each(scope, f"{position}.errors", chunk.get("errors"), _history_error)
    yield from leftovers(scope, position, chunk, known={"threads", "errors"}, field="history")


def _thread(scope: Scope, position: str, thread: dict[str, Any]) -> Iterator[Element]:
    if not thread.get("messages"):
        yield from whole(scope, position, thread, field="history")
        return
    context = as_dict(thread.get("context"))
    person = with_names(
        merged(
            party_of(thread.get("id"), None, None),
            party_of(context.get("wa_id"), context.get("user_id"), context.get("parent_user_id")),
        ),
        username=context.get("username"),
        profile_name=context.get("name"),
    )

    def one(inner: Scope, at: str, item: dict[str, Any]) -> MessageElement:
        return _undirected(inner, at, item, via=Via.HISTORY, thread=person)

    yield from each(scope, f"{position}.messages", thread.get("messages"), one)
    yield from leftovers(scope, position, thread, known={"messages", "context"}, field="history")


def _history_error(scope: Scope, position: str, item: dict[str, Any]) -> Element:
    return platform(scope, position, item, field="history")


def _undirected(scope: Scope, position: str, item: dict[str, Any], *, via: Via, thread: Party) -> MessageElement:
    """A message whose writer has to be told from its `from`."""
    is_ours = _is_ours(scope, item, thread)
    named = recipient(scope, item) if is_ours else sender(scope, item)
    if item.get("group_id") is None and not _names_another(named, thread):
        named = merged(named, thread)
    direction = Direction.OUTBOUND if is_ours else Direction.INBOUND
    return message(scope, position, item, direction=direction, via=via, party=named)


def _is_ours(scope: Scope, item: dict[str, Any], thread: Party) -> bool:
    """True when the firm wrote it: from its number, or, where numbers do not tell, to somebody."""
    writer = (id_of(item.get("from")) or "").removeprefix("+")
    if writer and writer == scope.business_number:
        return True
    if writer and writer in (thread.wa_id, thread.bsuid, thread.parent_bsuid):
        return False
    if as_dict(item.get("history_context")).get("from_me") is True:
        return True
    if writer and thread.wa_id and not scope.business_number and item.get("group_id") is None:
        return True
    return any(item.get(key) for key in ("to", "to_user_id", "to_parent_user_id"))


def _names_another(party: Party, thread: Party) -> bool:
    both = ((party.wa_id, thread.wa_id), (party.bsuid, thread.bsuid))
    return any(one is not None and other is not None and one != other for one, other in both)
