"""Others see who has a conversation open in the line mode, for as long as they do."""

from __future__ import annotations

import time
from collections.abc import Callable

from lhwa.services.inbox.desk import PRESENCE_MS
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.services.inbox.threads import thread_line
from lhwa.tui.plain.presence import Presence
from tests.tui.place import AUDITOR, LAWYER, STAFF, Place
from tests.tui.plain.dialogue import desk_at, open_thread, talk

BEAT_S, LOOKS_S_MAX = 0.01, 10.0


def as_staff_see_it(place: Place) -> ThreadLine:
    with desk_at(place, STAFF) as desk:
        line = desk.read(thread_line, place.ids["thread.open"])
    assert line is not None
    return line


def test_who_opens_and_who_writes_is_seen_and_who_leaves_is_not(place: Place) -> None:
    seen: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def looked(then: str) -> Callable[[], str]:
        def typed() -> str:
            line = as_staff_see_it(place)
            seen.append((line.looking, line.is_writing_there))
            return then

        return typed

    talk(
        place,
        LAWYER,
        *open_thread("Contoh Terbuka"),
        looked("reply"),
        looked("Baik."),
        ".",
        "",
        looked("list"),
        looked("where"),
    )
    assert seen == [((LAWYER,), ()), ((LAWYER,), (LAWYER,)), ((LAWYER,), ()), ((), ())]
    assert as_staff_see_it(place).looking == ()


def test_a_desk_beats_while_somebody_sits_at_a_prompt(place: Place) -> None:
    with desk_at(place, LAWYER) as desk, Presence(desk, beat_s=BEAT_S) as presence:
        presence.be_at(place.ids["thread.open"])
        place.clock.advance(PRESENCE_MS / 1_000 + 1)
        until = time.monotonic() + LOOKS_S_MAX
        while as_staff_see_it(place).looking != (LAWYER,):
            assert time.monotonic() < until


def test_a_role_that_may_not_write_leaves_no_trace(place: Place) -> None:
    def typed() -> str:
        assert as_staff_see_it(place).looking == ()
        return "where"

    talk(place, AUDITOR, "3", typed)
