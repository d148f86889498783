"""The home that the tests of the inbox share has something of every kind in every queue."""

from __future__ import annotations

from pathlib import Path

from lhwa.services.inbox.counts import count_queues
from lhwa.services.inbox.filters import ThreadFilter
from lhwa.services.inbox.threads import count_threads
from tests.tui.filling import EVERYBODY
from tests.tui.place import LAWYER, Place, build_place, main_of, open_inbox, press


async def test_every_queue_has_something(place: Place) -> None:
    async with open_inbox(place, LAWYER) as (app, pilot):
        main = main_of(app)
        assert main.desk.read(count_threads, ThreadFilter()) == len(EVERYBODY) + 1
        counts = main.desk.read(count_queues)
        assert (counts.review, counts.approvals, counts.in_doubt, counts.failed, counts.scheduled) == (2, 6, 1, 1, 1)
        assert counts.alerts == 2
        for key, name in zip("2345", ("review", "approvals", "outbox", "alerts"), strict=True):
            await press(pilot, key)
            assert main.pane.id == name
            assert main.offer().acts, name


def test_ids_are_the_same_each_time(pristine_place: Place, tmp_path: Path) -> None:
    assert build_place(tmp_path / "again").ids == pristine_place.ids
