"""A day at the inbox, in a real terminal: the daemon, the sandbox and `lhwa inbox`, each a process of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.inbox_place import LAWYER, STAFF, Office
from tests.journeys.terminal import Terminal, needs_tmux

pytestmark = needs_tmux

NEW, RINA, SARI, TONO, DEWI = (f"+628123000{number}" for number in (2221, 3331, 4441, 5551, 6661))
NEW_NAME, RINA_NAME, SARI_NAME = "Klien Contoh", "Rina Contoh", "Sari Contoh"
ANSWER = "Siti Contoh Rahayu"
QUESTION = "Apakah sertifikat saya sudah selesai?"
REPLY = "Selamat datang di kantor kami."
OF_STAFF = "Mohon kirim fotokopi KTP."
DOUBTFUL = "Sidang ditunda ke hari Kamis."
NOTE = "Telepon pengadilan lebih dulu."
BEGUN = "Besok kami kirim suratny"
ARRIVED = ("delivered", "read")
COLUMNS_LEAST, LINES_LEAST = 80, 24
"""Of the smallest terminal."""


@pytest.fixture(scope="module")
def office(shared: Any) -> Iterator[Office]:
    """A firm at work."""
    shared.daemons[0].stop()
    office = Office(shared)
    try:
        yield office
    finally:
        office.close()


def opens(screen: Terminal, name: str) -> None:
    """Find a conversation, and open it; typed in one go, as by somebody who knows the way."""
    first_name = name.split(maxsplit=1)[0]
    screen.press("1")
    screen.until("▌1 Inbox")
    screen.press("/", "C-u")
    screen.write(f"from:{first_name}")
    screen.press("Enter")
    screen.until(f"/from:{first_name} +1 ", without="╭─")
    screen.press("Enter")
    screen.until(f"▕ {name}")


def keep(terminal: Terminal, moment: str) -> None:
    """Write the screen down for people, where somebody wants it."""
    folder = os.environ.get("LHWA_SCREENS")
    if folder:
        Path(folder, f"{moment}.txt").write_text(terminal.screen + "\n", encoding="utf-8")


def test_a_lawyers_day(office: Office) -> None:
    with office.inbox(office.lawyer) as screen:
        screen.until("No conversation yet")
        takes_in(office, screen)
        answers(office, screen)
        approves(office, screen)
        resolves(office, screen)
        works_together(office, screen)
        locks(office, screen)
        screen.press("C-q")
        assert screen.exit_status() == 0
    office.place.ok("-t", "firma", "audit", "verify")
    office.place.ok("-t", "firma", "audit", "completeness")


def takes_in(office: Office, screen: Terminal) -> None:
    """A new client appears, agrees and answers without a key; a lawyer accepts them, and says why."""
    client = office.persona(NEW, seed=4)
    screen.until(NEW_NAME)
    screen.press("Enter")
    screen.until(r"The client agreed: intake")
    screen.until(ANSWER)
    keep(screen, "1-answers-come-in")
    assert client.wait(60) == 0
    screen.press("2")
    screen.until(r"2 Intake review 1(.|\n)*● submitted")
    screen.press("Enter")
    screen.until(r"as of act \d+(.|\n)*" + ANSWER)
    keep(screen, "2-intake-review")
    screen.press("a")
    screen.until("no hit")  # who takes a client has seen what the comparison of the names found
    screen.press("a")
    screen.until("Accept the client")
    screen.write("Perkara jelas")
    screen.until(r"lhwa intake accept \w+ --seen \d+ --reason")
    keep(screen, "3-accepting")
    screen.press("C-s")
    screen.until("No intake waits for the firm")
    [intake] = office.place.data("intake", "list", "--all")
    assert intake["state"] == "accepted"
    [accepted] = [each for each in office.acts("intake.advanced") if each["data"]["state"] == "accepted"]
    assert accepted["data"]["reason"] == "Perkara jelas"
    assert len(office.acts("intake.read")) == 1, "reading it anew with every change is one look"


def answers(office: Office, screen: Terminal) -> None:
    """A reply gets its mark as the client's telephone takes it; a template takes its values."""
    office.meets(RINA, RINA_NAME, QUESTION)
    office.meets(SARI, SARI_NAME, "Kapan saya ke kantor?")
    opens(screen, RINA_NAME)
    screen.press("r")
    screen.until(f"To {RINA_NAME}")
    screen.write(REPLY)
    screen.until("May leave now")
    keep(screen, "4-writing")
    screen.press("C-s")
    screen.until(rf"you · \d\d:\d\d · ✓✓ (delivered|read)(.|\n)*{REPLY}")
    keep(screen, "5-delivered")
    assert office.state(RINA, within=ARRIVED)["author"] == LAWYER
    opens(screen, SARI_NAME)
    screen.press("t")
    screen.until("pengingat_janji")
    screen.press("Enter")
    screen.until("Value of nama")
    for value in (SARI_NAME, "Senin 10.00"):
        screen.write(value)
        screen.press("Enter")
    screen.until(f"template pengingat_janji(.|\n)*Yth. {SARI_NAME}(.|\n)*May leave now")
    keep(screen, "6-template")
    screen.press("C-s")
    screen.until(r"template pengingat_janji · ✓✓")
    assert office.state(SARI, within=ARRIVED)["type"] == "template"


