"""Faults: how they are written, and what each of them does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.errors import UsageError
from lhwa.sandbox.errors import ERRORS, When
from lhwa.sandbox.faults import Faults, fault_names
from lhwa.sandbox.journal import Verdict
from tests.sandbox.stage import CLIENT, TOKEN, Stage

ALL = (
    "lost-response=0.1,duplicate=0.2,reorder=0.1,delay=0.3,drop=0.05,batch=0.2,http-500=0.05,http-429=0.02,"
    "bsuid-only=0.1,token-expiry=0.01,code:131026=0.1"
)


def stage_with(text: str, *, seed: int = 7) -> Stage:
    stage = Stage(seed=seed, faults=Faults.parse(text))
    stage.hear()
    return stage


def test_every_fault_can_be_written_and_read_again() -> None:
    faults = Faults.parse(ALL)
    assert Faults.parse(str(faults)) == faults
    assert (faults.lost_response, faults.token_expiry, faults.codes) == (0.1, 0.01, ((131026, 0.1),))
    assert Faults.parse(" ") == Faults()
    assert str(Faults()) == ""


@pytest.mark.parametrize(
    ("text", "in_hint"),
    [("lost=0.1", "lost-response"), ("codes=1", "code:N"), ("code:7=0.1", "131026"), ("code:2388019=1", "131026")],
)
def test_an_unknown_fault_names_those_that_are_known(text: str, in_hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        Faults.parse(text)
    assert in_hint in caught.value.hint
    assert all(name in caught.value.hint for name in fault_names())


@pytest.mark.parametrize("value", ["1.1", "-0.1", "nan", "often", ""])
def test_a_probability_is_from_0_to_1(value: str) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        Faults.parse(f"drop={value}")


def test_a_lost_response_is_carried_out_all_the_same() -> None:
    stage = stage_with("lost-response=1")
    sent = stage.send({"biz_opaque_callback_data": "ours"})
    assert sent.is_lost
    assert stage.sandbox.journal()[-1].is_lost
    statuses = stage.statuses()
    assert [status["biz_opaque_callback_data"] for status in statuses] == ["ours"] * 3


def test_a_refusal_and_a_look_are_never_lost() -> None:
    stage = stage_with("lost-response=1")
    assert not stage.send({"text": {"body": ""}}).is_lost
    assert not stage.call("GET", "/debug_token", query={"input_token": TOKEN}).is_lost


def test_a_500_says_nothing_about_the_message() -> None:
    verdicts = set()
    for seed in range(20):
        stage = stage_with("http-500=1", seed=seed)
        reply = stage.send()
        assert (reply.status, reply.body) == (500, {})
        entry = stage.sandbox.journal()[-1]
        assert (entry.verdict is Verdict.ACCEPTED) == bool(stage.statuses())
        verdicts.add(entry.verdict)
    assert verdicts == set(Verdict)


def test_a_429_refuses() -> None:
    stage = stage_with("http-429=1")
    assert stage.send().refusal == (429, 130429, None)
    assert stage.statuses() == []


def test_an_expired_token_stays_so_until_it_is_renewed() -> None:
    stage = stage_with("token-expiry=1")
    assert stage.send().refusal == (401, 190, None)
    stage.sandbox.renew_token(TOKEN)
    assert stage.send().refusal == (401, 190, None), "the fault hits again"


def test_a_duplicate_has_the_same_bytes() -> None:
    stage = stage_with("duplicate=1")
    stage.wait(3600)
    first, second = stage.sandbox.due_webhooks(now=stage.now)
    assert (first.body, first.signature) == (second.body, second.signature)
    assert first.at < second.at


def test_a_dropped_webhook_never_comes() -> None:
    stage = stage_with("drop=1")
    stage.send()
    assert stage.webhooks(within_s=86_400) == []
    assert stage.sandbox.next_webhook_at() is None


def test_a_delayed_webhook_comes_minutes_later() -> None:
    stage = stage_with("delay=1")
    assert stage.webhooks(within_s=29) == []
    assert len(stage.webhooks(within_s=602)) == 1


def test_a_reordered_status_overtakes_another() -> None:
    stage = stage_with("reorder=1")
    stage.webhooks(within_s=10)
    stage.send()
    order = [status["status"] for status in stage.statuses()]
    assert sorted(order) == ["delivered", "read", "sent"]
    assert order != ["sent", "delivered", "read"]


def test_batched_webhooks_come_in_one_request() -> None:
    stage = stage_with("batch=1")
    stage.webhooks(within_s=10)
    for _ in range(3):
        stage.send()
    bodies = stage.webhooks()
    entries = [len(body["entry"]) for body in bodies]
    assert sum(entries) == 9
    assert max(entries) > 1


def test_a_hidden_number_is_nowhere_in_the_webhook() -> None:
    stage = stage_with("bsuid-only=1")
    (value,) = stage.values()
    assert "from" not in value["messages"][0]
    assert "wa_id" not in value["contacts"][0]
    assert value["messages"][0]["from_user_id"] == value["contacts"][0]["user_id"]
    assert CLIENT[1:] not in json.dumps(value)


@pytest.mark.parametrize("code", sorted(code for code, error in ERRORS.items() if not error.is_subcode))
def test_any_code_comes_the_way_it_comes_from_meta(code: int) -> None:
    stage = stage_with(f"code:{code}=1")
    stage.webhooks(within_s=10)
    reply = stage.send()
    failed = [status for status in stage.statuses() if status["status"] == "failed"]
    error = ERRORS[code]
    if error.when is When.AT_ONCE or failed == []:
        assert error.when is not When.LATER
        assert reply.refusal == (error.http_status, code, None)
        assert failed == []
    else:
        assert reply.status == 200
        assert [each["code"] for each in failed[0]["errors"]] == [code]


def play(seed: int, faults: Faults) -> list[Any]:
    """A day of a firm, as everything that came out."""
    stage = Stage(seed=seed, faults=faults)
    out: list[Any] = []
    for turn in range(6):
        out.append(stage.hear(f"Pesan {turn}", contact=f"+6281230001{turn:03}"))
        out.append(stage.raw("POST", "/nowhere/messages", {}))
        reply = stage.send(to=f"+6281230001{turn:03}")
        out.append((reply.status, reply.body, reply.is_lost))
        stage.wait(7)
        out.extend(stage.sandbox.due_webhooks(now=stage.now))
    stage.wait(86_400)
    out.extend(stage.sandbox.due_webhooks(now=stage.now))
    return out + list(stage.sandbox.journal())


@given(st.integers(0, 2**32), st.sampled_from(["", ALL, "reorder=0.5,batch=0.5,duplicate=0.5,delay=0.5"]))
def test_the_same_seed_gives_the_same_bytes(seed: int, text: str) -> None:
    faults = Faults.parse(text)
    assert play(seed, faults) == play(seed, faults)


def test_another_seed_gives_other_ids() -> None:
    assert play(1, Faults()) != play(2, Faults())


@given(st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1))
def test_late_and_overtaken_webhooks_all_come_once_and_none_before_its_time(
    seed: int, delay: float, reorder: float
) -> None:
    stage = Stage(seed=seed, faults=Faults(delay=delay, reorder=reorder, batch=reorder))
    stage.hear()
    for _ in range(5):
        assert stage.send().status == 200
    stage.wait(86_400)
    posts = stage.sandbox.due_webhooks(now=stage.now)
    assert [post.at for post in posts] == sorted(post.at for post in posts)
    told = []
    for post in posts:
        for entry in json.loads(post.body)["entry"]:
            value = entry["changes"][0]["value"]
            for item in value.get("statuses", []):
                assert int(item["timestamp"]) <= post.at.timestamp()
                told.append((item["id"], item["status"]))
    assert len(told) == len(set(told)) == 15
