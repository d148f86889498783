from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lhwa import __version__
from lhwa.adapters.channel.whatsapp_cloud.client import WhatsAppCloudChannel
from lhwa.domain.outbound import OutboundMessage, Recipient, Text
from lhwa.domain.send_errors import NOT_CONNECTED, REFUSED, UNANSWERED, ErrorClass
from lhwa.errors import InDoubtError, InvariantError
from lhwa.ports.channel import Channel, ChannelAccess, MediaFile, Receipt, SendError

TOKEN = "EAAG-canary-token"
ACCESS = ChannelAccess(
    base_url="https://graph.facebook.com/", api_version="v25.0", phone_number_id="1060001", token=TOKEN
)
MESSAGE = OutboundMessage(
    id="01J9Z3KQ5V8X7W6Y5T4R3Q2P1N",
    phone_number_id="1060001",
    recipient=Recipient(phone="+6281230001111"),
    content=Text(body="Rahasia klien Contoh"),
)
ACCEPTED = {"messages": [{"id": "wamid.OUT1"}], "contacts": [{"wa_id": "6281230001111"}]}
PDF = MediaFile("application/pdf", b"%PDF-1.7 contoh")
Handler = Callable[[httpx.Request], httpx.Response]


def channel_to(handler: Handler, **client: Any) -> WhatsAppCloudChannel:
    return WhatsAppCloudChannel(httpx.AsyncClient(transport=httpx.MockTransport(handler), **client))


def answering(status: int, body: Any, **headers: str) -> Handler:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _request: httpx.Response(status, content=content, headers=headers)


def failing(error: Exception, cause: Exception | None = None) -> Handler:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error from cause

    return fail


def refusal(code: int) -> dict[str, Any]:
    return {"error": {"message": "x", "code": code, "fbtrace_id": "AbC123"}}


async def test_a_message_that_meta_took_gives_a_receipt() -> None:
    channel: Channel = channel_to(answering(200, ACCEPTED))
    assert await channel.send(MESSAGE, access=ACCESS) == Receipt("wamid.OUT1", None, "6281230001111")


async def test_the_request_is_ours_whatever_the_client_brings() -> None:
    seen: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=ACCEPTED, headers={"set-cookie": "a=b"})

    channel = channel_to(keep, headers={"X-Other": "1"}, cookies={"c": "d"}, auth=("user", "word"), params={"p": "q"})
    for _ in range(2):
        await channel.send(MESSAGE, access=ACCESS)
    for request in seen:
        assert str(request.url) == "https://graph.facebook.com/v25.0/1060001/messages"
        assert request.method == "POST"
        assert dict(request.headers) == {
            "authorization": f"Bearer {TOKEN}",
            "user-agent": f"lhwa/{__version__}",
            "accept": "application/json",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "content-length": str(len(request.content)),
            "host": "graph.facebook.com",
        }
        assert json.loads(request.content)["to"] == "+6281230001111"
        assert request.extensions["timeout"] == {"connect": 5.0, "read": 60.0, "write": 30.0, "pool": 5.0}


