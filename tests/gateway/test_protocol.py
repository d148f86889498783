"""HTTP over real sockets: framing, splitting, limits, slow clients, order of answers."""

import asyncio
import contextlib
from typing import Any

import pytest

END = b"Connection: close\r\n"


def _signed(sign: Any, body: bytes) -> bytes:
    return b"X-Hub-Signature-256: " + bytes(sign(body)) + b"\r\n"


def _chunked(body: bytes, size: int, *, headers: bytes, trailer: bytes = b"") -> bytes:
    head = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: lhwa.example\r\nTransfer-Encoding: chunked\r\n"
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head + headers + b"\r\n" + chunks + b"0\r\n" + trailer + b"\r\n"


def _statuses(answers: list[Any]) -> list[int]:
    return [answer.status for answer in answers]


@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_chunked_bodies(gateway: Any, envelope: Any, sign: Any, size: int) -> None:
    body = envelope()
    assert _statuses(await gateway.talk(_chunked(body, size, headers=_signed(sign, body) + END))) == [200]
    assert gateway.clear(gateway.rows()[0]) == body


@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_request_split_at_every_byte(
    gateway: Any, envelope: Any, sign: Any, request_of: Any, framing: str
) -> None:
    body = envelope()
    headers = _signed(sign, body) + END
    wire = _chunked(body, 50, headers=headers) if framing == "chunked" else request_of(body, headers=headers)
    assert _statuses(await gateway.talk(*(wire[at : at + 1] for at in range(len(wire))))) == [200]
    assert gateway.clear(gateway.rows()[0]) == body


async def test_a_request_in_two_pieces_cut_anywhere(gateway: Any, envelope: Any, sign: Any, request_of: Any) -> None:
    body = envelope()
    wire = request_of(body, headers=_signed(sign, body) + END)
    cuts = range(1, len(wire), 9)
    answers = await asyncio.gather(*(gateway.talk(wire[:cut], wire[cut:], pause_s=0.01) for cut in cuts))
    assert [_statuses(answer) for answer in answers] == [[200]] * len(cuts)


async def test_keep_alive_serves_many_requests(
    gateway: Any, envelope: Any, change: Any, sign: Any, request_of: Any
) -> None:
    reader, writer = await gateway.open()
    for number in range(5):
        body = envelope(change(wamid=f"wamid.{number}"))
        writer.write(request_of(body, headers=_signed(sign, body)))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"server:" not in head.lower()
    writer.close()
    assert len(gateway.rows()) == 5


async def test_pipelined_requests_are_answered_in_order(
    gateway: Any, envelope: Any, sign: Any, request_of: Any
) -> None:
    body = envelope()
    wire = (
        request_of(body, headers=_signed(sign, body))
        + request_of(b"", method="GET", path="/nowhere")
        + request_of(body, headers=b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\n")
        + request_of(b"", method="PUT")
        + request_of(body, headers=_signed(sign, body) + END)
    )
    assert _statuses(await gateway.talk(wire)) == [200, 404, 403, 405, 200]


async def test_garbage_after_a_request_is_refused_after_its_answer(
    gateway: Any, envelope: Any, sign: Any, request_of: Any
) -> None:
    body = envelope()
    wire = request_of(body, headers=_signed(sign, body)) + b"\x00garbage\r\n\r\n"
    assert _statuses(await gateway.talk(wire)) == [200, 400]


async def test_nothing_is_read_after_connection_close(gateway: Any, envelope: Any, sign: Any, request_of: Any) -> None:
    body = envelope()
    wire = request_of(body, headers=_signed(sign, body) + END) + request_of(b"", method="GET")
    assert _statuses(await gateway.talk(wire)) == [200]


async def test_too_many_pipelined_requests_are_cut_off(gateway: Any, request_of: Any) -> None:
    answers = _statuses(await gateway.talk(request_of(b"", method="GET", path="/") * 100))
    assert answers[-1] == 503
    assert set(answers[:-1]) == {404}


async def test_http_1_0(gateway: Any, envelope: Any, sign: Any) -> None:
    body = envelope()
    head = b"POST /webhooks/whatsapp HTTP/1.0\r\nContent-Length: %d\r\n" % len(body)
    assert _statuses(await gateway.talk(head + _signed(sign, body) + b"\r\n" + body)) == [200]


async def test_a_client_that_half_closes_still_gets_its_answer(
    gateway: Any, envelope: Any, sign: Any, request_of: Any
) -> None:
    body = envelope()
    assert _statuses(await gateway.talk(request_of(body, headers=_signed(sign, body)), half_close=True)) == [200]


async def test_expect_100_continue(gateway: Any, envelope: Any, sign: Any, request_of: Any) -> None:
    body = envelope()
    wire = request_of(body, headers=_signed(sign, body) + b"Expect: 100-continue\r\n" + END)
    head = wire[: -len(body)]
    reader, writer = await gateway.open()
    writer.write(head)
    assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5) == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_expect_100_continue_is_not_granted_to_a_refused_request(gateway: Any, request_of: Any) -> None:
    wire = request_of(b"x" * 100, headers=b"Expect: 100-continue\r\n")[:-100]
    assert _statuses(await gateway.talk(wire)) == [401]


