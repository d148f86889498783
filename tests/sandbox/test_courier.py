"""The courier: posts again what was not answered with 200, less and less often."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from datetime import timedelta

import httpx

from lhwa.domain.instants import Instant
from lhwa.sandbox.courier import WebhookCourier
from lhwa.testing.fakes import FakeClock
from tests.sandbox.stage import NOON, Stage


class Courier:
    """A courier whose receiver is a function."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response], *, messages: int = 1) -> None:
        self.stage = Stage()
        for number in range(messages):
            self.stage.hear(f"Pesan {number}")
        self.clock = FakeClock(NOON)
        self.posted: list[tuple[Instant, bytes]] = []
        self.has_posted = asyncio.Event()
        self._answer = answer
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._receive))
        self.courier = WebhookCourier(self.stage.sandbox, self.clock, client=client)

    def _receive(self, request: httpx.Request) -> httpx.Response:
        self.posted.append((self.clock.now(), request.content))
        self.has_posted.set()
        return self._answer(request)

    async def go(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            await self.courier.deliver_due()

    def gaps_s(self) -> list[float]:
        times = [at for at, _ in self.posted]
        return [(later - first) / timedelta(seconds=1) for first, later in itertools.pairwise(times)]


async def test_a_webhook_that_is_answered_with_200_is_posted_once() -> None:
    courier = Courier(lambda _request: httpx.Response(200))
    await courier.go(60)
    assert len(courier.posted) == 1
    assert courier.courier.waiting == 0


async def test_the_gaps_grow_until_it_is_answered_with_200() -> None:
    answers = iter([500, 503, 301, 404, 204, 200])
    courier = Courier(lambda _request: httpx.Response(next(answers)))
    await courier.go(60)
    # The second try is due at once; this clock moves by whole seconds.
    assert courier.gaps_s() == [1, 1, 2, 4, 8]
    assert len({body for _, body in courier.posted}) == 1
    assert courier.courier.waiting == 0


async def test_nobody_there_is_tried_again_and_holds_up_nobody() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        if b"Pesan 0" in request.content:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200)

    courier = Courier(refuse, messages=3)
    await courier.go(1)
    assert [number for number in (0, 1, 2) if f"Pesan {number}".encode() in courier.posted[number][1]] == [0, 1, 2]
    assert courier.courier.waiting == 1


async def test_after_a_week_it_gives_up() -> None:
    courier = Courier(lambda _request: httpx.Response(500))
    await courier.go(5)
    courier.clock.advance(timedelta(days=7).total_seconds())
    await courier.courier.deliver_due()
    assert courier.courier.waiting == 0


async def test_it_sleeps_until_it_is_woken_and_stops_when_cancelled() -> None:
    courier = Courier(lambda _request: httpx.Response(200), messages=0)
    running = asyncio.create_task(courier.courier.run())
    await asyncio.sleep(0.01)
    courier.stage.hear()
    courier.clock.advance(1)
    courier.courier.wake()
    async with asyncio.timeout(5):
        await courier.has_posted.wait()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert courier.courier._client.is_closed
