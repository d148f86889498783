"""What leaves next, and what waits or stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.gates import Rule
from lhwa.domain.outbound import OutboundState
from lhwa.domain.pacing import DOUBT_HOLDS_MS
from lhwa.domain.send_policy import QuietHours
from lhwa.outbound.draining import begin, next_look_ms
from lhwa.outbound.taking import TAKEN_MAX
from lhwa.services.messaging.outbox_decisions import approve_outbound
from lhwa.services.messaging.sending import TemplateChoice
from lhwa.testing.builders import acting_as
from tests.outbound.desk import PER_S, SECOND_NUMBER, Desk
from tests.outbound.test_draining import Channel, context, taken

S = OutboundState
DAY_S = 86_400
HOUR_S = 3_600
UPDATE = TemplateChoice(name="kabar_berkas", language="id", values={"1": "Contoh"})
OTHER = Party(wa_id="6281230002222", bsuid=None, profile_name="Contoh Dua")


def test_a_message_is_marked_before_its_request_is_made(desk: Desk) -> None:
    sent = desk.send()
    (posting,) = desk.take()
    row = desk.row(sent)
    assert (row.state, row.attempts, row.posted_at_ms) == (S.SENDING, 1, desk.now_ms)
    assert posting.row == row
    assert posting.message.id == sent
    assert desk.actions(sent) == ["outbound.requested", "outbound.posting"]
    assert desk.taken() == []


def test_messages_of_a_thread_leave_one_after_the_other(desk: Desk) -> None:
    first, second, third = desk.send(), desk.send(), desk.send()
    assert desk.taken() == [first]
    assert desk.taken() == []
    desk.accept(first)
    assert desk.taken() == [second]
    desk.refuse(second, 131000)
    assert desk.taken() == [], "the second tries again before the third"
    desk.clock.advance(900)
    assert desk.taken() == [second]
    desk.refuse(second, 100)
    assert desk.taken() == [third]


def test_threads_do_not_wait_for_each_other(desk: Desk) -> None:
    desk.hear(OTHER)
    assert set(desk.taken()) <= {desk.send(), desk.send(contact="+6281230002222")}
    assert len(desk.taken()) == 2


def test_a_message_in_doubt_holds_up_the_next_one_for_a_while(desk: Desk) -> None:
    desk.in_doubt()
    after = desk.send()
    desk.clock.advance(DOUBT_HOLDS_MS / 1000 - 1)
    assert desk.taken() == []
    desk.clock.advance(1)
    assert desk.taken() == [after]


def test_a_doubt_from_a_clock_that_was_ahead_holds_up_nothing(desk: Desk) -> None:
    desk.clock.advance(2 * HOUR_S)
    doubted = desk.in_doubt()
    desk.clock.advance(-2 * HOUR_S)
    after = desk.send()
    desk.clock.advance(60)  # the paces, too, wait on the clock that was set back
    assert desk.taken() == [after]
    assert desk.state(doubted) is S.IN_DOUBT


def test_a_message_for_tomorrow_does_not_hold_up_an_answer_today(desk: Desk) -> None:
    tomorrow = desk.send(send_at_ms=desk.now_ms + 20 * HOUR_S * 1000)
    today = desk.send()
    assert desk.taken() == [today]
    desk.accept(today)
    desk.clock.advance(20 * HOUR_S)
    assert desk.taken() == [tomorrow]


def test_two_messages_for_later_leave_in_the_order_of_their_times(desk: Desk) -> None:
    later = desk.send(send_at_ms=desk.now_ms + 2_000)
    sooner = desk.send(send_at_ms=desk.now_ms + 1_000)
    desk.clock.advance(3)
    assert desk.taken() == [sooner]
    desk.accept(sooner)
    assert desk.taken() == [later]


def test_what_was_under_way_when_the_sender_died_is_in_doubt_whatever_the_clock_says(desk: Desk) -> None:
    sent = desk.send()
    assert desk.taken() == [sent]
    desk.clock.advance(-3 * DAY_S)
    desk.store.write(begin, fingerprint="one", per_s=PER_S)
    assert desk.state(sent) is S.IN_DOUBT
    desk.clock.advance(10 * DAY_S)
    desk.store.write(begin, fingerprint="one", per_s=PER_S)
    assert desk.taken() == [], "nothing in doubt leaves by itself"


@pytest.mark.parametrize("kind", ["opt_out", "blocked", "outbound_hold"])
def test_a_restriction_that_came_after_the_request_stops_it(desk: Desk, kind: str) -> None:
    sent = desk.send()
    desk.restrict(desk.row(sent).contact, kind)
    assert desk.taken() == []
    row = desk.row(sent)
    assert (row.state, row.rule, row.attempts) == (S.FAILED, kind, 0)
    assert desk.actions(sent)[-1] == "outbound.stopped"


def test_a_window_that_closed_meanwhile_stops_free_text_and_no_template(desk: Desk) -> None:
    desk.put_template()
    text, template = desk.send(), desk.send(UPDATE)
    desk.clock.advance(DAY_S - 300)
    assert desk.taken() == [], "the text is stopped; the template is the next of its thread in the next look"
    assert (desk.state(text), desk.row(text).rule) == (S.FAILED, Rule.WINDOW.value)
    assert desk.taken() == [template]


def test_a_template_that_was_paused_meanwhile_is_stopped(desk: Desk) -> None:
    desk.put_template()
    sent = desk.send(UPDATE)
    desk.put_template(status="PAUSED")
    assert desk.taken() == []
    assert (desk.state(sent), desk.row(sent).rule) == (S.FAILED, Rule.TEMPLATE.value)


def test_what_waited_too_long_expires(desk: Desk) -> None:
    desk.put_template()
    sent = desk.send(UPDATE)
    desk.clock.advance(DAY_S)
    assert desk.taken() == []
    assert (desk.state(sent), desk.row(sent).rule) == (S.EXPIRED, Rule.EXPIRED.value)


def test_what_was_approved_in_the_night_waits_for_the_morning(desk: Desk) -> None:
    desk.put_template()
    sent = desk.send(UPDATE, role=Role.STAFF)
    desk.policy = replace(desk.policy, quiet=QuietHours(time(21), time(7)))
    desk.clock.advance(DAY_S + 17 * HOUR_S)  # 22:00 by the firm's clock
    desk.store.write(approve_outbound, acting_as(Role.OWNER), sent)
    assert desk.taken() == []
    assert desk.row(sent).next_attempt_at_ms == desk.now_ms + 9 * HOUR_S * 1000
    desk.clock.advance(9 * HOUR_S)
    assert desk.taken() == [sent]


def test_no_more_than_so_many_are_under_way_at_once(desk: Desk) -> None:
    parties = [Party(wa_id=f"62812300{number:05}") for number in range(TAKEN_MAX + 4)]
    for party in parties:
        desk.hear(party)
        desk.send(contact=f"+{party.wa_id}")
    assert len(desk.taken(per_s=1_000)) == TAKEN_MAX


def test_a_number_sends_no_more_at_once_than_its_burst(desk: Desk) -> None:
    for number in range(9):
        party = Party(wa_id=f"628123000{number:04}")
        desk.hear(party)
        desk.send(contact=f"+{party.wa_id}")
    assert (len(desk.taken()), desk.taken()) == (4, [])
    desk.clock.advance(0.1)
    assert len(desk.taken()) == 4


def test_a_client_gets_no_more_at_once_than_the_burst_of_a_pair(desk: Desk) -> None:
    sent = [desk.send() for _ in range(50)]
    for each in sent[:45]:
        desk.clock.advance(0.02)
        assert desk.taken() == [each]
        desk.accept(each, f"wamid.{each}")
    desk.clock.advance(60)
    assert desk.taken() == []
    desk.clock.advance(45 * 6 - 60)
    assert desk.taken() == [sent[45]]


def test_what_waits_for_one_number_does_not_hide_what_may_leave_from_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("taking", "draining"):
        monkeypatch.setattr(f"lhwa.outbound.{module}.LOOKED_AT_MAX", 3)
    for number in range(4):
        party = Party(wa_id=f"628123000{number:04}")
        desk.hear(party)
        desk.send(contact=f"+{party.wa_id}")
    first = desk.take()[0].message.id
    desk.refuse(first, 130429)  # the number sends too fast
    desk.hear(OTHER, number=SECOND_NUMBER)
    elsewhere = desk.send(contact="+6281230002222", phone_number_id=SECOND_NUMBER)
    assert desk.store.read(next_look_ms, looking(desk)) == desk.now_ms
    assert desk.taken() == [elsewhere]
    later_ms = desk.store.read(next_look_ms, looking(desk))
    assert later_ms is not None
    assert later_ms > desk.now_ms


def looking(desk: Desk) -> Any:
    return context(desk, Channel(taken))
