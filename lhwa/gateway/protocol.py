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
        self._taken = False  # a plain webhook waits for its commit
        self._held: list[bytes] = []  # what came behind it
        self._idle_since_s = 0.0

    def data_received(self, data: bytes) -> None:
        """Take a plain webhook at once; leave all else to the parser."""
        if self._taken:
            self._held.append(data)
            self.flow.pause_reading()
        elif not self.is_quiet or not self._took(data):
            super().data_received(data)

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client says no more, but may still listen."""
        if self._taken:
            self._last = True
            return True
        return super().eof_received()

    def shutdown(self) -> None:
        """The server stops: answer what was asked, then close."""
        if self._taken:
            self._last = True
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection. Plain webhooks do not wind the timer up anew each time: it looks when it rings."""
        self.timeout_keep_alive_task = None
        left_s = self._idle_since_s + self.timeout_keep_alive - self.loop.time()
        if self._taken or left_s > 0:
            self.timeout_keep_alive_task = self.loop.call_later(
                max(left_s, _LOOK_AGAIN_S), self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def _took(self, data: bytes) -> bool:
        take = self._door.take
        if take is None:
            return False
        self._taken = True
        if not take(data, self._peer, self._answer):
            self._taken = False
            return False
        self._disarm()
        return True

    def _answer(self, reply: Reply) -> None:
        """Answer the plain webhook, and go on with what came behind it."""
        self._taken = False
        if self.transport.is_closing():
            return
        self.server_state.total_requests += 1
        self.transport.write(self._door.written(reply, self.server_state.default_headers, is_last=self._last))
        if self._last:
            self.transport.close()
            return
        self._idle_since_s = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._arm_idle()
        if self._held:
            held, self._held = b"".join(self._held), []
            self.flow.resume_reading()
            self.data_received(held)
