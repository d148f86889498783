from __future__ import annotations

from itertools import combinations_with_replacement, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.messages import STATUS_RANK, Status, fold_statuses

WORDS = [*(status.value for status in Status), "deleted", "teleported", ""]


def test_every_order_of_every_set_of_facts_ends_in_the_same_state() -> None:
    for size in range(5):
        for facts in combinations_with_replacement(WORDS, size):
            assert len({fold_statuses(order) for order in permutations(facts)}) == 1, facts


@given(facts=st.lists(st.sampled_from(WORDS)))
def test_a_fact_told_twice_changes_nothing(facts: list[str]) -> None:
    assert fold_statuses(facts + facts) == fold_statuses(facts) == fold_statuses(set(facts))


@given(facts=st.lists(st.sampled_from(WORDS)), fact=st.sampled_from(WORDS))
def test_the_state_never_falls(facts: list[str], fact: str) -> None:
    before, after = fold_statuses(facts), fold_statuses([*facts, fact])
    order = [None, Status.ACCEPTED, Status.SENT, Status.FAILED, Status.DELIVERED, Status.READ, Status.PLAYED]
    assert order.index(after) >= order.index(before)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ([], None),
        (["teleported", "deleted", "warning"], None),
        (["accepted"], Status.ACCEPTED),
        (["read", "sent"], Status.READ),
        (["read", "delivered", "played", "sent"], Status.PLAYED),
        (["failed"], Status.FAILED),
        (["sent", "failed"], Status.FAILED),
        (["failed", "sent", "accepted"], Status.FAILED),
        (["failed", "delivered"], Status.DELIVERED),
        (["read", "failed"], Status.READ),
        (["SENT"], None),
    ],
    ids=str,
)
def test_what_facts_add_up_to(facts: list[str], state: Status | None) -> None:
    assert fold_statuses(facts) == state


def test_every_status_but_failed_has_a_rank_of_its_own() -> None:
    assert set(STATUS_RANK) == set(Status) - {Status.FAILED}
    assert len(set(STATUS_RANK.values())) == len(STATUS_RANK)
