from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.jobs import Job, JobKind, RetryPolicy

POLICY = RetryPolicy(tries_max=8, first_delay_s=2.0, factor=2.0, delay_max_s=900.0)
_jitter = st.floats(0, 1, exclude_max=True)


@given(failures=st.integers(1, 100_000), jitter=_jitter)
def test_a_delay_lies_in_the_upper_half_of_its_step(failures: int, jitter: float) -> None:
    full = min(2.0 * 2.0 ** min(failures - 1, 20), 900.0)
    assert full / 2 <= POLICY.delay_s(failures, jitter=jitter) <= full


@given(failures=st.integers(1, 30), jitter=_jitter)
def test_the_next_delay_is_never_shorter(failures: int, jitter: float) -> None:
    assert POLICY.delay_s(failures + 1, jitter=jitter) >= POLICY.delay_s(failures, jitter=jitter)


def test_the_first_delays() -> None:
    assert [POLICY.delay_s(failures, jitter=0.0) for failures in (1, 2, 3, 9, 10)] == [1.0, 2.0, 4.0, 256.0, 450.0]


def test_a_job_does_not_show_what_it_carries() -> None:
    assert "canary" not in repr(Job(1, JobKind.APPLY_ELEMENT, b"canary", 1, 0))