@pytest.mark.parametrize(
    ("status", "body", "vendor_code", "error_class", "retry_after_s"),
    [
        (401, refusal(190), 190, ErrorClass.REAUTH, None),
        (400, refusal(131056), 131056, ErrorClass.SLOW, 1),
        (500, refusal(131000), 131000, ErrorClass.RETRY, None),
        (200, refusal(131009), 131009, ErrorClass.NEVER, None),
        (404, b"<html>", None, ErrorClass.NEVER, None),
        (429, b"<html>", None, ErrorClass.SLOW, 60),
    ],
)
async def test_a_refusal_is_certain(
    status: int, body: Any, vendor_code: int | None, error_class: ErrorClass, retry_after_s: float | None
) -> None:
    with pytest.raises(SendError) as caught:
        await channel_to(answering(status, body)).send(MESSAGE, access=ACCESS)
    error = caught.value
    assert (error.vendor_code, error.verdict.error_class, error.retry_after_s) == (
        vendor_code,
        error_class,
        retry_after_s,
    )
    assert error.trace_id == (None if vendor_code is None else "AbC123")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, {"messages": []}),
        (200, b'{"messages":[{"id":"wamid.OU'),
        (200, {"success": True}),
        (204, b""),
        (307, b""),
        (408, b"<html>"),
        (500, b"<html>"),
        (502, {"error": "upstream"}),
        (503, b""),
        (504, {"error": {"message": "x"}}),
    ],
)
async def test_an_answer_that_says_nothing_leaves_the_message_in_doubt(status: int, body: Any) -> None:
    with pytest.raises(InDoubtError) as caught:
        await channel_to(answering(status, body)).send(MESSAGE, access=ACCESS)
    assert caught.value.hint
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("x"),
        httpx.ConnectTimeout("x"),
        httpx.PoolTimeout("x"),
        httpx.ProxyError("x"),
        httpx.UnsupportedProtocol("x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_without_a_connection_nothing_left(error: Exception) -> None:
    with pytest.raises(SendError) as caught:
        await channel_to(failing(error)).send(MESSAGE, access=ACCESS)
    assert caught.value.verdict is NOT_CONNECTED
    assert caught.value.retryable


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("x"),
        httpx.WriteTimeout("x"),
        httpx.ReadError("x"),
        httpx.WriteError("x"),
        httpx.CloseError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.DecodingError("x"),
        httpx.TooManyRedirects("x"),
        OSError("x"),
        ValueError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_breaks_after_writing_began_leaves_the_message_in_doubt(error: Exception) -> None:
    with pytest.raises(InDoubtError):
        await channel_to(failing(error)).send(MESSAGE, access=ACCESS)


async def test_a_client_that_was_closed_is_a_defect_and_nothing_left() -> None:
    http = httpx.AsyncClient()
    await http.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await WhatsAppCloudChannel(http).send(MESSAGE, access=ACCESS)


async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://evil.example/"})

    with pytest.raises(InDoubtError):
        await channel_to(redirect, follow_redirects=True).send(MESSAGE, access=ACCESS)
    assert asked == ["graph.facebook.com"]


async def test_an_answer_is_not_read_beyond_the_limit() -> None:
    read: list[int] = []

    async def endless() -> Any:
        while True:
            read.append(65_536)
            yield b"x" * 65_536

    channel = channel_to(lambda _request: httpx.Response(200, content=endless()))
    with pytest.raises(InDoubtError, match="too long"):
        await channel.send(MESSAGE, access=ACCESS)
    assert sum(read) <= 262_144 + 65_536


async def test_a_packed_answer_is_not_unpacked() -> None:
    channel = channel_to(
        lambda _request: httpx.Response(200, stream=httpx.ByteStream(b"\x1f\x8b"), headers={"content-encoding": "gzip"})
    )
    with pytest.raises(InDoubtError):
        await channel.send(MESSAGE, access=ACCESS)


def never(_request: httpx.Request) -> httpx.Response:
    raise AssertionError("something was posted")


async def test_what_meta_would_refuse_is_not_posted() -> None:
    message = OutboundMessage(
        id=MESSAGE.id, phone_number_id="1060001", recipient=MESSAGE.recipient, content=Text(body="canary" * 1_000)
    )
    with pytest.raises(SendError) as caught:
        await channel_to(never).send(message, access=ACCESS)
    assert caught.value.verdict is REFUSED
    assert str(caught.value) == "Not posted, as Meta would refuse it: text-length at text.body."
    assert caught.value.hint == "Shorten it to 4096 characters."


async def test_a_message_never_leaves_from_another_number() -> None:
    other = ChannelAccess(base_url=ACCESS.base_url, api_version="v25.0", phone_number_id="1060002", token=TOKEN)
    with pytest.raises(InvariantError):
        await channel_to(never).send(MESSAGE, access=other)


async def test_a_message_is_marked_as_read() -> None:
    seen: list[Any] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={"success": True})

    await channel_to(keep).mark_read("wamid.IN1", access=ACCESS, is_typing=True)
    assert seen[0]["message_id"] == "wamid.IN1"
    assert seen[0]["typing_indicator"] == {"type": "text"}


