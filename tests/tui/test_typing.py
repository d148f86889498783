"""What is typed in the inbox: the `:` line, jumps, the palette, help, and filters."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, Static

from lhwa.tui.screens.command_line import CommandLine
from lhwa.tui.screens.main import JUMPS
from lhwa.tui.screens.overlays import Page
from tests.tui.hands import Hands, hands_of
from tests.tui.place import SECOND, Place


async def typed_command(hands: Hands, text: str) -> None:
    await hands.press("colon")
    assert isinstance(hands.app.screen, CommandLine)
    await hands.type(text)
    await hands.press("enter")


async def test_what_is_typed_is_an_act_on_what_the_cursor_is_on_or_a_whole_line(place: Place) -> None:
    ids = place.ids
    async with hands_of(place, SECOND) as hands:
        await hands.at("list", "thread.open")
        await typed_command(hands, "assign --to contoh-staff")
        assert hands.log == [f"\N{CHECK MARK} lhwa conversations assign {ids['thread.open']} --to contoh-staff"]
        await typed_command(hands, "seen")
        assert hands.log[-1] == f"\N{CHECK MARK} lhwa conversations seen {ids['thread.open']}"
        await typed_command(hands, 'note --text "Satu dua"')
        assert hands.log[-1].startswith("\N{CHECK MARK} lhwa conversations note")
        for text in ("whoami", "lhwa whoami"):
            await typed_command(hands, text)
            assert isinstance(hands.app.screen, Page)
            assert SECOND in hands.shown
            await hands.press("escape")
        await typed_command(hands, "go outbox")
        assert hands.main.pane.id == "outbox"
        await hands.at("outbox", "outbound.in_doubt")
        await typed_command(hands, "resolve --resend --reason 'Tidak sampai'")
        assert hands.log[-1] == (
            f"\N{CHECK MARK} lhwa outbox resolve {ids['outbound.in_doubt']} --resend --reason 'Tidak sampai'"
        )
        await hands.at("review", "intake.submitted")
        await typed_command(hands, "decide-conflict waived --reason x")
        assert hands.log[-1].startswith("\N{CHECK MARK} lhwa outbox"), "it is opened first"
        await typed_command(hands, "decide-conflict waived --reason x")
        assert hands.log[-1].startswith(f"\N{CHECK MARK} lhwa conflict decide {ids['intake.submitted']} --seen ")
        assert hands.log[-1].endswith(" waived --reason x")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('note --text "Satu', "A quote is not closed."),
        ("serve", "This command does not run here."),
        ("approve 01ABC", "There is no such thing here"),
        ("assign --nobodyy", "--nobodyy"),
    ],
)
async def test_what_cannot_be_done_is_said_and_nothing_happens(place: Place, text: str, says: str) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("list", "thread.open")
        await typed_command(hands, text)
        assert hands.app.screen is hands.main
        assert says in f"{hands.said} {hands.shown}"


async def test_tab_completes_and_up_brings_back_what_was_typed(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("list", "thread.open")
        await hands.press("colon")
        await hands.type("assi")
        assert "assign" in str(hands.app.screen.query_one("#known", Static).content)
        await hands.press("tab")
        line = hands.app.screen.query_one("#line", Input)
        assert line.value == "assign"
        await hands.type(" --to contoh-staff")
        await hands.press("enter", "colon", "up")
        assert hands.app.screen.query_one("#line", Input).value == "assign --to contoh-staff"
        await hands.press("down")
        assert hands.app.screen.query_one("#line", Input).value == ""
        await hands.press("escape")
        assert hands.app.screen is hands.main


async def test_g_and_a_letter_goes_there(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        for letter, name in JUMPS.items():
            if name != "top":
                await hands.press("g", letter)
                assert hands.main.pane.id == name
        await hands.press("1", "j", "j", "g", "g")
        assert hands.rows.cursor == 0
        await hands.press("g", "z")
        assert hands.app.screen is hands.main
        assert hands.main.pane.id == "inbox"


async def test_the_palette_finds_acts_and_queues(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("list", "thread.open")
        for text in ("Mark as read", "Outbox"):
            await hands.press("ctrl+p")
            assert isinstance(hands.app.screen, CommandPalette)
            await hands.type(text)
            await hands.press("down", "enter")
        assert len(hands.log) == 1
        assert hands.main.pane.id == "outbox"


async def test_help_names_every_key_of_the_place(place: Place) -> None:
    async with hands_of(place, SECOND, size=(120, 60)) as hands:
        await hands.at("approvals", "outbound.waiting")
        await hands.press("question_mark")
        assert isinstance(hands.app.screen, Page)
        for label in ("Approve", "Reject", "Take the message back", "Lock", "Light or dark", "Next"):
            assert label in hands.shown, label
        await hands.press("question_mark")
        assert not isinstance(hands.app.screen_stack[-1], Page)


async def test_a_filter_narrows_down_and_one_that_is_wrong_changes_nothing(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        total = hands.rows.total
        await hands.press("slash")
        await hands.type("state:open")
        await hands.press("enter")
        narrowed = hands.rows.total
        assert 0 < narrowed < total
        await hands.press("slash")
        assert hands.app.screen.query_one("#line", Input).value == "state:open"
        await hands.type(" is:bright")
        await hands.press("enter")
        assert "not known" in hands.said[-1]
        assert (hands.rows.total, hands.main.threads.written) == (narrowed, "state:open")
        await typed_command(hands, "filter from:Terbuka")
        assert [each.name for each in (hands.rows.item_at(0),) if each is not None] == ["Contoh Terbuka"]
        assert hands.rows.total == 1
        await hands.press("escape")
        assert hands.rows.total == total
