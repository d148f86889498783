"""What the benchmarks fill is an inbox as the product reads it."""

from __future__ import annotations

from pathlib import Path

from lhwa.domain.access import Principal, Role
from lhwa.services.inbox.context import read_context
from lhwa.services.inbox.filters import ThreadFilter, parse_filter
from lhwa.services.inbox.pages import read_page
from lhwa.services.inbox.threads import count_threads, read_threads, search_threads
from scripts.benchmarks.inbox_fill import LAWYER, OUTBOUND_EVERY, fill


def test_a_filled_inbox_has_every_thread_and_one_long_one(tmp_path: Path) -> None:
    filled = fill(tmp_path / "home", conversations=40, thread_messages=25)
    [tenant] = filled.home.tenants
    me = Principal(LAWYER, tenant, Role.LAWYER)
    with filled.home.open_store(tenant) as store:
        assert store.read(count_threads, me, ThreadFilter()) == 41
        lines = store.read(read_threads, me, ThreadFilter(), start=0, rows_max=100)
        assert len({line.name for line in lines}) == 41
        assert all(line.unread and line.snippet for line in lines)
        [long_one] = [line for line in lines if line.id == filled.long_thread]
        assert long_one.unread == 25
        page = store.read(read_page, me, filled.long_thread, rows_max=100)
        assert len([each for each in page.entries if each.kind == "client"]) == 25
        assert len([each for each in page.entries if each.kind == "firm"]) == 25 // OUTBOUND_EVERY
        found, _ = store.read(search_threads, me, parse_filter("state:submitted"), start=0, scan_max=100)
        assert found
        assert store.read(read_context, me, found[0].id).intake is not None
