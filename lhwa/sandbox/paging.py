"""Fields and pages: the answer has what was asked for, a page at a time.

Source: WhatsApp Cloud API, paging; cursors that no longer lead anywhere are refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from lhwa.sandbox.errors import CURSOR_INVALID, INVALID_PARAMETER, Refused
from lhwa.sandbox.exchange import GRAPH_ORIGIN, ApiRequest

PAGE = 25
PAGE_MAX = 1_000


def chosen_fields(request: ApiRequest, *, default: Sequence[str], known: Sequence[str]) -> list[str]:
    """The fields that a request asks for by name; few come by default.

    Raises: Refused for one that does not exist.
    """
    text = request.query.get("fields", "")
    # Members of a field, as in `throughput{level}`, all come with it.
    names = [name.partition("{")[0].strip() for name in _split(text)] or list(default)
    for name in names:
        if name not in known:
            raise Refused(INVALID_PARAMETER, f"Tried accessing nonexisting field ({name[:60]}).")
    return list(dict.fromkeys(["id", *names]))


def _split(text: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part.strip()]


def with_fields(facts: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """These fields of an object; what it does not have is left out."""
    return {name: facts[name] for name in names if facts.get(name) is not None}


def page_of(request: ApiRequest, items: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """One page of items, each with its id, and the way to the next one.

    Raises: Refused when the cursor names an item that is gone.
    """
    ids = [item_id for item_id, _ in items]
    start = 0
    if "after" in request.query:
        last = _read_cursor(request.query["after"])
        if last not in ids:
            raise Refused(CURSOR_INVALID, "Start again from the first page.")
        start = ids.index(last) + 1
    limit = _limit(request)
    shown = items[start : start + limit]
    page: dict[str, Any] = {"data": [item for _, item in shown]}
    if shown:
        after = _cursor(shown[-1][0])
        page["paging"] = {"cursors": {"before": _cursor(shown[0][0]), "after": after}}
        if start + limit < len(items):
            query = urlencode({**request.query, "after": after})
            page["paging"]["next"] = f"{request.origin or GRAPH_ORIGIN}{request.path}?{query}"
    return page


def _limit(request: ApiRequest) -> int:
    text = request.query.get("limit", str(PAGE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= PAGE_MAX):
        raise Refused(INVALID_PARAMETER, f"Param limit must be from 1 to {PAGE_MAX}.")
    return int(text)


def _cursor(item_id: str) -> str:
    return base64.urlsafe_b64encode(item_id.encode()).decode()


def _read_cursor(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeError):
        raise Refused(CURSOR_INVALID, "This is no cursor.") from None
