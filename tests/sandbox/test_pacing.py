"""How fast a number may write."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lhwa.sandbox.pacing import PAIR_BURST, Pacing, SlidingWindow
from tests.sandbox.stage import CLIENT, NOON, Stage


def test_one_person_gets_45_at_once_and_then_one_in_six_seconds(open_stage: Stage) -> None:
    codes = [open_stage.send().code for _ in range(46)]
    assert codes == [None] * 45 + [131056]
    open_stage.wait(5.9)
    assert open_stage.send().code == 131056
    open_stage.wait(0.1)
    assert [open_stage.send().code for _ in range(2)] == [None, 131056]


def test_a_person_has_one_allowance_by_number_and_by_user_id(open_stage: Stage) -> None:
    user_id = open_stage.sandbox.meet(CLIENT)
    for _ in range(45):
        open_stage.send()
    assert open_stage.send({"recipient": user_id}, to=None).code == 131056


def test_a_number_sends_80_in_a_second_and_what_it_receives_counts(stage: Stage) -> None:
    clients = [f"+62812300{number:05}" for number in range(81)]
    for client in clients:
        stage.sandbox.meet(client)
    stage.hear()
    codes = [stage.send(to=client).code for client in clients]
    assert codes == [None] * 79 + [130429] * 2
    stage.wait(1)
    assert stage.send(to=clients[-1]).code is None


def test_a_refused_message_uses_up_nothing(open_stage: Stage) -> None:
    for _ in range(100):
        assert open_stage.send({"text": {"body": ""}}).code == 100
    assert open_stage.send().status == 200


@given(st.lists(st.floats(0, 20), max_size=150))
def test_no_hour_holds_more_than_the_burst_and_the_rate(gaps_s: list[float]) -> None:
    pacing, now, taken = Pacing(messages_per_s=1_000), NOON, 0
    for gap_s in gaps_s:
        now += timedelta(seconds=gap_s)
        if pacing.pair_has_room("somebody", now=now):
            pacing.count_out("somebody", now=now)
            taken += 1
    assert taken <= PAIR_BURST + (now - NOON) / timedelta(seconds=6)


@given(st.integers(1, 5), st.lists(st.integers(0, 1500), max_size=60))
def test_no_second_holds_more_than_the_rate(most: int, gaps_ms: list[int]) -> None:
    window, now, times = SlidingWindow(most=most, span=timedelta(seconds=1)), NOON, []
    for gap_ms in gaps_ms:
        now += timedelta(milliseconds=gap_ms)
        if window.has_room(now=now):
            window.count(now=now)
            times.append(now)
    assert all(later - first >= timedelta(seconds=1) for first, later in zip(times, times[most:], strict=False))


def test_an_hour_holds_600_to_one_person_and_as_many_to_another() -> None:
    pacing, now, taken = Pacing(messages_per_s=1_000), NOON, 0
    while now < NOON + timedelta(hours=1):
        for person in ("somebody", "another"):
            if pacing.pair_has_room(person, now=now):
                pacing.count_out(person, now=now)
                taken += person == "somebody"
        now += timedelta(seconds=1)
    assert taken == 600, "the burst is borrowed from the hour"
