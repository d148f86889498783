"""One connection of the webhook listener: a plain webhook takes a short way, everything else the long one.

The short way is for a webhook that is surely one whole request (`plain_posts.py`) on a connection with nothing else to
do: no parser, no task, nothing awaited; what comes behind it waits until it is answered. The long way is uvicorn's,
with what it lets through refused (`strict_http.py`). Both end in the same application, and only the long way refuses.

Invariants: answers leave in the order of the requests; nothing is answered before its commit.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from lhwa.gateway.door import Door
from lhwa.gateway.replies import Reply
from lhwa.gateway.sources import UNKNOWN
from lhwa.gateway.strict_http import StrictHttpProtocol

_LOOK_AGAIN_S = 1.0


class WebhookProtocol(StrictHttpProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        door: Door,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop, door=door)
        self._offered = False  # what came is looked at, or waits for its commit
        self._held: list[bytes] = []  # what came behind it
        self._ended = False  # the client says no more
        self._stops = False  # the server does
        self.peer = UNKNOWN
        self._idle_since_s = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in, or say that there are too many."""
        super().connection_made(transport)
        self.peer = self._peer

    def data_received(self, data: bytes) -> None:
        """Offer what may be a plain webhook to the short way; leave all else to the parser."""
        if self._offered:
            self._held.append(data)
            self.flow.pause_reading()
        elif (
            self.is_quiet
            and self._door.short_way is not None
            and data.startswith(b"POST")
            and not self.flow.write_paused  # who does not read its answers gets them the slow way
        ):
            self._offered = True
            self._door.short_way.offer(self, data)
        else:
            super().data_received(data)

    def _head_is_late(self) -> None:
        """The first head has to come in time; one that was offered is here already."""
        if self._offered:
            self._timer = None
        else:
            super()._head_is_late()

    def go_the_long_way(self, data: bytes) -> None:
        """It is not a plain webhook, or one that has to be refused."""
        self._offered = False
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._go_on()
        if self._stops:
            super().shutdown()

    def answer(self, reply: Reply) -> None:
        """Answer the plain webhook, and go on with what came behind it."""
        self._offered = False
        if self.transport.is_closing():
            return
        self._disarm()
        self.server_state.total_requests += 1
        is_last = self._stops or (self._ended and not self._held)
        self.transport.write(self._door.written(reply, self.server_state.default_headers, is_last=is_last))
        if is_last:
            self.transport.close()
            return
        self._idle_since_s = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._arm_idle()
        if self._held:
            self._go_on()

    def abort(self) -> None:
        """End it at once."""
        self._offered = False
        self.transport.abort()

    def _go_on(self) -> None:
        """Read what came behind, and whether the client says no more."""
        if self._held:
            held, self._held = b"".join(self._held), []
            self.flow.resume_reading()
            self.data_received(held)
        if self._ended and not self._offered:
            self._ended = False
            if not super().eof_received():
                self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client says no more, but may still listen."""
        if self._offered:
            self._ended = True
            return True
        return super().eof_received()

    def shutdown(self) -> None:
        """The server stops: answer what was asked, then close."""
        if self._offered:
            self._stops = True
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection. Plain webhooks do not wind the timer up anew each time: it looks when it rings."""
        self.timeout_keep_alive_task = None
        left_s = self._idle_since_s + self.timeout_keep_alive - self.loop.time()
        if self._offered or left_s > 0:
            self.timeout_keep_alive_task = self.loop.call_later(
                max(left_s, _LOOK_AGAIN_S), self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()
