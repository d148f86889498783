"""A real home with one firm and everybody who works there, and the inbox of one of them under a pilot.

The time stands still at `Place.clock` for everything that runs in a test: the inbox, its lines and its prompts.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from lhwa import bootstrap
from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import make_root_key
from lhwa.cli import streams
from lhwa.cli.app import build, run
from lhwa.cli.commands.inbox import desk_of
from lhwa.cli.diagnostics import ExitCode
from lhwa.cli.firm import open_firm
from lhwa.cli.inside import Told
from lhwa.cli.options import Globals
from lhwa.cli.session import TOKEN, Session
from lhwa.config import Home
from lhwa.registry.registry import Registry
from lhwa.services.access.apps import add_app
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.installation import init_installation
from lhwa.services.access.operators import add_operator
from lhwa.services.access.tenants import add_tenant
from lhwa.services.access.tokens import issue_token
from lhwa.store.spool import create_spool
from lhwa.testing.builders import FIRM, NUMBER, WABA
from lhwa.testing.fakes import FakeClock
from lhwa.tui.app import InboxApp
from lhwa.tui.panes.audit import AuditPane
from lhwa.tui.screens import main
from lhwa.tui.screens.main import Main
from lhwa.tui.widgets import composer, rows
from tests.services.intake.office import Office
from tests.tui.filling import fill

APP_SECRET = "s3cret-of-the-meta-app-000000"
OWNER, LAWYER, SECOND, STAFF = "contoh-owner", "contoh-lawyer", "contoh-rani", "contoh-staff"
FINANCE, AUDITOR = "contoh-finance", "contoh-auditor"
PEOPLE = {
    # operator: (name, role); the owner has installed lhwa and comes without a token
    LAWYER: ("Budi Contoh", "lawyer"),
    SECOND: ("Rani Contoh", "lawyer"),
    STAFF: ("Wati Contoh", "staff"),
    FINANCE: ("Joko Contoh", "finance"),
    AUDITOR: ("Tuti Contoh", "auditor"),
}
QUIET_S = 0.001
SETTLED_ROUNDS = 3
"""One message leads to the next; so many in a row without a worker are the end of it."""
SETTLE_S = 20.0
LOOKS_MAX = 4
"""What is read because something changed changes nothing; a file that cannot be read stays news."""
_ENVIRON = threading.RLock()
"""Whose token is in the environment changes with every line."""


@dataclass
class Place:
    """A home in a folder, and what is in it."""

    root: Path
    clock: FakeClock
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    """See `filling.fill`."""

    def copy_to(self, root: Path) -> Place:
        """The same in another folder; nobody may have the files open."""
        shutil.copytree(self.root, root)
        return Place(root, FakeClock(self.clock.now()), self.tokens, self.ids)

    def session(self, operator: str) -> Session:
        """What a command of somebody begins with."""
        return Session(Globals(home=self.root, tenant=FIRM), self._environ(operator))

    def run(self, operator: str, words: Sequence[str], *, typed: str = "") -> Told:
        """A line that somebody types at a prompt, and what it reads from stdin."""
        asked = Globals(home=self.root, tenant=FIRM, plain=True, words=tuple(words))
        with self.at_prompt_of(operator), streams.kept(typed) as kept:
            code = run(build(), asked)
        return Told(ExitCode(code), kept.out.getvalue(), kept.err.getvalue())

    @contextmanager
    def at_prompt_of(self, operator: str) -> Iterator[None]:
        """For the block, whatever runs here is run by this one, at the time of this place."""
        with _ENVIRON, self.time_stands(), patch.dict(os.environ, self._environ(operator), clear=True):
            yield

    @contextmanager
    def time_stands(self) -> Iterator[None]:
        """For the block, the clock of this place is the clock of the machine."""
        with patch.object(bootstrap, "open_clock", lambda: self.clock):
            yield

    @contextmanager
    def office(self) -> Iterator[Office]:
        """The firm's own file, in which clients write and others decide."""
        with self.time_stands(), open_firm(self.session(OWNER)) as firm:
            yield Office(firm.store, self.clock, ids=1_000_000)

    def _environ(self, operator: str) -> dict[str, str]:
        user = str(self.root.parent / "user")
        environ = {
            "HOME": user,
            "XDG_CONFIG_HOME": user,
            "PATH": os.environ.get("PATH", ""),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        return environ if operator == OWNER else environ | {TOKEN: self.tokens[operator]}


def build_place(root: Path) -> Place:
    """A home in which every kind of thing waits for people; ids are the same each time."""
    chance = random.Random(1)
    with patch.object(os, "urandom", chance.randbytes):
        return _built(root)


def _built(root: Path) -> Place:
    root.mkdir(mode=0o700)
    place = Place(root, FakeClock())
    key = make_root_key(FileSecretStore(root / "secrets"))
    create_spool(root / "spool.db")
    (root / "lhwa.toml").write_text('[root_key]\nstore = "file"\n')
    now, me = place.clock.now(), Caller(os_uid=os_uid())
    with init_installation(
        root / "registry.db", key, operator=OWNER, name="Sari Contoh", os_uid=os_uid(), now=now
    ) as registry:
        add_app(registry, me, "main", app_secret=APP_SECRET, verify_token="verify-me", now=now)
        add_tenant(
            registry, me, FIRM, name="Firma Contoh", waba_id=WABA, phone_number_ids=[NUMBER], app="main", now=now
        )
        for operator, (name, role) in PEOPLE.items():
            add_operator(registry, me, FIRM, operator=operator, name=name, role=role, now=now)
            place.tokens[operator] = issue_token(registry, me, FIRM, operator=operator, now=now).text
        opening = bootstrap.open_store(
            Home(root),
            FIRM,
            registry.tenant_keys(FIRM),
            registry=lambda: cast("Any", _opened(registry)),
            clock=place.clock,
            is_founded=False,
        )
        with opening as store:
            place.ids = fill(Office(store, place.clock))
    return place


@contextmanager
def _opened(registry: Registry) -> Iterator[Registry]:
    yield registry


@asynccontextmanager
async def open_inbox(
    place: Place,
    operator: str,
    *,
    size: tuple[int, int] = (120, 40),
    language: str = "en",
    theme: str = "dark",
    lock_minutes: int = 10,
    keymap: dict[str, str] | None = None,
    draws: bool = True,
    toasts: bool = False,
) -> AsyncIterator[tuple[InboxApp, Pilot[None]]]:
    """The inbox of somebody, settled; lines run as they would at their prompt.

    Args:
        draws: False leaves out the drawing, a third of the time, where what matters is what is done.
        toasts: what is told in passing is also shown.
    """
    session = place.session(operator)
    with place.time_stands(), open_firm(session) as firm, _without_waiting():
        desk = desk_of(session, firm)
        in_inbox = desk.run_line

        def run_line(words: Sequence[str], *, typed: str = "") -> Any:
            with place.at_prompt_of(operator):
                return in_inbox(words, typed=typed)

        object.__setattr__(desk, "run_line", run_line)
        app = InboxApp(desk, language=language, theme=theme, lock_minutes=lock_minutes, keymap=keymap)
        app.animation_level = "none"
        drawing = nullcontext() if draws else patch.object(Screen, "_compositor_refresh", lambda _: None)
        with drawing:
            async with app.run_test(size=size, notifications=toasts) as pilot:
                await settle(pilot)
                while not main_of(app).query(AuditPane):  # the queues that are not on the screen come a moment later
                    await pilot.pause(QUIET_S)
                await settle(pilot)
                yield app, pilot


@contextmanager
def _without_waiting() -> Iterator[None]:
    """For the block, nobody waits for a quiet processor: `settle` knows when all is done."""

    async def no_time(*_: float) -> None:
        await asyncio.sleep(0)

    with (
        patch.object(composer, "QUIET_S", QUIET_S),
        patch.object(main, "OTHERS_S", QUIET_S),
        patch.object(rows, "GLANCE_S", 0.0),
        patch("textual.app.wait_for_idle", no_time),
        patch("textual.pilot.wait_for_idle", no_time),
    ):
        yield


def main_of(app: InboxApp) -> Main:
    """The screen under everything else."""
    return next(screen for screen in app.screen_stack if isinstance(screen, Main))


async def settle(pilot: Pilot[Any], *, look: bool = True) -> None:
    """Wait until no worker runs and no message waits, and what others changed in the file is on the screen."""
    async with asyncio.timeout(SETTLE_S):
        await _quiet(pilot)
        for _ in range(LOOKS_MAX if look else 0):
            if not any(_has_news(screen) for screen in pilot.app.screen_stack):
                return
            await _quiet(pilot)


def _has_news(screen: Screen[Any]) -> bool:
    """Look at the file now, and not when the timer of the screen does, a few times a second."""
    if not isinstance(screen, Main) or screen.desk.store.data_version() == screen._version:
        return False
    screen._look()
    return True


async def _quiet(pilot: Pilot[Any]) -> None:
    app, quiet = pilot.app, 0
    while True:
        if any(not worker.is_finished for worker in app.workers):
            quiet = 0
            await asyncio.sleep(QUIET_S)
        elif _is_anything_said(app):
            quiet = 0
            await asyncio.sleep(0)
        elif quiet == SETTLED_ROUNDS:
            return  # nothing has begun in the last pause, either
        else:
            # Everybody has taken what was sent to them; this waits until they are done with it, and with the screen.
            quiet += 1
            await pilot.pause(QUIET_S)


def _is_anything_said(app: App[Any]) -> bool:
    nodes = [app, *(node for screen in app.screen_stack for node in screen.walk_children(with_self=True))]
    return any(not node._message_queue.empty() for node in nodes)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after another, and wait for what they do."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Type a text, key by key."""
    names = {" ": "space", "\n": "enter"}
    await pilot.press(*(names.get(character, character) for character in text))
    await settle(pilot, look=False)
