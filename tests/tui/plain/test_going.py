"""Going through the queues line by line, and what is heard there."""

from __future__ import annotations

import re

import pytest

from lhwa.tui.plain.loop import PlainInbox
from lhwa.tui.plain.queues import QUEUES
from lhwa.tui.plain.voice import Known
from tests.tui.filling import EVERYBODY, OPEN
from tests.tui.place import LAWYER, OWNER, STAFF, Place
from tests.tui.plain.dialogue import CtrlC, FakeVoice, desk_at, open_thread, talk

NOISE = re.compile("[\u2500-\u27bf⧗•·|]")
"""Box strokes, arrows, ticks, clocks, bullets: read aloud, they say nothing."""


def test_the_list_is_heard_first_one_fact_after_another(place: Place) -> None:
    voice = talk(place, LAWYER).voice
    heard = voice.heard()
    assert heard[:2] == [
        "lhwa, Firma Contoh, you are Budi Contoh (lawyer). help says what can be typed.",
        "Inbox, unread 9, Intake review 2, Approvals 6, Outbox 3, Alerts 2",
    ]
    (line,) = (line for line in heard if "Contoh Terbuka" in line)
    assert re.fullmatch(
        r"\d+, Contoh Terbuka, \+62 812 ending in 0021, unread 2, waits for approval, assigned to you, "
        r"window 1 d left, \d\d:\d\d",
        line,
    )
    assert voice.events[-1] == ("command", "inbox> ")


def test_nothing_is_said_in_signs(place: Place) -> None:
    typed = [step for name in EVERYBODY.values() for step in (*open_thread(str(name.profile_name)), "about", "do", "")]
    for name in QUEUES[1:]:
        typed += [name, "1"]
    voice = talk(place, LAWYER, *typed, "help").voice
    assert len(voice.heard("say")) > 150
    assert [line for line in voice.heard("say", "tell", "ask", "command") if NOISE.search(line)] == []


def test_a_number_opens_from_the_list_and_then_points_at_a_message(place: Place) -> None:
    sitting = talk(place, LAWYER, *open_thread("Contoh Ramai"), "3", "message", "list")
    opened = sitting.voice.after("1")
    assert any(re.fullmatch(r"1, from client, \d\d:\d\d: Sidang hari Senin\.", line) for line in opened)
    assert any(line.endswith("edited 14:10: Sidang hari Selasa.") for line in opened), opened
    assert sitting.voice.after("3")[0].startswith("3, from client")
    assert sitting.voice.after("message") == ["Acts are about the whole conversation again."]
    assert sitting.actions.count("message.read") == 1
    assert sitting.voice.events[-1] == ("command", "inbox> ")


def test_the_next_one_and_the_one_before(place: Place) -> None:
    voice = talk(place, LAWYER, "next", "next", "previous", "previous").voice
    rows = [line for line in voice.heard("say") if re.match(r"[12], Contoh", line)]
    first, second = (line.split(", ")[1] for line in rows[:2])
    prompts = voice.heard("command")
    assert prompts == ["inbox> ", f"inbox, {first}> ", f"inbox, {second}> ", f"inbox, {first}> ", f"inbox, {first}> "]
    assert voice.after("previous")[0].startswith(first)
    assert voice.heard()[-1] == "This is the first one."


def test_the_end_of_a_queue_is_said(place: Place) -> None:
    assert talk(place, LAWYER, "alerts", "next", "next", "next").voice.heard()[-1] == "This was the last one."


def test_unread_goes_through_all_unread_conversations_and_comes_to_an_end(place: Place) -> None:
    count = len(EVERYBODY) + 1
    typed = [step for _ in range(count) for step in ("unread", "seen")]
    sitting = talk(place, LAWYER, *typed, "unread")
    assert len({each.target for each in sitting.records if each.action == "message.read"}) == count
    assert (
        talk(place, LAWYER, *["unread", "seen"] * 3, "unread").voice.heard()[-1] == "No other conversation is unread."
    )


@pytest.mark.parametrize(
    ("queue", "written", "heard"),
    [
        ("inbox", "is:mine", "Contoh Terbuka"),
        ("inbox", 'from:"Contoh Tertutup"', "Contoh Tertutup"),
        ("review", "submitted", "submitted"),
        ("approvals", "template", "template"),
        ("outbox", "in doubt", "in doubt"),
        ("alerts", "number", "Clients complain"),
    ],
)
def test_a_queue_is_narrowed_by_a_filter_and_widened_without(
    place: Place, queue: str, written: str, heard: str
) -> None:
    voice = talk(place, LAWYER, queue, f"filter {written}", "filter").voice
    rows = [line for line in voice.after(f"filter {written}") if re.match(r"\d+, ", line)]
    assert len(rows) == 1
    assert heard in rows[0]
    assert len(voice.after("filter")) > len(voice.after(f"filter {written}"))


def test_a_filter_that_finds_nothing_says_how_to_be_rid_of_it(place: Place) -> None:
    voice = talk(place, LAWYER, "/from:Siapa").voice
    assert voice.heard()[-1] == "Nothing fits this filter. filter alone takes it away."
    wrong = talk(place, LAWYER, "/nonsense:x").voice.heard("tell")
    assert wrong[-2].startswith("error: The filter has a word that is not known")


