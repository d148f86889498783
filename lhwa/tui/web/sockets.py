"""The websocket of a tab: what the person does goes to the app, until one of the two ends."""

from __future__ import annotations

import asyncio
import re

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from lhwa.ports.clock import Clock
from lhwa.tui.web.child import Child
from lhwa.tui.web.limits import CELLS_MAX
from lhwa.tui.web.moments import Moment
from lhwa.tui.web.sessions import Session, Sessions

HEARTBEAT_S = 15.0
"""A browser that does not answer within half of it is gone."""
CLOSE_S = 1.0
WRITE_S = 10.0
"""An app that has not read its input for so long hangs."""
_REPORTS = re.compile(r"(\x1b\[\?\d+;\d+\$y)+")
"""What a terminal says of itself when the app asks for its abilities: nobody pressed a key."""


class Socket:
    """One tab: its websocket, its session, and its process."""

    def __init__(
        self, websocket: web.WebSocketResponse, child: Child, *, session: Session, sessions: Sessions, clock: Clock
    ) -> None:
        self._websocket = websocket
        self._child = child
        self._session = session
        self._sessions = sessions
        self._clock = clock

    async def run(self, *, width: int, height: int) -> None:
        """Run the app until it or the browser ends, or the session is over; the process is gone on return."""
        self._session.inboxes.add(self._websocket.close)
        try:
            # To open a tab is an act of a person; and the session may have ended while this one waited for its turn.
            if self._sessions.note_input(self._session, Moment.of(self._clock)):
                await self._child.start(width, height)
                await self._listen()
        except TimeoutError:
            await self._websocket.close(code=WSCloseCode.TRY_AGAIN_LATER)
        finally:
            self._session.inboxes.discard(self._websocket.close)
            await self._child.stop()

    async def _listen(self) -> None:
        async for message in self._websocket:
            try:
                said = msgspec.json.decode(message.data) if message.type is WSMsgType.TEXT else None
            except msgspec.DecodeError:
                said = None
            if said is None:
                await self._websocket.close(code=WSCloseCode.UNSUPPORTED_DATA)
                continue
            async with asyncio.timeout(WRITE_S):
                does_go_on = await self._does_go_on(said)
            if not does_go_on:
                await self._websocket.close(code=WSCloseCode.POLICY_VIOLATION)

    async def _does_go_on(self, said: object) -> bool:
        match said:
            case ["stdin", str(text)]:
                is_person = not _REPORTS.fullmatch(text)
                if is_person and not self._sessions.note_input(self._session, Moment.of(self._clock)):
                    return False
                await self._child.type_in(text)
            case ["resize", {"width": int(width), "height": int(height)}]:
                await self._child.set_terminal_size(cells(width), cells(height))
            case ["ping", str(sent)]:
                await self._websocket.send_str(msgspec.json.encode(["pong", sent]).decode())
            case ["focus"]:
                await self._child.focus()
            case ["blur"]:
                await self._child.blur()
            case _:
                return False
        return True


def cells(count: int) -> int:
    """A number of columns or lines that the app can be given."""
    return min(max(count, 1), CELLS_MAX)
