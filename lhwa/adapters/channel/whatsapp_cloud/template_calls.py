"""The calls for templates: the whole list page by page, one by its name, create and edit.

Reading twice changes nothing, and Meta refuses a second template of one name and language, so a lost answer is no more
than a failure here.

Source: WhatsApp Cloud API, templates; a cursor that has gone stale is refused with 131059.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from lhwa import __version__
from lhwa.adapters.channel.whatsapp_cloud.replies import Answer, refusal_of
from lhwa.domain.send_errors import ErrorClass
from lhwa.errors import ConfigError, UnavailableError
from lhwa.ports.channel import ChannelAccess, SendError
from lhwa.ports.template_registry import TemplateRefusedError, Wire

PAGE = 50
PAGES_MAX = 400
"""Meta keeps at most 6,000 templates; an answer that goes on and on is none of Meta's."""
RESTARTS_MAX = 3
ANSWER_BYTES_MAX = 4 * 1_048_576
CALL_S_MAX = 60.0
FIELDS = (
    "id,name,language,status,category,sub_category,previous_category,correct_category,components,parameter_format,"
    "quality_score,rejected_reason,message_send_ttl_seconds,library_template_name,cta_url_link_tracking_opted_out"
)
_STALE_CURSOR = 131059
_EDITED = ("category", "components", "message_send_ttl_seconds")
_TIMEOUT = httpx.Timeout(connect=5.0, read=30.0, write=30.0, pool=5.0)
_ACCESS_HINT = (
    "Store a working one: `lhwa tenant set-access-token FIRM < token.txt`. It needs whatsapp_business_management."
)


class WhatsAppTemplateCalls:
    """Implements `lhwa.ports.template_registry.TemplateRegistry` for one account.

    Args:
        http: the connections. Whoever made it closes it.
        waba_id: the account.
        access: where Meta is, and the token; its number counts for nothing here.
    """

    def __init__(self, http: httpx.AsyncClient, waba_id: str, access: ChannelAccess) -> None:
        self._http = http
        self._list = f"{waba_id}/message_templates"
        self._access = access

    async def all(self) -> list[Wire]:
        """Every template; begins again where the list changed under it."""
        for _ in range(RESTARTS_MAX):
            try:
                return await self._pages()
            except TemplateRefusedError as refused:
                if refused.vendor_code != _STALE_CURSOR:
                    raise
        raise UnavailableError("Meta's list of templates keeps changing while it is read.", hint="Try again later.")

    async def find(self, name: str, language: str) -> Wire | None:
        """One template by name and language."""
        query = {"fields": FIELDS, "limit": str(PAGE), "name": name, "language": language}
        page = await self._call("GET", self._list, query=query)
        # Meta's filter by name finds longer names too.
        found = (each for each in _items(page) if (each.get("name"), each.get("language")) == (name, language))
        return next(found, None)

    async def create(self, body: Wire) -> Wire:
        """Ask for a new template."""
        answer = await self._call("POST", self._list, body=body)
        if not isinstance(answer.get("id"), str | int):
            raise _unreadable()
        return answer

    async def edit(self, template_id: str, body: Wire) -> None:
        """Replace what is in a template."""
        answer = await self._call("POST", template_id, body={key: body[key] for key in _EDITED if key in body})
        if answer.get("success") is not True:
            raise _unreadable()

    async def _pages(self) -> list[Wire]:
        found: dict[str, Wire] = {}
        query = {"fields": FIELDS, "limit": str(PAGE)}
        for _ in range(PAGES_MAX):
            page = await self._call("GET", self._list, query=query)
            found |= {str(each.get("id")): each for each in _items(page)}
            paging = page.get("paging")
            if not isinstance(paging, Mapping) or not paging.get("next"):
                return list(found.values())
            # Never `next` itself: the token goes where settings say and nowhere else.
            query["after"] = _after(paging)
        raise _unreadable()

    async def _call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Wire | None = None
    ) -> dict[str, Any]:
        answer = await self._answer(method, path, query=query, body=body)
        refusal = None if answer.is_success else refusal_of(answer)
        if refusal is not None:
            raise _told(refusal)
        said = _object(answer)
        if said is None:
            raise _unreadable(answer.status)
        return said

    async def _answer(self, method: str, path: str, *, query: Mapping[str, str] | None, body: Wire | None) -> Answer:
        access = self._access
        request = self._http.build_request(
            method,
            f"{access.base_url.rstrip('/')}/{access.api_version}/{path}",
            params=query,
            content=None if body is None else msgspec.json.encode(body),
            headers={
                "Authorization": f"Bearer {access.token}",
                "User-Agent": f"lhwa/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                **({} if body is None else {"Content-Type": "application/json"}),
            },
            timeout=_TIMEOUT,
        )
        try:
            async with asyncio.timeout(CALL_S_MAX):
                return await self._read(request)
        except TimeoutError:
            raise _unreachable("no complete answer came in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The cause goes no further: it carries the request, and so the token.
            raise _unreachable(_why(error)) from None

    async def _read(self, request: httpx.Request) -> Answer:
        response = await self._http.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise _unreachable("the answer was packed")
            content = bytearray()
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > ANSWER_BYTES_MAX:
                    raise _unreachable("the answer was too long")
        finally:
            await response.aclose()
        return Answer(response.status_code, bytes(content), response.headers.get("retry-after"))


def _told(refusal: SendError) -> Exception:
    """What a refusal means for somebody who works with templates."""
    details = f" {refusal.details}" if refusal.details else ""
    if refusal.vendor_code == _STALE_CURSOR:
        return TemplateRefusedError("The list changed.", hint=refusal.hint, vendor_code=_STALE_CURSOR)
    if refusal.verdict.error_class is ErrorClass.REAUTH:
        return ConfigError(f"{refusal.message} The access token does not work for templates.", hint=_ACCESS_HINT)
    if refusal.retryable:
        hint = refusal.hint or "Try again later."
        return UnavailableError(refusal.message, hint=hint, retry_after_s=refusal.retry_after_s)
    return TemplateRefusedError(f"{refusal.message}{details}", hint=refusal.hint, vendor_code=refusal.vendor_code)


def _unreachable(why: str) -> UnavailableError:
    return UnavailableError(
        f"Meta cannot be reached: {why}.", hint="Check the network and `outbound.graph_url`, then try again."
    )


def _unreadable(status: int | None = None) -> UnavailableError:
    told = "" if status is None else f" (HTTP status {status})"
    return UnavailableError(f"Meta's answer{told} cannot be read.", hint="Try again later.")


def _why(error: Exception) -> str:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return "no connection came about"
    return "no answer came in time" if isinstance(error, httpx.TimeoutException) else "the exchange broke off"


def _object(answer: Answer) -> dict[str, Any] | None:
    if not answer.is_success:
        return None
    try:
        said = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _items(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = page.get("data")
    if not isinstance(items, list):
        raise _unreadable()
    return [each for each in items if isinstance(each, dict)]


def _after(paging: Mapping[str, Any]) -> str:
    """Where the next page begins. Half a list must not pass for a whole one: without a cursor there is no answer."""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, Mapping) else None
    if not isinstance(after, str) or not after:
        raise _unreadable()
    return after
