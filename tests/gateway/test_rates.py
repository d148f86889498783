"""How often somebody may ask."""

from hypothesis import given
from hypothesis import strategies as st

from lhwa.config.settings import Limits
from lhwa.gateway.rates import SOURCES_MAX, Bucket, Buckets, Rates


@given(st.integers(1, 50), st.integers(1, 20), st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=200))
def test_a_bucket_never_gives_more_than_burst_and_rate(per_s: int, burst: int, gaps: list[float]) -> None:
    now_s = 0.0
    bucket = Bucket.full(per_s=per_s, burst=burst, now_s=now_s)
    given_out = 0
    for gap in gaps:
        now_s += gap
        if bucket.wait_s(now_s) == 0:
            bucket.take()
            given_out += 1
    assert given_out <= burst + per_s * now_s + 1e-6


def test_a_bucket_says_how_long_to_wait() -> None:
    bucket = Bucket.full(per_s=2, burst=1, now_s=0)
    bucket.take()
    assert bucket.wait_s(0) == 0.5
    assert bucket.wait_s(0.5) == 0
    assert bucket.wait_s(-100) == 0


def test_one_source_does_not_use_up_anothers_allowance() -> None:
    rates = Rates(Limits(requests_per_s_per_source=1, burst_per_source=1), now_s=0)
    assert rates.wait_s("192.0.2.1", now_s=0, is_somebody=True) == 0
    assert rates.wait_s("192.0.2.1", now_s=0, is_somebody=True) > 0
    assert rates.wait_s("192.0.2.2", now_s=0, is_somebody=True) == 0


def test_all_sources_together_have_an_allowance() -> None:
    rates = Rates(Limits(requests_per_s_total=1, burst_total=2), now_s=0)
    waits = [rates.wait_s(f"192.0.2.{number}", now_s=0, is_somebody=True) for number in range(3)]
    assert [wait > 0 for wait in waits] == [False, False, True]


def test_wrong_signatures_do_not_pile_up_for_ever() -> None:
    rates = Rates(Limits(bad_signatures_per_minute_per_source=60), now_s=0)
    for _ in range(1_000):
        rates.count_bad_signature("192.0.2.1", now_s=0)
    assert rates.wait_s("192.0.2.1", now_s=0, is_somebody=True) == 1
    assert rates.wait_s("192.0.2.1", now_s=0, is_somebody=False) == 0
    assert rates.wait_s("192.0.2.1", now_s=1, is_somebody=True) == 0


def test_only_so_many_sources_are_remembered() -> None:
    buckets = Buckets(per_s=1, burst=1)
    for number in range(SOURCES_MAX + 10):
        buckets.of(f"source-{number}", 0)
    assert len(buckets._of) == SOURCES_MAX
