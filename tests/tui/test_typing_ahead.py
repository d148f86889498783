from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from lhwa.tui.screens.dialog import ActDialog
from lhwa.tui.typing_ahead import TypingAhead
from tests.tui.place import LAWYER, Place, main_of, open_inbox, settle

WORDS = "Ada kabar baik xx"
"""Each letter of it is a key of the inbox, too."""
COMES_TO_ITS_END_S = 10.0


async def burst(app: TypingAhead, pilot: Pilot[Any], *keys: str) -> None:
    """Keys that come at once, as after a line that stood still; and until the inbox has taken them all."""
    for key in keys:
        name = {" ": "space", "/": "slash", ":": "colon"}.get(key, key)
        app.post_message(events.Key(name, key if len(key) == 1 else None))
    while not is_quiet(app):
        await settle(pilot, look=False)
        await pilot.pause(0.01)
    await settle(pilot)


def is_quiet(app: TypingAhead) -> bool:
    """No key waits, and none is at work."""
    return not app._pressed and not app._is_busy and app._message_queue.empty()


async def test_what_follows_the_key_of_a_reply_is_the_reply(place: Place) -> None:
    async with open_inbox(place, LAWYER, draws=False) as (app, pilot):
        await burst(app, pilot, "r", *WORDS)
        assert app.screen is main_of(app)
        assert app.screen.query_one(TextArea).text == WORDS
        assert not main_of(app).threads.rows.marked


async def test_what_follows_the_key_of_a_dialog_stands_in_its_first_field(place: Place) -> None:
    async with open_inbox(place, LAWYER, draws=False) as (app, pilot):
        await burst(app, pilot, "A", *"budi")
        assert isinstance(app.screen, ActDialog)
        assert app.screen.query_one(Input).value == "budi"


@pytest.mark.parametrize("before", ["", "is:mine"])
async def test_a_filter_can_be_typed_in_one_go(place: Place, before: str) -> None:
    async with open_inbox(place, LAWYER, draws=False) as (app, pilot):
        main_of(app).filter(before)
        await settle(pilot)
        await burst(app, pilot, "/", "ctrl+u", *"is:unread", "enter")
        assert main_of(app).threads.written == "is:unread"
        assert main_of(app).threads.rows.has_focus


async def test_a_key_that_comes_to_no_end_does_not_keep_the_next_one(place: Place) -> None:
    async with open_inbox(place, LAWYER, draws=False) as (app, pilot):
        app._is_busy = True
        await burst(app, pilot, "question_mark")
        assert app.screen is not main_of(app)


@pytest.mark.parametrize(
    "keys",
    [
        ("A", "escape"),
        ("slash", "x", "enter"),
        ("question_mark", "q"),
        ("g", "a"),
        ("r", "x", "escape"),
        ("ctrl+z", "enter"),
    ],
)
async def test_what_closes_a_screen_keeps_no_key_waiting(place: Place, keys: tuple[str, ...]) -> None:
    async with open_inbox(place, LAWYER, draws=False) as (app, pilot):
        for key in keys:
            async with asyncio.timeout(COMES_TO_ITS_END_S):
                await burst(app, pilot, key)
