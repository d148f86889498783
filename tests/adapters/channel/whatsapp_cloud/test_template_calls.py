"""The calls for templates against the sandbox on a loopback port, and against servers that misbehave."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lhwa.adapters.channel.whatsapp_cloud import template_calls
from lhwa.adapters.channel.whatsapp_cloud.template_calls import WhatsAppTemplateCalls
from lhwa.domain.template_wire import to_wire
from lhwa.domain.templates import Category, Template
from lhwa.errors import ConfigError, LhwaError, UnavailableError
from lhwa.ports.channel import ChannelAccess
from lhwa.ports.template_registry import TemplateRefusedError
from lhwa.sandbox.accounts import sample_account
from lhwa.sandbox.http import sandbox_app
from lhwa.sandbox.sandbox import Sandbox
from lhwa.testing.fakes import FakeClock
from tests.sandbox.served import serving

ACCOUNT = sample_account(0)
TOKEN = ACCOUNT.tokens[0].value
Answer = Callable[[Request], Response]


def template(name: str = "jam_kerja", **changes: Any) -> Template:
    facts: dict[str, Any] = {"language": "id", "category": Category.UTILITY, "body": f"Kantor buka ({name})."}
    return Template(name=name, **(facts | changes))


@contextlib.asynccontextmanager
async def calls(base_url: str, *, token: str = TOKEN) -> AsyncIterator[WhatsAppTemplateCalls]:
    access = ChannelAccess(base_url, "v25.0", ACCOUNT.waba_id, token)
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        yield WhatsAppTemplateCalls(http, ACCOUNT.waba_id, access)


@contextlib.asynccontextmanager
async def meta(*, token: str = TOKEN) -> AsyncIterator[tuple[WhatsAppTemplateCalls, Sandbox, FakeClock]]:
    clock = FakeClock()
    sandbox = Sandbox(ACCOUNT, seed=7, now=clock.now())
    async with serving(sandbox_app(sandbox, clock)) as base_url, calls(base_url, token=token) as made:
        yield made, sandbox, clock


@contextlib.asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[WhatsAppTemplateCalls]:
    async def endpoint(request: Request) -> Response:
        return answer(request)

    app = Starlette(routes=[Route("/{path:path}", endpoint, methods=["GET", "POST"])])
    async with serving(app) as base_url, calls(base_url) as made:
        yield made


def said(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")


async def test_every_page_is_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_calls, "PAGE", 3)
    async with meta() as (registry, _, _):
        names = [f"contoh_{number:02}" for number in range(10)]
        for name in names:
            await registry.create(to_wire(template(name)))
        found = await registry.all()
        assert [each["name"] for each in found] == names
        assert {each["quality_score"]["score"] for each in found} == {"UNKNOWN"}


async def test_a_template_is_created_found_and_edited() -> None:
    async with meta() as (registry, sandbox, clock):
        made = await registry.create(to_wire(template()))
        assert (made["status"], made["category"]) == ("PENDING", "UTILITY")
        sandbox.approve_template(str(made["id"]), now=clock.now())
        await registry.edit(str(made["id"]), to_wire(template(body="Kantor tutup hari ini.")) | {"name": "lain"})
        found = await registry.find("jam_kerja", "id")
        assert found is not None
        assert (found["id"], found["components"][0]["text"]) == (made["id"], "Kantor tutup hari ini.")
        assert await registry.find("jam_kerja", "en") is None


async def test_a_refusal_carries_metas_code_and_words() -> None:
    async with meta() as (registry, _, _):
        await registry.create(to_wire(template()))
        with pytest.raises(TemplateRefusedError, match="already exists") as refused:
            await registry.create(to_wire(template()))
        assert refused.value.vendor_code == 100


async def test_a_token_that_does_not_work_says_what_to_do_and_is_never_shown() -> None:
    async with meta(token="sandbox-token-of-nobody") as (registry, _, _):
        with pytest.raises(ConfigError) as error:
            await registry.all()
        assert "set-access-token" in error.value.hint
        assert "sandbox-token-of-nobody" not in f"{error.value} {error.value.hint} {error.value.__cause__}"


async def test_a_stale_cursor_begins_the_list_anew() -> None:
    asked: list[str] = []
    stale = said({"error": {"code": 131059, "message": "stale"}}, 400)
    pages = {
        "": said({"data": [{"id": "1"}], "paging": {"cursors": {"after": "a"}, "next": "http://elsewhere.example/"}}),
        "a": said({"data": [{"id": "2"}], "paging": {"cursors": {"after": "b"}}}),
    }

    def answer(request: Request) -> Response:
        after = request.query_params.get("after", "")
        asked.append(after)
        return stale if asked == ["", "a"] else pages[after]

    async with answering(answer) as registry:
        assert [each["id"] for each in await registry.all()] == ["1", "2"]
    assert asked == ["", "a", "", "a"]


async def test_a_list_that_keeps_changing_is_given_up() -> None:
    async with answering(lambda _: said({"error": {"code": 131059, "message": "stale"}}, 400)) as registry:
        with pytest.raises(UnavailableError, match="keeps changing"):
            await registry.all()


FOREVER = {"data": [], "paging": {"cursors": {"after": "a"}, "next": "x"}}
UNREADABLE: list[tuple[str, Answer]] = [
    ("a page of another server", lambda _: Response("<html>", 200)),
    ("no list", lambda _: said({"data": {}})),
    ("a next page without a cursor", lambda _: said({"data": [], "paging": {"next": "x"}})),
    ("a list without an end", lambda _: said(FOREVER)),
    ("a redirect", lambda _: Response(status_code=302, headers={"location": "http://127.0.0.1:9/"})),
    ("a broken server", lambda _: Response("sorry", 503)),
    ("packed", lambda _: Response(b"x", headers={"content-encoding": "gzip"})),
    ("too long", lambda _: Response(b" " * (template_calls.ANSWER_BYTES_MAX + 1))),
    ("too many requests", lambda _: said({"error": {"code": 80007, "message": "slow"}}, 400)),
]


@pytest.mark.parametrize("answer", [case[1] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
async def test_half_a_list_never_passes_for_a_whole_one(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_calls, "PAGES_MAX", 5)
    async with answering(answer) as registry:
        with pytest.raises(UnavailableError) as error:
            await registry.all()
        assert error.value.hint


async def test_without_a_server_the_error_says_so() -> None:
    async with calls("http://127.0.0.1:9") as registry:
        with pytest.raises(UnavailableError, match="no connection came about") as error:
            await registry.all()
        assert error.value.__cause__ is None


@pytest.mark.parametrize("body", [{}, {"success": False}, {"id": None}])
async def test_an_answer_that_does_not_say_that_it_was_done_is_none(body: dict[str, Any]) -> None:
    async with answering(lambda _: said(body)) as registry:
        for call in (registry.create({"name": "x"}), registry.edit("1", {"components": []})):
            with pytest.raises(LhwaError):
                await call
