from __future__ import annotations

import pytest

from lhwa.domain.access import Role
from lhwa.domain.outbound import OutboundState
from lhwa.services.messaging.outbox_views import list_outbox, show_outbound
from lhwa.services.messaging.outbox_words import explained, meaning_of
from lhwa.store.tables.outbox import OPEN
from lhwa.testing.builders import acting_as
from tests.outbound.desk import Desk

S = OutboundState
ASKING = [S.PENDING_APPROVAL, S.IN_DOUBT, S.FAILED, S.EXPIRED]


@pytest.mark.parametrize("state", S)
def test_every_state_has_a_meaning_without_its_own_word(state: S) -> None:
    assert meaning_of(state).endswith(".")
    assert "_" not in meaning_of(state)


def test_only_what_asks_something_of_people_is_explained_once() -> None:
    lines = explained([state.value for state in (*S, *S)])
    assert [line.partition(":")[0] for line in lines] == [state.value for state in ASKING]
    assert explained([S.READ.value, S.QUEUED.value]) == []
    assert explained(["in_doubt"])[0].endswith("then run `lhwa outbox resolve ID`.")


def test_what_waits_for_a_second_person_says_so(desk: Desk) -> None:
    outbound = desk.send(role=Role.STAFF)
    me = acting_as(Role.STAFF)
    [view] = desk.store.write(list_outbox, me, rows_max=9, states=OPEN)
    assert view.hint == f"It needs a second person: `lhwa approve {outbound}`."
    assert desk.store.write(show_outbound, me, outbound).meaning == meaning_of(S.PENDING_APPROVAL)
