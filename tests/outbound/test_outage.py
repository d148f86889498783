"""An hour without Meta, and a thousand messages that wait for it."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from datetime import timedelta

import msgspec

from lhwa.adapters.channel.whatsapp_cloud.bodies import body_of
from lhwa.adapters.channel.whatsapp_cloud.replies import Answer, receipt_of, refusal_of
from lhwa.bus.jobs import claim, finish_or_again, next_run_in_ms
from lhwa.domain.elements import Party
from lhwa.domain.jobs import RetryPolicy
from lhwa.domain.outbound import OutboundMessage, OutboundState
from lhwa.domain.send_errors import NOT_CONNECTED
from lhwa.outbound.draining import drain_outbox, next_look_ms
from lhwa.ports.channel import Receipt, SendError
from lhwa.sandbox.accounts import sample_account
from lhwa.sandbox.exchange import ApiRequest
from lhwa.sandbox.journal import Verdict
from lhwa.sandbox.sandbox import Sandbox
from tests.outbound.desk import PER_S, Desk
from tests.outbound.test_draining import TOKEN, Channel, context

CLIENTS, EACH = 100, 10
RETRIES = RetryPolicy()
LEASE_MS = 60_000
S = OutboundState


def test_after_an_hour_without_meta_a_thousand_messages_leave_in_order_and_no_faster_than_allowed(desk: Desk) -> None:
    number = sample_account(0).numbers[0].phone_number_id
    desk.policy = type(desk.policy)(zone=desk.policy.zone, numbers=(number,))
    meta = Sandbox(sample_account(0), seed=7, now=desk.clock.now())
    people = [f"6281230{index:06}" for index in range(CLIENTS)]
    for person in people:
        meta.say(f"+{person}", "Selamat pagi", now=desk.clock.now())
        desk.clock.advance(0.1)
        desk.hear(Party(wa_id=person), number=number)
    back_at = desk.clock.now() + timedelta(hours=1)
    refused_at = []

    def answers(message: OutboundMessage) -> Receipt | BaseException:
        if desk.clock.now() < back_at:
            refused_at.append(desk.clock.now())
            return SendError("down", verdict=NOT_CONNECTED)
        request = ApiRequest(
            method="POST",
            path=f"/v25.0/{number}/messages",
            headers={"authorization": f"Bearer {TOKEN}"},
            body=msgspec.json.encode(body_of(message)),
            content_type="application/json",
        )
        reply = meta.handle(request, now=desk.clock.now())
        answer = Answer(reply.status, reply.body)
        said = receipt_of(answer) or refusal_of(answer)
        assert said is not None
        return said

    sent: dict[str, list[str]] = defaultdict(list)
    for _ in range(EACH):
        for person in people:
            sent[person].append(desk.send(contact=f"+{person}"))
    drains = play(desk, Channel(answers))

    accepted: dict[str, list[str]] = defaultdict(list)
    times: deque[float] = deque()
    for entry in meta.journal():
        assert (entry.verdict, entry.code) == (Verdict.ACCEPTED, None)
        accepted[entry.recipient or ""].append((entry.biz_opaque_callback_data or "").removeprefix("lhwa:"))
        times.append(entry.at.timestamp())
    assert accepted == sent, "all of them, once, in the order of each thread"
    assert max(Counter(int(at * 1000) for at in times).values()) <= 16
    busiest = max(sum(1 for at in times if begin <= at < begin + 1) for begin in times)
    assert busiest <= PER_S
    assert len(refused_at) < 60, "the breaker keeps all but a few from trying"
    assert min(times) - back_at.timestamp() < 1_000, "it looks again within its longest pause"
    states = Counter(row.state for row in desk.store.read(lambda tx: tx.outbox.newest(rows_max=2_000)))
    assert states == {S.ACCEPTED: CLIENTS * EACH}
    assert drains < 3_000


def play(desk: Desk, channel: Channel) -> int:
    """Drain whenever the job is due until there is no job left; how many drains it took."""
    ports, drains = context(desk, channel), 0

    async def run() -> None:
        nonlocal drains
        while (wait_ms := next_run_in_ms(desk.store, lease_ms=LEASE_MS, retries=RETRIES)) is not None:
            desk.clock.advance(wait_ms / 1000)
            for job in claim(desk.store, lease_ms=LEASE_MS, jobs_max=4, retries=RETRIES):
                drains += 1
                await drain_outbox(job.payload, ports)
                finish_or_again(desk.store, job, next_look_ms, ports)

    asyncio.run(run())
    return drains
