"""Saying while somebody sits at a prompt that they are there: the desk beats, since a prompt cannot."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Self

from lhwa.domain.access import Permission
from lhwa.errors import LhwaError
from lhwa.services.inbox.desk import be_at, leave
from lhwa.tui.desk import Desk

BEAT_S = 5.0


class Presence:
    """Where this desk is, said anew until it is left. Use as a context."""

    def __init__(self, desk: Desk, *, beat_s: float = BEAT_S) -> None:
        self._desk, self._beat_s = desk, beat_s
        self._at = ("", False)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="presence", daemon=True)
        self._may = desk.may(Permission.WRITE_TO_CLIENTS)

    def __enter__(self) -> Self:
        if self._may:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._may:
            self._ends.set()
            self._thread.join()
            with suppress(LhwaError):
                self._desk.jot(leave, desk=self._desk.id)

    def be_at(self, conversation: str, *, is_writing: bool = False) -> None:
        """Be at a conversation from now on; at none with an empty id."""
        if self._may and self._at != (conversation, is_writing):
            self._at = (conversation, is_writing)
            self._say()

    def _say(self) -> None:
        conversation, is_writing = self._at
        with suppress(LhwaError):  # nobody's work waits for it
            self._desk.jot(be_at, desk=self._desk.id, conversation=conversation or None, is_writing=is_writing)

    def _beat(self) -> None:
        while not self._ends.wait(self._beat_s):
            if self._at[0]:
                self._say()
