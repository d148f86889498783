from __future__ import annotations

import asyncio

import aiohttp
import pytest

from lhwa.testing.fakes import FakeClock
from tests.tui.web.conftest import Serve, Served

NEVER = "default-src 'none'"


async def _status(served: Served, method: str, path: str, **headers: str) -> int:
    async with aiohttp.ClientSession() as client, client.request(method, f"{served.url}{path}", headers=headers) as got:
        return got.status


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ws",
        "/favicon.ico",
        "/i/",
        "/i/x/",
        "/i/x/ws",
        "/i/x/assets/textual.js",
        "/download/x",
        "/static/",
        "/logi",
    ],
)
async def test_whoever_is_not_logged_in_gets_one_answer(served: Served, path: str) -> None:
    async with aiohttp.ClientSession() as client, client.get(f"{served.url}{path}") as answer:
        assert answer.status == 401
        assert "press Enter in the terminal" in await answer.text()


@pytest.mark.parametrize("path", ["/", "/login", "/login/login.js", "/login/nothing"])
async def test_every_answer_closes_what_a_browser_leaves_open(served: Served, path: str) -> None:
    async with aiohttp.ClientSession() as client, client.get(f"{served.url}{path}") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Server"] == "lhwa"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "http:" not in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.:{port}", "[::1]:{port}", ""]
)
@pytest.mark.parametrize("path", ["/login", "/"])
async def test_a_foreign_name_for_this_machine_is_refused(served: Served, host: str, path: str) -> None:
    assert await _status(served, "GET", path, Host=host.format(port=served.inbox.port)) == 421


async def test_a_request_with_two_hosts_or_none_is_refused(served: Served) -> None:
    for hosts in (b"", b"Host: 127.0.0.1:%d\r\nHost: evil.example\r\n" % served.inbox.port):
        reader, writer = await asyncio.open_connection("127.0.0.1", served.inbox.port)
        writer.write(b"GET /login HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
        assert (await reader.read()).split(b" ")[1] in (b"421", b"400")
        writer.close()
        await writer.wait_closed()


async def test_localhost_is_this_machine_too(served: Served) -> None:
    assert await _status(served, "GET", "/login", Host=f"localhost:{served.inbox.port}") == 200


ORIGINS = [
    "http://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:{port}",
    "https://127.0.0.1:{port}",
    "null",
]


@pytest.mark.parametrize("origin", ORIGINS)
async def test_another_page_can_neither_log_in_nor_read(served: Served, origin: str) -> None:
    origin = origin.format(port=served.inbox.port)
    assert await _status(served, "POST", "/login", Origin=origin) == 403
    assert await _status(served, "GET", "/login", Origin=origin) == 403


async def test_a_login_without_an_origin_is_refused(served: Served) -> None:
    assert await _status(served, "POST", "/login") == 403


@pytest.mark.parametrize("origin", [*ORIGINS, None])
async def test_another_page_opens_no_websocket_even_with_the_cookie(served: Served, origin: str | None) -> None:
    async with served.browser() as browser:
        await browser.log_in()
        headers = {} if origin is None else {"Origin": origin.format(port=served.inbox.port)}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with browser.client.ws_connect(f"{browser.url}{browser.place}ws", headers=headers):
                pass
        assert refused.value.status == 403


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"])
async def test_other_methods_do_nothing(served: Served, method: str) -> None:
    assert await _status(served, method, "/login", Origin=served.url) == 405


async def test_a_cookie_opens_neither_another_place_nor_another_server(served: Served, serve: Serve) -> None:
    with serve() as other:
        async with served.browser() as browser, other.browser() as stranger, served.browser() as neighbour:
            for each in (browser, stranger, neighbour):
                assert await each.log_in() == 200
            (cookie,) = browser.client.cookie_jar
            assert cookie.key == f"lhwa_inbox_{served.inbox.port}"
            assert cookie["httponly"]
            assert cookie["samesite"] == "Strict"
            assert cookie["path"] == browser.place
            assert not cookie["max-age"]
            for name in (cookie.key, f"lhwa_inbox_{other.inbox.port}"):
                for victim in (stranger, neighbour):
                    url = f"{victim.url}{victim.place}"
                    async with aiohttp.request("GET", url, cookies={name: cookie.value}) as answer:
                        assert answer.status == 401
            assert (await browser.get())[0] == 200


async def test_what_fails_says_its_kind_alone(serve: Serve) -> None:
    class BrokenClock(FakeClock):
        def monotonic_s(self) -> float:
            raise RuntimeError("+62812-3000-1111")

    with serve(clock=BrokenClock()) as served:
        assert await _status(served, "GET", "/") == 500
        assert served.said == ["A request failed unexpectedly: RuntimeError."]