def test_the_audit_log_is_newest_first_and_verified(place: Place) -> None:
    voice = talk(place, LAWYER, "audit", "1").voice
    said = voice.after("audit")
    assert re.fullmatch(r"verified to \d+", said[0])
    rows = [line for line in said if re.match(r"\d+, record ", line)]
    numbers = [int(line.split()[2].rstrip(",")) for line in rows]
    assert numbers == sorted(numbers, reverse=True)
    assert all(line.endswith(", verified") for line in rows)
    assert any(line.startswith("leaf: ") for line in voice.after("1"))


def test_who_may_not_see_the_log_hears_that(place: Place) -> None:
    assert "error: Your role does not see the audit log." in talk(place, STAFF, "audit").voice.heard("tell")


def test_a_thing_of_a_queue_leads_to_its_conversation(place: Place) -> None:
    voice = talk(place, LAWYER, "outbox", "filter doubt", "1", "follow").voice
    assert voice.events[-1] == ("command", "inbox, Contoh Ragu> ")
    assert talk(place, LAWYER, "alerts", "1", "follow").voice.heard()[-1] == "No conversation belongs to this."


def test_what_comes_in_meanwhile_is_said_after_the_next_answer(place: Place) -> None:
    def meanwhile() -> str:
        with place.office() as office:
            office.hear(OPEN, text="Masih di sana?", wamid="wamid.LATE")
        return "where"

    voice = talk(place, LAWYER, *open_thread("Contoh Terbuka"), "seen", meanwhile, "newest").voice
    assert "New here: 1. newest reads it." in voice.heard("tell")
    assert any(line.endswith("Masih di sana?") for line in voice.after("newest"))


def test_that_the_daemon_is_down_is_said_once(place: Place) -> None:
    voice = talk(place, LAWYER, "list", "review", "list").voice
    down = "lhwa serve is not running: nothing arrives or leaves"
    assert voice.heard().count(down) == 1


def test_older_pages_are_read_and_newer_ones_again(place: Place) -> None:
    with place.office() as office:
        for number in range(25):
            office.clock.advance(1)
            office.hear(OPEN, text=f"Pesan {number}.", wamid=f"wamid.MANY{number}")
    voice = talk(place, LAWYER, *open_thread("Contoh Terbuka"), "older", "newer", "newer").voice
    assert "older reads what was before." in voice.after("1")
    assert any(line.endswith(": Selamat siang, saya perlu bantuan.") for line in voice.after("older"))
    assert any(line.endswith(": Pesan 24.") for line in voice.after("newer"))
    assert voice.heard()[-1] == "none"


def test_ctrl_c_at_the_prompt_says_how_to_leave_and_the_second_one_leaves(place: Place) -> None:
    voice = talk(place, LAWYER, CtrlC, "where", CtrlC, CtrlC, "where").voice
    assert voice.heard("tell").count("quit or Ctrl-D leaves; Ctrl-C once more leaves, too.") == 2
    assert voice.heard("say").count("inbox") == 1


@pytest.mark.parametrize("word", ["quit", "q", "exit"])
def test_a_word_leaves(place: Place, word: str) -> None:
    assert talk(place, LAWYER, word, "where").voice.heard("command") == ["inbox> "]


def test_a_line_of_lhwa_runs_and_what_is_none_is_no_word(place: Place) -> None:
    voice = talk(place, LAWYER, "outbox list", "lhwa whoami", "nonsense", "demo").voice
    assert any("in_doubt" in line for line in voice.after("outbox list"))
    assert any("contoh-lawyer" in line for line in voice.after("lhwa whoami"))
    assert voice.after("nonsense")[0] == "error: This word is not known."
    assert voice.after("demo")[0] == "error: This word is not known."


def test_completion_knows_words_lines_and_the_acts_of_here(place: Place) -> None:
    known: list[str] = []

    class Looking(FakeVoice):
        def command(self, prompt: str, known_here: Known) -> str | None:
            known[:] = known_here()
            return super().command(prompt, known_here)

    with desk_at(place, LAWYER) as desk:
        PlainInbox(desk, Looking(open_thread("Contoh Terbuka")), language="en", lock_minutes=15).run()
    assert {"inbox", "reply", "note", "outbox list"} <= set(known)
    assert "turn-down" not in known


def test_everything_is_said_in_bahasa_indonesia(place: Place) -> None:
    voice = talk(place, LAWYER, *open_thread("Contoh Terbuka"), "do", "", language="id").voice
    assert voice.heard()[1].startswith("Kotak masuk, belum dibaca 9")
    (line,) = (line for line in voice.heard("say")[:20] if ", Contoh Terbuka" in line)
    assert "belum dibaca 2, menunggu persetujuan, ditangani Anda, jendela sisa 1 hari" in line
    assert "2, seen, Tandai dibaca" in voice.heard("say")


def test_the_language_can_be_changed(place: Place) -> None:
    assert talk(place, OWNER, "language", "alerts", "/zzz").voice.heard()[-1].startswith("Tidak ada yang cocok.")