BAD_HEADS = [
    ("length and chunked", b"Content-Length: 3\r\nTransfer-Encoding: chunked"),
    ("chunked and length", b"Transfer-Encoding: chunked\r\nContent-Length: 3"),
    ("two equal lengths", b"Content-Length: 3\r\nContent-Length: 3"),
    ("two lengths", b"Content-Length: 3\r\nContent-Length: 4"),
    ("a list of lengths", b"Content-Length: 3, 3"),
    ("a signed length", b"Content-Length: +3"),
    ("a negative length", b"Content-Length: -3"),
    ("a huge length", b"Content-Length: 99999999999999999999999"),
    ("another coding", b"Transfer-Encoding: gzip"),
    ("two codings", b"Transfer-Encoding: gzip, chunked"),
    ("chunked twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    ("nearly chunked", b"Transfer-Encoding: xchunked"),
    ("a folded header", b"X-One: a\r\n b"),
    ("a space before the colon", b"Content-Length : 3"),
    ("NUL in a value", b"X-One: a\x00b"),
    ("a bare line feed", b"X-One: a\nX-Two: b"),
    ("two hosts", b"Host: elsewhere.example"),
    ("an upgrade", b"Connection: Upgrade\r\nUpgrade: h2c"),
]


@pytest.mark.parametrize(("label", "head"), BAD_HEADS, ids=[case[0] for case in BAD_HEADS])
async def test_heads_that_can_be_read_in_two_ways_are_refused(gateway: Any, label: str, head: bytes) -> None:
    wire = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: lhwa.example\r\n" + head + b"\r\n\r\nabc"
    [answer] = await gateway.talk(wire)
    assert (answer.status, answer.body, answer.headers["connection"]) == (400, b"", "close"), label
    assert gateway.counted("lhwa_webhook_requests_total", result="malformed") == 1


@pytest.mark.parametrize(
    "chunks",
    [b"zz\r\nabc\r\n0\r\n\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"-1\r\n\r\n", b"0x3\r\nabc\r\n", b"f" * 17 + b"\r\n"],
)
async def test_bad_chunking_is_refused(gateway: Any, sign: Any, chunks: bytes) -> None:
    head = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + _signed(sign, b"abc")
    assert _statuses(await gateway.talk(head + b"\r\n" + chunks)) == [400]
    assert gateway.rows() == []


@pytest.mark.parametrize(
    "first_line", [b"GET / HTTP/2.0", b"GET /", b"\x16\x03\x01\x02\x00", b"FOO / HTTP/1.1", b"GET / HTTP/1.9"]
)
async def test_what_is_not_http_is_refused(gateway: Any, first_line: bytes) -> None:
    assert _statuses(await gateway.talk(first_line + b"\r\nHost: a\r\n\r\n")) == [400]


async def test_a_signature_in_a_trailer_signs_nothing(gateway: Any, envelope: Any, sign: Any) -> None:
    body = envelope()
    wire = _chunked(body, 64, headers=END, trailer=_signed(sign, body))
    assert _statuses(await gateway.talk(wire)) == [401]


async def test_endless_chunk_extensions_are_cut_off(gateway: Any, sign: Any) -> None:
    head = (
        b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + _signed(sign, b"") + b"\r\n"
    )
    assert _statuses(await gateway.talk(head, b"3;x=" + b"a" * 20_000, b"a" * 20_000, pause_s=0.05)) == [400]


@pytest.mark.parametrize("piece_bytes", [500, 20_000])
async def test_a_head_over_the_limit_is_431(gateway: Any, piece_bytes: int) -> None:
    wire = b"GET /webhooks/whatsapp HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 17_000
    pieces = [wire[at : at + piece_bytes] for at in range(0, len(wire), piece_bytes)]
    assert _statuses(await gateway.talk(*pieces)) == [431]


@pytest.mark.parametrize("end", [b"", END])
async def test_an_oversized_length_is_413_and_the_client_can_read_it(
    gateway: Any, sign: Any, request_of: Any, end: bytes
) -> None:
    body = b"x" * (64 * 1024 + 1)
    wire = request_of(body, headers=_signed(sign, body) + end)
    [answer] = await gateway.talk(wire[:2000], wire[2000:], pause_s=0.05)
    assert (answer.status, answer.headers["connection"]) == (413, "close")


async def test_an_oversized_stream_is_413(gateway: Any, sign: Any) -> None:
    body = b"x" * (2 * 64 * 1024)
    assert _statuses(await gateway.talk(_chunked(body, 4096, headers=_signed(sign, body)))) == [413]
    assert gateway.counted("lhwa_webhook_requests_total", result="too_large") == 1
    assert gateway.rows() == []


async def test_a_body_of_exactly_the_limit_is_read(gateway: Any, sign: Any, request_of: Any) -> None:
    body = b'"' + b"x" * (64 * 1024 - 2) + b'"'
    assert _statuses(await gateway.talk(request_of(body, headers=_signed(sign, body) + END))) == [200]


async def test_an_oversized_body_behind_another_request_waits_no_longer_than_it_fits(
    gateway: Any, envelope: Any, sign: Any, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_async, gate = gateway.spool.put_async, asyncio.Event()

    async def slow(requests: Any) -> Any:
        await gate.wait()
        return await put_async(requests)

    monkeypatch.setattr(gateway.spool, "put_async", slow)
    body, big = envelope(), b"x" * 300_000
    talking = asyncio.ensure_future(
        gateway.talk(request_of(body, headers=_signed(sign, body)) + _chunked(big, 4096, headers=_signed(sign, big)))
    )
    await asyncio.sleep(0.3)
    gate.set()
    assert _statuses(await talking) == [200, 413]


async def test_a_slow_head_is_408(start: Any) -> None:
    gateway = await start(header_timeout_s=1)
    reader, writer = await gateway.open()
    with contextlib.suppress(ConnectionError):
        for byte in b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: lhwa.example\r\nX-Slow: aaaaaaaa":
            writer.write(bytes([byte]))
            await asyncio.sleep(0.03)
    assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_a_silent_connection_is_closed_without_a_word(start: Any) -> None:
    gateway = await start(header_timeout_s=1)
    assert await gateway.talk() == []
    await asyncio.sleep(0.05)
    assert gateway.door.count == 0
    assert gateway.door.by_source == {}


async def test_a_slow_body_is_408(start: Any, sign: Any, request_of: Any) -> None:
    gateway = await start(body_timeout_s=1)
    wire = request_of(b"x" * 100, headers=_signed(sign, b"x" * 100))
    [answer] = await gateway.talk(wire[:-50])
    assert (answer.status, answer.headers["connection"]) == (408, "close")
    assert gateway.counted("lhwa_webhook_requests_total", result="timeout") == 1


async def test_an_idle_connection_is_closed(start: Any, envelope: Any, sign: Any, request_of: Any) -> None:
    gateway = await start(idle_timeout_s=1)
    body = envelope()
    assert _statuses(await gateway.talk(request_of(body, headers=_signed(sign, body)))) == [200]


async def test_a_client_that_leaves_in_the_middle_is_only_counted(gateway: Any, sign: Any, request_of: Any) -> None:
    _reader, writer = await gateway.open()
    writer.write(request_of(b"x" * 100, headers=_signed(sign, b"x" * 100))[:-50])
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await asyncio.sleep(0.1)
    assert gateway.counted("lhwa_webhook_requests_total", result="disconnected") == 1
    assert gateway.door.count == 0


async def test_connections_of_one_source_are_limited(start: Any) -> None:
    gateway = await start(connections_per_source_max=2)
    held = [await gateway.open() for _ in range(2)]
    await asyncio.sleep(0.05)
    [answer] = await gateway.talk()
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    for _reader, writer in held:
        writer.close()
    await asyncio.sleep(0.05)
    assert gateway.door.count == 0


async def test_connections_of_a_trusted_proxy_are_not(start: Any, envelope: Any) -> None:
    gateway = await start(connections_per_source_max=1, proxies=("127.0.0.0/8",))
    _reader, writer = await gateway.open()
    assert (await gateway.post(envelope())).status == 200
    writer.close()
