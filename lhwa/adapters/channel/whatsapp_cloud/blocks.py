"""Blocks: keeping a client from writing to a number, and what Meta says of it.

Meta takes a list and answers for each of them; with one name in it, an answer with failures is a failure. That comes as
HTTP 400 with both lists beside the error, and the reason of the one is more exact than the error of all.

Source: WhatsApp Cloud API, numbers, settings and account; error codes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from lhwa.adapters.channel.whatsapp_cloud.bodies import Json
from lhwa.adapters.channel.whatsapp_cloud.replies import Answer, failure_of, vendor_error_of
from lhwa.domain.outbound import Recipient
from lhwa.errors import InvariantError
from lhwa.ports.channel import SendError

_DONE = ("added_users", "removed_users")
_SOME_FAILED = 139100


def block_body(recipient: Recipient) -> Json:
    """The body that names one client, to block or to unblock. Raises: InvariantError when it names nobody."""
    if recipient.phone is not None:
        named = {"user": recipient.phone}
    elif recipient.bsuid is not None:
        named = {"user_id": recipient.bsuid}
    else:
        raise InvariantError("A block was about to be asked for nobody.")
    return {"messaging_product": "whatsapp", "block_users": [named]}


def failure_in(answer: Answer) -> SendError | None:
    """Why it was not done; None when it was."""
    lists = _lists(answer)
    failed = lists.get("failed_users")
    if answer.is_success and not failed and any(lists.get(name) for name in _DONE):
        return None
    error = vendor_error_of(answer)
    if failed and (answer.is_success or (error is not None and error.code == _SOME_FAILED)):
        return failure_of(_of_the_one(answer, failed))
    return failure_of(answer)


def _of_the_one(answer: Answer, failed: Any) -> Answer:
    """The answer as it would be to the one client alone."""
    error = _first_error(failed) or {"code": _SOME_FAILED}
    return replace(answer, body=msgspec.json.encode({"error": {"code": _SOME_FAILED} | error}))


def _first_error(failed: Any) -> Json | None:
    one = failed[0] if isinstance(failed, list) and failed else None
    errors = one.get("errors") if isinstance(one, dict) else None
    error = errors[0] if isinstance(errors, list) and errors else None
    return error if isinstance(error, dict) else None


def _lists(answer: Answer) -> Json:
    try:
        said = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    lists = said.get("block_users") if isinstance(said, dict) else None
    return lists if isinstance(lists, dict) else {}
