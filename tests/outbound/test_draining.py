"""One drain from the job to its end, with a channel that answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from lhwa.domain.access import Role
from lhwa.domain.allowance_scopes import TOKEN_SCOPE
from lhwa.domain.elements import Party
from lhwa.domain.ids import TenantId
from lhwa.domain.jobs import OUTBOX, JobKind
from lhwa.domain.outbound import OutboundMessage, OutboundState
from lhwa.domain.pacing import DOUBT_HOLDS_MS
from lhwa.domain.send_errors import verdict_of
from lhwa.errors import InDoubtError
from lhwa.outbound.allowances import Sluices
from lhwa.outbound.draining import (
    BURIED_WAIT_MS,
    Account,
    OutboundPorts,
    begin,
    bury_drain,
    drain_outbox,
    next_look_ms,
)
from lhwa.ports.channel import CancelledSendError, ChannelAccess, Receipt, SendError
from lhwa.services.messaging.sending import account_changed, sender_payload
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER, acting_as
from tests.outbound.desk import PER_S, Desk, QuietChannel

S = OutboundState
TOKEN = "sandbox-token-00"
WRONG_TOKEN = SendError("token", verdict=verdict_of(190, http_status=401), vendor_code=190)
DOWN = SendError("down", verdict=verdict_of(131016, http_status=500), vendor_code=131016)


@dataclass
class Channel(QuietChannel):
    """Says to each message what the test wants to be said."""

    says: Callable[[OutboundMessage], Receipt | BaseException]
    posted: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    async def send(self, message: OutboundMessage, *, access: ChannelAccess) -> Receipt:
        self.posted.append(message.id)
        self.tokens.add(access.token)
        await asyncio.sleep(0)
        answer = self.says(message)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def taken(message: OutboundMessage) -> Receipt:
    return Receipt(wamid=f"wamid.{message.id}")


@dataclass
class Context:
    outbound: OutboundPorts


def context(desk: Desk, channel: Channel, *, token: str | None = TOKEN) -> Context:
    async def write(_tenant: TenantId, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return desk.store.write(fn, *args, **kwargs)

    async def account_of(_tenant: TenantId) -> Account:
        return Account(policy=desk.policy, base_url="http://127.0.0.1:9191", api_version="v25.0", token=token)

    ports = OutboundPorts(
        channel=channel, write=write, account_of=account_of, clock=desk.clock, per_s=PER_S, jitter=lambda: 0.5
    )
    return Context(ports)


def drain(desk: Desk, channel: Channel, **changes: Any) -> None:
    payload = desk.store.read(sender_payload)
    asyncio.run(_run(drain_outbox(payload, context(desk, channel, **changes))))


async def _run(draining: Awaitable[None]) -> None:
    await draining


def test_a_drain_posts_all_of_a_thread_in_order(desk: Desk) -> None:
    sent = [desk.send() for _ in range(4)]
    channel = Channel(taken)
    drain(desk, channel)
    assert channel.posted == sent
    assert {desk.state(each) for each in sent} == {S.ACCEPTED}
    assert channel.tokens == {TOKEN}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (SendError("no", verdict=verdict_of(100, http_status=400), vendor_code=100), S.FAILED),
        (SendError("later", verdict=verdict_of(131016, http_status=500), vendor_code=131016), S.QUEUED),
        (InDoubtError("nobody knows"), S.IN_DOUBT),
    ],
    ids=["refused", "refused for now", "in doubt"],
)
def test_what_the_channel_says_is_what_is_stored(desk: Desk, answer: BaseException, state: S) -> None:
    sent = desk.send()
    drain(desk, Channel(lambda _message: answer))
    assert desk.state(sent) is state


def test_a_drain_that_is_stopped_leaves_a_doubt_and_stops(desk: Desk) -> None:
    sent = desk.send()
    with pytest.raises(asyncio.CancelledError):
        drain(desk, Channel(lambda _message: CancelledSendError("stopped")))
    assert desk.state(sent) is S.IN_DOUBT


def test_a_drain_whose_answer_was_not_stored_leaves_a_doubt_for_the_next_one(desk: Desk) -> None:
    sent = desk.send()
    with pytest.raises(OSError, match="power"):
        drain(desk, Channel(lambda _message: OSError("power")))
    assert desk.state(sent) is S.SENDING
    channel = Channel(taken)
    drain(desk, channel)
    assert channel.posted == []
    assert desk.state(sent) is S.IN_DOUBT


def test_without_a_token_nothing_leaves_and_nothing_is_lost(desk: Desk) -> None:
    sent = desk.send()
    channel = Channel(taken)
    for _ in range(2):
        drain(desk, channel, token=None)
    assert (channel.posted, desk.state(sent)) == ([], S.QUEUED)
    drain(desk, channel)
    assert channel.posted == [sent], "a token is another chance, at once"


def test_a_token_that_does_not_work_stops_the_account_until_there_is_another(desk: Desk) -> None:
    first, second = desk.send(), desk.send()
    channel = Channel(lambda _message: WRONG_TOKEN)
    drain(desk, channel)
    assert channel.posted == [first]
    assert [(desk.state(each), desk.row(each).attempts) for each in (first, second)] == [(S.QUEUED, 0)] * 2
    drain(desk, channel)
    assert channel.posted == [first], "the same token has no other chance yet"
    better = Channel(taken)
    drain(desk, better, token="sandbox-token-01")
    assert better.posted == [first, second]
    assert {desk.state(each) for each in (first, second)} == {S.ACCEPTED}


def test_a_message_waits_for_a_token_however_often_the_old_one_is_tried(desk: Desk) -> None:
    sent = desk.send()
    channel = Channel(lambda _message: WRONG_TOKEN)
    for _ in range(9):
        drain(desk, channel)
        desk.clock.advance(3_601)
    assert (len(channel.posted), desk.state(sent)) == (9, S.QUEUED)
    drain(desk, Channel(lambda _message: DOWN), token="sandbox-token-01")
    assert desk.state(sent) is S.QUEUED, "what the old token was refused counts for nothing"


def test_the_first_of_each_thread_stays_the_first_through_a_wrong_token(desk: Desk) -> None:
    others = [Party(wa_id=f"62812300055{number:02}") for number in range(3)]
    for other in others:
        desk.hear(other)
    threads = [[desk.send(contact=f"+{other.wa_id}") for _ in range(2)] for other in others]
    drain(desk, Channel(lambda _message: WRONG_TOKEN))
    better = Channel(taken)
    for _ in range(5):  # three were tried already, and a number has its pace
        drain(desk, better, token="sandbox-token-01")
        desk.clock.advance(1)
    assert sorted(better.posted) == sorted(each for thread in threads for each in thread)
    for first, second in threads:
        assert better.posted.index(first) < better.posted.index(second)


def test_a_token_that_is_stored_while_the_old_one_is_refused_is_tried_at_once(desk: Desk) -> None:
    desk.send()

    def says(_message: OutboundMessage) -> BaseException:
        desk.store.write(account_changed, acting_as(Role.OWNER))
        return WRONG_TOKEN

    drain(desk, Channel(says))
    assert look(desk) == desk.now_ms


def test_a_drain_that_read_the_token_before_it_was_stored_reads_it_again(desk: Desk) -> None:
    sent = desk.send()
    channel = Channel(taken)
    made = context(desk, channel)
    tokens = iter(["sandbox-token-old", "sandbox-token-new"])

    async def account_of(_tenant: TenantId) -> Account:
        return replace(await made.outbound.account_of(_tenant), token=next(tokens))

    desk.store.write(account_changed, acting_as(Role.OWNER))
    payload = desk.store.read(sender_payload)
    asyncio.run(_run(drain_outbox(payload, Context(replace(made.outbound, account_of=account_of)))))
    assert (channel.posted, channel.tokens) == ([sent], {"sandbox-token-new"})


@pytest.mark.parametrize("answer", [asyncio.CancelledError(), CancelledSendError("stopped")], ids=["before", "after"])
def test_a_stop_gives_back_the_probe_of_a_breaker(desk: Desk, answer: BaseException) -> None:
    _probing(desk, answer, ends=asyncio.CancelledError)
    assert _others_leave(desk)


def test_what_a_dead_sender_was_probing_with_is_given_back_when_its_work_is_taken_over(desk: Desk) -> None:
    _probing(desk, OSError("power"), ends=OSError)
    assert not _others_leave(desk), "until then nobody knows that it is dead"
    token = desk.store.read(lambda tx: tx.allowances.get(TOKEN_SCOPE))
    assert token is not None
    desk.store.write(begin, fingerprint=token, per_s=PER_S)
    assert _others_leave(desk)


def test_a_probe_without_an_answer_still_holds_the_others(desk: Desk) -> None:
    _probing(desk, InDoubtError("nobody knows"))
    assert not _others_leave(desk), "one lost answer after the other would put every message in doubt"


def _probing(desk: Desk, answer: BaseException, *, ends: type[BaseException] | None = None) -> None:
    """The number's breaker is half open, and its one probe is answered in this way."""
    failed = desk.send()
    drain(desk, Channel(lambda _message: SendError("locked", verdict=verdict_of(131045, http_status=500))))
    assert desk.state(failed) is S.FAILED
    desk.clock.advance(61)
    desk.send()
    with pytest.raises(ends) if ends else nullcontext():
        drain(desk, Channel(lambda _message: answer))


