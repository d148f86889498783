"""Whatever a view holds, what is painted of it is as wide as it should be, and nothing in it acts on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.services.inbox.entries import Entry
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.tui.labels import BAHASA, ENGLISH
from lhwa.tui.lines import Line, plain, width_of
from lhwa.tui.paint.bubbles import entry_lines, entry_text
from lhwa.tui.paint.context import context_lines, intake_lines
from lhwa.tui.paint.office import Eyes
from lhwa.tui.paint.rows import alert_rows, audit_rows, intake_rows, outbound_rows, thread_rows, waiting_rows
from lhwa.tui.panes.kinds import KINDS
from lhwa.tui.panes.subjects import name_of
from tests.tui import views
from tests.tui.hostile import ATTACKS, active, hostile

Rows = Callable[[Any, Eyes, int], Sequence[Line]]
EXAMPLES = settings(max_examples=40)
eyes = st.builds(
    Eyes,
    labels=st.sampled_from([ENGLISH, BAHASA]),
    zone=st.sampled_from([ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")]),
    now_ms=st.just(views.NOW_MS),
    me=st.just("contoh-lawyer"),
    people=st.dictionaries(st.sampled_from(["contoh-lawyer", "contoh-staff"]), hostile, max_size=2),
)


def _audit_rows(record: Any, eyes: Eyes, width: int) -> Sequence[Line]:
    return audit_rows(record, eyes, width, is_verified=True)


def _detail(name: str, brought: Any = None) -> Rows:
    kind = next(each for each in KINDS if each.name == name)
    return lambda item, eyes, width: kind.detail(item, brought, eyes, width)


ROWS: dict[str, tuple[st.SearchStrategy[Any], Rows]] = {
    "conversations": (views.threads, thread_rows),
    "intakes": (views.intakes, intake_rows),
    "approvals": (views.waiting, waiting_rows),
    "outbox": (views.outgoing, outbound_rows),
    "alerts": (views.alerts, alert_rows),
    "audit": (views.records, _audit_rows),
}
PAGES: dict[str, tuple[st.SearchStrategy[Any], Rows]] = {
    "entries": (views.entries, entry_lines),
    "context": (views.contexts, context_lines),
    "intake": (views.details, intake_lines),
    "approval": (views.waiting, _detail("approvals")),
    "outgoing": (views.outgoing, _detail("outbox")),
    "alert": (views.alerts, _detail("alerts")),
}


@pytest.mark.parametrize("name", ROWS)
@EXAMPLES
@given(data=st.data(), eyes=eyes, width=st.integers(20, 160))
def test_a_row_is_exactly_as_wide_as_its_column_and_harmless(
    name: str, data: st.DataObject, eyes: Eyes, width: int
) -> None:
    view, paint = ROWS[name]
    for line in paint(data.draw(view), eyes, width):
        assert active(plain(line)) == set()
        assert width_of(line) == width


@pytest.mark.parametrize("name", PAGES)
@EXAMPLES
@given(data=st.data(), eyes=eyes, width=st.integers(20, 120))
def test_a_page_is_no_wider_than_its_column_and_harmless(
    name: str, data: st.DataObject, eyes: Eyes, width: int
) -> None:
    view, paint = PAGES[name]
    for line in paint(data.draw(view), eyes, width):
        assert active(plain(line)) == set()
        assert width_of(line) <= width


@given(entry=views.entries)
@EXAMPLES
def test_what_is_copied_of_a_message_is_harmless(entry: Entry) -> None:
    assert active(entry_text(entry)) <= {"\n", "\t"}


@given(line=views.threads)
@EXAMPLES
def test_what_a_conversation_is_called_is_harmless(line: ThreadLine) -> None:
    assert active(name_of(line)) == set()


@pytest.mark.parametrize("attack", ATTACKS[:6])
def test_an_attack_is_shown_for_what_it_is(attack: str) -> None:
    line = ThreadLine(id="T", phone_number_id="1", kind="person", name=attack, last_message_at_ms=views.NOW_MS)
    shown = plain(thread_rows(line, Eyes(now_ms=views.NOW_MS), 120)[0])
    assert "\u241b" in shown or "<U+009B>" in shown
