"""The server: its routes, its sessions, and what ends them."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from typing import Self
from urllib.parse import quote

from aiohttp import web
from textual_serve.download_manager import DownloadManager

from lhwa.ports.clock import Clock
from lhwa.tui.web import pages
from lhwa.tui.web.child import App, Child, Say
from lhwa.tui.web.door import LOGIN, PLACES, SESSION, Door, put_headers
from lhwa.tui.web.limits import BODY_BYTES_MAX, MESSAGE_BYTES_MAX, WebLimits
from lhwa.tui.web.links import Links
from lhwa.tui.web.moments import Moment
from lhwa.tui.web.sessions import Session, Sessions
from lhwa.tui.web.sockets import CLOSE_S, HEARTBEAT_S, Socket, cells

SWEEP_S = 5.0
SHUTDOWN_S = 10.0
"""More than a child takes to end when it has to be killed."""
SIZE = (80, 24)
"""Columns and lines until the browser has told its own."""
LOGGERS = ("aiohttp", "textual-serve")
"""Of libraries that log requests they could not read, cookies and all."""


class WebInbox:
    """Serves an app to browsers on this machine. Async context manager: it serves inside, and nothing runs after it."""

    def __init__(self, app: App, listening: socket.socket, *, clock: Clock, limits: WebLimits, say: Say) -> None:
        self.port: int = listening.getsockname()[1]
        self._app = app
        self._listening = listening
        self._clock = clock
        self._limits = limits
        self._say = say
        self._links = Links(valid_s=limits.link_s)
        self._sessions = Sessions(limits)
        self._downloads = DownloadManager()
        self._open: set[web.WebSocketResponse] = set()
        self._door = Door(self._sessions, clock, port=self.port, say_of_defect=self._say_of_defect)
        self._runner = web.AppRunner(self._routed(), access_log=None, shutdown_timeout=SHUTDOWN_S)
        self._sweeper: asyncio.Task[None] | None = None

    def new_link(self) -> str:
        """The address under which one browser can come in, once; the link before it is void."""
        return f"http://127.0.0.1:{self.port}{LOGIN}#{self._links.issue(Moment.of(self._clock))}"

    async def __aenter__(self) -> Self:
        _silence_libraries()
        await self._runner.setup()
        await web.SockSite(self._runner, self._listening).start()
        self._sweeper = asyncio.create_task(self._sweep())
        return self

    async def __aexit__(self, *_raised: object) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        await self._runner.cleanup()

    def _routed(self) -> web.Application:
        app = web.Application(middlewares=[self._door.check], client_max_size=BODY_BYTES_MAX)
        place = f"{PLACES}{{place}}"
        app.add_routes(
            [
                web.get(LOGIN, self._show_login, allow_head=False),
                web.get(f"{LOGIN}/{{name}}", self._show_login_asset, allow_head=False),
                web.post(LOGIN, self._log_in),
                web.get(f"{place}/", self._show_inbox, allow_head=False),
                web.get(f"{place}/assets/{{name}}", self._show_asset, allow_head=False),
                web.get(f"{place}/ws", self._open_inbox, allow_head=False),
                web.get(f"{place}/download/{{key}}", self._hand_out, allow_head=False),
            ]
        )
        app.on_response_prepare.append(put_headers)
        app.on_shutdown.append(self._close_all)
        return app

    async def _show_login(self, _request: web.Request) -> web.Response:
        return pages.login()

    async def _show_login_asset(self, request: web.Request) -> web.Response:
        return pages.asset(request.match_info["name"], pages.LOGIN_ASSETS)

    async def _log_in(self, request: web.Request) -> web.Response:
        now = Moment.of(self._clock)
        word = (await request.read()).decode("utf-8", "replace")
        if not self._links.use(word, now):
            return pages.refusal(403, "This link is not valid.")
        session, cookie, ended = self._sessions.begin(now)
        await self._end(ended, "A browser's session ended: as many as may be are logged in.")
        self._say("A browser logged in with the link. If that was not you, press Ctrl-C.")
        came_in = f"{PLACES}{session.place}/"
        response = web.Response(text=came_in)
        response.set_cookie(self._door.cookie_name(), cookie, path=came_in, httponly=True, samesite="Strict")
        return response

    async def _show_inbox(self, request: web.Request) -> web.Response:
        session = request[SESSION]
        if not await self._take_room(session):
            return pages.refusal(429, pages.NO_MORE_ROOM)
        session.room.release()
        return pages.inbox(request.headers["Host"], session.place)

    async def _show_asset(self, request: web.Request) -> web.Response:
        return pages.asset(request.match_info["name"], pages.ASSETS)

    async def _open_inbox(self, request: web.Request) -> web.StreamResponse:
        session = request[SESSION]
        if not await self._take_room(session):
            return pages.refusal(429, pages.NO_MORE_ROOM)
        websocket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, timeout=CLOSE_S, max_msg_size=MESSAGE_BYTES_MAX)
        self._open.add(websocket)
        try:
            await websocket.prepare(request)
            child = Child(self._app, websocket, downloads=self._downloads, place=session.place, say=self._say)
            tab = Socket(websocket, child, session=session, sessions=self._sessions, clock=self._clock)
            await tab.run(width=_asked(request, "width", SIZE[0]), height=_asked(request, "height", SIZE[1]))
        finally:
            self._open.discard(websocket)
            session.room.release()
        return websocket

    async def _take_room(self, session: Session) -> bool:
        """Take a place among the inboxes of a session, when one becomes free soon."""
        try:
            async with asyncio.timeout(self._limits.room_wait_s):
                return await session.room.acquire()
        except TimeoutError:
            return False

    async def _hand_out(self, request: web.Request) -> web.StreamResponse:
        """Give a file that an app of this session offers; to be saved and never to be shown as a page of ours."""
        key = request.match_info["key"]
        try:
            offered = await self._downloads.get_download_metadata(key)
        except KeyError:
            raise web.HTTPNotFound from None
        if not isinstance(offered.app_service, Child) or offered.app_service.place != request[SESSION].place:
            raise web.HTTPNotFound
        name = quote(offered.file_name, safe="")
        response = web.StreamResponse(headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})
        response.content_type = "application/octet-stream"
        await response.prepare(request)
        async for chunk in self._downloads.download(key):
            await response.write(chunk)
        await response.write_eof()
        return response

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(SWEEP_S, self._limits.idle_s / 4))
            ended = self._sessions.take_ended(Moment.of(self._clock))
            await self._end(ended, "A browser's session ended: nobody used it for long.")

    async def _end(self, sessions: tuple[Session, ...], why: str) -> None:
        for session in sessions:
            self._say(f"{why} Press Enter for a new link.")
            await asyncio.gather(*(close() for close in tuple(session.inboxes)), return_exceptions=True)

    async def _close_all(self, _app: web.Application) -> None:
        await asyncio.gather(*(websocket.close() for websocket in tuple(self._open)), return_exceptions=True)

    def _say_of_defect(self, error: Exception) -> None:
        self._say(f"A request failed unexpectedly: {type(error).__name__}.")


def _silence_libraries() -> None:
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _asked(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, "")
    return cells(int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise
