from __future__ import annotations

from bisect import bisect_left

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.pacing import PAIR, Pace, PaceState, number_pace, rebased
from lhwa.errors import InvariantError

START_MS = 1_790_000_000_000
PER_S = {"number": 80, "coexistence": 20, "slow": 1, "fast": 1000}
RULES = {"pair": PAIR} | {name: number_pace(per_s) for name, per_s in PER_S.items()}
PAIR_S = 6
BURST_MS = 6_000
HOUR_MS = 3_600_000

_gap_ms = st.one_of(st.just(0), st.integers(0, 20), st.integers(0, 7_000), st.integers(0, 400_000))
_gaps = st.lists(_gap_ms, max_size=120)


def passed(pace: Pace, gaps_ms: list[int]) -> list[int]:
    """When messages leave, if somebody tries after each of these pauses."""
    state, now_ms, times = PaceState(), START_MS, []
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        if pace.next_at(state, now_ms) == now_ms:
            state = pace.taken(state, now_ms)
            times.append(now_ms)
    return times


def at_once(pace: Pace, count: int) -> tuple[PaceState, int]:
    """The state after as many as may leave, waiting as told; and when the last one left."""
    state, now_ms = PaceState(), START_MS
    for _ in range(count):
        now_ms = pace.next_at(state, now_ms)
        state = pace.taken(state, now_ms)
    return state, now_ms


def most_within(times: list[int], window_ms: int) -> int:
    """The most in any span of this length, wherever it begins."""
    return max((bisect_left(times, at + window_ms) - index for index, at in enumerate(times)), default=0)


@pytest.mark.parametrize("count", [1, 2, 10, 44, 45])
def test_a_burst_to_one_client_is_paid_off_before_the_next_message(count: int) -> None:
    state, last_ms = at_once(PAIR, count)
    assert last_ms == START_MS
    assert PAIR.next_at(state, START_MS + 6_000) == START_MS + max(count * PAIR_S * 1000, 6_000)


def test_the_46th_message_to_one_client_waits_four_and_a_half_minutes() -> None:
    state, _ = at_once(PAIR, 45)
    assert PAIR.next_at(state, START_MS) == START_MS + 270_000
    assert PAIR.wait_ms_max == 270_000


def test_one_message_in_six_seconds_never_waits() -> None:
    assert len(passed(PAIR, [6_000] * 1_300)) == 1_300


@given(gaps_ms=_gaps)
def test_no_six_seconds_to_one_client_hold_more_than_a_burst(gaps_ms: list[int]) -> None:
    assert most_within(passed(PAIR, gaps_ms), 6_000) <= 45


@given(gaps_ms=_gaps)
def test_no_span_holds_more_to_one_client_than_the_rate_and_one_burst(gaps_ms: list[int]) -> None:
    times = passed(PAIR, gaps_ms)
    for window_s in (60, 600, 3600):
        assert most_within(times, window_s * 1000) <= 45 + window_s // PAIR_S


_eager = st.lists(
    # bursts of any size at any moment of the time that a burst takes to be paid off, for longer than an hour
    st.tuples(st.integers(1, 60), st.one_of(st.just(0), st.integers(0, 5_999)), st.integers(0, 300_000)),
    min_size=10,
    max_size=40,
)


@settings(max_examples=20, deadline=None)
@given(bursts=_eager)
def test_no_window_to_one_client_holds_more_than_metas_figures(bursts: list[tuple[int, int, int]]) -> None:
    state, now_ms, times = PaceState(), START_MS, []
    for count, spread_ms, pause_ms in bursts:
        for _ in range(count):
            now_ms = PAIR.next_at(state, now_ms)
            state = PAIR.taken(state, now_ms)
            times.append(now_ms)
            now_ms += spread_ms // count
        now_ms += pause_ms
    assert most_within(times, BURST_MS) <= 45
    assert most_within(times, HOUR_MS) <= 600
    for window_s in (7, 60, 270, 271, 600, 1_800):
        assert most_within(times, window_s * 1000) <= 45 + window_s // PAIR_S


def test_whole_bursts_one_after_the_other_stop_at_600_in_an_hour() -> None:
    state, now_ms, times = PaceState(), START_MS, []
    while now_ms < START_MS + 3 * HOUR_MS:
        now_ms = PAIR.next_at(state, now_ms)
        state = PAIR.taken(state, now_ms)
        times.append(now_ms)
    assert most_within(times, HOUR_MS) == 600
    assert most_within(times, BURST_MS) == 45
    assert len(times) >= 3 * 600
    assert len(state.hour_ms) <= 600


def test_a_pace_that_was_stored_before_hours_were_counted_is_read() -> None:
    stored = b"[1790000006000000,1790000000000,1,1790000000000]"
    state = msgspec.json.decode(stored, type=PaceState)
    assert PAIR.next_at(state, START_MS) == START_MS
    assert PAIR.next_at(state, START_MS + 6_000) == START_MS + 6_000


@given(gaps_ms=_gaps)
def test_after_a_pause_all_earlier_messages_to_the_client_are_paid_for(gaps_ms: list[int]) -> None:
    times = passed(PAIR, gaps_ms)
    for index in range(1, len(times)):
        if times[index] - times[index - 1] >= 6_000:
            assert times[index] - times[0] >= index * PAIR_S * 1000


