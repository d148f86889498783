"""A real server in a thread that serves a small app, and a browser without a screen that comes in to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Self

import aiohttp
import pytest

from lhwa.adapters.clock.system import SystemClock
from lhwa.ports.clock import Clock
from lhwa.tui.web.child import App
from lhwa.tui.web.limits import WebLimits
from lhwa.tui.web.server import WebInbox
from tests.tui.web.small_app import COMMAND

WAIT_S = 15.0
LOOK_S = 0.02
TOKEN = "contoh-token"


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(LOOK_S)


class Served:
    """A running server, as the person at its terminal sees it."""

    def __init__(self, app: App, *, clock: Clock, limits: WebLimits) -> None:
        self.said: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.inbox = WebInbox(app, self._listening, clock=clock, limits=limits, say=self.said.append)
        self.url = f"http://127.0.0.1:{self.inbox.port}"
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._is_ready.wait(WAIT_S)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        async with self.inbox:
            self._is_ready.set()
            await self._ended.wait()

    def end(self) -> None:
        """Ctrl-C; idempotent. Not for the event loop of a test that has a tab open: it has to say goodbye."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()
        self._listening.close()

    def new_word(self) -> str:
        """The secret part of a new link."""
        return self.inbox.new_link().partition("#")[2]

    def browser(self) -> Browser:
        return Browser(self)


class Tab:
    """An open inbox."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self.websocket = websocket
        self.told: list[Any] = []
        """What the page was told to do."""
        self._drawn = b""

    async def until(self, pattern: str) -> str:
        """Wait until the app draws something; its first group, or all of it."""
        async with asyncio.timeout(WAIT_S):
            while not (found := re.search(pattern.encode(), self._drawn)):
                await self._receive()
        self._drawn = self._drawn[found.end() :]
        return found[found.re.groups].decode()

    async def until_told(self) -> Any:
        """Wait until the page is told to do something."""
        async with asyncio.timeout(WAIT_S):
            while not self.told:
                await self._receive()
        return self.told.pop(0)

    async def _receive(self) -> None:
        message = await self.websocket.receive()
        assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), "it ended"
        if message.type is aiohttp.WSMsgType.TEXT:
            self.told.append(json.loads(message.data))
        else:
            self._drawn += message.data

    async def pid(self) -> int:
        """The process of the app, once it draws."""
        return int(await self.until(r"pid=(\d+);"))

    async def say(self, *message: object) -> None:
        await self.websocket.send_json(message)

    async def until_closed(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while not self.websocket.closed:
                await self.websocket.receive()


class Browser:
    """Keeps cookies as a browser does, and names its page's origin where a browser would."""

    def __init__(self, served: Served) -> None:
        self.client = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.url = served.url
        self.place = ""
        self._served = served

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self.client.close()

    async def log_in(self, word: str | None = None) -> int:
        """Use a link; the status of the answer."""
        data = self._served.new_word() if word is None else word
        async with self.client.post(f"{self.url}/login", data=data, headers={"Origin": self.url}) as answer:
            if answer.ok:
                self.place = await answer.text()
            return answer.status

    async def get(self, path: str = "", **headers: str) -> tuple[int, str]:
        """Status and text of something below the place of this session."""
        async with self.client.get(f"{self.url}{self.place}{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    @contextlib.asynccontextmanager
    async def tab(self, query: str = "?width=80&height=24", **headers: str) -> AsyncIterator[Tab]:
        """Open an inbox. Raises: aiohttp.WSServerHandshakeError when it is refused."""
        address = f"{self.url}{self.place}ws{query}"
        async with self.client.ws_connect(address, headers={"Origin": self.url, **headers}) as websocket:
            yield Tab(websocket)


@contextlib.contextmanager
def _running(
    *, limits: WebLimits | None = None, clock: Clock | None = None, command: Sequence[str] = COMMAND
) -> Iterator[Served]:
    app = App(command, {**os.environ, "LHWA_TOKEN": TOKEN})
    served = Served(app, clock=clock or SystemClock(), limits=limits or WebLimits())
    try:
        yield served
    finally:
        served.end()


Serve = Callable[..., AbstractContextManager[Served]]


@pytest.fixture(scope="session")
def serve() -> Serve:
    """Serves an app while a block lasts."""
    return _running


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server that all tests of a module share."""
    with _running() as running:
        yield running
