from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from lhwa.services.inbox.counts import QueueCounts
from lhwa.tui.labels import BAHASA, ENGLISH, Labels
from lhwa.tui.lines import plain
from lhwa.tui.paint.edges import tabs_of, top_line
from lhwa.tui.paint.office import Eyes
from lhwa.tui.themes import DARK
from lhwa.tui.widgets.one_liners import Tabs
from tests.tui.hostile import ATTACKS, active

EYES = Eyes(me="budi", people={"budi": "Budi Contoh"})
FEW = QueueCounts(
    inbox_unread=2,
    review=0,
    approvals=1,
    in_doubt=0,
    failed=0,
    scheduled=3,
    alerts=1,
    critical_alerts=0,
    audit_entries=9,
)
MANY = QueueCounts(
    inbox_unread=123_456,
    review=99,
    approvals=99,
    in_doubt=50,
    failed=40,
    scheduled=9,
    alerts=99,
    critical_alerts=1,
    audit_entries=9,
)


def test_each_queue_tells_how_much_waits_in_it() -> None:
    assert [tab.count for tab in tabs_of(ENGLISH, FEW, audit="✓")] == ["2", "", "1", "3", "1", "✓"]


def test_what_went_wrong_is_told_by_a_sign_and_not_by_a_colour_alone() -> None:
    tabs = tabs_of(ENGLISH, MANY, audit="✗")
    assert [tab.count for tab in tabs] == ["999+", "99", "99", "99!", "99!", "✗"]
    assert [tab.is_urgent for tab in tabs] == [False, False, False, True, True, True]


class _Bar(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield Tabs(id="tabs")


@pytest.mark.parametrize("labels", [ENGLISH, BAHASA])
@pytest.mark.parametrize("current", ["inbox", "review", "audit"])
async def test_all_queues_can_be_seen_in_80_columns(labels: Labels, current: str) -> None:
    async with _Bar().run_test(size=(80, 3)) as pilot:
        bar = pilot.app.query_one(Tabs)
        bar.show_tabs(tabs_of(labels, MANY, audit="✗"), current)
        shown = bar.render_line(0).text
    assert len(shown) == 80
    for number, count in enumerate(("999+", "99", "99", "99!", "99!", "✗"), start=1):
        assert f"{number} " in shown
        assert f" {count} " in shown
    assert "…" not in shown


@pytest.mark.parametrize("is_narrow", [True, False])
def test_that_nothing_arrives_is_said_first(*, is_narrow: bool) -> None:
    left, right = top_line(EYES, firm="Firma Contoh", role="lawyer", is_serving=False, is_narrow=is_narrow)
    assert plain(left).startswith(" lhwa ⚠ lhwa serve is not running: nothing arrives or leaves")
    assert ("Budi Contoh (lawyer)" in plain(right)) is not is_narrow


@pytest.mark.parametrize("attack", ATTACKS)
def test_names_of_firms_and_people_do_nothing(attack: str) -> None:
    eyes = Eyes(me="budi", people={"budi": attack})
    left, right = top_line(eyes, firm=attack, role="lawyer", is_serving=True, is_narrow=False)
    assert active(plain((*left, *right))) == set()
