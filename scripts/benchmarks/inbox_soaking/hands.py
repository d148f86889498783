"""One person at one inbox, a process of its own: random acts by the screen's own keys and dialogs, and what was told.

Run as `python -m scripts.benchmarks.inbox_soaking.hands HOME TENANT SEED SECONDS`, with the person's token in the
environment; prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from textual.pilot import Pilot
from textual.widgets import Input, RadioButton, RadioSet, TextArea

from lhwa.cli.commands.inbox import desk_of
from lhwa.cli.firm import open_firm
from lhwa.cli.options import Globals
from lhwa.cli.session import TOKEN, Session
from lhwa.tui.acts import Act, Line
from lhwa.tui.app import InboxApp
from lhwa.tui.desk import Told
from lhwa.tui.screens.dialog import ActDialog
from lhwa.tui.screens.main import Main
from lhwa.tui.widgets.rows import Rows

SIZES = ((80, 24), (120, 40), (200, 50))
QUEUES = ("inbox", "inbox", "inbox", "review", "approvals", "outbox", "alerts", "audit")
LEFT_OUT = ("hold", "release", "tell-read")
"""Acts that stop a client's messages for the rest of the run, or wait for Meta."""
BEAT_S, WAIT_S = 0.02, 10.0
PAUSE_S = (0.02, 0.3)


class Ran(msgspec.Struct, frozen=True):
    """A line as it was confirmed or refused on the screen."""

    words: tuple[str, ...]
    typed: str
    is_done: bool
    out: str
    err: str


class Seen(msgspec.Struct, frozen=True):
    """What one inbox went through."""

    ran: tuple[Ran, ...]
    acts: int
    late_p50_ms: float
    late_p99_ms: float
    late_max_ms: float
    """How long its event loop was late; the machine is shared with everything else that runs."""
    memory_mib: tuple[float, ...]
    """At the end of each fifth of the time."""
    failure: str


class Hands:
    """Does one thing after another."""

    def __init__(self, app: InboxApp, pilot: Pilot[None], chance: random.Random, *, name: str) -> None:
        self._app, self._pilot, self._chance, self._name = app, pilot, chance, name
        main = app.screen
        assert isinstance(main, Main)
        self._main = main
        self._told = main.tell
        self._said = 0
        self.acts = 0
        self.ran: list[Ran] = []
        vars(main)["tell"] = self._tell

    def _tell(self, line: Line, told: Told, *, is_act: bool) -> None:
        self.ran.append(Ran(tuple(line.words), line.typed, told.is_done, told.out, told.err))
        self._told(line, told, is_act=is_act)

    def _words(self, what: str) -> str:
        """A text that nobody has written before."""
        self._said += 1
        return f"{what} {self._name} {self._said}"

    async def go_on(self, until_s: float) -> None:
        """Until the time is up, and all that was begun has ended."""
        steps = (self._goes, self._opens, self._opens, self._acts, self._acts, self._acts, self._replies, self._oddly)
        while time.monotonic() < until_s and self._app.is_running:
            await self._chance.choice(steps)()
            await self._back()
            self.acts += 1
            await asyncio.sleep(self._chance.uniform(*PAUSE_S))
        await self._until(lambda: all(worker.is_finished for worker in self._app.workers))

    async def _until(self, holds: Any) -> bool:
        ends_s = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > ends_s:
                return False
            await asyncio.sleep(0.01)
        return True

    async def _goes(self) -> None:
        self._main.action_go(self._chance.choice(QUEUES))

    async def _opens(self) -> None:
        """A thread, or what waits in the queue that is open."""
        pane = self._main.pane
        for rows in pane.query(Rows):
            if rows.total:
                rows.action_first()
                rows.action_move(self._chance.randrange(min(rows.total, 40)))
                rows.action_choose()
                await asyncio.sleep(0.05)
                return

    async def _acts(self) -> None:
        acts = [act for act in self._main.offer().acts if act.id not in LEFT_OUT]
        if not acts:
            return
        act = self._chance.choice(acts)
        self._main.action_act(act.id)
        await asyncio.sleep(0.05)
        if isinstance(self._app.screen, ActDialog) and await self._until(lambda: self._app.screen.focused is not None):
            self._fill(self._app.screen, act)
            await self._pilot.press("ctrl+s")

    def _fill(self, dialog: ActDialog, act: Act) -> None:
        for each in act.fields:
            widget = dialog.query_one(f"#field-{each.name}")
            if isinstance(widget, RadioSet):
                self._chance.choice(list(widget.query(RadioButton))).value = True
            elif isinstance(widget, TextArea):
                widget.load_text(self._words("catatan"))
            elif isinstance(widget, Input):
                widget.value = {
                    "person": self._chance.choice(["rani", "budi"]),
                    "text": "name" if each.name == "question" else self._words("alasan"),
                }[each.kind]

    async def _replies(self) -> None:
        """Open the composer, type, and send."""
        self._main.action_go("inbox")
        self._main.action_reply()
        composer = self._main.threads.opened.composer
        await asyncio.sleep(0.02)
        if not composer.is_open:
            return
        composer.query_one(TextArea).load_text(self._words("balasan"))
        await asyncio.sleep(0.02)
        if self._chance.random() < 0.2:
            await self._pilot.press("escape")  # and the draft is kept
            return
        before = len(self.ran)
        composer.action_send()
        if await self._until(lambda: len(self.ran) > before):
            return
        composer.action_close()

    async def _oddly(self) -> None:
        """What somebody does now and then."""
        step = self._chance.randrange(5)
        if step == 0:
            await self._pilot.resize_terminal(*self._chance.choice(SIZES))
        elif step == 1:
            self._main.action_language()
        elif step == 2:
            self._main.filter(self._chance.choice(["", "is:unread", "is:mine", "state:open", "from:Klien", "salam"]))
        elif step == 3:
            self._main.filter("")
        else:
            self._app.lock(idle_minutes=0)
            await self._until(lambda: self._app.screen.focused is not None)
            self._app.screen.query_one(Input).value = os.environ[TOKEN]
            await self._pilot.press("enter")
            await self._until(lambda: not self._app.is_locked)

    async def _back(self) -> None:
        """Close what lies over the inbox."""
        for _ in range(5):
            if self._app.screen is self._main:
                return
            await self._pilot.press("escape")
            await asyncio.sleep(0.05)