def _others_leave(desk: Desk) -> bool:
    def run(tx: Tx) -> bool:
        return Sluices(tx, per_s=PER_S, only_looks=True).number_opens_at_ms(NUMBER) <= tx.now_ms

    return desk.store.read(run)


def test_the_same_token_has_another_chance_once_somebody_stores_it_again(desk: Desk) -> None:
    first, second = desk.send(), desk.send()
    drain(desk, Channel(lambda _message: WRONG_TOKEN))
    desk.store.write(account_changed, acting_as(Role.OWNER))
    better = Channel(taken)
    drain(desk, better)
    assert better.posted == [first, second]


def test_what_breaks_with_one_answer_loses_no_other(desk: Desk) -> None:
    others = [Party(wa_id=f"62812300055{number:02}") for number in range(2)]
    for other in others:
        desk.hear(other)
    first = desk.send()
    second, third = (desk.send(contact=f"+{other.wa_id}") for other in others)
    refusal = SendError("no", verdict=verdict_of(131026, http_status=400), vendor_code=131026)

    def says(message: OutboundMessage) -> Receipt | BaseException:
        if message.id == third:
            return refusal
        return RuntimeError("a defect") if message.id == first else taken(message)

    with pytest.raises(RuntimeError, match="a defect"):
        drain(desk, Channel(says))
    assert (desk.state(second), desk.state(third)) == (S.ACCEPTED, S.FAILED)


