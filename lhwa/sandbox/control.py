"""Control routes under `/_sandbox/`: play a client, look at the journal, decide about templates. For this machine only.

JSON in camelCase. Errors are `{"error": ..., "hint": ...}`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lhwa.errors import UsageError
from lhwa.sandbox.courier import SandboxClock
from lhwa.sandbox.inbound import (
    ButtonReply,
    ListReply,
    Said,
    SaidDeletion,
    SaidEdit,
    SaidLocation,
    SaidMedia,
    SaidReaction,
    SaidText,
    TemplateButton,
)
from lhwa.sandbox.sandbox import Sandbox

PREFIX = "/_sandbox"
_SAID: dict[str, type[Said]] = {
    "text": SaidText,
    "buttonReply": ButtonReply,
    "listReply": ListReply,
    "templateButton": TemplateButton,
    "media": SaidMedia,
    "reaction": SaidReaction,
    "location": SaidLocation,
    "edit": SaidEdit,
    "delete": SaidDeletion,
}
_Endpoint = Callable[[Request], Awaitable[Response]]


class _Saying(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    from_: str = msgspec.field(name="from")
    text: str | None = None
    said: dict[str, Any] | None = None
    to: str | None = None
    name: str | None = None


class _Meeting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    contact: str
    to: str | None = None
    name: str | None = None
    hides_number: bool | None = None
    shows_read: bool | None = None


class _Looking(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    contact: str
    to: str | None = None
    after: int = 0


class _Decision(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    reason: str = "INVALID_FORMAT"
    category: str = "MARKETING"
    quality: str = "YELLOW"


class _Token(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    token: str


def control_routes(sandbox: Sandbox, clock: SandboxClock) -> list[Route]:
    """Every control route."""
    doors: list[tuple[str, str, Callable[[Request], Awaitable[dict[str, Any]]]]] = [
        ("POST", "/say", lambda request: _say(sandbox, clock, request)),
        ("POST", "/clients", lambda request: _meet(sandbox, request)),
        # Not a GET: a client's number does not belong into an address.
        ("POST", "/inbox", lambda request: _inbox(sandbox, request)),
        ("GET", "/journal", lambda request: _journal(sandbox, request)),
        ("GET", "/setup", lambda request: _setup(sandbox, request)),
        ("POST", "/tokens/{change:str}", lambda request: _token(sandbox, request)),
        ("POST", "/templates/{template_id:str}/{change:str}", lambda request: _template(sandbox, clock, request)),
    ]
    return [Route(PREFIX + path, _guarded(door), methods=[method]) for method, path, door in doors]


def _guarded(door: Callable[[Request], Awaitable[dict[str, Any]]]) -> _Endpoint:
    async def answer(request: Request) -> Response:
        if not _is_local(request):
            return _refusal(403, "Control routes answer on this machine only.", "Call them by 127.0.0.1.")
        try:
            return JSONResponse(await door(request))
        except UsageError as error:
            return _refusal(400, error.message, error.hint)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            return _refusal(400, f"The body does not fit: {error}", "Look at the fields that the message names.")

    return answer


def _is_local(request: Request) -> bool:
    # A page in a browser on this machine could be made to ask too; browsers say from where.
    if request.client is None or "origin" in request.headers:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _refusal(status: int, message: str, hint: str) -> Response:
    return JSONResponse({"error": message, "hint": hint}, status_code=status)


async def _say(sandbox: Sandbox, clock: SandboxClock, request: Request) -> dict[str, Any]:
    saying = msgspec.json.decode(await request.body(), type=_Saying)
    what: str | Said
    if saying.said is not None:
        what = _said(saying.said)
    elif saying.text:
        what = saying.text
    else:
        raise UsageError("The client says nothing.", hint='Give "text", or "said" with a "type".')
    wamid = sandbox.say(saying.from_, what, now=clock.now(), to=saying.to, name=saying.name)
    return {"messageId": wamid}


def _said(members: dict[str, Any]) -> Said:
    given = {_SNAKE.get(name, name): value for name, value in members.items()}
    named = str(given.pop("type", ""))
    kind = _SAID.get(named)
    if kind is None:
        raise UsageError(f"A client cannot say {named!a}.", hint=f"Types are {', '.join(_SAID)}.")
    return msgspec.convert(given, type=kind)


_SNAKE = {"replyTo": "reply_to", "mimeType": "mime_type"}


async def _meet(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    meeting = msgspec.json.decode(await request.body(), type=_Meeting)
    user_id = sandbox.meet(
        meeting.contact,
        to=meeting.to,
        name=meeting.name,
        hides_number=meeting.hides_number,
        shows_read=meeting.shows_read,
    )
    return {"userId": user_id}


async def _inbox(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    looking = msgspec.json.decode(await request.body(), type=_Looking)
    return {"messages": sandbox.inbox(looking.contact, to=looking.to, after=looking.after)}


async def _journal(sandbox: Sandbox, _request: Request) -> dict[str, Any]:
    return {"entries": [entry.as_json() for entry in sandbox.journal()]}


async def _setup(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    # Whoever is on this machine may ask: a home's own secrets, and tokens that open something at Meta, stay inside.
    accounts = [
        {
            "name": account.name,
            "wabaId": account.waba_id,
            "appId": account.app_id,
            "webhookUrl": account.webhook_url,
            "tokens": [token.value for token in account.tokens if token.is_of_sandbox],
            "numbers": [
                {"phoneNumberId": number.phone_number_id, "displayPhoneNumber": number.display_phone_number}
                for number in account.numbers
            ],
        }
        for account in sandbox.accounts
    ]
    return {"baseUrl": f"{request.url.scheme}://{request.url.netloc}", "accounts": accounts}


async def _token(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    token = msgspec.json.decode(await request.body(), type=_Token).token
    changes = {"end": sandbox.end_token, "renew": sandbox.renew_token}
    change = changes.get(request.path_params["change"])
    if change is None:
        raise UsageError("A token can be ended or renewed.", hint=f"Use one of {', '.join(changes)}.")
    change(token)
    return {"done": True}


async def _template(sandbox: Sandbox, clock: SandboxClock, request: Request) -> dict[str, Any]:
    template_id, now = request.path_params["template_id"], clock.now()
    decision = msgspec.json.decode(await request.body() or b"{}", type=_Decision)
    changes: dict[str, Callable[[], None]] = {
        "approve": lambda: sandbox.approve_template(template_id, now=now),
        "reject": lambda: sandbox.reject_template(template_id, reason=decision.reason, now=now),
        "pause": lambda: sandbox.pause_template(template_id, now=now),
        "unpause": lambda: sandbox.unpause_template(template_id, now=now),
        "disable": lambda: sandbox.disable_template(template_id, now=now),
        "category": lambda: sandbox.recategorise_template(template_id, category=decision.category, now=now),
        "quality": lambda: sandbox.rate_template(template_id, quality=decision.quality, now=now),
    }
    change = changes.get(request.path_params["change"])
    if change is None:
        raise UsageError("That cannot be done to a template.", hint=f"Use one of {', '.join(changes)}.")
    change()
    return {"done": True}
