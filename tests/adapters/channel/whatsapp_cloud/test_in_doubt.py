"""What is certain and what is not, when a real connection breaks at each of its stages."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import httpx
import pytest

from lhwa.adapters.channel.whatsapp_cloud import client, exchange
from lhwa.adapters.channel.whatsapp_cloud.client import WhatsAppCloudChannel
from lhwa.domain.outbound import OutboundMessage, Recipient, Text
from lhwa.domain.send_errors import NOT_CONNECTED
from lhwa.errors import InDoubtError
from lhwa.ports.channel import CancelledSendError, ChannelAccess, MediaFile, SendError

BODY = b'{"messages":[{"id":"wamid.OUT1"}]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
MESSAGE = OutboundMessage(
    id="01J9Z3KQ5V8X7W6Y5T4R3Q2P1N",
    phone_number_id="1060001",
    recipient=Recipient(phone="+6281230001111"),
    content=Text(body="Rahasia klien Contoh"),
)


class Connection(Protocol):
    async def arrived(self) -> None: ...
    async def read_headers(self) -> None: ...
    async def read_all(self) -> bytes: ...
    async def say(self, answer: bytes) -> None: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...


Stage = Callable[[Connection], Awaitable[None]]


class Server(Protocol):
    base_url: str
    stage: Stage | None
    connections: list[Any]


def access_to(base_url: str) -> ChannelAccess:
    return ChannelAccess(base_url=base_url, api_version="v25.0", phone_number_id="1060001", token="EAAG-canary")


def reads_all(then: Callable[[Connection], Awaitable[None]]) -> Stage:
    async def stage(connection: Connection) -> None:
        await connection.read_all()
        await then(connection)

    return stage


def says(answer: bytes, *, resets: bool = False) -> Stage:
    async def then(connection: Connection) -> None:
        await connection.say(answer)
        if resets:
            # What was said has to be read before the reset wipes it out.
            await asyncio.sleep(0.05)
            connection.reset()
        else:
            connection.close()

    return reads_all(then)


async def reset_unread(connection: Connection) -> None:
    await connection.arrived()
    connection.reset()


async def reset_after_headers(connection: Connection) -> None:
    await connection.read_headers()
    connection.reset()


async def reset(connection: Connection) -> None:
    connection.reset()


async def close(connection: Connection) -> None:
    connection.close()


async def hold(_connection: Connection) -> None:
    await asyncio.Event().wait()


async def drip(connection: Connection) -> None:
    await connection.say(HEAD)
    for _ in range(1_000):
        await connection.say(b" ")
        await asyncio.sleep(0.02)


BROKEN: dict[str, Stage] = {
    "reset before anything was read": reset_unread,
    "reset after the headers": reset_after_headers,
    "reset after the body": reads_all(reset),
    "closed after the body": reads_all(close),
    "in the middle of the status line": says(b"HTTP/1.1 2"),
    "in the middle of the headers": says(HEAD[:40]),
    "after the headers": says(HEAD),
    "in the middle of the answer": says(HEAD + BODY[:10]),
    "reset in the middle of the answer": says(HEAD + BODY[:10], resets=True),
    "in the middle of a chunk": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + BODY[:10]),
    "an error that breaks off": says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 99\r\n\r\n{"),
    "no HTTP at all": says(b"hello\r\n\r\n"),
    "an empty 200 that ends with the connection": says(b"HTTP/1.1 200 OK\r\n\r\n"),
    "a page of a proxy": says(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>"),
}


@pytest.mark.parametrize("stage", BROKEN.values(), ids=BROKEN)
async def test_a_connection_that_breaks_leaves_the_message_in_doubt(
    server: Server, http: httpx.AsyncClient, stage: Stage
) -> None:
    server.stage = stage
    with pytest.raises(InDoubtError):
        await WhatsAppCloudChannel(http).send(MESSAGE, access=access_to(server.base_url))
    assert len(server.connections) == 1, "posted more than once"


async def test_a_whole_answer_is_a_receipt_and_the_request_was_plain(server: Server, http: httpx.AsyncClient) -> None:
    requests: list[bytes] = []

    async def stage(connection: Connection) -> None:
        for _ in range(2):
            requests.append(await connection.read_all())
            connection.received.clear()  # type: ignore[attr-defined]  # the sample server's own
            await connection.say(HEAD + BODY)

    server.stage = stage
    channel = WhatsAppCloudChannel(http)
    for _ in range(2):
        assert (await channel.send(MESSAGE, access=access_to(server.base_url))).wamid == "wamid.OUT1"
    assert len(server.connections) == 1, "the connection was not kept"
    for request in requests:
        assert request.startswith(b"POST /v25.0/1060001/messages HTTP/1.1\r\n")
        assert b"Authorization: Bearer EAAG-canary\r\n" in request
        assert b"transfer-encoding" not in request.lower()


async def test_a_kept_connection_that_breaks_leaves_the_message_in_doubt(
    server: Server, http: httpx.AsyncClient
) -> None:
    async def stage(connection: Connection) -> None:
        await connection.read_all()
        await connection.say(HEAD + BODY)
        connection.received.clear()  # type: ignore[attr-defined]  # the sample server's own
        await connection.read_all()
        connection.reset()

    server.stage = stage
    channel, access = WhatsAppCloudChannel(http), access_to(server.base_url)
    await channel.send(MESSAGE, access=access)
    with pytest.raises(InDoubtError):
        await channel.send(MESSAGE, access=access)
    assert len(server.connections) == 1, "posted more than once"


async def test_no_answer_in_time_leaves_the_message_in_doubt(
    server: Server, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(exchange._TIMEOUT, "read", 0.05)
    server.stage = reads_all(hold)
    with pytest.raises(InDoubtError, match="no answer came in time"):
        await WhatsAppCloudChannel(http).send(MESSAGE, access=access_to(server.base_url))


async def test_an_answer_that_trickles_is_not_awaited_for_ever(
    server: Server, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SEND_S_MAX", 0.1)
    server.stage = reads_all(drip)
    with pytest.raises(InDoubtError, match="in time"):
        await WhatsAppCloudChannel(http).send(MESSAGE, access=access_to(server.base_url))


async def test_a_sender_that_is_stopped_after_posting_leaves_the_message_in_doubt(
    server: Server, http: httpx.AsyncClient
) -> None:
    posted = asyncio.Event()

    async def then(_connection: Connection) -> None:
        posted.set()
        await asyncio.Event().wait()

    server.stage = reads_all(then)
    sending = asyncio.create_task(WhatsAppCloudChannel(http).send(MESSAGE, access=access_to(server.base_url)))
    await posted.wait()
    sending.cancel()
    with pytest.raises(CancelledSendError):
        await sending
    assert sending.cancelled()


async def test_a_sender_that_is_stopped_before_posting_has_sent_nothing(server: Server) -> None:
    posted, may_answer = asyncio.Event(), asyncio.Event()

    async def then(connection: Connection) -> None:
        posted.set()
        await may_answer.wait()
        await connection.say(HEAD + BODY)

    server.stage = reads_all(then)
    access = access_to(server.base_url)
    # The only connection is taken, so the second message waits for it.
    async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=1)) as http:
        channel = WhatsAppCloudChannel(http)
        first = asyncio.create_task(channel.send(MESSAGE, access=access))
        await posted.wait()
        second = asyncio.create_task(channel.send(MESSAGE, access=access))
        for _ in range(20):
            await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await second
        assert not isinstance(caught.value, InDoubtError)
        may_answer.set()
        assert (await first).wamid == "wamid.OUT1"
    assert len(server.connections) == 1


async def unsent(http: httpx.AsyncClient, base_url: str, why: str) -> None:
    with pytest.raises(SendError, match=why) as caught:
        await WhatsAppCloudChannel(http).send(MESSAGE, access=access_to(base_url))
    assert caught.value.verdict is NOT_CONNECTED
    assert caught.value.vendor_code is None


async def test_a_refused_connection_is_certain(http: httpx.AsyncClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    await unsent(http, f"http://127.0.0.1:{port}", "the server refused the connection")


async def test_a_server_without_tls_is_certain(server: Server, http: httpx.AsyncClient) -> None:
    async def stage(connection: Connection) -> None:
        await connection.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.close()

    server.stage = stage
    await unsent(http, server.base_url.replace("http:", "https:"), "no secure connection came about")


async def test_a_handshake_that_takes_too_long_is_certain(
    server: Server, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(exchange._TIMEOUT, "connect", 0.05)
    server.stage = hold
    await unsent(http, server.base_url.replace("http:", "https:"), "in time")


async def test_no_free_connection_is_certain(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exchange._TIMEOUT, "pool", 0.05)
    posted, may_answer = asyncio.Event(), asyncio.Event()

    async def then(connection: Connection) -> None:
        posted.set()
        await may_answer.wait()
        await connection.say(HEAD + BODY)

    server.stage = reads_all(then)
    async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=1)) as http:
        first = asyncio.create_task(WhatsAppCloudChannel(http).send(MESSAGE, access=access_to(server.base_url)))
        await posted.wait()
        await unsent(http, server.base_url, "no connection was free")
        may_answer.set()
        assert (await first).wamid == "wamid.OUT1"


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (socket.gaierror(-2, "x"), "name was not found"),
        (ssl.SSLCertVerificationError("x"), "certificate is not to be trusted"),
        (ssl.SSLError("x"), "no secure connection"),
        (ConnectionRefusedError("x"), "refused the connection"),
        (OSError("x"), "no connection came about"),
    ],
    ids=["name", "certificate", "tls", "refused", "other"],
)
async def test_the_error_says_why_there_is_no_connection(cause: OSError, why: str) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("x") from cause

    await unsent(httpx.AsyncClient(transport=httpx.MockTransport(fail)), "https://graph.facebook.com", why)


async def test_a_large_file_arrives_whole(server: Server, http: httpx.AsyncClient) -> None:
    content = b"%PDF-" + bytes(range(256)) * 2_000
    received: list[bytes] = []

    async def stage(connection: Connection) -> None:
        received.append(await connection.read_all())
        await connection.say(b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"id":"910"}')

    server.stage = stage
    file = MediaFile("application/pdf", content)
    channel = WhatsAppCloudChannel(http)
    assert await channel.upload_media(file, access=access_to(server.base_url)) == "910"
    assert content in received[0]


async def test_a_stop_in_the_middle_of_a_handshake_leaves_no_connection_open(
    server: Server, http: httpx.AsyncClient
) -> None:
    greeted, ended = asyncio.Event(), asyncio.Event()

    async def stage(connection: Any) -> None:
        loop = asyncio.get_running_loop()
        assert await loop.sock_recv(connection.sock, 65_536)
        greeted.set()
        assert await loop.sock_recv(connection.sock, 65_536) == b""
        ended.set()

    server.stage = stage
    access = access_to(server.base_url.replace("http:", "https:"))
    sending = asyncio.create_task(WhatsAppCloudChannel(http).send(MESSAGE, access=access))
    await greeted.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError) as raised:
        await sending
    assert not isinstance(raised.value, CancelledSendError), "nothing has left"
    # It ends without help: the collector of garbage would close it as well, whenever it comes.
    gc.disable()
    try:
        await asyncio.wait_for(ended.wait(), 5)
    finally:
        gc.enable()
