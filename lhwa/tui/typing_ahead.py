"""Keys in the order in which they were pressed, also when somebody types faster than the screen.

Textual hands a key on as soon as it comes: on a busy machine, or when a line brings many at once, the second key goes
where the first one led away from. After `r` the first letters of a reply would be commands; after Enter the next value
would stand in the field before. Here each key waits until the one before it has done all that it does.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

GIVE_UP_S = 0.5
"""So long a key waits for another one that comes to no end."""
LOOK_S, LOOKS_MAX = 0.02, 50
"""How often, and how many times, a key waits for the field that is being opened for it."""
_ROUNDS = 2
"""A key goes up from where it is pressed; what it sets off there goes the same way once more."""


class TypingAhead(App[None]):
    """An app that takes one key after another."""

    def __init__(self) -> None:
        super().__init__()
        self._pressed: deque[events.Key | events.Paste] = deque()
        self._number = 0
        self._is_busy = False
        self._looks = 0

    @property
    def opens_field(self) -> bool:
        """True while a field has been opened that has no cursor yet."""
        return False

    async def on_event(self, event: events.Event) -> None:
        """Queue the keys; everything else happens at once."""
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._pressed.append(event)
        if self._is_busy:
            number = self._number
            self.set_timer(GIVE_UP_S, lambda: self._give_up(number))
        await self._press_next()

    async def _press_next(self) -> None:
        if self._is_busy or not self._pressed:
            return
        self._is_busy = True
        self._number += 1
        self._looks = 0
        number, target = self._number, self.focused or self.screen
        await super().on_event(self._pressed.popleft())
        self._follow(number, target, target, _ROUNDS)

    def _follow(self, number: int, target: MessagePump, node: Any, rounds: int) -> None:
        """Go the way of the key: in every queue this stands behind the key and what it has set off."""
        while node is not self and node is not None:
            if node.call_later(self._follow, number, target, node.parent, rounds):
                return
            node = node.parent  # it is closed
        if rounds > 1:
            self._follow(number, target, target, rounds - 1)
        else:
            self.call_later(self._look, number)

    async def _look(self, number: int) -> None:
        """What the key does is done, but for a field that is being opened."""
        if number != self._number or not self._is_busy:
            return
        if self.opens_field and self._looks < LOOKS_MAX:
            self._looks += 1
            self.set_timer(LOOK_S, lambda: self._look(number))
            return
        self._is_busy = False
        await self._press_next()

    async def _give_up(self, number: int) -> None:
        if number == self._number and not self._looks:
            self._is_busy = False
            await self._press_next()
