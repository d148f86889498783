from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest

from lhwa.testing.fakes import FakeClock
from lhwa.tui.web.limits import BODY_BYTES_MAX, CELLS_MAX, WebLimits
from tests.tui.web.conftest import TOKEN, Serve, Served, is_running, wait_until
from tests.tui.web.small_app import COMMAND, OFFERED_TEXT


def words_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")[:-1]


async def test_a_link_opens_the_inbox_and_keys_reach_it(served: Served) -> None:
    async with served.browser() as browser:
        assert await browser.log_in() == 200
        status, page = await browser.get()
        assert status == 200
        assert f'data-session-websocket-url="ws://127.0.0.1:{served.inbox.port}{browser.place}ws"' in page
        async with browser.tab("?width=90&height=20") as tab:
            pid = await tab.pid()
            assert await tab.until("token=(.*?);") == TOKEN
            assert await tab.until("size=(.*?);") == "90x20"
            assert words_of(pid) == list(COMMAND), "no token, and no shell"
            await tab.say("stdin", "g")
            assert await tab.until("key=(.)!") == "g"
            await tab.say("resize", {"width": 10**9, "height": 5})
            assert await tab.until("size=(.*?);") == f"{CELLS_MAX}x5"
            await tab.say("ping", "17")
            assert await tab.until_told() == ["pong", "17"]
        wait_until(lambda: not is_running(pid))


async def test_a_size_that_is_no_number_is_that_of_a_terminal(served: Served) -> None:
    async with served.browser() as browser:
        await browser.log_in()
        async with browser.tab("?width=lebar&height=99999999999999999999") as tab:
            assert await tab.until("size=(.*?);") == "80x24"


@pytest.mark.parametrize("word", ["", "falsch", "a" * 43, "a" * BODY_BYTES_MAX, b"\xff\xfe"])
async def test_a_forged_word_is_refused(served: Served, word: str) -> None:
    async with served.browser() as browser:
        assert await browser.log_in(word) == 403
        assert list(browser.client.cookie_jar) == []


async def test_more_than_a_word_is_not_read(served: Served) -> None:
    async with served.browser() as browser:
        assert await browser.log_in("a" * (BODY_BYTES_MAX + 1)) == 413


async def test_a_link_is_used_once(served: Served) -> None:
    word = served.new_word()
    async with served.browser() as first, served.browser() as second:
        statuses = await asyncio.gather(first.log_in(word), second.log_in(word))
        assert sorted(statuses) == [200, 403]
        assert await second.log_in(word) == 403


@pytest.mark.parametrize("request_line", [b"GET / HTTP/1.1\r\nContent-Length: rahasia", b"GET /rahasia\xff HTTP/1.1"])
async def test_a_request_that_cannot_be_read_is_logged_nowhere(
    served: Served, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], request_line: bytes
) -> None:
    heard = len(served.said)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.inbox.port)
    writer.write(request_line + b"\r\n\r\n")
    assert b" 400 " in await reader.read()
    writer.close()
    await writer.wait_closed()
    assert caplog.text == ""
    assert "rahasia" not in "".join(capfd.readouterr())
    assert served.said[heard:] == []


async def test_an_expired_link_is_refused(serve: Serve, clock: FakeClock) -> None:
    with serve(clock=clock) as served:
        word = served.new_word()
        clock.advance(601)
        async with served.browser() as browser:
            assert await browser.log_in(word) == 403
            assert await browser.log_in() == 200


async def test_two_browsers_are_two_sessions(served: Served) -> None:
    async with served.browser() as first, served.browser() as second:
        assert [await first.log_in(), await second.log_in()] == [200, 200]
        assert first.place != second.place
        assert [(await first.get())[0], (await second.get())[0]] == [200, 200]


async def test_a_page_takes_everything_from_this_server(served: Served) -> None:
    async with served.browser() as browser:
        await browser.log_in()
        _, page = await browser.get()
        _, style = await browser.get("assets/inbox.css")
        assert re.findall(r"(?:href|src)=\"([^\"]+)\"", page) == [
            "assets/xterm.css",
            "assets/inbox.css",
            "assets/textual.js",
            "assets/inbox.js",
        ]
        assert "//" not in page.replace("ws://", "")
        assert "//" not in style
        for name in ("xterm.css", "textual.js", "inbox.js", "roboto-mono.ttf"):
            async with browser.client.get(f"{browser.url}{browser.place}assets/{name}") as answer:
                assert answer.status == 200
        for name in ("nothing.js", "..%2finbox.html", "%2e%2e%2f__init__.py"):
            assert (await browser.get(f"assets/{name}"))[0] == 404


