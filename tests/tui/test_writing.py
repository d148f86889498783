"""Writing to a client from the inbox: what is said before, the line that sends, and what is left when it fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input, Static, TextArea

from lhwa.domain.outbound import Document, FilledTemplate, OutboundState, Text
from lhwa.errors import UnavailableError
from lhwa.services.inbox.desk import DRAFT_CHARS_MAX, draft_of
from lhwa.store.tables.outbox import Letter, OutboundRow
from lhwa.tui.screens.dialog import Question
from lhwa.tui.screens.templates import TemplatePicker
from lhwa.tui.widgets import composer as composer_module
from lhwa.tui.widgets.composer import Composer
from tests.tui.filling import OPEN
from tests.tui.hands import Hands, comparable, hands_of, records, words_of
from tests.tui.place import SECOND, STAFF, Place, settle


class Writing(Hands):
    """Hands at the composer."""

    @property
    def composer(self) -> Composer:
        return self.main.threads.opened.composer

    @property
    def verdict(self) -> str:
        return "".join(span.text for span in self.composer.query_one("#verdict")._left)  # type: ignore[attr-defined]

    @property
    def head(self) -> str:
        line = self.composer.query_one("#to")
        return "".join(span.text for span in (*line._left, *line._right))  # type: ignore[attr-defined]

    def newest(self) -> OutboundRow:
        return self.main.desk.store.read(lambda tx: tx.outbox.newest(rows_max=1))[0]

    def letter(self) -> Letter:
        """What is sealed of the newest one."""
        row = self.newest()
        return self.main.desk.store.read(lambda tx: tx.outbox.letter(row))

    def count(self) -> int:
        return len(self.main.desk.store.read(lambda tx: tx.outbox.newest(rows_max=1_000)))

    def draft(self, thread: str) -> str | None:
        found = self.main.desk.read(draft_of, self.place.ids[thread])
        return None if found is None else found.text


def writing(hands: Hands) -> Writing:
    return Writing(hands.place, hands.app, hands.pilot)


async def test_a_reply_is_a_line_with_its_words_on_stdin(place: Place, pristine_place: Place, tmp_path: Path) -> None:
    ids, before = place.ids, len(records(place))
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Terima kasih, kami bantu.")
        assert "\N{CHECK MARK}" in me.verdict
        assert me.draft("thread.open") == "Terima kasih, kami bantu."
        await me.press("ctrl+s")
        row = me.newest()
        assert (row.state, row.conversation) == (OutboundState.QUEUED, ids["thread.open"])
        assert me.letter().content == Text(body="Terima kasih, kami bantu.")
        line = f"lhwa send {ids['contact.open']} --from 301301301301301 --text -"
        assert me.log == [f"\N{CHECK MARK} {line}"]
        assert "Terima" not in "".join(me.log)
        assert not me.composer.is_open
        assert me.draft("thread.open") is None
    mine = records(place)[before:]
    other = pristine_place.copy_to(tmp_path / "other")
    assert other.run(SECOND, words_of(f"\N{CHECK MARK} {line}"), typed="Terima kasih, kami bantu.").is_done
    assert comparable(records(other)[before:], ids) == comparable(mine, ids)


async def test_a_reply_quotes_the_message_with_the_cursor(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("thread", "thread.rich")
        first = me.main.threads.opened.view.entries[0]
        await me.on_entry(first.id)
        await me.press("r")
        assert "Sidang" in me.head
        await me.type("Ya.")
        await me.press("ctrl+s")
        assert me.log[-1].endswith(f"--text - --reply-to {first.id}")
        assert me.letter().reply_to_wamid == "wamid.RICH1"


async def test_a_template_is_chosen_filled_in_and_seen_before_it_is_sent(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.closed")
        await me.press("t")
        picker = me.app.screen
        assert isinstance(picker, TemplatePicker)
        preview = picker.query_one("#preview", Static)
        assert "berkas Anda" in str(preview.content)
        await me.press("enter", "ctrl+s")
        assert me.app.screen_stack[-1] is picker, "a value is missing"
        assert str(picker.query_one("#fault", Static).content)
        await me.type("Rina")
        assert "Halo Rina" in str(preview.content)
        await me.press("ctrl+s", "ctrl+s")
        row = me.newest()
        letter = me.letter()
        assert isinstance(letter.content, FilledTemplate)
        assert (row.template, row.state) == ("kabar_berkas", OutboundState.QUEUED)
        assert me.log[-1].endswith("--template kabar_berkas --language id --param 1=Rina")


async def test_ctrl_t_goes_to_a_template_and_back_to_the_words(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Kata saya")
        await me.press("ctrl+t", "down", "enter")
        assert me.composer.letter.template == "salam_kantor"
        await me.press("ctrl+t")
        assert (me.composer.letter.template, me.composer.letter.text) == ("", "Kata saya")
        await me.press("ctrl+t", "escape")
        assert me.app.screen is me.main
        assert me.composer.letter.text == "Kata saya"


async def test_a_file_goes_with_the_words_and_a_wrong_path_is_told_before(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "user" / "a.pdf"
    file.parent.mkdir()
    file.write_bytes(b"%PDF-1.7 contoh")
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Mohon dibaca.")
        await me.press("ctrl+o")
        assert isinstance(me.app.screen, Question)
        await me.type("/x.pdf")
        await me.press("enter")
        assert "There is no such file." in me.verdict
        await me.press("ctrl+s")
        assert me.log[-1].startswith("\N{BALLOT X}")
        assert (me.composer.is_open, me.composer.letter.text) == (True, "Mohon dibaca.")
        await me.press("ctrl+o")
        me.app.screen.query_one(Input).value = "~/a.pdf"
        await me.press("enter")
        assert me.composer.letter.path == str(file)
        assert "\N{CHECK MARK}" in me.verdict
        await me.press("ctrl+s")
        content = me.letter().content
        assert isinstance(content, Document)
        assert (content.filename, content.caption) == ("a.pdf", "Mohon dibaca.")


async def test_later_is_a_time_and_nonsense_leaves_the_time_that_was_chosen(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Besok.")
        await me.press("ctrl+l")
        await me.type("+2h")
        await me.press("enter")
        chosen = me.composer.letter.send_at_ms
        assert chosen == me.main.desk.now_ms + 2 * 3_600_000
        await me.press("ctrl+l")
        await me.type("nanti")
        await me.press("enter")
        assert me.composer.letter.send_at_ms == chosen, "else it would leave at once"
        assert me.said
        await me.press("ctrl+l", "escape")
        assert me.composer.letter.send_at_ms == chosen
        await me.press("ctrl+s")
        assert me.newest().send_at_ms == chosen
        assert "--at 2026-" in me.log[-1]


async def test_a_closed_window_is_told_before_and_a_refusal_keeps_the_words(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        count = me.count()
        await me.at("list", "thread.closed")
        await me.press("r")
        assert me.main.eyes.labels.window_closed in me.head
        await me.type("Halo")
        assert "window closed" in me.verdict
        await me.press("ctrl+s")
        assert me.count() == count
        assert me.log[-1].startswith("\N{BALLOT X}")
        assert "rule: window" in me.said[-1]
        assert (me.composer.is_open, me.composer.letter.text) == (True, "Halo")
        assert me.draft("thread.closed") == "Halo"


async def test_what_staff_write_waits_for_somebody_else(place: Place) -> None:
    async with hands_of(place, STAFF) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Baik.")
        assert me.main.eyes.labels.needs_second_person in me.verdict
        await me.press("ctrl+s")
        assert me.newest().state is OutboundState.PENDING_APPROVAL


async def test_two_presses_send_once(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        count = me.count()
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Satu kali.")
        await me.pilot.press("ctrl+s", "ctrl+s", "ctrl+s")
        await me.press("ctrl+s")
        assert me.count() == count + 1
        assert len(me.log) == 1


async def test_what_was_typed_outlives_an_inbox_that_was_killed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("lhwa.tui.panes.open_thread.OpenThread.go_away", lambda _: None)  # nobody says goodbye
        async with hands_of(place, SECOND) as hands:
            await hands.at("list", "thread.open")
            await hands.press("r")
            await hands.type("Setengah kalim")
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        assert me.composer.letter.text == "Setengah kalim", "from the list, too"
        await me.press("escape", "escape")
        await me.at("thread", "thread.open")
        assert me.composer.is_open, "whoever opens a thread sees the draft"
        assert not me.composer.has_focus_within, "and reads: keys are not words yet"
        await me.press("r")
        await me.type("at.")
        assert me.draft("thread.open") == "Setengah kalimat."
        await me.press("ctrl+s")
        assert me.draft("thread.open") is None
        await me.at("thread", "thread.closed")
        await me.at("thread", "thread.open")
        assert not me.composer.is_open


async def test_a_message_that_comes_in_leaves_what_is_being_typed(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Kami ")
        with place.office() as office:
            office.hear(OPEN, text="Satu lagi.", wamid="wamid.LATER")
        await me.type("baca")
        await me.press("ctrl+s")
        assert me.letter().content == Text(body="Kami baca")
        texts = [each.text for each in me.main.threads.opened.view.entries]
        assert "Satu lagi." in texts


class Slow:
    """Lines that send take as long as the test wants."""

    def __init__(self, me: Writing) -> None:
        self.goes_on = threading.Event()
        run_line = me.main.desk.run_line

        def slow(words: Sequence[str], *, typed: str = "") -> Any:
            if "--dry-run" not in words:
                assert self.goes_on.wait(10)
            return run_line(words, typed=typed)

        object.__setattr__(me.main.desk, "run_line", slow)


async def test_what_is_typed_while_the_letter_leaves_is_the_next_letter(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        count = me.count()
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Satu.")
        slow = Slow(me)
        await me.pilot.press("ctrl+s", *"Dua.")
        slow.goes_on.set()
        await settle(me.pilot)
        assert (me.composer.is_open, me.composer.letter.text, me.draft("thread.open")) == (True, "Dua.", "Dua.")
        await me.press("ctrl+s")
        assert not me.composer.is_open
        assert me.letter().content == Text(body="Dua.")
        assert me.count() == count + 2
        assert len(set(me.log)) == 1, "both from the number of the thread"


async def test_a_key_that_the_field_has_not_told_of_yet_is_not_lost(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Satu.")
        sent, area = me.composer.letter, me.composer.query_one(TextArea)
        area.insert("Dua")
        me.composer.empty(sent)
        assert (me.composer.letter.text, area.text) == ("Dua", "Dua")
        area.insert(".")
        me.main.threads.opened.composer.keep_now()
        assert me.draft("thread.open") == "Dua."


async def test_a_letter_that_leaves_takes_nothing_of_the_next_client_with_it(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        count = me.count()
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Satu.")
        slow = Slow(me)
        await me.pilot.press("ctrl+s", "escape", "r", "ctrl+s", "escape", "escape", "j", "r")
        for _ in range(20):
            await me.pilot.pause(0.001)
        await me.pilot.press(*"Lain")
        thread = me.composer.letter.thread
        assert thread != place.ids["thread.open"]
        slow.goes_on.set()
        await settle(me.pilot)
        assert (me.composer.letter.thread, me.composer.letter.text, me.composer.is_open) == (thread, "Lain", True)
        assert me.count() == count + 1, "and a second press while it leaves sends nothing"


async def _a_moment() -> None:
    """Workers wait, so nothing settles: long enough for what does not wait."""
    await asyncio.sleep(0.3)


async def test_a_letter_that_leaves_does_not_leave_again_when_its_writer_comes_back_from_another_client(
    place: Place,
) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        count, threads = me.count(), me.main.threads
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Satu kali.")
        slow = Slow(me)
        await me.pilot.press("ctrl+s")
        threads.open_by_id(place.ids["thread.closed"])
        await _a_moment()
        await me.pilot.press("r", *"surat")
        await _a_moment()
        threads.open_by_id(place.ids["thread.open"])
        await _a_moment()
        assert me.composer.letter.text == "Satu kali.", "it may still be refused"
        await me.pilot.press("ctrl+s")
        await _a_moment()
        slow.goes_on.set()
        await settle(me.pilot)
        assert me.count() == count + 1
        assert (me.draft("thread.open"), me.draft("thread.closed")) == (None, "surat")


async def test_a_letter_that_leaves_while_the_inbox_is_locked_is_no_draft_afterwards(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        count = me.count()
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Satu kali.")
        slow = Slow(me)
        await me.pilot.press("ctrl+s", *"Lagi.")
        await _a_moment()
        me.app.lock(idle_minutes=0)
        assert me.draft("thread.open") == "Satu kali.Lagi."
        slow.goes_on.set()
        await settle(me.pilot)
        assert me.count() == count + 1
        assert me.draft("thread.open") == "Lagi."


async def test_a_draft_that_waits_for_the_file_does_not_come_back_after_its_letter_left(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        jot, is_free = me.main.desk.jot, threading.Event()

        def busy(fn: Any, *args: Any, **kwargs: Any) -> Any:
            if args[1:] == ("Satu.",):
                assert is_free.wait(10)
            return jot(fn, *args, **kwargs)

        monkeypatch.setitem(me.main.desk.__dict__, "jot", busy)
        await me.pilot.press(*"Satu.")
        await _a_moment()
        await me.pilot.press("ctrl+s")
        await _a_moment()
        is_free.set()
        await settle(me.pilot)
        assert me.letter().content == Text(body="Satu.")
        assert me.draft("thread.open") is None


async def test_a_draft_that_the_file_does_not_take_is_kept_when_it_does(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise UnavailableError("Busy.")

    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        with monkeypatch.context() as patch:
            patch.setitem(me.main.desk.__dict__, "jot", busy)
            await me.type("Baik.")
            me.app.lock(idle_minutes=0)
            await settle(me.pilot)
        assert me.draft("thread.open") is None
        me.main.threads.opened.beat()
        await settle(me.pilot)
        assert me.draft("thread.open") == "Baik."


async def test_what_is_too_long_to_be_kept_is_refused_while_its_writer_looks(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        me = writing(hands)
        await me.at("list", "thread.open")
        await me.press("r")
        await me.type("Baik")
        me.app.post_message(events.Paste("x" * DRAFT_CHARS_MAX))
        await settle(me.pilot)
        assert me.main.eyes.labels.too_long.format(DRAFT_CHARS_MAX) in me.said[-1]
        await me.type(".")
        assert (me.composer.letter.text, me.draft("thread.open")) == ("Baik.", "Baik.")


@pytest.mark.parametrize("ends", ["quit", "defect"])
async def test_what_was_typed_in_the_last_moment_is_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("list", "thread.open")
        await hands.press("r")
        monkeypatch.setattr(composer_module, "QUIET_S", 600)
        await hands.type("Sampai jumpa")
        if ends == "quit":
            await hands.pilot.press("ctrl+q")
        else:
            with monkeypatch.context() as patch:
                patch.setattr(hands.app, "_close_messages_no_wait", lambda: None)
                hands.app._fatal_error()
    async with hands_of(place, SECOND) as hands:
        assert writing(hands).draft("thread.open") == "Sampai jumpa"