async def test_a_file_is_uploaded() -> None:
    seen: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "910"})

    assert await channel_to(keep).upload_media(PDF, access=ACCESS) == "910"
    assert seen[0].url.path == "/v25.0/1060001/media"
    assert b'filename="file.pdf"' in seen[0].content
    assert PDF.content in seen[0].content
    assert int(seen[0].headers["content-length"]) == len(seen[0].content)


async def test_a_file_that_meta_would_refuse_is_not_uploaded() -> None:
    with pytest.raises(SendError) as caught:
        await channel_to(never).upload_media(MediaFile("audio/opus", b"x"), access=ACCESS)
    assert caught.value.verdict is REFUSED


Repeatable = Callable[[WhatsAppCloudChannel], Any]
REPEATABLE = [
    pytest.param(lambda channel: channel.mark_read("wamid.IN1", access=ACCESS), id="mark_read"),
    pytest.param(lambda channel: channel.upload_media(PDF, access=ACCESS), id="upload_media"),
]


@pytest.mark.parametrize("call", REPEATABLE)
@pytest.mark.parametrize(
    ("handler", "verdict"),
    [
        (failing(httpx.ReadTimeout("x")), UNANSWERED),
        (failing(httpx.ConnectError("x")), NOT_CONNECTED),
        (answering(200, b"<html>"), UNANSWERED),
        (answering(503, b"<html>"), UNANSWERED),
    ],
)
async def test_what_does_no_harm_twice_is_never_in_doubt(call: Repeatable, handler: Handler, verdict: object) -> None:
    with pytest.raises(SendError) as caught:
        await call(channel_to(handler))
    assert caught.value.verdict is verdict
    assert caught.value.retryable


@pytest.mark.parametrize("call", REPEATABLE)
async def test_what_does_no_harm_twice_can_be_refused(call: Repeatable) -> None:
    with pytest.raises(SendError) as caught:
        await call(channel_to(answering(400, refusal(131009))))
    assert caught.value.vendor_code == 131009


HANDLERS = [
    answering(401, {"error": {"code": 190, "message": f"Bad token {TOKEN}", "error_data": "Rahasia +6281230001111"}}),
    answering(500, f"<html>{TOKEN} Rahasia +6281230001111".encode()),
    answering(200, {"messages": [], "contacts": [{"input": "+6281230001111"}]}),
    failing(httpx.ReadTimeout(f"Rahasia {TOKEN}")),
    failing(httpx.ConnectError(f"Rahasia {TOKEN}"), OSError(TOKEN)),
    failing(httpx.LocalProtocolError(f"Illegal header value {TOKEN}")),
]


@pytest.mark.parametrize("handler", HANDLERS)
async def test_no_error_and_no_log_shows_a_secret(handler: Handler, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises((SendError, InDoubtError)) as caught:
        await channel_to(handler).send(MESSAGE, access=ACCESS)
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    # Of the frames those of the channel: httpx shows its headers masked, and the handlers are the test's own.
    own = [frame for frame in frames.stack if "/lhwa/adapters/" in frame.filename]
    assert own
    shown = "".join(str(frame.locals) for frame in own) + caplog.text
    shown += "".join(traceback.format_exception(caught.value)) + f"{caught.value!r}{caught.value.hint}"
    assert TOKEN not in shown
    assert "6281230001111" not in shown
    assert "Rahasia" not in "".join(traceback.format_exception(caught.value)) + caplog.text


async def test_no_dump_of_the_headers_shows_the_token() -> None:
    dumps: list[str] = []

    def dump(request: httpx.Request) -> httpx.Response:
        dumps.append(f"{request!r} {request.headers!r} {request.headers.raw!r} {request.__dict__!r}")
        return httpx.Response(200, json=ACCEPTED)

    await channel_to(dump).send(MESSAGE, access=ACCESS)
    assert "Authorization" in dumps[0]
    assert TOKEN not in dumps[0]
