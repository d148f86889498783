"""A listener: bind, serve, drain. For the webhook and for the admin listener alike.

Invariants: signal handlers belong to the daemon and are not touched; nothing is logged per request; `stop` answers
what was asked before it closes, and comes back in time whatever the clients do.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import resource
import socket
import time
from typing import Any, cast

import uvicorn

from lhwa.errors import UsageError
from lhwa.gateway.door import CONNECTIONS_MAX, Door
from lhwa.gateway.protocol import WebhookProtocol
from lhwa.gateway.replies import AsgiApp

BACKLOG = 2_048
FILES_KEPT_FREE = 256
"""Open files that are not connections: databases, libraries, our own outbound calls."""
_POLL_S = 0.01
_CANCEL_S = 0.5


class HttpServer:
    """One listener on one address."""

    def __init__(self, app: AsgiApp, *, host: str, port: int, door: Door, name: str = "webhook") -> None:
        self._host = host
        self._port = port
        self._name = name
        self._door = door
        door.connections_max = min(door.connections_max, _connections_max())
        self._config = uvicorn.Config(
            cast("Any", app),
            http=cast("Any", functools.partial(WebhookProtocol, door=door)),
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=door.limits.idle_timeout_s,
        )
        self._server = uvicorn.Server(self._config)
        self._ticking: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port; after `start` the real one, also when 0 was asked for."""
        return self._port

    @property
    def address(self) -> str:
        """`host:port`, ready for a URL."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._port}"

    @property
    def connections(self) -> int:
        """Open connections."""
        return len(self._server.server_state.connections)

    async def start(self) -> None:
        """Bind and serve. Raises: UsageError when the address cannot be had."""
        listening = _bind(self._host, self._port, self._name)
        try:
            self._config.load()
            self._server.lifespan = self._config.lifespan_class(self._config)
            await self._server.on_tick(0)
            await self._server.startup(sockets=[listening])
        except BaseException:
            listening.close()
            raise
        self._port = int(listening.getsockname()[1])
        self._ticking = asyncio.create_task(self._server.main_loop(), name=f"lhwa-http-{self._name}")

    async def stop(self, timeout_s: float) -> None:
        """Accept no more, answer what was asked, close. Idempotent."""
        if self._ticking is None:
            return
        ticking, self._ticking = self._ticking, None
        ticking.cancel()
        for server in self._server.servers:
            server.close()
        # A connection that was accepted in this moment gets its protocol in the next.
        await asyncio.sleep(0)
        for connection in list(self._server.server_state.connections):
            connection.shutdown()
        await self._drain(time.monotonic() + timeout_s)
        await asyncio.wait([ticking])

    async def _drain(self, until_s: float) -> None:
        state = self._server.server_state
        while (state.connections or state.tasks) and time.monotonic() < until_s:  # noqa: ASYNC110 -- uvicorn has no event
            await asyncio.sleep(_POLL_S)
        late = list(state.tasks)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_CANCEL_S)
        for connection in list(state.connections):
            cast("WebhookProtocol", connection).transport.abort()
        await asyncio.sleep(0)


def _connections_max() -> int:
    files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return CONNECTIONS_MAX
    return max(min(CONNECTIONS_MAX, files - FILES_KEPT_FREE), 16)


def _bind(host: str, port: int, name: str) -> socket.socket:
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError:
        raise UsageError(f"{host} is no address of this machine ({name} listener).", hint="Look at the host.") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        message, hint = _why(error, host, port)
        raise UsageError(f"{message} ({name} listener).", hint=hint) from None
    return listening


def _why(error: OSError, host: str, port: int) -> tuple[str, str]:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken", "Stop the other program, or choose another port."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be opened", "Choose a port above 1023."
    return f"{host} is no address of this machine", "Choose a host that this machine has."
