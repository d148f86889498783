"""The courier: posts due webhooks, and posts them again with growing gaps until they are answered with 200.

Source: WhatsApp Cloud API, webhook retries: at once, then less and less often.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import httpx

from lhwa.domain.instants import Instant
from lhwa.sandbox.exchange import WebhookPost
from lhwa.sandbox.sandbox import Sandbox

TIMEOUT_S = 10.0
FIRST_GAP = timedelta(seconds=1)
GAP_MAX = timedelta(hours=1)
GIVES_UP_AFTER = timedelta(days=7)
USER_AGENT = "facebookexternalua"


class SandboxClock(Protocol):
    """Reads the time; any clock of lhwa fits."""

    def now(self) -> Instant:
        """Aware, UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """A post that was not answered with 200."""

    post: WebhookPost
    tries: int
    at: Instant


class WebhookCourier:
    """Delivers the webhooks of a sandbox until it is cancelled.

    Args:
        clock: by which webhooks become due; the courier sleeps real seconds in between.
        client: for another transport or timeout; one of its own when None.
        on_refused: told where a webhook was not taken at its first try, and why.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        clock: SandboxClock,
        *,
        client: httpx.AsyncClient | None = None,
        on_refused: Callable[[str, str], None] = lambda _url, _why: None,
    ) -> None:
        self._on_refused = on_refused
        self._sandbox = sandbox
        self._clock = clock
        # The environment may name a proxy; webhooks of a sandbox stay on this machine.
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
        self._retries: list[tuple[Instant, int, Retry]] = []
        self._count = 0
        self._woken = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many posts will be tried again."""
        return len(self._retries)

    def wake(self) -> None:
        """Look again: something may be due earlier than was known."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver for ever."""
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self._client.aclose)
            while True:
                self._woken.clear()
                await self.deliver_due()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._sleep_s()):
                        await self._woken.wait()

    async def deliver_due(self) -> int:
        """Post everything that is due now, one after the other.

        Returns: how many were answered with 200.
        """
        now = self._clock.now()
        due = [Retry(post=post, tries=0, at=now) for post in self._sandbox.due_webhooks(now=now)]
        while self._retries and self._retries[0][0] <= now:
            due.append(heapq.heappop(self._retries)[2])
        delivered = 0
        for each in due:
            trouble = await self._post(each.post)
            if trouble is None:
                delivered += 1
                continue
            if not each.tries:
                self._on_refused(each.post.url, trouble)
            self._again(each)
        return delivered

    async def _post(self, post: WebhookPost) -> str | None:
        """Why it was not taken; None when it was."""
        headers = {
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "x-hub-signature-256": post.signature,
        }
        try:
            response = await self._client.post(post.url, content=post.body, headers=headers, follow_redirects=False)
        except httpx.ConnectError:
            return "nobody listens there"
        except (httpx.HTTPError, httpx.InvalidURL):
            return "no answer"
        return None if response.status_code == httpx.codes.OK else f"HTTP status {response.status_code}"

    def _again(self, failed: Retry) -> None:
        now = self._clock.now()
        tries = failed.tries + 1
        # The second try comes at once, then the gaps double.
        gap = min(FIRST_GAP * 2 ** min(tries - 2, 20), GAP_MAX) if tries > 1 else timedelta(0)
        if now + gap - failed.post.at > GIVES_UP_AFTER:
            return
        self._count += 1
        again = Retry(post=failed.post, tries=tries, at=now + gap)
        heapq.heappush(self._retries, (again.at, self._count, again))

    def _sleep_s(self) -> float | None:
        times = [at for at in (self._sandbox.next_webhook_at(),) if at is not None]
        times += [at for at, _, _ in self._retries[:1]]
        return max((min(times) - self._clock.now()).total_seconds(), 0.0) if times else None
