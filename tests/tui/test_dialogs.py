"""Dialogs: what is missing is said, Esc and Enter do nothing grave, and several are done at once."""

from __future__ import annotations

from textual.widgets import Static

from lhwa.tui.act_table import ACTS, BY_ID
from tests.tui.hands import Hands, hands_of, records
from tests.tui.place import LAWYER, SECOND, Place
from tests.tui.walks import WHY

DIALOGS = (
    # act, where, on, everything that it asks for
    ("turn-down", "review", "intake.submitted", {"code": "no_capacity", **WHY}),
    ("resolve", "outbox", "outbound.in_doubt", {"outcome": "resend", **WHY}),
    ("cancel", "outbox", "outbound.scheduled", WHY),
    ("hold", "list", "thread.open", {"kind": "opt_out", **WHY}),
    ("reject", "approvals", "template", WHY),
    ("note", "list", "thread.open", {"text": "Telepon dulu."}),
)


async def opened(hands: Hands, act: str, where: str, on: str) -> None:
    await hands.at(where, on, opened=BY_ID[act].looks_first)
    await hands.press(BY_ID[act].key)
    assert hands.dialog is not None, act


async def test_esc_changes_nothing_and_enter_nothing_that_cannot_be_taken_back(place: Place) -> None:
    before = records(place)
    async with hands_of(place, SECOND) as hands:
        for act, where, on, values in DIALOGS:
            await opened(hands, act, where, on)
            if BY_ID[act].confirms:
                await hands.press("enter", "enter", "enter")
                assert hands.log == [], act
                if hands.dialog is None:
                    await opened(hands, act, where, on)
            await hands.fill(values)
            if BY_ID[act].confirms:
                await hands.press("enter")
            await hands.press("escape")
            assert hands.dialog is None, act
        assert hands.log == []
    assert records(place) == before
    assert {act for act, *_ in DIALOGS} >= {act.id for act in ACTS if act.confirms}


async def test_what_is_missing_is_said_and_what_is_there_stays(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await opened(hands, "turn-down", "review", "intake.submitted")
        await hands.press("ctrl+s")
        assert hands.fault == "Kind of reason, Reason: This is needed."
        await hands.fill({"reason": "Tidak ada waktu"})
        await hands.press("ctrl+s")
        assert hands.fault == "Kind of reason: This is needed."
        await hands.fill({"code": "other"})
        shown = str(hands.app.screen.query_one("#line", Static).content)
        assert shown.startswith(f"lhwa intake reject {place.ids['intake.submitted']} --seen ")
        assert shown.endswith("--code other --reason 'Tidak ada waktu'")
        await hands.press("ctrl+s")
        assert hands.dialog is None
        assert hands.log == [f"✓ {shown}"]
        await opened(hands, "note", "list", "thread.open")
        await hands.press("ctrl+s")
        assert "This is needed." in hands.fault


async def test_several_are_done_at_once_each_by_its_own_line(place: Place) -> None:
    ids = place.ids
    async with hands_of(place, SECOND) as hands:
        await hands.at("approvals", "outbound.waiting", "outbound.waiting_too")
        assert len(hands.subjects()) == 2
        await hands.do("approve")
        both = [ids["outbound.waiting"], ids["outbound.waiting_too"]]
        assert hands.log == [f"✓ lhwa approve {each}" for each in both]
        states = hands.main.desk.store.read(lambda tx: [getattr(tx.outbox.get(each), "state", "") for each in both])
        assert states == ["queued", "queued"]
        assert not hands.rows.marked
        await hands.at("approvals", "intake.submitted", "template")
        assert hands.offered() == set(), "a decision about a client is made one by one"
        await hands.press("escape")
        await hands.at("list", "thread.open", "thread.rich", "thread.closed")
        await hands.do("assign", {"to": "contoh-staff"})
        assert hands.log[2:] == [
            f"✓ lhwa conversations assign {ids[f'thread.{name}']} --to contoh-staff"
            for name in ("open", "rich", "closed")
        ]


async def test_of_several_that_cannot_all_be_done_each_is_told(place: Place) -> None:
    async with hands_of(place, SECOND, size=(80, 24)) as hands:
        await hands.at("approvals", "outbound.waiting", "outbound.waiting_too")
        assert place.run(LAWYER, ["approve", place.ids["outbound.waiting"]]).is_done
        await hands.press("a")
        assert [each[0] for each in hands.log] == ["✗", "✓"]
        assert LAWYER in hands.said[0]
