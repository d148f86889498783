"""Routing: which object a path names, who may reach it, and what answers.

The order is Meta's: the token first, then whether the object exists, then whether it is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lhwa.domain.instants import Instant
from lhwa.sandbox.accounts import MANAGEMENT, MESSAGING
from lhwa.sandbox.errors import INVALID_PARAMETER, NOT_ASSIGNED, OBJECT_MISSING, TOKEN_INVALID, Refused
from lhwa.sandbox.exchange import ApiReply, ApiRequest, answer
from lhwa.sandbox.firms import Firm
from lhwa.sandbox.journal import Note
from lhwa.sandbox.media_calls import DOWNLOAD_PATH, delete_media, download, read_media, upload_media
from lhwa.sandbox.messages import post_messages
from lhwa.sandbox.numbers import (
    block_users,
    change_number,
    change_settings,
    list_blocked,
    list_numbers,
    read_history,
    read_number,
    read_settings,
    unblock_users,
)
from lhwa.sandbox.platform import Call, Platform
from lhwa.sandbox.subscriptions import read_subscriptions, subscribe, unsubscribe
from lhwa.sandbox.template_calls import (
    create_template,
    delete_templates,
    edit_template,
    list_templates,
    read_template,
    unpause_template,
)
from lhwa.sandbox.tokens import claimed

DEFAULT_VERSION = 25
"""Of a path without one."""
_PATH = re.compile(r"(?:/v(?P<version>\d{1,3})\.\d+)?/(?P<node>[^/]+)(?:/(?P<edge>[^/]+))?/?")
Handler = Callable[[Call], ApiReply]

# What the node is, its edge, the method: the permission that the token needs, and the handler.
_HANDLERS: dict[tuple[str, str, str], tuple[str, Handler]] = {
    ("number", "messages", "POST"): (MESSAGING, post_messages),
    ("number", "media", "POST"): (MESSAGING, upload_media),
    ("number", "message_history", "GET"): (MESSAGING, read_history),
    ("number", "block_users", "GET"): (MESSAGING, list_blocked),
    ("number", "block_users", "POST"): (MESSAGING, block_users),
    ("number", "block_users", "DELETE"): (MESSAGING, unblock_users),
    ("number", "settings", "GET"): (MANAGEMENT, read_settings),
    ("number", "settings", "POST"): (MANAGEMENT, change_settings),
    ("number", "", "GET"): (MANAGEMENT, read_number),
    ("number", "", "POST"): (MANAGEMENT, change_number),
    ("media", "", "GET"): (MESSAGING, read_media),
    ("media", "", "DELETE"): (MESSAGING, delete_media),
    ("account", "phone_numbers", "GET"): (MANAGEMENT, list_numbers),
    ("account", "message_templates", "GET"): (MANAGEMENT, list_templates),
    ("account", "message_templates", "POST"): (MANAGEMENT, create_template),
    ("account", "message_templates", "DELETE"): (MANAGEMENT, delete_templates),
    ("account", "subscribed_apps", "GET"): (MANAGEMENT, read_subscriptions),
    ("account", "subscribed_apps", "POST"): (MANAGEMENT, subscribe),
    ("account", "subscribed_apps", "DELETE"): (MANAGEMENT, unsubscribe),
    ("template", "", "GET"): (MANAGEMENT, read_template),
    ("template", "", "POST"): (MANAGEMENT, edit_template),
    ("template", "unpause", "POST"): (MANAGEMENT, unpause_template),
}


@dataclass(frozen=True, slots=True)
class _Node:
    kind: str
    firm: Firm


def route(platform: Platform, request: ApiRequest, *, note: Note, now: Instant) -> ApiReply:
    """Answer a request.

    Raises: Refused.
    """
    if request.path == DOWNLOAD_PATH:
        return _download(platform, request, note=note, now=now)
    token = claimed(request.headers)
    shape = _PATH.fullmatch(request.path)
    node, edge = (shape["node"], shape["edge"] or "") if shape else ("", "")
    if node == "debug_token" and request.method == "GET" and not edge:
        return _debug_token(platform, request, token, now=now)
    caller = _caller(platform, token)
    caller.tokens.check(token, scope=None, now=now)
    found = _find(platform, node, now=now)
    scope, handler = _HANDLERS.get((found.kind, edge, request.method), (None, None)) if found else (None, None)
    if found is None or handler is None:
        details = f"Unsupported {request.method.lower()} request: the object does not exist or has no such operation."
        raise Refused(INVALID_PARAMETER, details, subcode=OBJECT_MISSING)
    if found.firm is not caller:
        raise Refused(NOT_ASSIGNED, "The object is not assigned to the user of this token.")
    caller.tokens.check(token, scope=scope, now=now)
    version = int(shape["version"] or DEFAULT_VERSION) if shape else DEFAULT_VERSION
    call = Call(platform=platform, request=request, firm=caller, node=node, version=version, now=now, note=note)
    return handler(call)


def _caller(platform: Platform, token: str) -> Firm:
    for firm in platform.firms:
        if firm.tokens.holds(token):
            return firm
    raise Refused(TOKEN_INVALID, "Invalid OAuth access token: cannot parse access token.")


def _find(platform: Platform, node: str, *, now: Instant) -> _Node | None:
    for firm in platform.firms:
        if node == firm.waba_id:
            return _Node("account", firm)
        if node in firm.numbers:
            return _Node("number", firm)
        if firm.templates.get(node) is not None:
            return _Node("template", firm)
        if firm.media.find(node, now=now) is not None:
            return _Node("media", firm)
    return None


def _download(platform: Platform, request: ApiRequest, *, note: Note, now: Instant) -> ApiReply:
    token = claimed(request.headers)
    firm = _caller(platform, token)
    firm.tokens.check(token, scope=MESSAGING, now=now)
    call = Call(platform=platform, request=request, firm=firm, node="", version=DEFAULT_VERSION, now=now, note=note)
    return download(call)


def _debug_token(platform: Platform, request: ApiRequest, token: str, *, now: Instant) -> ApiReply:
    # An app may look at its own tokens only, and shows itself by its id and secret, or by one of those tokens.
    for firm in platform.firms:
        if token == f"{firm.account.app_id}|{firm.account.app_secret}" or firm.tokens.is_valid(token, now=now):
            return answer({"data": firm.tokens.described(request.query.get("input_token", ""), now=now)})
    raise Refused(TOKEN_INVALID, "Invalid OAuth access token: cannot parse access token.")
