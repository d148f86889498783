"""The lock: what was on the screen is let go, and nothing is read, shown or said until somebody opens it."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Sequence
from typing import Any

import pytest
from textual.widgets import Static, TextArea

from lhwa.errors import UnavailableError
from lhwa.tui.screens.lock import LockScreen
from lhwa.tui.widgets.command_log import CommandLog
from lhwa.tui.widgets.one_liners import OneLine
from lhwa.tui.widgets.rows import Rows
from tests.tui.filling import OPEN
from tests.tui.hands import Hands, hands_of
from tests.tui.place import SECOND, Place, settle


async def lock(hands: Hands) -> None:
    hands.app.lock(idle_minutes=0)
    await settle(hands.pilot)


def is_at_inbox(hands: Hands) -> bool:
    return hands.app.screen is hands.main


@pytest.mark.parametrize("queue", ["1", "2", "3", "4", "5"])
async def test_what_clients_write_while_it_is_locked_is_not_read(place: Place, queue: str) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.press(queue)
        await lock(hands)
        with place.office() as office:
            office.hear(OPEN, text="Rahasia.", wamid="wamid.LATER")
        await settle(hands.pilot)
        assert isinstance(hands.app.screen, LockScreen)
        assert [rows._pages for rows in hands.main.query(Rows) if any(rows._pages.values())] == []
        await hands.type(place.tokens[SECOND])
        await hands.press("enter")
        assert is_at_inbox(hands)
        assert hands.rows.total


async def test_a_line_that_ran_until_now_shows_and_says_nothing_over_the_lock(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        main, goes_on = hands.main, threading.Event()
        run_line = main.desk.run_line

        def slow(words: Sequence[str], *, typed: str = "") -> Any:
            assert goes_on.wait(10)
            return run_line(words, typed=typed)

        object.__setattr__(main.desk, "run_line", slow)
        main.command(["conversations", "show", place.ids["thread.open"]])
        main.command(["send", "NOBODY", "--text", "Rahasia."])
        await asyncio.sleep(0.1)
        hands.app.lock(idle_minutes=0)
        goes_on.set()
        await settle(hands.pilot)
        await hands.press("ctrl+p")
        assert isinstance(hands.app.screen, LockScreen)
        assert hands.said == []
        assert main.query_one(CommandLog).ran == []


async def test_what_was_copied_typed_and_named_is_let_go(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("thread", "thread.open")
        await hands.press("y")
        assert hands.app.clipboard
        await hands.press("r")
        await hands.type("Baik.")
        composer = hands.main.threads.opened.composer
        assert any(line._left for line in composer.query(OneLine))
        await hands.press("escape")
        await hands.press("n")
        await hands.type("Catatan rahasia.")
        note = weakref.ref(hands.app.screen.query_one(TextArea))
        await hands.press("escape")
        await lock(hands)
        assert hands.app.clipboard == ""
        assert not any(line._left or line._right for line in composer.query(OneLine))
        async with asyncio.timeout(10):
            while note() is not None:
                await hands.pilot.pause(0.05)
                hands.app._watch_idle()
                gc.collect()


async def test_a_lock_that_cannot_ask_says_why(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_: str) -> bool:
        raise UnavailableError("The registry is busy.", hint="Try again.")

    async with hands_of(place, SECOND) as hands:
        monkeypatch.setitem(hands.app._desk.__dict__, "unlock", busy)
        await lock(hands)
        await hands.press("enter")
        assert hands.app.is_locked
        assert "The registry is busy. Try again." in str(hands.app.screen.query_one("#fault", Static).content)
