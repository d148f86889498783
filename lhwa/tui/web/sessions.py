"""Browsers that are logged in, and when that ends.

Invariants: of a cookie only its SHA-256 is kept; a session that has ended is not found again; `last_input` moves only
while the session lives, so that a key that arrives after the idle time does not bring it back.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from lhwa.tui.web.limits import WebLimits
from lhwa.tui.web.links import WORD_BYTES, digest
from lhwa.tui.web.moments import Moment

PLACE_BYTES = 16

CloseInbox = Callable[[], Awaitable[object]]


@dataclass(eq=False, slots=True)
class Session:
    """One browser.

    `place` is the part of the address below which its cookie is sent. A browser sends cookies to every port of a host;
    to a place that nobody can guess, the programs on the other ports cannot lead it.
    """

    place: str
    cookie_sha256: bytes = field(repr=False)
    began: Moment
    last_input: Moment
    room: asyncio.Semaphore
    """One for each further tab that may have an inbox."""
    inboxes: set[CloseInbox] = field(default_factory=set, repr=False)
    """What closes each open one."""


class Sessions:
    """All browsers of one server."""

    def __init__(self, limits: WebLimits) -> None:
        self._limits = limits
        self._of: dict[str, Session] = {}

    def begin(self, now: Moment) -> tuple[Session, str, tuple[Session, ...]]:
        """A new session, the value of its cookie, and those that had to end for it: who has a fresh link goes first."""
        ended = []
        while len(self._of) >= self._limits.sessions_max:
            idlest = max(self._of.values(), key=lambda session: session.last_input.elapsed_s(now))
            ended.append(self._of.pop(idlest.place))
        cookie = secrets.token_urlsafe(WORD_BYTES)
        place = secrets.token_urlsafe(PLACE_BYTES)
        room = asyncio.Semaphore(self._limits.inboxes_max)
        session = self._of[place] = Session(place, digest(cookie), began=now, last_input=now, room=room)
        return session, cookie, tuple(ended)

    def find(self, place: str, cookie: str, now: Moment) -> Session | None:
        """The session that lives at this place under this cookie."""
        session = self._of.get(place)
        if session is None or not hmac.compare_digest(digest(cookie), session.cookie_sha256):
            return None
        return None if self._is_over(session, now) else session

    def note_input(self, session: Session, now: Moment) -> bool:
        """Somebody is there. False when it comes too late: the session is over."""
        if self._of.get(session.place) is not session or self._is_over(session, now):
            return False
        session.last_input = now
        return True

    def take_ended(self, now: Moment) -> tuple[Session, ...]:
        """Forget the sessions that are over; their inboxes are the caller's to close."""
        over = tuple(session for session in self._of.values() if self._is_over(session, now))
        for session in over:
            del self._of[session.place]
        return over

    def _is_over(self, session: Session, now: Moment) -> bool:
        return (
            session.last_input.elapsed_s(now) >= self._limits.idle_s
            or session.began.elapsed_s(now) >= self._limits.session_s
        )
