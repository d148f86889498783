"""How much and how long: the limits of the inbox in a browser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebLimits:
    """The limits of one server."""

    link_s: float = 600.0
    """How long a login link can be used."""
    idle_s: float = 900.0
    """After so long without a key or the mouse a session ends."""
    session_s: float = 12 * 3600.0
    """After so long a session ends in any case."""
    sessions_max: int = 4
    """Browsers that are logged in at once; one more ends the one that was idle for longest."""
    inboxes_max: int = 4
    """Tabs of one browser with an inbox; each is a process."""
    room_wait_s: float = 2.0
    """How long a new tab waits for the inbox of a closed one to end: a reloaded page is both at once."""


BODY_BYTES_MAX = 1_024
"""What a login may send: a token has 43 characters."""
MESSAGE_BYTES_MAX = 262_144
"""What a browser may send at once: a pasted text."""
CELLS_MAX = 1_000
"""Columns and lines of a terminal: the app keeps every cell in memory."""
