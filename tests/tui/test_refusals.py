"""What cannot be done is said with its rule and what to do, and the inbox goes on."""

from __future__ import annotations

import json

from lhwa.tui.screens.lock import LockScreen
from tests.tui.hands import hands_of, records
from tests.tui.place import LAWYER, SECOND, STAFF, Place
from tests.tui.walks import WHY


async def test_what_services_refuse_is_told_with_what_to_do(place: Place) -> None:
    before = records(place)
    async with hands_of(place, LAWYER) as hands:
        await hands.at("review", "intake.submitted", opened=True)
        await hands.do("accept", WHY)
        assert "nobody has decided on them" in hands.said[-1]
        await hands.at("approvals", "tree")
        await hands.press("a")
        assert "Who submitted a tree cannot publish it" in hands.said[-1]
        await hands.at("approvals", "template")
        await hands.press("a")
        assert "no access token" in hands.said[-1]
        await hands.at("list", "thread.open")
        await hands.do("assign", {"to": "contoh-siapa"})
        assert hands.said[-1].startswith("Refused")
        await hands.do("release", {"kind": "blocked", **WHY})
        assert hands.said[-1].startswith("Refused")
        assert [line[0] for line in hands.log] == ["\N{BALLOT X}"] * 5
        assert "\N{BALLOT X} lhwa approve" not in hands.shown
        await hands.press("l")
        assert "\N{BALLOT X} lhwa hold release" in hands.shown, "l shows the lines that ran"
    assert [each["action"] for each in records(place)[len(before) :]] == ["template.approved"], "Meta was about to hear"


async def test_who_takes_a_client_has_seen_what_the_comparison_of_the_names_found(place: Place) -> None:
    async with hands_of(place, LAWYER) as hands:
        await hands.at("review", "intake.with_person", opened=True)
        await hands.press("a")
        assert hands.dialog is None
        assert hands.log[-1].split()[1:4] == ["lhwa", "conflict", "check"]
        assert "no hit" in hands.shown
        await hands.press("a")
        assert hands.dialog is not None


async def test_a_message_of_ones_own_is_not_approved_by_oneself(place: Place) -> None:
    async with hands_of(place, STAFF) as hands:
        await hands.at("approvals", "outbound.waiting")
        assert hands.offered() == {"cancel"}
        await hands.do("cancel", {})
        assert hands.log[0].startswith("\N{CHECK MARK} lhwa outbox cancel")


async def test_the_read_mark_is_of_the_message_with_the_cursor(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("thread", "thread.rich")
        entries = hands.main.threads.opened.view.entries
        first = next(each for each in entries if each.kind == "client")
        await hands.on_entry(first.id)
        await hands.press("b")
        assert hands.log[-1].endswith(f"lhwa messages mark-read {first.id}")


async def test_f_goes_to_the_conversation_and_esc_back_to_the_list(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("outbox", "outbound.failed")
        await hands.press("f")
        opened = hands.main.threads.opened
        assert hands.main.pane is hands.main.threads
        assert opened.line is not None
        assert opened.line.id == place.ids["thread.troubled"]
        assert opened.view.has_focus
        await hands.press("escape")
        assert hands.rows.has_focus
        await hands.press("2", "escape")
        assert hands.main.pane is hands.main.threads


async def test_a_lock_closes_a_dialog_without_doing_it_and_keeps_the_draft(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("list", "thread.open")
        await hands.press("r")
        await hands.type("Rahasia besar")
        await hands.press("ctrl+o")
        hands.app.lock(idle_minutes=10)
        await hands.press("escape", "ctrl+s", "x")
        assert isinstance(hands.app.screen, LockScreen)
        assert "Rahasia" not in hands.shown
        assert hands.log == []
        for token, is_locked in (("lhwa_wrong", True), (place.tokens[LAWYER], True), (place.tokens[SECOND], False)):
            for _ in range(20):
                await hands.pilot.press("backspace")
            await hands.type(token)
            await hands.press("enter")
            assert hands.app.is_locked is is_locked, token[:10]
        await hands.at("thread", "thread.open")
        assert hands.main.threads.opened.composer.letter.text == "Rahasia besar"


async def test_colon_quit_ends_it(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.press("colon")
        await hands.type("quit")
        await hands.pilot.press("enter")
        for _ in range(50):
            await hands.pilot.pause(0.001)
        assert not hands.app.is_running


def test_so_it_is_on_every_line_that_says_what_its_writer_saw(place: Place) -> None:
    intake, before = place.ids["intake.submitted"], len(records(place))
    later = ["conflict", "party", place.ids["intake.with_person"], "--name", "Dewi Contoh"]
    assert place.run(LAWYER, later).is_done, "a later name that is like one of these"
    shown = json.loads(place.run(LAWYER, ["--json", "intake", "show", intake]).out)
    words = ["intake", "accept", intake, "--reason", "Perkara jelas"]
    told = place.run(LAWYER, [*words, "--seen", str(shown["asOfAct"])])
    assert (told.is_done, "compared only now" in told.err) == (False, True), told.err
    told = place.run(LAWYER, [*words, "--seen", str(shown["asOfAct"])])
    assert "nobody has decided on them" in told.err, "the result is there to be seen"
    assert "matter.opened" not in [each["action"] for each in records(place)[before:]]
