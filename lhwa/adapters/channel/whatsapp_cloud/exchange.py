"""One HTTP exchange: make a request once, and tell what left from what may have.

Whether a request can have reached anybody is read off its body: a server cannot act on a message before the body,
and the transport takes the body from us when it writes it. Until then every failure means that nothing left.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from lhwa import __version__
from lhwa.adapters.channel.whatsapp_cloud.replies import Answer
from lhwa.errors import InvariantError
from lhwa.ports.channel import ChannelAccess

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0
"""Meta answers late at times, and an answer that was not awaited is a message in doubt."""
WRITE_TIMEOUT_S = 30.0
POOL_TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 262_144
_TIMEOUT = httpx.Timeout(
    connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S, write=WRITE_TIMEOUT_S, pool=POOL_TIMEOUT_S
).as_dict()
_PIECE_BYTES = 65_536
_BEFORE_WRITING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class NoAnswerError(Exception):
    """No complete answer came. The text says why, without content or secrets."""

    def __init__(self, why: str, *, has_left: bool) -> None:
        super().__init__(why)
        self.why = why
        self.has_left = has_left
        """False only when it is certain that nothing left."""


class OutgoingBody:
    """A body that leaves once, and remembers that it began to."""

    def __init__(self, *parts: bytes, content_type: str) -> None:
        self._parts = parts
        self.content_type = content_type
        self.bytes_count = sum(len(part) for part in parts)
        self.has_left = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces, for the transport."""
        if self.has_left:
            raise InvariantError("A request was about to leave a second time.")
        self.has_left = True
        for part in self._parts:
            for start in range(0, len(part), _PIECE_BYTES):
                yield part[start : start + _PIECE_BYTES]


class _Opening:
    """A connection that is being opened, and closed if that breaks off: httpcore forgets it when it is cancelled."""

    def __init__(self) -> None:
        self._stream: Any = None

    async def trace(self, event: str, facts: Mapping[str, Any]) -> None:
        """Told by the transport of every step."""
        if event == "connection.connect_tcp.complete":
            self._stream = facts["return_value"]
        elif event == "connection.start_tls.failed" and self._stream is not None:
            await self._stream.aclose()


class _Secret(bytes):
    """A header value that no dump shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'[secure]'"


async def post(
    http: httpx.AsyncClient, path: str, body: OutgoingBody, *, access: ChannelAccess, total_s: float
) -> Answer:
    """Post a body to one of the number's own addresses. As `ask`."""
    return await ask(http, "POST", path, body, access=access, total_s=total_s)


async def ask(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    body: OutgoingBody,
    *,
    access: ChannelAccess,
    total_s: float,
    query: Mapping[str, str] | None = None,
) -> Answer:
    """Make one request to one of the number's own addresses; the complete answer, whatever it says.

    Args:
        http: carries the connections; none of its own headers, cookies, credentials or redirects are used.
        total_s: the most that all of it may take: an answer that trickles resets every other timeout.
    Raises: NoAnswerError.
    """
    request = httpx.Request(
        method,
        f"{access.base_url.rstrip('/')}/{access.api_version}/{access.phone_number_id}/{path}",
        params=query,
        headers=_headers(body, access),
        content=body,
        extensions={"timeout": _TIMEOUT, "trace": _Opening().trace},
    )
    try:
        async with asyncio.timeout(total_s):
            return await _answer(http, request)
    except TimeoutError:
        raise NoAnswerError("no complete answer came in time", has_left=body.has_left) from None
    # The cause goes no further: it carries the request, and so the token.
    except _BEFORE_WRITING as error:
        raise NoAnswerError(_why(error), has_left=False) from None
    except Exception as error:
        # Whatever broke: taken for a defect, it would be tried again.
        if body.has_left or isinstance(error, httpx.HTTPError):
            raise NoAnswerError(_why(error), has_left=body.has_left) from None
        raise


def _headers(body: OutgoingBody, access: ChannelAccess) -> list[tuple[bytes, bytes]]:
    return [
        (b"Authorization", _Secret(b"Bearer " + access.token.encode("ascii"))),
        (b"User-Agent", f"lhwa/{__version__}".encode()),
        (b"Accept", b"application/json"),
        (b"Accept-Encoding", b"identity"),
        (b"Content-Type", body.content_type.encode("ascii")),
        (b"Content-Length", str(body.bytes_count).encode("ascii")),
    ]


async def _answer(http: httpx.AsyncClient, request: httpx.Request) -> Answer:
    response = await http.send(request, stream=True, auth=None, follow_redirects=False)
    try:
        # One small packed piece could unpack to any size, and nobody was asked to pack.
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise NoAnswerError("the answer was packed", has_left=True)
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > ANSWER_BYTES_MAX:
                raise NoAnswerError("the answer was too long", has_left=True)
    finally:
        await response.aclose()
    return Answer(response.status_code, bytes(content), response.headers.get("retry-after"))


def _why(error: Exception) -> str:
    if isinstance(error, NoAnswerError):
        return error.why
    chain: list[BaseException] = []
    seen: BaseException | None = error
    while seen is not None and seen not in chain:
        chain.append(seen)
        seen = seen.__cause__ or seen.__context__
    known = (why for kind, why in _REASONS if any(isinstance(each, kind) for each in chain))
    return next(known, "the exchange broke off")


# The more exact ones first: httpx wraps what the system said.
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (httpx.PoolTimeout, "no connection was free"),
    (httpx.ConnectTimeout, "no connection came about in time"),
    (httpx.ReadTimeout, "no answer came in time"),
    (httpx.WriteTimeout, "the request could not be written in time"),
    (httpx.ProxyError, "the proxy gave no connection"),
    (ssl.SSLCertVerificationError, "the server's certificate is not to be trusted"),
    (ssl.SSLError, "no secure connection came about"),
    (socket.gaierror, "the server's name was not found"),
    (ConnectionRefusedError, "the server refused the connection"),
    (httpx.ConnectError, "no connection came about"),
    (httpx.RemoteProtocolError, "the answer broke off"),
)
