"""A headless Chromium that a test drives over the DevTools protocol."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = Path("/usr/bin/chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0"),
)
WAIT_S = 20.0
LOOK_S = 0.02
END_S = 2.0


class Page:
    """One tab."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self._websocket = websocket
        self._numbers = itertools.count(1)
        self.requested: list[str] = []
        """Every address that the page asked for."""
        self.complaints: list[str] = []
        """What went wrong in its scripts."""

    async def do(self, method: str, **params: Any) -> Any:
        """Call one method, and note the events that come before its answer."""
        number = next(self._numbers)
        await self._websocket.send_json({"id": number, "method": method, "params": params})
        while True:
            message = await self._websocket.receive_json(timeout=WAIT_S)
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self._note(message)

    def _note(self, event: dict[str, Any]) -> None:
        params = event["params"]
        match event["method"]:
            case "Network.requestWillBeSent":
                self.requested.append(params["request"]["url"])
            case "Network.webSocketCreated":
                self.requested.append(params["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(params["exceptionDetails"]))

    async def value(self, expression: str) -> Any:
        """What an expression is in the page."""
        found = await self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return found["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until an expression holds."""
        async with asyncio.timeout(WAIT_S):
            while not await self.value(expression):  # noqa: ASYNC110 -- it happens in another program
                await asyncio.sleep(LOOK_S)

    async def press(self, key: str) -> None:
        """Press and release a key that writes a character."""
        await self.do("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        await self.do("Input.dispatchKeyEvent", type="keyUp", key=key)


@contextlib.asynccontextmanager
async def chromium_page(folder: Path, *, before_each_page: str = "") -> AsyncIterator[Page]:
    """A browser with one empty tab. `before_each_page` is JavaScript that runs before that of the page."""
    browser = subprocess.Popen(  # noqa: ASYNC220 -- it returns at once
        [PROGRAM, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        port = await _port(folder / "DevToolsActivePort")
        async with aiohttp.ClientSession() as client:
            async with client.get(f"http://127.0.0.1:{port}/json/list") as listed:
                tab = next(each for each in await listed.json() if each["type"] == "page")
            async with client.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as websocket:
                page = Page(websocket)
                for domain in ("Page", "Network", "Runtime"):
                    await page.do(f"{domain}.enable")
                await page.do("Page.addScriptToEvaluateOnNewDocument", source=before_each_page)
                yield page
                await page.do("Browser.close")
    finally:
        await asyncio.to_thread(_end, browser)


async def _port(written: Path) -> int:
    async with asyncio.timeout(WAIT_S):
        while not (port := await asyncio.to_thread(_first_line, written)):  # noqa: ASYNC110 -- as above
            await asyncio.sleep(LOOK_S)
    return int(port)


def _first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0] if path.exists() else ""


def _end(browser: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        browser.wait(END_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(browser.pid, signal.SIGKILL)
    browser.wait()
