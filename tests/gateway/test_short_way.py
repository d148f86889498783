"""A plain webhook on its short way through the connection: stored before it is answered, in order, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.sealing import ColumnSeal
from lhwa.errors import StorageError
from lhwa.gateway.protocol import WebhookProtocol
from lhwa.store.spool import Settle


def _post(body: bytes, sign: Any, request_of: Any, *, more: bytes = b"") -> bytes:
    return bytes(request_of(body, headers=b"X-Hub-Signature-256: " + bytes(sign(body)) + b"\r\n" + more))


@pytest.fixture
def long_ways(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was sent the long way after it was looked at."""
    sent: list[bytes] = []
    go = WebhookProtocol.go_the_long_way

    def going(connection: WebhookProtocol, data: bytes) -> None:
        sent.append(data)
        go(connection, data)

    monkeypatch.setattr(WebhookProtocol, "go_the_long_way", going)
    return sent


@pytest.fixture
def slow(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A spool that tells nobody of its commits until the test says so."""
    untold: list[tuple[Settle, Any]] = []
    put_soon = gateway.spool.put_soon

    def held(requests: Any, settle: Settle) -> None:
        put_soon(requests, lambda outcome: untold.append((settle, outcome)))

    def tell() -> None:
        monkeypatch.setattr(gateway.spool, "put_soon", put_soon)
        for settle, outcome in untold:
            settle(outcome)

    monkeypatch.setattr(gateway.spool, "put_soon", held)
    return tell


async def _answer(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)


async def _silence(reader: asyncio.StreamReader) -> bool:
    try:
        await asyncio.wait_for(reader.read(1), 0.1)
    except TimeoutError:
        return True
    return False


async def test_it_is_stored_counted_and_answered_with_a_date(
    gateway: Any, envelope: Any, sign: Any, request_of: Any, long_ways: list[bytes]
) -> None:
    reader, writer = await gateway.open()
    for expected in ("ok", "dup"):
        writer.write(_post(envelope(), sign, request_of))
        head = await _answer(reader)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert head.count(b"\r\ndate: ") == 1
        assert b"\r\ncontent-length: 0\r\n" in head
        assert gateway.counted("lhwa_webhook_requests_total", result=expected) == 1
    writer.close()
    assert long_ways == []
    assert [gateway.clear(row) for row in gateway.rows()] == [envelope()]
    assert gateway.counted("lhwa_webhook_secret_matched_total", label="current") == 2
    assert gateway.counted("lhwa_webhook_ack_duration_seconds_count") == 2


async def test_what_is_not_as_it_should_be_gets_the_answer_of_the_long_way(
    gateway: Any, envelope: Any, change: Any, sign: Any, request_of: Any, long_ways: list[bytes]
) -> None:
    wrong = b"sha256=" + b"0" * 64
    bodies = [
        (envelope(), wrong, 403),
        (b"not json", sign(b"not json"), 200),
        (envelope(change("999")), sign(envelope(change("999"))), 200),
        (envelope(change("301"), change("302")), sign(envelope(change("301"), change("302"))), 200),
    ]
    reader, writer = await gateway.open()
    for body, signature, status in bodies:
        writer.write(request_of(body, headers=b"X-Hub-Signature-256: " + signature + b"\r\n"))
        assert (await _answer(reader)).startswith(b"HTTP/1.1 %d " % status)
    writer.close()
    assert len(long_ways) == len(bodies)
    assert sorted(row.state for row in gateway.rows()) == ["dead", "stored", "stored", "unrouted"]


async def test_a_request_too_many_is_refused_and_costs_no_second_allowance(
    start: Any, envelope: Any, change: Any, sign: Any, request_of: Any
) -> None:
    gateway = await start(burst_per_source=2)
    reader, writer = await gateway.open()
    for number, status in enumerate((200, 200, 429)):
        writer.write(_post(envelope(change(wamid=f"wamid.{number}")), sign, request_of))
        assert (await _answer(reader)).startswith(b"HTTP/1.1 %d " % status)
    writer.close()


async def test_nothing_is_answered_before_the_commit(
    gateway: Any, envelope: Any, sign: Any, request_of: Any, slow: Callable[[], None]
) -> None:
    reader, writer = await gateway.open()
    writer.write(_post(envelope(), sign, request_of))
    assert await _silence(reader)
    slow()
    assert (await _answer(reader)).startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_what_comes_behind_it_is_answered_behind_it(
    gateway: Any, envelope: Any, change: Any, sign: Any, request_of: Any, slow: Callable[[], None]
) -> None:
    reader, writer = await gateway.open()
    writer.write(_post(envelope(), sign, request_of))
    assert await _silence(reader)
    behind = _post(envelope(change(wamid="wamid.SAMPLE2")), sign, request_of)
    writer.write(behind[:40])
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.write(behind[40:] + request_of(b"", method="GET", path="/nowhere"))
    assert await _silence(reader)
    slow()
    answers = [await _answer(reader) for _ in range(3)]
    assert [answer[9:12] for answer in answers] == [b"200", b"200", b"404"]
    writer.close()
    assert len(gateway.rows()) == 2


async def test_a_client_that_says_no_more_still_gets_its_answer(
    gateway: Any, envelope: Any, sign: Any, request_of: Any, slow: Callable[[], None]
) -> None:
    reader, writer = await gateway.open()
    writer.write(_post(envelope(), sign, request_of))
    writer.write_eof()
    assert await _silence(reader)
    slow()
    everything = await asyncio.wait_for(reader.read(), 5)
    assert everything.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nconnection: close\r\n" in everything
    writer.close()


async def test_a_client_that_has_gone_loses_nothing(
    gateway: Any, envelope: Any, sign: Any, request_of: Any, slow: Callable[[], None]
) -> None:
    _reader, writer = await gateway.open()
    writer.write(_post(envelope(), sign, request_of))
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()
    await asyncio.sleep(0.05)
    slow()
    await asyncio.sleep(0.05)
    assert len(gateway.rows()) == 1
    assert gateway.server.connections == 0


async def test_a_server_that_stops_answers_first_and_says_that_it_closes(
    gateway: Any, envelope: Any, sign: Any, request_of: Any, slow: Callable[[], None]
) -> None:
    reader, writer = await gateway.open()
    writer.write(_post(envelope(), sign, request_of))
    assert await _silence(reader)
    stopping = asyncio.create_task(gateway.server.stop(5.0))
    await asyncio.sleep(0.05)
    assert not stopping.done()
    slow()
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nconnection: close\r\n" in answer
    await stopping
    writer.close()


async def test_what_cannot_be_stored_is_refused_with_a_time_and_the_connection_goes_on(
    gateway: Any, envelope: Any, sign: Any, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_soon = gateway.spool.put_soon
    monkeypatch.setattr(
        gateway.spool, "put_soon", lambda _requests, settle: settle(StorageError("spool.db: the disk is full."))
    )
    reader, writer = await gateway.open()
    writer.write(_post(envelope(), sign, request_of))
    head = await _answer(reader)
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: 5\r\n" in head
    monkeypatch.setattr(gateway.spool, "put_soon", put_soon)
    writer.write(_post(envelope(), sign, request_of))
    assert (await _answer(reader)).startswith(b"HTTP/1.1 200 ")
    writer.close()
    assert gateway.counted("lhwa_webhook_requests_total", result="error") == 1
    assert gateway.counted("lhwa_webhook_requests_total", result="ok") == 1


async def test_only_an_idle_connection_is_closed(
    start: Any, envelope: Any, change: Any, sign: Any, request_of: Any
) -> None:
    gateway = await start(idle_timeout_s=1)
    reader, writer = await gateway.open()
    for number in range(4):
        writer.write(_post(envelope(change(wamid=f"wamid.{number}")), sign, request_of))
        assert (await _answer(reader)).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(0.5)
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_many_connections_share_commits(
    gateway: Any, envelope: Any, change: Any, sign: Any, request_of: Any
) -> None:
    commits: list[int] = []
    gateway.spool.on_fsync = lambda _seconds, waiting: commits.append(waiting)

    async def send(number: int) -> bytes:
        reader, writer = await gateway.open()
        writer.write(_post(envelope(change(wamid=f"wamid.{number}")), sign, request_of))
        head = await _answer(reader)
        writer.close()
        return head[9:12]

    assert set(await asyncio.gather(*(send(number) for number in range(50)))) == {b"200"}
    assert sum(commits) == len(gateway.rows()) == 50
    assert len(commits) < 50


async def test_a_defect_of_ours_is_answered_by_the_long_way(
    gateway: Any, envelope: Any, sign: Any, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> bytes:
        raise RuntimeError("kept out of every answer")

    monkeypatch.setattr(ColumnSeal, "seal", broken)
    reader, writer = await gateway.open()
    writer.write(_post(envelope(), sign, request_of))
    head = await _answer(reader)
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"kept out" not in head
    monkeypatch.undo()
    writer.write(_post(envelope(), sign, request_of))
    assert (await _answer(reader)).startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_a_first_request_that_waits_for_the_disk_is_not_taken_for_a_late_head(
    start: Any, envelope: Any, sign: Any, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await start(header_timeout_s=1)
    put_soon = gateway.spool.put_soon
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(
        gateway.spool,
        "put_soon",
        lambda requests, settle: put_soon(requests, lambda outcome: loop.call_later(1.3, settle, outcome)),
    )
    reader, writer = await gateway.open()
    writer.write(_post(envelope(), sign, request_of))
    assert (await _answer(reader)).startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_a_defect_on_one_connection_costs_that_one(
    gateway: Any,
    envelope: Any,
    change: Any,
    sign: Any,
    request_of: Any,
    slow: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talks = [await gateway.open() for _ in range(3)]
    for number, (_reader, writer) in enumerate(talks):
        writer.write(_post(envelope(change(wamid=f"wamid.{number}")), sign, request_of))
    assert await _silence(talks[0][0])
    answer = WebhookProtocol.answer
    broken: list[WebhookProtocol] = []

    def answering(connection: WebhookProtocol, reply: Any) -> None:
        if not broken:
            broken.append(connection)
            raise RuntimeError("once")
        answer(connection, reply)

    monkeypatch.setattr(WebhookProtocol, "answer", answering)
    slow()
    heads = [await asyncio.wait_for(reader.read(17), 5) for reader, _writer in talks]
    assert sorted(heads) == [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n"]
    for _reader, writer in talks:
        writer.close()
