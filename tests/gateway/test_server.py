"""The listener: ports, draining, leaving signals alone."""

import asyncio
import signal
from typing import Any

import pytest

from lhwa.config.settings import Limits
from lhwa.errors import UsageError
from lhwa.gateway.door import Door
from lhwa.gateway.server import HttpServer


async def _nothing(_scope: Any, _receive: Any, _send: Any) -> None:
    return


def _server(host: str, port: int) -> HttpServer:
    return HttpServer(_nothing, host=host, port=port, door=Door(Limits()), name="admin")


async def test_port_0_becomes_a_real_port(gateway: Any) -> None:
    assert gateway.server.port > 0
    assert gateway.server.address == f"127.0.0.1:{gateway.server.port}"


async def test_a_taken_port_says_so_with_a_hint(gateway: Any) -> None:
    with pytest.raises(UsageError, match=f"Port {gateway.server.port} on 127.0.0.1 is taken") as caught:
        await _server("127.0.0.1", gateway.server.port).start()
    assert "another port" in caught.value.hint


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
async def test_a_host_that_is_not_ours_says_so(host: str) -> None:
    with pytest.raises(UsageError, match="no address of this machine"):
        await _server(host, 0).start()


async def test_signal_handlers_are_left_alone(start: Any) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    gateway = await start()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    await gateway.server.stop(1.0)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


async def test_stopping_closes_idle_connections_at_once(gateway: Any) -> None:
    reader, writer = await gateway.open()
    await asyncio.sleep(0.05)
    async with asyncio.timeout(1):
        await gateway.server.stop(30.0)
        assert await reader.read() == b""
    writer.close()
    with pytest.raises(ConnectionError):
        await gateway.open()


async def test_stopping_waits_for_requests_in_flight(
    gateway: Any, envelope: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_async, waiting = gateway.spool.put_async, asyncio.Event()

    async def slow(requests: Any) -> Any:
        waiting.set()
        await asyncio.sleep(0.2)
        return await put_async(requests)

    monkeypatch.setattr(gateway.spool, "put_async", slow)
    posting = asyncio.ensure_future(gateway.post(envelope()))
    await waiting.wait()
    await gateway.server.stop(5.0)
    assert (await posting).status == 200
    assert len(gateway.rows()) == 1


async def test_stopping_comes_back_in_time_and_never_with_a_200(
    gateway: Any, envelope: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = asyncio.Event()

    async def forever(_requests: Any) -> int:
        waiting.set()
        await asyncio.sleep(60)
        return 1

    monkeypatch.setattr(gateway.spool, "put_async", forever)
    posting = asyncio.ensure_future(gateway.post(envelope()))
    await waiting.wait()
    async with asyncio.timeout(3):
        await gateway.server.stop(0.1)
        await gateway.server.stop(0.1)
        assert (await posting).status == 503