def approves(office: Office, screen: Terminal) -> None:
    """What staff wrote waits for the lawyer."""
    office.meets(TONO, "Tono Contoh", "Halo")
    office.place.ok("-t", "firma", "send", TONO, "--text", OF_STAFF, env=office.staff)
    screen.until("3 Approvals 1")
    screen.press("3")
    screen.until(r"▌3 Approvals(.|\n)*budi")
    screen.press("Enter")
    screen.until(OF_STAFF)
    keep(screen, "7-approving")
    screen.press("a")
    screen.until("Nothing waits for a decision")
    approved = office.state(TONO, within=ARRIVED)
    assert approved["author"] == STAFF
    assert [each["target"] for each in office.acts("outbound.approved")] == [f"outbound:{approved['id']}"]


def resolves(office: Office, screen: Terminal) -> None:
    """An answer of Meta's was lost, and a person says what became of the message."""
    office.meets(DEWI, "Dewi Contoh", "Halo")
    office.new_sandbox(faults="lost-response=1,drop=1")
    office.sandbox.say("Baik.", contact=DEWI)
    office.place.ok("-t", "firma", "send", DEWI, "--text", DOUBTFUL, env=office.lawyer)
    screen.until("4 Outbox 1")
    screen.press("4")
    screen.until(r"in doubt")
    screen.press("Enter")
    screen.until(DOUBTFUL)
    screen.press("v")
    screen.until("Resolve the doubt")
    screen.press("Enter", "Tab")
    screen.write("Terlihat di telepon klien")
    screen.until(r"outbox resolve \w+ --sent --reason")
    keep(screen, "8-resolving")
    screen.press("C-s")
    screen.until("Nothing is scheduled, in doubt or failed")
    assert office.state(DEWI, within=("sent",))["author"] == LAWYER
    assert len(office.acts("outbound.resolved_as_sent")) == 1
    office.new_sandbox(faults="")


def works_together(office: Office, screen: Terminal) -> None:
    """A note for colleagues, and whose thread it is."""
    opens(screen, RINA_NAME)
    screen.press("n")
    screen.until("Note, for the firm alone")
    screen.write(NOTE)
    screen.press("C-s")
    screen.until(rf"note by you(.|\n)*{NOTE}")
    screen.press("A")
    screen.until("Assign:")
    screen.write(STAFF)
    screen.press("Enter")
    screen.until(f"@{STAFF}")
    keep(screen, "9-note-and-colleague")
    thread = office.thread_of(RINA)["id"]
    [note] = office.place.data("conversations", "notes", thread)
    assert (note["text"], note["author"]) == (NOTE, LAWYER)
    assert [each["target"] for each in office.acts("conversation.assigned")] == [f"conversation:{thread}"]


def locks(office: Office, screen: Terminal) -> None:
    """Nothing stays on the screen, and only the lawyer's own token opens it again."""
    screen.press("C-z")
    locked = screen.until("Locked", without=RINA_NAME)
    for word in (REPLY, NOTE, "3331"):
        assert word not in locked
    keep(screen, "10-locked")
    screen.write(office.staff["LHWA_TOKEN"])
    screen.press("Enter")
    screen.until("That token does not open this inbox")
    screen.write(office.lawyer["LHWA_TOKEN"])
    screen.press("Enter")
    screen.until(RINA_NAME, without="Locked")
    assert office.lawyer["LHWA_TOKEN"] not in screen.screen


def test_a_killed_inbox_loses_no_draft(office: Office) -> None:
    office.meets(RINA, RINA_NAME, QUESTION)
    with office.inbox(office.lawyer) as screen:
        screen.until(RINA_NAME)
        screen.press("r")
        screen.until(f"To {RINA_NAME}")
        screen.write(BEGUN)
        office.place.eventually(lambda: office.draft(RINA) == BEGUN, what="the draft is kept")
        screen.kill()
    with office.inbox(office.lawyer) as screen:
        screen.until(RINA_NAME)
        screen.press("Enter")
        screen.until(f"To {RINA_NAME}(.|\n)*{BEGUN}")
        screen.press("C-q")
        assert screen.exit_status() == 0
    assert office.draft(RINA) == BEGUN


def test_without_the_daemon_it_says_so_and_a_reply_waits_in_a_small_terminal_too(office: Office) -> None:
    office.meets(RINA, RINA_NAME, QUESTION)
    with office.inbox(office.lawyer) as screen:
        screen.until(RINA_NAME)
        office.daemon.stop()
        screen.until("lhwa serve is not running")
        screen.resize(columns=COLUMNS_LEAST, lines=LINES_LEAST)
        screen.until(r"^.{1,80}\n", without=r"Choose a conversation")
        screen.press("r")
        screen.until(f"To {RINA_NAME}")
        screen.press("End")
        screen.write("a, mohon ditunggu.")
        screen.until("May leave now")
        small = screen.screen.split("\n")
        assert max(map(len, small)) <= COLUMNS_LEAST
        keep(screen, "11-small-and-no-daemon")
        screen.press("C-s")
        screen.until(r"◷ queued(.|\n)*mohon ditunggu")
        assert office.state(RINA, within=("queued",))["author"] == LAWYER
        office.daemon_again()
        screen.until(r"✓✓ (delivered|read)(.|\n)*mohon ditunggu", without="lhwa serve is not running")
        assert office.state(RINA, within=ARRIVED)["attempts"] == 1
        screen.press("C-q")
        assert screen.exit_status() == 0
