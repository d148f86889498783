"""Several people at once: a decision is about what was on the screen, and who was faster is named."""

from __future__ import annotations

import asyncio

import pytest

from lhwa.domain.outbound import OutboundState
from lhwa.tui.screens.main import Main
from lhwa.tui.widgets import rows as rows_module
from tests.tui.filling import OPEN, SUBMITTED
from tests.tui.hands import Hands, hands_of
from tests.tui.place import LAWYER, OWNER, SECOND, Place, settle
from tests.tui.walks import WHY

INTAKE = "intake.submitted"


def client_answers(place: Place) -> None:
    with place.office() as office:
        office.says("Saya tambahkan sesuatu.", party=SUBMITTED)


async def asked_to_decide(hands: Hands) -> None:
    await hands.at("review", INTAKE, opened=True)
    await hands.press("x")
    await hands.fill({"code": "other", **WHY})


async def test_a_client_who_answers_meanwhile_stops_a_decision(place: Place) -> None:
    assert place.run(LAWYER, ["intake", "take-over", place.ids[INTAKE]]).is_done
    async with hands_of(place, SECOND) as hands:
        await asked_to_decide(hands)
        await asyncio.to_thread(client_answers, place)
        await settle(hands.pilot)
        await hands.press("ctrl+s")
        assert hands.log[-1].startswith("\N{BALLOT X} lhwa intake reject")
        assert "Since you looked: the client wrote" in hands.said[-1]
        assert "Saya tambahkan" not in "".join(hands.said)
        row = hands.main.desk.store.read(lambda tx: tx.intakes.get(place.ids[INTAKE]))
        assert row is not None
        assert not row.state.is_final
        await asked_to_decide(hands)
        await hands.press("ctrl+s")
        assert hands.log[-1].startswith("\N{CHECK MARK} lhwa intake reject"), "it has been seen now"


async def test_a_lawyer_who_was_faster_is_named(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await asked_to_decide(hands)
        words = ["intake", "reject", place.ids[INTAKE], "--code", "conflict", "--reason", "Benturan"]
        assert place.run(LAWYER, words).is_done
        await settle(hands.pilot)
        await hands.press("ctrl+s")
        assert hands.log[-1].startswith("\N{BALLOT X}")
        assert "contoh-lawyer" in hands.said[-1]


async def test_of_two_who_approve_the_same_one_is_told_by_whom_and_when(place: Place) -> None:
    message = place.ids["outbound.waiting"]
    async with hands_of(place, LAWYER) as first, hands_of(place, SECOND) as second:
        for hands in (first, second):
            await hands.at("approvals", "outbound.waiting")
        await second.pilot.press("a")
        await first.do("approve")
        await settle(second.pilot)
        marks = sorted(
            f"{hands.log[-1][0]} {hands.place.ids and message in hands.log[-1]}" for hands in (first, second)
        )
        assert marks == ["\N{CHECK MARK} True", "\N{BALLOT X} True"]
        loser, winner = (first, LAWYER) if first.log[-1][0] == "\N{BALLOT X}" else (second, SECOND)
        other = SECOND if loser is first else LAWYER
        assert other in loser.said[-1]
        assert winner != other
        row = first.main.desk.store.read(lambda tx: tx.outbox.get(message))
        assert row is not None
        assert (row.state, row.decided_by) == (OutboundState.QUEUED, other)
        for hands in (first, second):
            await settle(hands.pilot)
            items = [hands.rows.item_at(number) for number in range(hands.rows.total)]
            assert message not in [str(item.id) for item in items if item is not None]


async def test_what_others_do_is_on_the_screen_without_a_key(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("approvals", "outbound.waiting")
        total = hands.rows.total
        assert place.run(LAWYER, ["approve", place.ids["outbound.waiting"]]).is_done
        async with asyncio.timeout(10):
            while hands.rows.total == total:
                await hands.pilot.pause(0.02)
        assert isinstance(hands.app.screen, Main)


async def test_who_else_writes_in_a_conversation_is_seen_there(place: Place) -> None:
    async with hands_of(place, LAWYER) as first, hands_of(place, SECOND) as second:
        await second.at("thread", "thread.open")
        await first.at("thread", "thread.open")
        await settle(second.pilot)
        labels = second.main.eyes.labels
        assert labels.looks_now.format("Budi Contoh") in second.shown
        await first.press("r")
        await first.type("Saya jawab.")
        await settle(second.pilot)
        writes = labels.writes_now.format("Budi Contoh")
        assert writes in second.shown
        assert "Saya jawab" not in second.shown
        await first.press("ctrl+s")
        await settle(second.pilot)
        assert writes not in second.shown
        assert "Saya jawab" in second.shown


async def test_opening_a_conversation_is_one_record_however_often_it_is_read_anew(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("thread", "thread.open")
        for number in range(3):
            with place.office() as office:
                office.hear(OPEN, text=f"Lagi {number}.", wamid=f"wamid.AGAIN{number}")
            await settle(hands.pilot)
            assert f"Lagi {number}." in hands.shown
        await hands.do("seen")
    with place.office() as office:
        entries = [each for each in office.audited("message.read") if each["actor"] == f"operator:{SECOND}"]
    assert [each["target"] for each in entries] == [f"conversation:{place.ids['thread.open']}"]


async def test_a_key_that_comes_as_the_list_moves_up_is_not_about_what_nobody_has_seen(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hands_of(place, OWNER) as hands:
        await hands.press("3")
        rows = hands.rows
        kinds = [item.kind for number in range(rows.total) if (item := rows.item_at(number))]
        first = kinds.index("outbound")
        assert kinds[first + 1] == "outbound"
        await hands.pilot.press(*("j" * first))
        await settle(hands.pilot)
        monkeypatch.setattr(rows_module, "GLANCE_S", 600)
        await hands.press("a", "a")
        assert len(hands.log) == 1, "two presses approve one"
        assert hands.main.eyes.labels.slid in hands.said[-1]
        monkeypatch.setattr(rows_module, "GLANCE_S", 0)
        await hands.press("a")
        assert len(hands.log) == 2
