from __future__ import annotations

import pytest

from lhwa.domain.access import Role
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.pacing import DOUBT_HOLDS_MS
from lhwa.services.messaging.outbox_views import OutboundView, list_outbox
from lhwa.testing.builders import acting_as
from tests.outbound.desk import Desk


def view(desk: Desk, outbound: str) -> OutboundView:
    shown = desk.store.write(list_outbox, acting_as(Role.OWNER), rows_max=100, states=())
    return next(each for each in shown if each.id == outbound)


def test_a_message_that_nothing_holds_back_may_leave_at_its_own_time(desk: Desk) -> None:
    now, later = desk.send(), desk.send(send_at_ms=desk.now_ms + 3_600_000)
    assert (view(desk, now).next_attempt_at, view(desk, now).hint) == (rfc3339_ms(desk.now_ms), None)
    assert (view(desk, later).next_attempt_at, view(desk, later).hint) == (rfc3339_ms(desk.now_ms + 3_600_000), None)


def test_a_burst_to_one_client_is_foreseen_to_the_millisecond(desk: Desk) -> None:
    for number in range(200):
        sent = desk.send()
        if desk.taken(per_s=1_000) != [sent]:
            break
        desk.accept(sent, f"wamid.{number}")
    else:
        pytest.fail("a burst without an end")
    foreseen = view(desk, sent)
    assert foreseen.hint is not None
    assert foreseen.next_attempt_at is not None
    assert "client" in foreseen.hint
    wait_ms = 0
    while rfc3339_ms(desk.now_ms + wait_ms) != foreseen.next_attempt_at:
        wait_ms += 1
        assert wait_ms < 600_000
    desk.clock.advance((wait_ms - 1) / 1000)
    assert desk.taken() == []
    desk.clock.advance(0.001)
    assert desk.taken() == [sent]


def test_a_token_that_does_not_work_is_named_where_a_message_waits_for_it(desk: Desk) -> None:
    first = desk.send()
    assert desk.taken() == [first]
    desk.refuse(first, 190)
    waiting = desk.send()
    assert "set-access-token" in str(view(desk, waiting).hint)
    assert view(desk, waiting).next_attempt_at != rfc3339_ms(desk.now_ms)


def test_a_message_behind_one_in_doubt_says_so(desk: Desk) -> None:
    doubted = desk.in_doubt()
    waiting = desk.send()
    assert doubted in str(view(desk, waiting).hint)
    assert view(desk, waiting).next_attempt_at == rfc3339_ms(desk.now_ms + DOUBT_HOLDS_MS)
    desk.clock.advance(DOUBT_HOLDS_MS / 1000)
    assert view(desk, waiting).hint is None
    assert desk.taken() == [waiting]


def test_a_message_that_left_waits_for_nothing(desk: Desk) -> None:
    sent = desk.send()
    assert desk.taken() == [sent]
    assert view(desk, sent).next_attempt_at is None
    desk.accept(sent)
    assert (view(desk, sent).next_attempt_at, view(desk, sent).hint) == (None, None)
