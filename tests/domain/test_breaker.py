from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.breaker import (
    POLICIES,
    BreakerPolicy,
    BreakerPosition,
    BreakerState,
    policy_of,
    succeeded,
)
from lhwa.domain.send_errors import NOT_CONNECTED, ErrorClass, verdict_of

NOW_MS = 1_790_000_000_000
POLICY = BreakerPolicy(failures_max=3, within_s=60, open_first_s=30, open_factor=2, open_s_max=200, probe_s_max=100)
_jitter = st.floats(0, 1, exclude_max=True)


def opened(policy: BreakerPolicy = POLICY, *, jitter: float = 0.999_999) -> BreakerState:
    state = BreakerState()
    for _ in range(policy.failures_max):
        state = policy.failed(state, NOW_MS, jitter=jitter)
    return state


@pytest.mark.parametrize(
    ("at_s", "position"),
    [
        ([0, 1], BreakerPosition.CLOSED),
        ([0, 1, 2], BreakerPosition.OPEN),
        ([0, 30, 59.9], BreakerPosition.OPEN),
        ([0, 30, 60], BreakerPosition.CLOSED),
        ([0, 50, 100, 109], BreakerPosition.OPEN),
        ([0, 61, 122, 183], BreakerPosition.CLOSED),
    ],
)
def test_several_failures_within_a_time_open_it(at_s: list[float], position: BreakerPosition) -> None:
    state, now_ms = BreakerState(), NOW_MS
    for seconds in at_s:
        now_ms = NOW_MS + int(seconds * 1000)
        state = POLICY.failed(state, now_ms, jitter=0.5)
    assert POLICY.position(state, now_ms) is position


def test_a_closed_breaker_lets_everything_through() -> None:
    state = POLICY.failed(BreakerState(), NOW_MS, jitter=0.5)
    assert POLICY.may_try(state, NOW_MS) is state
    assert POLICY.opens_until_ms(state, NOW_MS) is None


def test_after_its_time_one_probe_goes_and_the_others_wait_for_it() -> None:
    state = opened()
    until_ms = state.open_until_ms
    assert POLICY.opens_until_ms(state, NOW_MS) == until_ms
    assert POLICY.may_try(state, until_ms - 1) is None
    probing = POLICY.may_try(state, until_ms)
    assert probing is not None
    assert POLICY.position(probing, until_ms) is BreakerPosition.HALF_OPEN
    assert POLICY.may_try(probing, until_ms + 1) is None
    assert POLICY.opens_until_ms(probing, until_ms + 1) == until_ms + 100_000


def test_a_probe_that_was_never_heard_of_again_makes_room() -> None:
    state = opened()
    probing = POLICY.may_try(state, state.open_until_ms)
    assert probing is not None
    assert POLICY.may_try(probing, probing.probe_until_ms - 1) is None
    assert POLICY.may_try(probing, probing.probe_until_ms) is not None


def test_each_failed_probe_opens_it_for_longer_up_to_a_limit() -> None:
    state, spans_s = opened(jitter=0.0), []
    for _ in range(6):
        spans_s.append((state.open_until_ms - state.opened_at_ms) / 1000)
        probing = POLICY.may_try(state, state.open_until_ms)
        assert probing is not None
        state = POLICY.failed(probing, state.open_until_ms, jitter=0.0)
    assert spans_s == [15, 30, 60, 100, 100, 100]


def test_a_late_failure_does_not_keep_it_open() -> None:
    state = opened()
    assert POLICY.failed(state, state.open_until_ms - 1, jitter=0.9) is state


def test_a_success_makes_the_next_opening_short_again() -> None:
    state = opened(jitter=0.0)
    for _ in range(4):
        state = POLICY.failed(state, state.open_until_ms, jitter=0.0)
    assert state.openings == 5
    state = succeeded()
    for _ in range(3):
        state = POLICY.failed(state, NOW_MS, jitter=0.0)
    assert state.open_until_ms - NOW_MS == 15_000


_whats = st.sampled_from(["try", "try", "try", "fail", "fail", "succeed"])
_gaps_ms = st.one_of(st.integers(0, 3_000), st.integers(0, 120_000))
_steps = st.lists(st.tuples(_whats, _gaps_ms, _jitter), min_size=10, max_size=80)


