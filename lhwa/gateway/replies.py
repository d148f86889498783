"""What goes in and out of the webhook application: the parts of a head that count, and the answers."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from lhwa.gateway import signature

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and what to count it as."""

    status: int
    result: str
    reason: str = ""
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body_bytes: int = 0


CLOSE = ((b"connection", b"close"),)
"""For refusals that leave the body unread: what follows on this connection would be taken for the next request."""
NOT_FOUND = Reply(404, "", "no_such_path")
WRONG_METHOD = Reply(405, "", "wrong_method", headers=((b"allow", b"GET, POST"),))


class Head:
    """What the checks need of the headers."""

    __slots__ = ("encoding", "length", "signatures")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.encoding = b""
        self.length = 0
        self.signatures: list[bytes] = []
        for name, value in headers:
            if name == signature.HEADER:
                self.signatures.append(value)
            elif name == b"content-encoding":
                # Joined, so that a second header cannot hide behind an empty or harmless first one.
                self.encoding = b",".join(filter(None, (self.encoding, value.strip().lower())))
            elif name == b"content-length" and value.isdigit() and len(value) < 20:
                self.length = int(value)


def retry_after(seconds: float) -> tuple[tuple[bytes, bytes], ...]:
    """The header that says when to come back."""
    return ((b"retry-after", str(max(math.ceil(seconds), 1)).encode()),)


async def send_reply(reply: Reply, send: Send) -> None:
    """Send a reply through ASGI."""
    headers = [(b"content-length", str(len(reply.body)).encode()), *reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})
