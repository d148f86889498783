"""Whatever clients, colleagues and Meta write, and whatever is pasted: a terminal gets nothing but the inbox's own
colours and places, no link, no title, and a clipboard only when somebody copies.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from textual import events

from lhwa.domain.access import Role
from lhwa.domain.intake.wording import Words
from lhwa.domain.messages import MessageType
from lhwa.domain.outbound import Text
from lhwa.services.inbox.notes import add_note
from lhwa.services.intake.conflicts import check_conflicts
from lhwa.services.intake.publishing import submit_tree
from lhwa.services.intake.reviewing import accept
from lhwa.services.messaging.holds import add_hold
from lhwa.testing.builders import NUMBER, acting_as, platform
from lhwa.testing.intake import SMALL_TREE
from tests.services.intake.office import Office
from tests.services.intake.test_reviewing import through
from tests.tui.filling import OPEN, sample
from tests.tui.hostile import ATTACKS, active
from tests.tui.place import LAWYER, Place, main_of, open_inbox, press, settle
from tests.tui.tape import Tape, taped

SOUP = "".join(attack for attack in ATTACKS if len(attack) < 100)
"""Everything at once."""
UNCONTROLLED = "".join(each for each in SOUP if unicodedata.category(each) != "Cc")
"""No gate lets controls out."""
REASON = "[bold red]tebal[/] [@click=app.quit]klik[/] [link=https://contoh.invalid]bank[/link] [/]"
"""Reasons and titles have to be printable."""
LAWYERS = acting_as(Role.LAWYER)
NAMED = sample(91, f"Contoh {SOUP}")
ACCEPTED = sample(92, f"Perkara {SOUP}")


@pytest.fixture
def tape() -> Iterator[Tape]:
    with taped() as made:
        yield made


@pytest.fixture
def hostile_place(place: Place) -> Place:
    """A firm to which people write who want something of a terminal."""
    with place.office() as office:
        _clients_write(office)
        _the_firm_writes(office)
        _meta_writes(office)
    return place


def _clients_write(office: Office) -> None:
    intake = through(office, name=SOUP, opponent="PT Contoh", party=ACCEPTED)
    office.store.write(check_conflicts, LAWYERS, intake)
    office.store.write(accept, LAWYERS, intake, reason=REASON, title=REASON)
    again = through(office, name="Contoh", opponent=SOUP, party=NAMED)
    office.store.write(check_conflicts, LAWYERS, again)
    for number, attack in enumerate(ATTACKS, start=50):
        office.hear(sample(number, f"Contoh {attack}"), text=attack or "kosong")
    document: dict[str, Any] = {"filename": SOUP, "mime_type": SOUP, "id": "1234567890"}
    for number, attack in enumerate(ATTACKS):
        office.hear(NAMED, text=attack or "kosong", wamid=f"wamid.H{number}")
    about: dict[str, Any] = {"target_wamid": "wamid.H0"}
    office.hear(NAMED, text=SOUP, type=MessageType.EDIT, wire_type="edit", **about)
    office.hear(NAMED, text=SOUP, type=MessageType.REACTION, wire_type="reaction", **about)
    office.hear(NAMED, text=SOUP, reply_to_wamid="wamid.H1")
    office.hear(
        NAMED,
        text=SOUP,
        type=MessageType.DOCUMENT,
        wire_type="document",
        content={"type": "document", "document": document},
    )
    office.hear(replace(NAMED, profile_name="Contoh Baru", username=SOUP), text="Nama saya baru.")


def _the_firm_writes(office: Office) -> None:
    to = {"contact": f"+{NAMED.wa_id}"}
    office.put_template(
        name="templat_aneh",
        components=[
            {"type": "BODY", "text": f"Halo {{{{1}}}} {SOUP}", "example": {"body_text": [[f"Contoh {SOUP}"]]}},
        ],
    )
    office.send(Text(body=UNCONTROLLED), role=Role.STAFF, **to)
    thread = office.store.read(lambda tx: tx.conversations.newest(rows_max=100))[0].id
    office.store.write(add_note, LAWYERS, thread, SOUP, note_id=office.next_id())
    contact = office.hear(NAMED, text="Masih di sini.")
    office.store.write(add_hold, LAWYERS, contact, "outbound_hold", reason=REASON)
    tree = replace(SMALL_TREE, name="aneh", title=Words(id=SOUP, en=SOUP))
    office.store.write(submit_tree, LAWYERS, tree, submission=office.next_id())


def _meta_writes(office: Office) -> None:
    value = {"event": SOUP, "reason": SOUP, "message_template_name": SOUP}
    office.apply(platform(SOUP[:40], at_ms=office.now_ms, phone_number_id=NUMBER, value=value))


async def test_nothing_that_others_write_reaches_the_terminal(hostile_place: Place, tape: Tape) -> None:
    async with open_inbox(hostile_place, LAWYER, toasts=True) as (app, pilot):
        await press(pilot, "G")
        main = main_of(app)
        for client in (NAMED, ACCEPTED):
            with hostile_place.office() as office:
                contact = office.hear(client, text="Sekali lagi.")
                thread = next(
                    each.id
                    for each in office.store.read(lambda tx: tx.conversations.newest(rows_max=100))
                    if each.contact == contact
                )
            main.threads.open_by_id(thread)
            await settle(pilot)
            for _ in range(6):
                await press(pilot, "pageup")
            await press(pilot, "home", "j", "r", "escape", "i", "i", "n", "escape", "h", "escape", "A", "escape")
        await press(pilot, "t", "down", "down", "enter", "escape", "escape", "escape")
        for queue in "23456":
            await press(pilot, queue, "end", "enter", "k", "enter", "pagedown", "escape", "space", "escape")
        await press(pilot, "question_mark", "escape", "ctrl+p", "escape", "g", "escape", "l")
    assert "\u241b" in tape.text
    assert tape.strange() == []
    assert tape.copied == []


async def test_nothing_that_is_pasted_reaches_the_terminal(place: Place, tape: Tape) -> None:
    async with open_inbox(place, LAWYER, toasts=True) as (app, pilot):
        main_of(app).threads.open_by_id(place.ids["thread.open"])
        await settle(pilot)
        for way_in in ("r", "n", "h", "A", "colon", "slash", "ctrl+p", "ctrl+z"):
            await press(pilot, way_in)
            for attack in (SOUP, *ATTACKS[:6]):
                app.post_message(events.Paste(attack))
                await settle(pilot)
            if way_in in ("colon", "slash"):
                await press(pilot, "enter")  # refused, which is told in passing and kept in the log of lines
                await press(pilot, "escape")
            elif way_in == "h":
                await press(pilot, "ctrl+s", "escape")
            elif way_in != "ctrl+z":
                await press(pilot, "escape")
    assert "\u241b" in tape.text
    assert tape.strange() == []
    assert tape.copied == []


async def test_what_a_line_answers_reaches_the_terminal_as_text(hostile_place: Place, tape: Tape) -> None:
    async with open_inbox(hostile_place, LAWYER, toasts=True) as (app, pilot):
        for line in ("conversations list", "contacts list", "messages list", "tree versions", f"intake show '{SOUP}'"):
            main_of(app)._commanded(line)
            await settle(pilot)
            await press(pilot, "pagedown", "escape")
    assert tape.strange() == []


async def test_copying_puts_the_words_of_one_message_on_the_clipboard_once(place: Place, tape: Tape) -> None:
    said = "Satu\tdua\n\u2764\ufe0f 👨\u200d👩\u200d👧 \x1b]52;c;amFoYXQ=\x07 selesai"
    with place.office() as office:
        office.hear(OPEN, text=said)
    async with open_inbox(place, LAWYER, toasts=True) as (app, pilot):
        main_of(app).threads.open_by_id(place.ids["thread.open"])
        await settle(pilot)
        view = main_of(app).threads.opened.view
        view._point_at(next(each.key for each in view.entries if each.text == said))
        await press(pilot, "y")
    (copied,) = tape.copied
    words = base64.b64decode(copied).decode()
    assert words == said.replace("\x1b", "\u241b").replace("\x07", "\u2407")
    assert active(words) == {"\t", "\n"}
    assert tape.strange() == []
