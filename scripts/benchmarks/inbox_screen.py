"""One inbox, used for some seconds and measured: run as a process of its own by the benchmark `inbox`."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from lhwa.cli.commands.inbox import desk_of
from lhwa.cli.firm import open_firm
from lhwa.cli.options import Globals
from lhwa.cli.session import Session
from lhwa.tui.app import InboxApp
from lhwa.tui.screens.main import Main

PAGES = 100
WAIT_S_MAX = 20.0
SIZE = (120, 40)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run took; times in milliseconds, from the key to what it asked for being painted."""

    first_paint_ms: float
    open_ms: float
    list_p50_ms: float
    list_max_ms: float
    thread_p50_ms: float
    thread_max_ms: float
    end_ms: float
    memory_mib: float


async def use(app: InboxApp, thread: str) -> Seen:
    """Start, go through the list, open the long thread, go through it."""
    begun = time.perf_counter()
    async with app.run_test(size=SIZE) as pilot:
        main = app.screen
        assert isinstance(main, Main)
        rows, opened = main.threads.rows, main.threads.opened
        await _until(lambda: rows.current is not None)
        first_paint_ms = _since(begun)

        async def timed(act: Callable[[], None], is_there: Callable[[], bool]) -> float:
            # What the key does, without the pauses that the test driver makes for each key.
            began = time.perf_counter()
            act()
            await _until(is_there)
            taken = _since(began)
            await pilot.pause()
            return taken

        pages = [await timed(lambda: rows.action_page(1), lambda: rows.current is not None) for _ in range(PAGES)]
        end_ms = await timed(rows.action_last, lambda: rows.current is not None)
        began = time.perf_counter()
        main.threads.open_by_id(thread)
        await _until(lambda: bool(opened.view.entries))
        open_ms = _since(began)
        turns = [await timed(lambda: opened.view.action_turn(-1), lambda: True) for _ in range(PAGES)]
        turns.append(await timed(opened.view.action_oldest, lambda: not opened.view.has_older))
        memory_mib = _memory_mib()
    return Seen(
        first_paint_ms=first_paint_ms,
        open_ms=open_ms,
        list_p50_ms=statistics.median(pages),
        list_max_ms=max(pages),
        thread_p50_ms=statistics.median(turns),
        thread_max_ms=max(turns),
        end_ms=end_ms,
        memory_mib=memory_mib,
    )


def _memory_mib() -> float:
    """The most that this process has had; getrusage would tell that of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


async def _until(is_there: Callable[[], bool]) -> None:
    ends = time.perf_counter() + WAIT_S_MAX
    while not is_there():
        if time.perf_counter() > ends:
            raise TimeoutError
        await asyncio.sleep(0.001)


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def main(home: str, tenant: str, thread: str) -> None:
    """Measure one run and say it as JSON."""
    session = Session(Globals(home=Path(home), tenant=tenant), os.environ)
    with open_firm(session) as firm:
        app = InboxApp(desk_of(session, firm), language="en", theme="dark", lock_minutes=60)
        seen = asyncio.run(use(app, thread))
    json.dump(asdict(seen), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:4])
