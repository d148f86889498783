from __future__ import annotations

import asyncio
import contextlib

import pytest

from lhwa.tui.web import child
from tests.tui.web.conftest import Serve, Served, is_running, wait_until
from tests.tui.web.small_app import COMMAND


async def test_an_app_that_ends_closes_its_tab(served: Served) -> None:
    async with served.browser() as browser:
        await browser.log_in()
        heard = len(served.said)
        async with browser.tab() as tab:
            pid = await tab.pid()
            await tab.say("stdin", "q")
            await tab.until_closed()
        wait_until(lambda: not is_running(pid))
        assert len(served.said) == heard


@pytest.mark.parametrize(("key", "code"), [("x", 3), ("e", 1)])
async def test_an_app_that_crashes_closes_its_tab_and_its_last_words_are_shown_to_nobody(
    served: Served, key: str, code: int
) -> None:
    async with served.browser() as browser:
        await browser.log_in()
        async with browser.tab() as tab:
            pid = await tab.pid()
            await tab.say("stdin", key)
            await tab.until_closed()
        wait_until(
            lambda: not is_running(pid) and served.said[-1] == f"An inbox ended unexpectedly (exit code {code})."
        )


async def test_an_app_that_is_not_understood_is_ended(served: Served) -> None:
    async with served.browser() as browser:
        await browser.log_in()
        async with browser.tab() as tab:
            pid = await tab.pid()
            await tab.say("stdin", "m")
            await tab.until_closed()
        wait_until(lambda: not is_running(pid))
        assert served.said[-1] == "An inbox failed unexpectedly: DecodeError."


async def test_an_app_that_does_not_start_says_why_at_the_terminal(serve: Serve) -> None:
    with serve(command=(*COMMAND, "--broken")) as served:
        async with served.browser() as browser:
            await browser.log_in()
            async with browser.tab() as tab:
                await tab.until_closed()
        assert served.said[-1] == "An inbox did not start (exit code 1). error: this one ␛[31mdoes not start"


async def test_an_app_that_hangs_is_killed_with_what_it_started_when_its_tab_closes(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "QUIT_S", 0.2)
    monkeypatch.setattr(child, "TERM_S", 0.2)
    with serve() as served:
        async with served.browser() as browser:
            await browser.log_in()
            async with browser.tab() as tab:
                pid = await tab.pid()
                await tab.say("stdin", "h")
                sleeper = int(await tab.until("sleeper=(.*?)!"))
            wait_until(lambda: not is_running(pid) and not is_running(sleeper))


async def test_nothing_is_left_when_the_server_ends(serve: Serve) -> None:
    async with contextlib.AsyncExitStack() as stays_open:
        with serve() as served:
            browser = await stays_open.enter_async_context(served.browser())
            await browser.log_in()
            tabs = [await stays_open.enter_async_context(browser.tab()) for _ in range(2)]
            pids = [await tab.pid() for tab in tabs]
            assert len(set(pids)) == 2
            for tab in tabs:
                closing = asyncio.create_task(tab.until_closed())
                stays_open.callback(closing.cancel)
            await asyncio.to_thread(served.end)
        assert not any(is_running(pid) for pid in pids)
