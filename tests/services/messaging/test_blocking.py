"""What Meta is told of a block, and what it said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from lhwa.domain.access import Role
from lhwa.domain.blocks import BlockState, next_ask_ms
from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId, TenantId
from lhwa.domain.jobs import BLOCKS, Job, JobKind
from lhwa.domain.outbound import Recipient
from lhwa.domain.send_errors import UNANSWERED, verdict_of
from lhwa.errors import ConflictError
from lhwa.outbound.draining import Account, OutboundPorts
from lhwa.ports.channel import ChannelAccess, SendError
from lhwa.services.messaging.blocking import BURIED_WAIT_MS, bury_blocks, next_told_ms, tell_blocks
from lhwa.services.messaging.holds import BLOCKED, OPT_OUT, AtMeta, add_hold, list_holds, release_hold
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, NUMBER, acting_as
from tests.outbound.desk import PER_S, SECOND_NUMBER, Desk, QuietChannel

B = BlockState
PHONE = f"+{CLIENT.wa_id}"
DAY_S = 86_400


@dataclass
class Channel(QuietChannel):
    """Answers each request with the next of these; with none left it is done."""

    answers: list[SendError] = field(default_factory=list)
    asked: list[tuple[str, Recipient, bool]] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None

    async def block(self, recipient: Recipient, *, access: ChannelAccess, is_on: bool) -> None:
        self.asked.append((access.phone_number_id, recipient, is_on))
        if self.meanwhile is not None:
            self.meanwhile()
        if self.answers:
            raise self.answers.pop(0)


def refusal(code: int) -> SendError:
    return SendError("no", verdict=verdict_of(code, http_status=400), vendor_code=code)


@dataclass
class Context:
    outbound: OutboundPorts


def context(desk: Desk, channel: Channel, *, token: str | None = "sandbox-token-00") -> Context:
    async def write(_tenant: TenantId, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return desk.store.write(fn, *args, **kwargs)

    async def account_of(_tenant: TenantId) -> Account:
        return Account(policy=desk.policy, base_url="http://127.0.0.1:9191", api_version="v25.0", token=token)

    return Context(OutboundPorts(channel=channel, write=write, account_of=account_of, clock=desk.clock, per_s=PER_S))


def add(desk: Desk, kind: str = BLOCKED) -> ContactId:
    return desk.store.write(add_hold, acting_as(Role.LAWYER), PHONE, kind, reason="coba")


def release(desk: Desk) -> ContactId:
    return desk.store.write(release_hold, acting_as(Role.LAWYER), PHONE, BLOCKED, reason="coba")


def jobs(desk: Desk) -> list[Job]:
    found = desk.store.bookkeep(lambda tx: tx.jobs.claim(lease_ms=1, jobs_max=9))
    return [job for job in found if job.kind is JobKind.TELL_BLOCKS]


def tell(desk: Desk, *answers: SendError, token: str | None = "sandbox-token-00") -> Channel:
    channel = Channel(list(answers))
    asyncio.run(tell_blocks(b'{"tenant":"firma"}', context(desk, channel, token=token)))
    return channel


def at_meta(desk: Desk) -> list[AtMeta]:
    (hold,) = desk.store.write(list_holds, acting_as(Role.LAWYER))
    return list(hold.at_meta)


def states(desk: Desk, contact: ContactId) -> list[B]:
    return [row.state for row in desk.store.read(lambda tx: tx.blocks.of([contact]))]


def next_ms(desk: Desk) -> int | None:
    def run(tx: Tx) -> int | None:
        return next_told_ms(tx, context(desk, Channel()))

    return desk.store.read(run)


def test_a_block_is_in_force_at_once_and_meta_is_told_by_a_job(desk: Desk) -> None:
    add(desk)
    assert desk.ask().refused is not None
    assert len(jobs(desk)) == 1
    assert at_meta(desk) == [AtMeta(phone_number_id=NUMBER, state="waiting")]
    assert tell(desk).asked == [(NUMBER, Recipient(phone=PHONE), True)]
    assert at_meta(desk) == [AtMeta(phone_number_id=NUMBER, state="blocked")]
    assert next_ms(desk) is None


def test_what_is_no_block_is_no_matter_of_metas(desk: Desk) -> None:
    add(desk, OPT_OUT)
    assert jobs(desk) == []
    assert at_meta(desk) == []


def test_meta_is_told_on_every_number_that_the_contact_wrote_to(desk: Desk) -> None:
    desk.hear(number=SECOND_NUMBER)
    add(desk)
    assert sorted(number for number, _, _ in tell(desk).asked) == [NUMBER, SECOND_NUMBER]


def test_who_hides_the_number_is_named_by_the_user_id(desk: Desk) -> None:
    contact = desk.hear(Party(wa_id=None, bsuid="ID.99001122334455"))
    desk.store.write(add_hold, acting_as(Role.LAWYER), contact, BLOCKED, reason="coba")
    assert tell(desk).asked == [(NUMBER, Recipient(bsuid="ID.99001122334455"), True)]


def test_a_release_is_told_where_meta_may_keep_them_from_writing(desk: Desk) -> None:
    contact = add(desk)
    tell(desk)
    release(desk)
    assert [is_on for _, _, is_on in tell(desk).asked] == [False]
    assert states(desk, contact) == [B.RELEASED]


@pytest.mark.parametrize(
    ("code", "ago_s", "state"),
    [
        (139100, 60, B.REFUSED),
        (139100, DAY_S, B.TOO_LATE),
        (131047, DAY_S + 9, B.TOO_LATE),
        (139101, 60, B.REFUSED),
        (100, 60, B.REFUSED),
    ],
    ids=["another reason", "a day ago", "longer ago", "the list is full", "a bad value"],
)
def test_what_meta_did_not_do_is_said_with_why(desk: Desk, code: int, ago_s: int, state: B) -> None:
    desk.clock.advance(ago_s)
    contact = add(desk)
    tell(desk, refusal(code))
    assert at_meta(desk) == [AtMeta(phone_number_id=NUMBER, state=state.value, error_code=code)]
    release(desk)
    assert tell(desk).asked == [], "Meta never kept them from writing"
    assert states(desk, contact) == [state]


def test_to_block_once_more_asks_meta_that_did_not_do_it(desk: Desk) -> None:
    desk.clock.advance(DAY_S)
    add(desk)
    with pytest.raises(ConflictError):
        add(desk)
    tell(desk, refusal(139100))
    desk.hear()
    add(desk)
    assert len(tell(desk).asked) == 1
    assert at_meta(desk) == [AtMeta(phone_number_id=NUMBER, state="blocked")]
    with pytest.raises(ConflictError):
        add(desk)


@pytest.mark.parametrize(
    "answer",
    [SendError("no answer", verdict=UNANSWERED), refusal(131016), refusal(190), refusal(4)],
    ids=["lost", "down", "token", "rate"],
)
def test_what_passes_is_asked_again_later_and_later(desk: Desk, answer: SendError) -> None:
    add(desk)
    waits = []
    for _ in range(4):
        tell(desk, answer)
        at_ms = next_ms(desk)
        assert at_ms is not None
        waits.append((at_ms - desk.now_ms) // 1000)
        assert tell(desk).asked == [], "not before its time"
        desk.clock.advance((at_ms - desk.now_ms) / 1000)
    assert waits == [60, 60, 120, 240]
    assert len(tell(desk).asked) == 1
    assert at_meta(desk) == [AtMeta(phone_number_id=NUMBER, state="blocked")]


def test_without_a_token_it_waits(desk: Desk) -> None:
    add(desk)
    assert tell(desk, token=None).asked == []
    assert next_ms(desk) == desk.now_ms + 60_000


def test_what_a_person_decided_while_meta_was_asked_is_told_too(desk: Desk) -> None:
    contact = add(desk)
    channel = Channel(meanwhile=lambda: release(desk))
    asyncio.run(tell_blocks(b'{"tenant":"firma"}', context(desk, channel)))
    assert states(desk, contact) == [B.WAITING]
    assert next_ms(desk) == desk.now_ms
    assert [is_on for _, _, is_on in tell(desk).asked] == [False]
    assert states(desk, contact) == [B.RELEASED]


def test_a_clock_that_was_set_back_delays_nothing(desk: Desk) -> None:
    add(desk)
    tell(desk, refusal(131016))
    desk.clock.advance(-365 * DAY_S)
    assert next_ms(desk) == desk.now_ms
    assert len(tell(desk).asked) == 1


def test_the_audit_log_has_what_meta_said_and_no_number(desk: Desk) -> None:
    contact = add(desk)
    tell(desk, refusal(139100))
    entries = [json.loads(each.entry) for each in desk.store.read(lambda tx: list(tx.audit.entries()))]
    (told,) = [each for each in entries if each["action"] == "contact.block_told"]
    assert told["target"] == f"contact:{contact}"
    assert told["data"] == {"wanted": "block", "state": "refused", "phone_number_id": NUMBER, "code": 139100}


def test_a_buried_job_is_begun_again(desk: Desk) -> None:
    add(desk)
    (job,) = jobs(desk)
    desk.store.bookkeep(lambda tx: tx.jobs.finish(job.seq))
    desk.store.write(bury_blocks, job.payload, error="OSError", tries=5)
    assert jobs(desk) == []
    desk.clock.advance(BURIED_WAIT_MS / 1000)
    assert [each.payload for each in jobs(desk)] == [job.payload]
    assert BLOCKS


def test_the_wait_grows_to_six_hours() -> None:
    assert [(next_ask_ms(age, asked_at_ms=0) - age) // 1000 for age in (0, 10**5, 10**7, 10**9, -5)] == [
        60, 100, 10_000, 21_600, 60,
    ]  # fmt: skip
