from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.outbound import (
    OUTBOUND_MOVES,
    FilledTemplate,
    Media,
    OutboundMessage,
    OutboundState,
    Parameter,
    Recipient,
    Text,
    state_of_statuses,
    state_once_told,
)

S = OutboundState
RANK = {S.ACCEPTED: 1, S.SENT: 2, S.DELIVERED: 3, S.READ: 4}
TOLD = (*RANK, S.FAILED)
LEFT = (S.SENDING, S.IN_DOUBT, S.QUEUED, S.CANCELLED, S.EXPIRED, *TOLD)
SECRET = "rahasia-contoh"


def test_every_state_has_its_moves() -> None:
    assert set(OUTBOUND_MOVES) == set(S)
    for state, moves in OUTBOUND_MOVES.items():
        assert state not in moves
    assert OUTBOUND_MOVES[S.READ] == frozenset()


def test_nothing_that_arrived_ever_moves_down() -> None:
    for state, rank in RANK.items():
        assert all(RANK[other] > rank for other in OUTBOUND_MOVES[state] - {S.FAILED})


def test_only_what_may_be_sent_goes_to_the_sender() -> None:
    assert [state for state in S if S.SENDING in OUTBOUND_MOVES[state]] == [S.QUEUED]
    assert [state for state in S if S.QUEUED in OUTBOUND_MOVES[state]] == [
        S.DRAFT,
        S.PENDING_APPROVAL,
        S.SENDING,
        S.FAILED,
        S.IN_DOUBT,
    ]


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ([], None),
        (["from_the_future"], None),
        (["sent"], S.SENT),
        (["read", "sent"], S.READ),
        (["played"], S.READ),
        (["failed"], S.FAILED),
        (["failed", "sent"], S.FAILED),
        (["delivered", "failed"], S.DELIVERED),
        (["from_the_future", "delivered"], S.DELIVERED),
    ],
)
def test_statuses_add_up_in_any_order(words: list[str], state: S | None) -> None:
    assert {state_of_statuses(order) for order in permutations(words)} == {state}


@pytest.mark.parametrize(("state", "told", "is_named"), [*product(LEFT, TOLD, (True, False))])
def test_whatever_is_told_moves_along_a_legal_move_and_never_down(state: S, told: S, *, is_named: bool) -> None:
    for is_another in (False, True) if not is_named else (False,):
        after = state_once_told(state, told, is_named=is_named, is_another=is_another)
        if after is None:
            continue
        assert after is told
        assert after in OUTBOUND_MOVES[state]
        assert told is S.FAILED or RANK[after] > RANK.get(state, 0)


@given(states=st.lists(st.sampled_from(tuple(RANK)), min_size=1))
def test_the_try_that_came_furthest_counts(states: list[S]) -> None:
    state = S.IN_DOUBT
    for told in states:
        state = state_once_told(state, told, is_named=False, is_another=True) or state
    assert state is max(states, key=RANK.__getitem__)


@pytest.mark.parametrize(
    ("state", "is_named", "is_another", "after"),
    [
        (S.SENDING, False, False, S.FAILED),
        (S.IN_DOUBT, False, False, S.FAILED),
        (S.IN_DOUBT, True, False, None),
        (S.SENDING, True, False, None),
        (S.QUEUED, True, False, None),
        (S.QUEUED, False, False, None),
        (S.ACCEPTED, True, False, S.FAILED),
        (S.SENT, True, False, S.FAILED),
        (S.SENT, False, True, None),
        (S.DELIVERED, True, False, None),
        (S.CANCELLED, False, False, None),
    ],
)
def test_a_failure_counts_only_while_no_other_try_is_known(
    state: S, after: S | None, *, is_named: bool, is_another: bool
) -> None:
    assert state_once_told(state, S.FAILED, is_named=is_named, is_another=is_another) is after


def test_no_repr_shows_what_a_client_reads() -> None:
    parameter = Parameter(value=SECRET)
    message = OutboundMessage(
        id="01M7Z000000000000000000000",
        phone_number_id="301301301301301",
        recipient=Recipient(phone=f"+62812{SECRET}"),
        content=FilledTemplate(name="kabar", language="id", body=(parameter,)),
    )
    shown = [message, message.recipient, message.content, parameter, Text(body=SECRET)]
    shown.append(Media(media="document", media_id="1", caption=SECRET))
    assert SECRET not in repr(shown)