async def test_an_idle_session_ends_with_its_inbox_and_its_cookie(serve: Serve, clock: FakeClock) -> None:
    with serve(clock=clock, limits=WebLimits(idle_s=0.4)) as served:
        async with served.browser() as browser:
            await browser.log_in()
            async with browser.tab() as tab:
                pid = await tab.pid()
                clock.advance(0.3)
                await tab.say("stdin", "g")
                await tab.until("key=g!")
                clock.advance(0.3)
                assert (await browser.get("assets/inbox.js"))[0] == 200
                # Nobody typed this: a terminal says what it can do.
                await tab.say("stdin", "\x1b[?2026;2$y")
                await tab.say("focus")
                await tab.say("ping", "1")
                await tab.until_told()
                clock.advance(0.2)
                await tab.until_closed()
            assert (await browser.get())[0] == 401
            wait_until(lambda: not is_running(pid))
            assert served.said[-1] == "A browser's session ended: nobody used it for long. Press Enter for a new link."
            assert await browser.log_in() == 200


async def test_one_browser_has_a_limited_number_of_inboxes(serve: Serve) -> None:
    with serve(limits=WebLimits(inboxes_max=1, room_wait_s=0.2)) as served:
        async with served.browser() as browser, served.browser() as other:
            await browser.log_in()
            async with browser.tab() as tab:
                pid = await tab.pid()
                status, page = await browser.get()
                assert status == 429
                assert "Close a tab" in page
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    async with browser.tab():
                        pass
                assert refused.value.status == 429
                await other.log_in()
                assert (await other.get())[0] == 200
            wait_until(lambda: not is_running(pid))
            assert (await browser.get())[0] == 200


async def test_a_page_that_is_loaded_again_waits_for_its_own_inbox_to_end(serve: Serve) -> None:
    with serve(limits=WebLimits(inboxes_max=1, room_wait_s=10)) as served:
        async with served.browser() as browser:
            await browser.log_in()
            async with browser.tab() as tab:
                await tab.pid()
            assert (await browser.get())[0] == 200


async def test_a_browser_too_many_ends_the_idlest(serve: Serve, clock: FakeClock) -> None:
    with serve(clock=clock, limits=WebLimits(sessions_max=1)) as served:
        async with served.browser() as first, served.browser() as second:
            await first.log_in()
            async with first.tab() as tab:
                pid = await tab.pid()
                await second.log_in()
                await tab.until_closed()
            assert (await first.get())[0] == 401
            wait_until(lambda: not is_running(pid))


@pytest.mark.parametrize(
    "message", ["", "no json", "[]", '{"a": 1}', '["stdin", 1]', '["resize", {"width": "a"}]', '["x"]']
)
async def test_what_no_page_of_ours_says_ends_the_inbox(served: Served, message: str) -> None:
    async with served.browser() as browser:
        await browser.log_in()
        async with browser.tab() as tab:
            await tab.websocket.send_str(message)
            await tab.until_closed()


async def test_a_file_goes_to_the_session_that_it_was_offered_to(served: Served) -> None:
    async with served.browser() as browser, served.browser() as other:
        await browser.log_in()
        await other.log_in()
        async with browser.tab() as tab:
            await tab.pid()
            await tab.say("stdin", "d")
            kind, told = await tab.until_told()
            assert kind == "open_url"
            path = told["url"]
            assert path.startswith("download/")
            assert (await other.get(path))[0] == 404
            async with aiohttp.request("GET", f"{browser.url}{browser.place}{path}") as answer:
                assert answer.status == 401
            async with browser.client.get(f"{browser.url}{browser.place}{path}") as answer:
                assert answer.status == 200
                assert answer.headers["Content-Type"] == "application/octet-stream"
                shown = "surat%20%22a%22%0D%0AX-Contoh%3A%201.html"
                assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{shown}"
                assert answer.headers["Content-Security-Policy"].endswith("sandbox")
                assert await answer.text() == OFFERED_TEXT
            assert (await browser.get(path))[0] == 404


async def test_only_web_addresses_are_opened(served: Served) -> None:
    async with served.browser() as browser:
        await browser.log_in()
        async with browser.tab() as tab:
            await tab.pid()
            await tab.say("stdin", "u")
            assert await tab.until_told() == ["open_url", {"url": "https://example.com/", "new_tab": True}]