async def _beat(late_ms: list[float]) -> None:
    """Measure how late the event loop wakes up."""
    while True:
        begun_s = time.monotonic()
        await asyncio.sleep(BEAT_S)
        late_ms.append((time.monotonic() - begun_s - BEAT_S) * 1000)


async def _weigh(memory_mib: list[float], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        memory_mib.append(_memory_mib())


def _memory_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


async def use(app: InboxApp, *, seed: int, lasts_s: float, name: str) -> Seen:
    """Sit down, and act until the time is up."""
    late_ms: list[float] = []
    memory_mib: list[float] = []
    async with app.run_test(size=SIZES[1]) as pilot:
        await pilot.pause()
        hands = Hands(app, pilot, random.Random(seed), name=name)
        watches = [asyncio.create_task(_beat(late_ms)), asyncio.create_task(_weigh(memory_mib, lasts_s / 5.5))]
        await hands.go_on(time.monotonic() + lasts_s)
        for watch in watches:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
    late_ms.sort()
    return Seen(
        ran=tuple(hands.ran),
        acts=hands.acts,
        late_p50_ms=late_ms[len(late_ms) // 2],
        late_p99_ms=late_ms[len(late_ms) * 99 // 100],
        late_max_ms=late_ms[-1],
        memory_mib=tuple(memory_mib),
        failure="" if app.failure is None else repr(app.failure),
    )


def main(home: str, tenant: str, seed: str, lasts_s: str) -> None:
    """Use one inbox and say what came of it."""
    session = Session(Globals(home=Path(home), tenant=tenant), os.environ)
    with open_firm(session) as firm:
        name = str(firm.principal.operator)
        app = InboxApp(desk_of(session, firm), language="en", theme="dark", lock_minutes=60)
        seen = asyncio.run(use(app, seed=int(seed), lasts_s=float(lasts_s), name=name))
    sys.stdout.write(json.dumps(msgspec.to_builtins(seen)))


if __name__ == "__main__":
    main(*sys.argv[1:5])
