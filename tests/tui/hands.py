"""Somebody's hands at the inbox: they go somewhere, press an act's key, fill in its dialog, and read what is said."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, RadioSet, Static, TextArea

from lhwa.tui.act_table import BY_ID
from lhwa.tui.acts import Subject
from lhwa.tui.app import InboxApp
from lhwa.tui.panes.queue import QueuePane
from lhwa.tui.screens.dialog import ActDialog
from lhwa.tui.screens.main import Main
from lhwa.tui.widgets.command_log import CommandLog
from lhwa.tui.widgets.rows import Rows
from tests.tui.place import Place, main_of, open_inbox, press, settle, type_text

QUEUE_KEYS = {"list": "1", "thread": "1", "message": "1", "review": "2", "approvals": "3", "outbox": "4", "alerts": "5"}
SIZE = (100, 30)
_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{16,26}")


@dataclass
class Hands:
    """What a test does at one inbox."""

    place: Place
    app: InboxApp
    pilot: Pilot[None]

    @property
    def main(self) -> Main:
        return main_of(self.app)

    # -- going -----------------------------------------------------------------------------------------------------

    async def press(self, *keys: str) -> None:
        await press(self.pilot, *keys)

    async def type(self, text: str) -> None:
        await type_text(self.pilot, text)

    async def at(self, where: str, *names: str, opened: bool = False) -> None:
        """Go to a queue, and put the cursor on a thing; of several, all are marked.

        Args:
            opened: open it; in the list, and come back.
        """
        await self.press(QUEUE_KEYS[where])
        while not self.rows.has_focus:
            await self.press("escape")
        for name in names:
            await self._on(self.place.ids[name])
            if len(names) > 1:
                await self.press("space")
        if opened or where == "thread":
            await self.press("enter", *(("escape",) if where == "list" else ()))

    async def on_entry(self, entry: str) -> None:
        """In an open thread, put the cursor on a message by its id."""
        view = self.main.threads.opened.view
        assert view.has_focus
        keys = [each.id for each in view.entries]
        by = keys.index(entry) - keys.index(view.current.id if view.current is not None else "")
        await self.pilot.press(*(("j",) * by or ("k",) * -by))
        await settle(self.pilot)
        assert view.current is not None
        assert view.current.id == entry

    @property
    def rows(self) -> Rows[Any]:
        pane = self.main.pane
        assert isinstance(pane, QueuePane) or pane is self.main.threads
        return self.main.threads.rows if pane is self.main.threads else pane.query_one(Rows)

    async def _on(self, key: str) -> None:
        rows = self.rows
        found = [number for number in range(rows.total) if (item := rows.item_at(number)) and str(item.id) == key]
        assert found, f"{key} is not in this list"
        by = found[0] - rows.cursor
        await self.pilot.press(*(("j",) * by or ("k",) * -by))
        await settle(self.pilot)

    # -- acting ----------------------------------------------------------------------------------------------------

    @property
    def dialog(self) -> ActDialog | None:
        return self.app.screen if isinstance(self.app.screen, ActDialog) else None

    def offered(self) -> set[str]:
        return {act.id for act in self.main.offer().acts}

    def subjects(self) -> Sequence[Subject]:
        return self.main.offer().subjects

    async def fill(self, values: Mapping[str, str]) -> None:
        """Type what an open dialog asks for, field after field."""
        dialog = self.dialog
        assert dialog is not None
        for name, value in values.items():
            widget = dialog.query_one(f"#field-{name}")
            while not widget.has_focus:
                await self.press("tab")
            if isinstance(widget, RadioSet):
                names = [button.name for button in widget.query("RadioButton")]
                await self.pilot.press(*(("down",) * names.index(value)), "space")
                await settle(self.pilot)
            else:
                assert isinstance(widget, (Input, TextArea))
                await self.type(value)

    async def do(self, act: str, values: Mapping[str, str] | None = None) -> None:
        """An act by its key, through its dialog when it has one."""
        assert act in self.offered(), (act, self.offered(), self.subjects())
        await self.press(BY_ID[act].key)
        if values is not None:
            await self.fill(values)
            assert self.dialog is not None
            await self.press("ctrl+s")
        assert self.dialog is None, "it asks for something"

    # -- seeing ----------------------------------------------------------------------------------------------------

    @property
    def log(self) -> list[str]:
        """The lines in the command log: `✓ lhwa approve ...`."""
        return [line.strip().split(" ", 1)[1] for line in self.main.query_one(CommandLog).ran]

    @property
    def said(self) -> list[str]:
        """What was told in passing, oldest first."""
        return [f"{each.title} {each.message}".strip() for each in self.app._notifications]  # there is no other way

    @property
    def shown(self) -> str:
        """What is on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @property
    def fault(self) -> str:
        """What the open dialog says is missing."""
        return str(self.app.screen.query_one("#fault", Static).content)


@asynccontextmanager
async def hands_of(place: Place, operator: str, **how: Any) -> AsyncIterator[Hands]:
    """Somebody sits down at the inbox; what it looks like is for other tests."""
    async with open_inbox(place, operator, **{"size": SIZE, "draws": False, **how}) as (app, pilot):
        yield Hands(place, app, pilot)


def words_of(logged: str) -> list[str]:
    """The words of a line in the log, without its mark and `lhwa`."""
    mark, name, *words = shlex.split(logged)
    assert mark in "✓✗"
    assert name == "lhwa"
    return words


def records(place: Place, *, after: int = 0) -> list[dict[str, Any]]:
    """The audit log but for who looked at what."""
    with place.office() as office:
        entries = office.store.read(lambda tx: [json.loads(each.entry) for each in tx.audit.entries(start=after)])
    return [each for each in entries if not each["action"].endswith((".read", ".traced"))]


def comparable(found: Sequence[dict[str, Any]], known: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Records without what no two runs have in common: their place in the chain, and ids that were made by chance."""
    ids = set(known.values())

    def named(text: str) -> str:
        return _ULID.sub(lambda match: match[0] if match[0] in ids else "*", text)

    return [
        (each["actor"], each["action"], named(each["target"]), named(json.dumps(each["data"], sort_keys=True)))
        for each in found
    ]