def test_a_name_that_another_message_has_leaves_this_one_in_doubt(desk: Desk) -> None:
    other = Party(wa_id="6281230005500")
    desk.hear(other)
    sent = [desk.send(), desk.send(contact=f"+{other.wa_id}")]
    drain(desk, Channel(lambda _message: Receipt(wamid="wamid.SAME")))
    assert sorted(desk.state(each) for each in sent) == [S.ACCEPTED, S.IN_DOUBT]


def test_a_drain_ends_though_there_is_more_to_send(desk: Desk) -> None:
    sent = [desk.send() for _ in range(5)]

    def slowly(message: OutboundMessage) -> Receipt:
        desk.clock.advance(9)
        return taken(message)

    channel = Channel(slowly)
    drain(desk, channel)
    assert channel.posted == sent[:3], "begun after 0, 9 and 18 seconds"


def test_nothing_to_send_needs_no_other_look(desk: Desk) -> None:
    assert look(desk) is None


def test_the_next_look_is_when_the_first_thing_may_happen(desk: Desk) -> None:
    later = desk.send(send_at_ms=desk.now_ms + 60_000)
    assert look(desk) == desk.now_ms + 60_000
    now = desk.send()
    assert look(desk) == desk.now_ms
    assert desk.taken() == [now]
    desk.lose(now)
    assert look(desk) == desk.now_ms + 60_000
    desk.clock.advance(60)
    assert look(desk) == desk.now_ms + DOUBT_HOLDS_MS - 60_000
    assert desk.state(later) is S.QUEUED


def look(desk: Desk) -> int | None:
    def run(tx: Tx) -> int | None:
        return next_look_ms(tx, context(desk, Channel(taken)))

    return desk.store.read(run)


def test_a_buried_drain_is_begun_again(desk: Desk) -> None:
    desk.send()
    payload = desk.store.read(sender_payload)
    desk.store.bookkeep(lambda tx: [tx.jobs.finish(job.seq) for job in tx.jobs.claim(lease_ms=1, jobs_max=9)])
    desk.store.write(bury_drain, payload, error="OSError", tries=5)
    desk.clock.advance(BURIED_WAIT_MS / 1000)
    (job,) = desk.store.bookkeep(lambda tx: tx.jobs.claim(lease_ms=1, jobs_max=9))
    assert (job.kind, job.payload) == (JobKind.DRAIN_OUTBOX, payload)


def test_a_request_puts_one_job_however_many_there_are(desk: Desk) -> None:
    for _ in range(3):
        desk.send()
    assert desk.store.read(lambda tx: tx.jobs.counts()).waiting == 1
    assert OUTBOX


def test_no_repr_shows_a_token(desk: Desk) -> None:
    account = Account(policy=desk.policy, base_url="http://127.0.0.1:9191", api_version="v25.0", token=TOKEN)
    assert TOKEN not in repr(account)
    assert TOKEN not in repr(account.access("301301301301301"))
    desk.store.write(begin, fingerprint="", per_s=PER_S)
