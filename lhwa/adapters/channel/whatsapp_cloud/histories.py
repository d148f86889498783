"""Histories: what Meta tells of one message that a number sent.

Meta describes the call, but nobody has confirmed that every account may make it. So an answer that there is no such
call, or no right to it, is an answer as well.

Source: WhatsApp Cloud API, numbers, settings and account; error codes.
"""

from __future__ import annotations

import msgspec

from lhwa.adapters.channel.whatsapp_cloud.replies import Answer, failure_of, vendor_error_of
from lhwa.domain.vocabulary import clear_word
from lhwa.ports.channel import NoHistoryError

FIELDS = "id,message_id,events{delivery_status,timestamp}"
_OBJECT_MISSING = (100, 33)
_NO_SUCH_CALL = frozenset({3, 10, 100, 131005, *range(200, 300)})
"""Codes that say of a call that there is none, or that it is not permitted. What is wrong with a token is not one."""
_NOT_FOUND = 404


def query_of(wamid: str) -> dict[str, str]:
    """What to ask for one message."""
    return {"message_id": wamid, "fields": FIELDS}


def history_of(answer: Answer, wamid: str) -> tuple[str, ...] | None:
    """The statuses in an answer, oldest first; None when the number has sent no such message.

    Raises: NoHistoryError when there is no such call; SendError for what another time or token would mend.
    """
    if answer.is_success:
        return _told(answer, wamid)
    error = vendor_error_of(answer)
    if error is not None and (error.code, error.subcode) == _OBJECT_MISSING:
        return None
    if answer.status == _NOT_FOUND or (error is not None and error.code in _NO_SUCH_CALL):
        told = f"HTTP status {answer.status}" if error is None else f"code {error.code}"
        raise NoHistoryError(f"Meta tells no histories of messages here ({told}).")
    raise failure_of(answer)


def _told(answer: Answer, wamid: str) -> tuple[str, ...] | None:
    try:
        page = msgspec.json.decode(answer.body, type=_Page)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        raise NoHistoryError("Meta's history of the message cannot be read.") from None
    of_it = [each for each in page.data if wamid in (each.message_id, each.id)]
    return tuple(_words(of_it)) if of_it else None


def _words(items: list[_Item]) -> list[str]:
    found = [item.events.data if isinstance(item.events, _Events) else item.events for item in items]
    events = [event for each in found for event in each]
    return [clear_word(event.delivery_status.lower()) for event in events if event.delivery_status]


class _Event(msgspec.Struct, frozen=True):
    delivery_status: str | None = None


class _Events(msgspec.Struct, frozen=True):
    data: list[_Event] = []


class _Item(msgspec.Struct, frozen=True):
    id: str | None = None
    message_id: str | None = None
    events: _Events | list[_Event] = []


class _Page(msgspec.Struct, frozen=True):
    data: list[_Item]
