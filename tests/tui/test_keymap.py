"""Other keys by `inbox.keys`, and what is none is told before the screen opens."""

from __future__ import annotations

import pytest

from lhwa.errors import ConfigError
from lhwa.tui.keys import keymap_of
from tests.tui.hands import hands_of
from tests.tui.place import SECOND, Place

KEYS = ("approve=ctrl+a", "compose.send=f5", "list.next=n down", "go.outbox=o")


async def test_other_keys_do_what_they_were_given(place: Place) -> None:
    async with hands_of(place, SECOND, keymap=keymap_of(KEYS)) as hands:
        await hands.press("3")
        first = hands.rows.current
        await hands.press("n")
        assert hands.rows.current is not first
        await hands.at("approvals")
        while str(getattr(hands.rows.current, "id", "")) != place.ids["outbound.waiting"]:
            await hands.press("n")
        await hands.press("a")
        assert hands.log == [], "the key that it had"
        assert "^a" in hands.shown.splitlines()[-1]
        await hands.press("question_mark")
        assert "^a" in hands.shown
        await hands.press("escape", "ctrl+a")
        assert hands.log == [f"\N{CHECK MARK} lhwa approve {place.ids['outbound.waiting']}"]
        await hands.press("1", "r")
        await hands.type("Baik.")
        await hands.press("ctrl+s")
        assert len(hands.log) == 1
        await hands.press("f5")
        assert len(hands.log) == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("aprove=ctrl+a", "names an action that does not exist: aprove"),
        ("approve", "names no action or no key"),
        ("approve=", "names no action or no key"),
        ("=ctrl+a", "names no action or no key"),
    ],
)
async def test_what_is_no_key_is_told_before_the_screen_opens(place: Place, line: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        async with hands_of(place, SECOND, keymap=keymap_of([line])):
            pytest.fail("it opened")