@settings(max_examples=50)
@given(per_s=st.integers(1, 300), gaps_ms=st.lists(st.integers(0, 40), min_size=1, max_size=400))
def test_no_second_of_a_number_holds_more_than_its_rate(per_s: int, gaps_ms: list[int]) -> None:
    assert most_within(passed(number_pace(per_s), gaps_ms), 1_000) <= per_s


@pytest.mark.parametrize("per_s", [1, 2, 19, 20, 39, 40, 79, 80, 1000])
@pytest.mark.parametrize("step_ms", [0, 1, 3, 9, 10, 11])
def test_whoever_sends_as_fast_as_allowed_stays_within_the_rate_and_near_it(per_s: int, step_ms: int) -> None:
    pace, state, now_ms, times = number_pace(per_s), PaceState(), START_MS, []
    while now_ms < START_MS + 4_000:
        now_ms = pace.next_at(state, now_ms)
        state = pace.taken(state, now_ms)
        times.append(now_ms)
        now_ms += step_ms
    assert most_within(times, 1_000) <= per_s
    asked_per_s = per_s if step_ms == 0 else min(per_s, 1000 / step_ms)
    assert len(times) >= 4 * asked_per_s * 0.75


@given(rule=st.sampled_from(sorted(RULES)), gaps_ms=_gaps)
def test_what_was_predicted_is_what_happens(rule: str, gaps_ms: list[int]) -> None:
    pace, state, now_ms = RULES[rule], PaceState(), START_MS
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        told_ms = pace.next_at(state, now_ms)
        assert pace.next_at(state, told_ms) == told_ms
        # Told to wait, there is no earlier moment; and asking in between changes nothing.
        if told_ms > now_ms:
            assert pace.next_at(state, told_ms - 1) == told_ms
            assert pace.next_at(state, (now_ms + told_ms) // 2) == told_ms
        now_ms = told_ms
        state = pace.taken(state, now_ms)


@pytest.mark.parametrize("rule", RULES)
def test_a_message_that_leaves_too_early_is_a_defect(rule: str) -> None:
    pace = RULES[rule]
    state, _ = at_once(pace, pace.burst)
    with pytest.raises(InvariantError):
        pace.taken(state, START_MS)


_clock_moves = st.lists(
    st.tuples(_gap_ms, st.one_of(st.just(0), st.integers(0, 10), st.integers(0, 10**8))), max_size=80
)


@given(rule=st.sampled_from(sorted(RULES)), moves=_clock_moves, stores=st.booleans())
def test_a_clock_set_back_lets_nothing_through_that_a_true_clock_would_not(
    rule: str, moves: list[tuple[int, int]], *, stores: bool
) -> None:
    pace, state, true_ms, behind_ms, times = RULES[rule], PaceState(), START_MS, 0, []
    for gap_ms, back_ms in moves:
        true_ms += gap_ms
        behind_ms += back_ms
        now_ms = true_ms - behind_ms
        if pace.next_at(state, now_ms) == now_ms:
            state = pace.taken(state, now_ms)
            times.append(true_ms)
        elif stores:
            state = rebased(state, now_ms)
    if rule == "pair":
        assert most_within(times, 6_000) <= 45
        assert most_within(times, 600_000) <= 45 + 100
        assert most_within(times, HOUR_MS) <= 600
    else:
        assert most_within(times, 1_000) <= PER_S[rule]


@given(rule=st.sampled_from(sorted(RULES)), count=st.integers(0, 700), now_ms=st.integers(0, 2 * START_MS))
def test_nobody_ever_waits_longer_than_a_whole_burst_takes(rule: str, count: int, now_ms: int) -> None:
    pace = RULES[rule]
    state, _ = at_once(pace, count)
    assert 0 <= pace.next_at(state, now_ms) - now_ms <= pace.wait_ms_max


@given(rule=st.sampled_from(sorted(RULES)), count=st.integers(1, 100), back_ms=st.integers(0, START_MS))
def test_after_a_clock_set_back_the_message_leaves_when_it_was_told(rule: str, count: int, back_ms: int) -> None:
    pace = RULES[rule]
    state, last_ms = at_once(pace, count)
    now_ms = last_ms - back_ms
    stored = rebased(state, now_ms)
    told_ms = pace.next_at(stored, now_ms)
    assert told_ms == pace.next_at(state, now_ms)
    assert pace.next_at(stored, told_ms) == told_ms


def test_a_clock_that_runs_on_changes_no_state() -> None:
    state, last_ms = at_once(PAIR, 3)
    assert rebased(state, last_ms) is state
    assert rebased(state, last_ms + 1) is state


def test_an_ordinary_number_has_metas_ordinary_rate() -> None:
    assert number_pace() == number_pace(80)


@pytest.mark.parametrize("back_ms", [1, 999, 6_000, 270_000, 3_600_000, START_MS])
def test_after_a_clock_set_back_a_burst_is_still_owed_whole(back_ms: int) -> None:
    state, last_ms = at_once(PAIR, 45)
    assert PAIR.next_at(state, last_ms - back_ms) == last_ms - back_ms + 270_000