@given(steps=_steps)
def test_there_are_never_two_probes_and_nothing_passes_before_its_time(steps: list[tuple[str, int, float]]) -> None:
    # Begins open: random steps seldom fail often enough in a row.
    state, now_ms = opened(jitter=0.0), NOW_MS
    probes: list[int] = []
    shut_until_ms = state.open_until_ms
    for what, gap_ms, jitter in steps:
        now_ms += gap_ms
        if what == "try":
            tried = POLICY.may_try(state, now_ms)
            assert (tried is None) == (POLICY.opens_until_ms(state, now_ms) is not None)
            if tried is None:
                continue
            assert now_ms >= shut_until_ms
            if POLICY.position(state, now_ms) is BreakerPosition.HALF_OPEN:
                probes.append(now_ms)
            state = tried
        elif what == "fail":
            # One from before the opening changes nothing; any other ends the probe.
            if POLICY.position(state, now_ms) is not BreakerPosition.OPEN:
                probes.clear()
            state = POLICY.failed(state, now_ms, jitter=jitter)
            shut_until_ms = state.open_until_ms
        else:
            state = succeeded()
            assert POLICY.position(state, now_ms) is BreakerPosition.CLOSED
            assert POLICY.may_try(state, now_ms) is not None
            shut_until_ms = 0
            probes.clear()
        assert all(later - earlier >= 100_000 for earlier, later in pairwise(probes))


@given(steps=_steps)
def test_whoever_waits_as_told_may_try(steps: list[tuple[str, int, float]]) -> None:
    state, now_ms = opened(), NOW_MS
    for what, gap_ms, jitter in steps:
        now_ms += gap_ms
        state = POLICY.failed(state, now_ms, jitter=jitter) if what == "fail" else state
        until_ms = POLICY.opens_until_ms(state, now_ms)
        assert until_ms is None or now_ms < until_ms <= now_ms + 200_000
        tried = POLICY.may_try(state, until_ms or now_ms)
        assert tried is not None
        state = tried if what == "try" and until_ms is None else state


@given(jitter=_jitter, openings=st.integers(1, 12))
def test_an_opening_lasts_from_half_its_step_to_the_limit(jitter: float, openings: int) -> None:
    state = opened(jitter=jitter)
    for _ in range(openings):
        span_ms = state.open_until_ms - state.opened_at_ms
        full_ms = min(30_000 * 2 ** (state.openings - 1), 200_000)
        assert full_ms // 2 <= span_ms <= full_ms
        state = POLICY.failed(state, state.open_until_ms, jitter=jitter)


@given(back_ms=st.integers(0, 10**10))
def test_a_clock_set_back_shuts_it_for_at_most_twice_its_time(back_ms: int) -> None:
    state = opened()
    now_ms = NOW_MS - back_ms
    until_ms = POLICY.opens_until_ms(state, now_ms)
    assert until_ms is None or until_ms - now_ms <= 2 * (state.open_until_ms - state.opened_at_ms)


def test_failures_from_before_a_clock_was_set_back_are_forgotten() -> None:
    state = BreakerState()
    for _ in range(2):
        state = POLICY.failed(state, NOW_MS, jitter=0.5)
    state = POLICY.failed(state, NOW_MS - 3_600_000, jitter=0.5)
    assert state.failed_at_ms == (NOW_MS - 3_600_000,)


@pytest.mark.parametrize(
    ("code", "error_class"),
    [(190, "reauth"), (131042, "oper"), (130429, "slow"), (131056, "slow"), (131016, "retry"), (131000, "retry")],
)
def test_errors_that_say_something_about_other_messages_count(code: int, error_class: str) -> None:
    assert policy_of(verdict_of(code, http_status=400)) is POLICIES[ErrorClass(error_class)]


@pytest.mark.parametrize("code", [1, 100, 131026, 131047, 131049, 132001, 132069])
def test_errors_of_one_message_or_one_client_stop_nobody_else(code: int) -> None:
    assert policy_of(verdict_of(code, http_status=400)) is None


def test_a_missing_connection_counts() -> None:
    assert policy_of(NOT_CONNECTED) is POLICIES[ErrorClass.RETRY]


def test_a_refused_token_stops_the_account_at_once() -> None:
    policy = POLICIES[ErrorClass.REAUTH]
    state = policy.failed(BreakerState(), NOW_MS, jitter=0.0)
    assert policy.may_try(state, NOW_MS + 1) is None
