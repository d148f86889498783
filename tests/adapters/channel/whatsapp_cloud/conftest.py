"""What the tests of the channel share: a server that breaks connections where it is told to."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import pytest


@dataclass
class Connection:
    """The server's end of one connection, read and broken by hand."""

    sock: socket.socket
    received: bytearray = field(default_factory=bytearray)

    async def arrived(self) -> None:
        """Wait until the whole request lies here, unread."""
        while not is_whole(self._peeked()):  # noqa: ASYNC110 -- peeking has no event
            await asyncio.sleep(0.001)

    def _peeked(self) -> bytes:
        try:
            return self.sock.recv(1_000_000, socket.MSG_PEEK)
        except BlockingIOError:
            return b""

    async def read_headers(self) -> None:
        """Read to the end of the headers and no further."""
        while not self.received.endswith(b"\r\n\r\n"):
            self.received += await asyncio.get_running_loop().sock_recv(self.sock, 1)

    async def read_all(self) -> bytes:
        """Read the whole request."""
        while not is_whole(self.received):
            piece = await asyncio.get_running_loop().sock_recv(self.sock, 65_536)
            assert piece, "the client hung up before its request was whole"
            self.received += piece
        return bytes(self.received)

    async def say(self, answer: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.sock, answer)

    def reset(self) -> None:
        """Hang up so that the other side gets a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self) -> None:
        self.sock.close()


def is_whole(request: bytes | bytearray) -> bool:
    head, separator, body = bytes(request).partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    return bool(separator) and len(body) >= length


Stage = Callable[[Connection], Awaitable[None]]


@dataclass
class Server:
    """A server on this machine that treats every connection as its stage says."""

    base_url: str
    stage: Stage | None = None
    connections: list[Connection] = field(default_factory=list)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    found = Server(f"http://127.0.0.1:{listener.getsockname()[1]}")

    async def serve(connection: Connection) -> None:
        assert found.stage is not None
        await found.stage(connection)

    async def accept(tasks: set[asyncio.Task[None]]) -> None:
        while True:
            sock, _ = await asyncio.get_running_loop().sock_accept(listener)
            sock.setblocking(False)
            connection = Connection(sock)
            found.connections.append(connection)
            tasks.add(asyncio.create_task(serve(connection)))

    tasks: set[asyncio.Task[None]] = set()
    tasks.add(asyncio.create_task(accept(tasks)))
    yield found
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for connection in found.connections:
        connection.close()
    listener.close()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        yield client
