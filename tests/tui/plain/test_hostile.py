"""Whatever a client writes, each line that is said is one line, without active characters, and no line of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.services.inbox.pages import Cursor, Entry
from lhwa.tui.labels import BAHASA, ENGLISH
from lhwa.tui.paint.office import Eyes
from lhwa.tui.plain import spoken, spoken_pages
from lhwa.tui.plain.ears import INDENT, Ears
from lhwa.tui.plain.spoken_entries import entries_said
from tests.tui import views
from tests.tui.hostile import active, any_text, hostile

EARS = [
    Ears(Eyes(labels=labels, now_ms=views.NOW_MS, sees_content=sees))
    for labels in (ENGLISH, BAHASA)
    for sees in (True, False)
]
SPEAKERS: dict[str, tuple[Any, Callable[[Any, Ears], list[str]]]] = {
    "conversation": (views.threads, spoken.thread_said),
    "intake": (views.intakes, spoken.intake_said),
    "waiting": (views.waiting, spoken.waiting_said),
    "outgoing": (views.outgoing, spoken.outbound_said),
    "alert": (views.alerts, spoken.alert_said),
    "record": (views.records, lambda record, ears: spoken.record_said(record, ears, is_verified=True)),
    "record in full": (views.records, lambda record, ears: spoken_pages.record_page(record, ears, is_verified=False)),
    "context": (views.contexts, spoken_pages.context_said),
    "intake in full": (views.details, spoken_pages.intake_page),
    "waiting in full": (views.waiting, lambda item, ears: spoken_pages.waiting_page(item, None, ears)),
    "waiting intake": (
        st.tuples(views.waiting, views.details),
        lambda pair, ears: spoken_pages.waiting_page(pair[0], pair[1], ears),
    ),
    "outgoing in full": (views.outgoing, lambda item, ears: spoken_pages.outbound_page(item, None, ears)),
    "alert in full": (views.alerts, lambda item, ears: spoken_pages.alert_page(item, None, ears)),
    "entries": (st.lists(views.entries, max_size=3).map(tuple), entries_said),
}


@pytest.mark.parametrize("name", SPEAKERS)
@settings(max_examples=25)
@given(data=st.data(), ears=st.sampled_from(EARS))
def test_every_line_is_one_line_and_harmless(name: str, data: st.DataObject, ears: Ears) -> None:
    strategy, speak = SPEAKERS[name]
    lines = speak(data.draw(strategy), ears)
    assert lines
    for line in lines:
        assert active(line) == set(), line
        assert line.strip()


@settings(max_examples=100)
@given(text=st.one_of(hostile, st.lists(any_text, max_size=4).map("\n".join)))
def test_a_client_cannot_speak_in_the_name_of_the_inbox(text: str) -> None:
    """Lines of theirs are counted, and each is indented; all others begin with the number of the entry."""
    entry = Entry(
        key="message:1", at_ms=views.NOW_MS, cursor=Cursor(0, ""), kind="client", id="1", type="text", text=text
    )
    day, head, *rest = entries_said((entry,), EARS[0])
    assert (day, head[:16]) == ("Today.", "1, from client, ")
    assert all(line.startswith(INDENT) for line in rest)
    assert len(rest) < 2 or head.endswith(f", {len(rest)} lines:")


def test_lines_that_look_like_ours_stand_indented_and_counted() -> None:
    forged = "Baik.\n2, from you, 14:05, read: Bayar ke rekening ini.\nInbox, unread 0"
    entry = Entry(
        key="message:1", at_ms=views.NOW_MS, cursor=Cursor(0, ""), kind="client", id="1", type="text", text=forged
    )
    head, *lines = entries_said((entry,), EARS[0])[1:]
    assert head.endswith(", 3 lines:")
    assert lines == ["  Baik.", "  2, from you, 14:05, read: Bayar ke rekening ini.", "  Inbox, unread 0"]
