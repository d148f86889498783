"""How every screen looks, in both themes and three sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.tui import place as place_module
from tests.tui.place import AUDITOR, LAWYER, Place, build_place, main_of, open_inbox
from tests.tui.snapshots import Album, look_of, unpainted

SMALL = ((80, 24),)


@pytest.fixture(autouse=True)
def _unpainted() -> Iterator[None]:
    with unpainted():
        yield


@pytest.fixture
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A firm on its first day."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    with patch.object(place_module, "fill", lambda _office: {}):
        return build_place(tmp_path / "empty")


async def test_the_inbox_looks_as_it_did(place: Place) -> None:
    async with open_inbox(place, LAWYER) as (app, pilot):
        album = Album(app, pilot)
        await album.go(shows="Contoh Lama")
        await album.take("conversations")
        main_of(app).threads.open_by_id(place.ids["thread.rich"])
        await album.go(shows="Terima kasih.")
        await album.take("thread")
        await album.resize(80, 24)
        await album.go("i", shows="Suggestions")
        await album.take("context", sizes=SMALL)
        await album.go("i", "r", shows="To Contoh Ramai")
        await album.go(" Baik, kami periksa.", shows="May leave now")
        await album.take("composer")
        await album.go("ctrl+t", shows="The client reads")
        await album.go("enter", " Rina", shows="Halo Rina")
        await album.take("template-values")
        await album.go("escape", "escape", "escape", shows="? Help")
        main_of(app).threads.open_by_id(place.ids["thread.closed"])
        await album.go(shows="hari Sabtu?")
        await album.go("r", shows="To Contoh Tertutup")
        await album.go(" Halo", shows="Send an approved template")
        await album.take("composer-closed-window")
        album.require_same()


async def test_the_queues_look_as_they_did(place: Place) -> None:
    async with open_inbox(place, LAWYER) as (app, pilot):
        album = Album(app, pilot)
        for key, name, row, detail in (
            ("2", "review", "hits to look at", "as of act"),
            ("3", "approvals", "jam_kerja", "as of act"),
            ("4", "outbox", "leaves 16:13", "in doubt · "),
            ("5", "alerts", "Nobody knows", "number:"),
        ):
            await album.go(key, shows=row)
            await album.take(f"{name}-list", sizes=SMALL)
            await album.go("enter", shows=detail)
            await album.take(name)
        await album.go("6", shows="verified to")
        await album.take("audit")
        album.require_same()


async def test_what_lies_over_the_inbox_looks_as_it_did(place: Place) -> None:
    async with open_inbox(place, LAWYER) as (app, pilot):
        album = Album(app, pilot)
        for name, *keys, shown in (
            ("jump", "g", "Top of the list"),
            ("help", "question_mark", "Everywhere"),
            ("note", "n", "lhwa conversations note"),
            ("palette", "ctrl+p", "Keep messages back"),
            ("filter", "slash", "is:unread"),
        ):
            await album.go(*keys, shows=shown)
            await album.take(name)
            await album.go("escape", shows="Contoh Ragu")
        await album.go("2", shows="+62 812-••••-0034")
        await album.go("enter", shows="Rina Contoh (opponent) ~")
        await album.go("a", shows="Title of the matter")
        await album.take("accept")
        await album.go("escape", shows="Rina Contoh (opponent) ~")
        await album.go("x", shows="outside practice")
        await album.take("turn-down")
        await album.go("escape", shows="Rina Contoh (opponent) ~")
        await album.go("4", shows="leaves 16:13")
        await album.go("v", shows="What became of it")
        await album.take("resolve")
        await album.go("escape", shows="leaves 16:13")
        await album.go("colon", " intake li", shows="intake list")
        await album.take("command")
        await album.go("tab", "enter", shows="submitted")
        await album.take("answer")
        await album.go("escape", "ctrl+z", shows="Locked")
        await album.take("lock")
        album.require_same()


async def test_a_refusal_looks_as_it_did(place: Place) -> None:
    async with open_inbox(place, LAWYER, toasts=True) as (app, pilot):
        album = Album(app, pilot)
        await album.go("colon", " approve xyz", shows="approve xyz")
        await album.go("enter", shows="Refused")
        await album.take("refusal", keeps_toasts=True)
        album.require_same()


async def test_bahasa_indonesia_looks_as_it_did(place: Place) -> None:
    async with open_inbox(place, LAWYER, language="id") as (app, pilot):
        album = Album(app, pilot)
        await album.go(shows="Contoh Lama")
        await album.take("id-conversations", sizes=SMALL)
        await album.go("2", shows="+62 812-••••-0034")
        await album.go("enter", shows="Rina Contoh (opponent) ~")
        await album.take("id-review", sizes=((120, 40),))
        await album.go("x", shows="Yakin?")
        await album.take("id-turn-down", sizes=SMALL)
        await album.go("escape", shows="Rina Contoh (opponent) ~")
        await album.go("question_mark", shows="Di mana saja")
        await album.take("id-help", sizes=((120, 40),))
        album.require_same()


async def test_another_language_changes_every_label_at_once(place: Place) -> None:
    async with open_inbox(place, LAWYER) as (app, pilot):
        album = Album(app, pilot)
        await album.go("L", shows="Kotak masuk")
        shown = "\n".join(look_of(app).lines)
    assert re.findall("Inbox|Intake review|in doubt|waits for|Help|Reply|nothing arrives", shown) == []


async def test_without_content_it_looks_as_it_did(place: Place) -> None:
    async with open_inbox(place, AUDITOR) as (app, pilot):
        album = Album(app, pilot)
        await album.go("enter", shows="[content is hidden from your role]")
        await album.take("auditor")
        album.require_same()


async def test_an_empty_firm_looks_as_it_did(empty_place: Place) -> None:
    async with open_inbox(empty_place, LAWYER) as (app, pilot):
        album = Album(app, pilot)
        await album.go(shows="No conversation yet")
        await album.take("empty")
        await album.go("4", shows="Nothing is scheduled")
        await album.take("empty-outbox", sizes=SMALL)
        album.require_same()


async def test_without_colours_it_looks_as_it_did(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_inbox(place, LAWYER) as (app, pilot):
        album = Album(app, pilot)
        await album.go("2", shows="+62 812-••••-0034")
        await album.go("enter", shows="as of act")
        await album.go("x", shows="outside practice")
        await album.go("down", "space", shows="◉")
        await album.take("no-color", sizes=SMALL)
        album.require_same()
