"""Webhooks that wait for their time, and what befalls them: dropped, late, overtaken, twice, or several in one request.

Invariant: nothing is told before it happened; faults only ever make a webhook later.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from lhwa.domain.instants import EPOCH, Instant
from lhwa.sandbox.chance import Chance
from lhwa.sandbox.exchange import WebhookPost, encode, present, sign
from lhwa.sandbox.faults import Faults

OBJECT = "whatsapp_business_account"
UPDATES_MAX = 1_000
"""In one request."""
BATCH_EVERY = timedelta(seconds=5)
_OVERTAKEN_BY = timedelta(milliseconds=1)


class WebhookState(StrEnum):
    """Where a webhook is, in the words of `message_history`."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    """It left the sandbox; posting it again until it is answered is the courier's."""
    FAILED = "FAILED"
    """It will never come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whose webhook it is, and how it is signed."""

    waba_id: str
    app_secret: str = field(repr=False)
    url: str
    is_subscribed: bool


@dataclass(slots=True, kw_only=True, eq=False)
class Waiting:
    """One update on its way."""

    sender: Sender
    entry: dict[str, Any] = field(repr=False)
    at: Instant
    is_batched: bool = False
    state: WebhookState = WebhookState.PENDING


class WebhookQueue:
    """All updates that have not left yet."""

    def __init__(self, chance: Chance, faults: Faults) -> None:
        self._chance = chance
        self._faults = faults
        self._heap: list[tuple[Instant, int, Waiting]] = []
        self._count = 0

    def put(self, sender: Sender, field_name: str, value: dict[str, Any], *, at: Instant) -> Waiting:
        """An update that happens at this time; it comes then, or as the faults have it.

        Args:
            field_name: the webhook field. Entries carry a time on all but `messages`.
        """
        time = int(at.timestamp()) if field_name != "messages" else None
        entry = present(id=sender.waba_id, time=time, changes=[{"value": value, "field": field_name}])
        waiting = Waiting(sender=sender, entry=entry, at=at)
        if not sender.is_subscribed or self._chance.hits(self._faults.drop):
            waiting.state = WebhookState.FAILED
            return waiting
        self._make_late(waiting)
        self._push(waiting)
        if self._chance.hits(self._faults.duplicate):
            again = waiting.at + self._chance.between(0.5, 120)
            self._push(Waiting(sender=sender, entry=entry, at=again))
        return waiting

    def next_at(self) -> Instant | None:
        """When the next update is due."""
        while self._heap and self._heap[0][2].at != self._heap[0][0]:
            heapq.heappop(self._heap)  # it was overtaken and stands further back as well
        return self._heap[0][0] if self._heap else None

    def due(self, *, now: Instant) -> list[WebhookPost]:
        """The requests whose time has come. Each is given once."""
        groups: list[list[Waiting]] = []
        while (at := self.next_at()) is not None and at <= now:
            _, _, waiting = heapq.heappop(self._heap)
            waiting.state = WebhookState.DELIVERED
            if groups and _belongs_to(groups[-1], waiting):
                groups[-1].append(waiting)
            else:
                groups.append([waiting])
        return [_post(group) for group in groups]

    def _make_late(self, waiting: Waiting) -> None:
        if self._chance.hits(self._faults.delay):
            waiting.at += self._chance.between(30, 600)
        if self._chance.hits(self._faults.batch):
            waiting.is_batched = True
            waiting.at = EPOCH + -((EPOCH - waiting.at) // BATCH_EVERY) * BATCH_EVERY
        if self._chance.hits(self._faults.reorder):
            self._overtake(waiting)

    def _overtake(self, waiting: Waiting) -> None:
        others = [each for at, _, each in sorted(self._heap, key=lambda item: item[:2]) if at == each.at]
        others = [each for each in others if each.sender.waba_id == waiting.sender.waba_id and each.at <= waiting.at]
        if others:
            slow = self._chance.pick(others)
            slow.at = waiting.at + _OVERTAKEN_BY
            self._push(slow)

    def _push(self, waiting: Waiting) -> None:
        self._count += 1
        heapq.heappush(self._heap, (waiting.at, self._count, waiting))


def _belongs_to(group: Sequence[Waiting], waiting: Waiting) -> bool:
    last = group[-1]
    return last.is_batched and waiting.is_batched and last.sender == waiting.sender and len(group) < UPDATES_MAX


def _post(group: Sequence[Waiting]) -> WebhookPost:
    sender = group[0].sender
    body = encode({"object": OBJECT, "entry": [waiting.entry for waiting in group]})
    return WebhookPost(
        waba_id=sender.waba_id,
        url=sender.url,
        body=body,
        signature=sign(body, sender.app_secret),
        at=group[-1].at,
    )
