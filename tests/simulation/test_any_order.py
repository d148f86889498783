"""Whatever happens between Meta and the firm's file, the file ends up the same: plans by Hypothesis, which shrink."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scripts.benchmarks.simulating.plan import (
    CLOCKS,
    FIRMS,
    KINDS,
    PEOPLE,
    SEQS,
    Clock,
    Fact,
    Map,
    Prune,
    See,
    Send,
    Serve,
    Step,
    Suspend,
)

EXAMPLES = 40

FACTS = st.builds(
    Fact,
    firm=st.sampled_from((0, 0, 0, 0, 2, 1)),
    person=st.integers(0, len(PEOPLE) - 1),
    kind=st.sampled_from(KINDS),
    seq=st.integers(0, SEQS - 1),
)
SENDS = st.lists(FACTS, min_size=1, max_size=4).map(lambda facts: Send(tuple(facts)))
STEPS: st.SearchStrategy[Step] = st.one_of(
    SENDS,
    SENDS,
    SENDS,
    st.builds(Serve, worker=st.integers(0, 1), forgets=st.booleans()),
    st.builds(Clock, seconds=st.sampled_from(CLOCKS)),
    st.builds(Suspend, firm=st.integers(0, len(FIRMS) - 1), is_active=st.booleans()),
    st.just(Map()),
    st.just(Prune()),
    st.builds(See, firm=st.sampled_from((0, 0, 1, 2)), thread=st.integers(0, SEQS), is_unread=st.booleans()),
)


@settings(
    max_examples=EXAMPLES,
    database=None,
    print_blob=True,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(plan=st.lists(STEPS, min_size=4, max_size=24))
def test_any_plan_ends_in_the_same_records(play: Callable[[list[Step]], int], plan: list[Step]) -> None:
    play(plan)
