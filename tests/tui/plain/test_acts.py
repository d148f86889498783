"""Every act of the table can be done line by line, and is in the firm's file and on record afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest

from lhwa.domain.access import Role
from lhwa.domain.ids import ContactId
from lhwa.services.messaging.holds import holds_of
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.tables.intakes import IntakeRow
from lhwa.store.transaction import Tx
from lhwa.testing.builders import acting_as
from lhwa.tui.act_table import ACTS
from tests.tui.place import AUDITOR, LAWYER, SECOND, STAFF, Place
from tests.tui.plain.dialogue import Answer, CtrlC, open_thread, talk


class Done(NamedTuple):
    """How somebody does an act, and what is on record then."""

    act: str
    typed: tuple[Answer, ...]
    action: str
    """Of the newest record about the target."""
    target: str
    """What the record calls it, then the key of its id in `Place.ids`."""
    left: Callable[[Tx, Mapping[str, str]], object]
    """What is in the firm's file then: true."""


def _state(key: str, state: str) -> Callable[[Tx, Mapping[str, str]], bool]:
    def look(tx: Tx, ids: Mapping[str, str]) -> bool:
        row = tx.outbox.get(ids[key])
        return row is not None and row.state.value == state

    return look


def _intake(key: str, what: Callable[[IntakeRow], object]) -> Callable[[Tx, Mapping[str, str]], bool]:
    def look(tx: Tx, ids: Mapping[str, str]) -> bool:
        row = tx.intakes.get(ids[key])
        return row is not None and bool(what(row))

    return look


def _thread(what: Callable[[ConversationRow], object]) -> Callable[[Tx, Mapping[str, str]], bool]:
    def look(tx: Tx, ids: Mapping[str, str]) -> bool:
        row = tx.conversations.get(ids["thread.open"])
        return row is not None and bool(what(row))

    return look


def _held(holds: int) -> Callable[[Tx, Mapping[str, str]], bool]:
    return lambda tx, ids: len(holds_of(tx, acting_as(Role.LAWYER), ContactId(ids["contact.open"]))) == holds


def _checks(checks: int, names: int) -> Callable[[Tx, Mapping[str, str]], bool]:
    def look(tx: Tx, ids: Mapping[str, str]) -> bool:
        intake = ids["intake.submitted"]
        return (tx.parties.checks_count(intake), len(tx.parties.of_intake(intake))) == (checks, names)

    return look


def _decided(tx: Tx, ids: Mapping[str, str]) -> bool:
    check = tx.parties.last_check(ids["intake.submitted"])
    return check is not None and check.decision == "no_conflict"


OPEN, SUBMITTED = open_thread("Contoh Terbuka"), ("review", "filter submitted", "1")
WAITING, INTAKE, THREAD, CONTACT = (
    "outbound outbound.waiting",
    "intake intake.submitted",
    "conversation thread.open",
    "contact contact.open",
)
DONE = (
    Done(
        "approve",
        ("approvals", "filter silakan", "1", "approve"),
        "outbound.approved",
        WAITING,
        _state("outbound.waiting", "queued"),
    ),
    Done(
        "reject",
        ("approvals", "filter silakan", "1", "reject", "Salah alamat."),
        "outbound.declined",
        WAITING,
        _state("outbound.waiting", "cancelled"),
    ),
    Done(
        "accept",
        (*SUBMITTED, "decide-conflict", "1", "Lain.", "about", "accept", "Jelas.", "Tanah", "Rani Contoh"),
        "intake.advanced",
        INTAKE,
        lambda tx, ids: tx.matters.of_intake(ids["intake.submitted"]),
    ),
    Done(
        "turn-down",
        (*SUBMITTED, "turn-down", "outside practice", "Bidang lain.", "yes"),
        "intake.advanced",
        INTAKE,
        _intake("intake.submitted", lambda row: row.state.value == "rejected"),
    ),
    Done(
        "assign",
        (*OPEN, "assign", "Rani Contoh"),
        "conversation.assigned",
        THREAD,
        _thread(lambda row: row.assigned_to == SECOND),
    ),
    Done(
        "assign-intake",
        (*SUBMITTED, "assign-intake", STAFF),
        "intake.advanced",
        INTAKE,
        _intake("intake.submitted", lambda row: row.assigned_to == STAFF),
    ),
    Done(
        "take-over",
        (*open_thread("Contoh Berjalan"), "take-over"),
        "intake.advanced",
        "intake intake.on_the_way",
        _intake("intake.on_the_way", lambda row: row.is_with_person),
    ),
    Done(
        "hand-back",
        (*open_thread("Contoh Dibantu"), "hand-back"),
        "intake.advanced",
        "intake intake.with_person",
        _intake("intake.with_person", lambda row: not row.is_with_person),
    ),
    Done(
        "ask",
        (*SUBMITTED, "ask", "opponent"),
        "intake.advanced",
        INTAKE,
        _intake("intake.submitted", lambda row: row.state.value == "needs_info"),
    ),
    Done("check", (*SUBMITTED, "check"), "conflict.checked", INTAKE, _checks(2, 2)),
    Done(
        "decide-conflict",
        (*SUBMITTED, "decide-conflict", "1", "Orang lain."),
        "conflict.decided",
        INTAKE,
        _decided,
    ),
    Done(
        "party",
        (*SUBMITTED, "party", "Contoh Saksi", "related"),
        "conflict.checked",
        INTAKE,
        _checks(2, 3),
    ),
    Done(
        "resolve",
        ("outbox", "filter doubt", "1", "resolve", "sent", "Ada.", "y"),
        "outbound.resolved_as_sent",
        "outbound outbound.in_doubt",
        _state("outbound.in_doubt", "sent"),
    ),
    Done(
        "retry",
        ("outbox", "filter failed", "1", "retry", "Nomor benar."),
        "outbound.retried",
        "outbound outbound.failed",
        _state("outbound.failed", "queued"),
    ),
    Done(
        "cancel",
        ("outbox", "filter queued", "1", "cancel", "", "ya"),
        "outbound.cancelled",
        "outbound outbound.scheduled",
        _state("outbound.scheduled", "cancelled"),
    ),
    Done("seen", (*OPEN, "seen"), "conversation.seen", THREAD, _thread(lambda row: row.unread == 0)),
    Done("unseen", (*OPEN, "seen", "unseen"), "conversation.seen", THREAD, _thread(lambda row: row.unread == 1)),
    Done(
        "note",
        (*OPEN, "note", "Telepon besok.", "Atau lusa.", "."),
        "note.added",
        THREAD,
        lambda tx, ids: len(tx.notes.of_conversation(ids["thread.open"])) == 2,
    ),
    Done("hold", (*OPEN, "hold", "1", "Menunggu putusan.", "yes"), "contact.held", CONTACT, _held(1)),
    Done(
        "release",
        (*OPEN, "hold", "1", "Sebentar.", "yes", "release", "1", "Selesai."),
        "contact.released",
        CONTACT,
        _held(0),
    ),
)
WITHOUT_A_TARGET_OF_OURS = {"acknowledge", "tell-read"}


def test_every_act_of_the_table_is_tried() -> None:
    assert {each.act for each in DONE} | WITHOUT_A_TARGET_OF_OURS == {act.id for act in ACTS}


@pytest.mark.parametrize("done", DONE, ids=lambda each: each.act)
def test_an_act_is_done_and_on_record(place: Place, done: Done) -> None:
    sitting = talk(place, LAWYER, *done.typed)
    assert sitting.went_well, sitting.voice.events
    kind, key = done.target.split()
    about = [each.action for each in sitting.records if each.target == f"{kind}:{place.ids[key]}"]
    assert about[-1] == done.action
    with place.office() as office:
        assert office.store.read(done.left, place.ids)
    label = next(act.english for act in ACTS if act.id == done.act)
    assert any(line.startswith(f"{label}, ") and line.endswith(". Done.") for line in sitting.voice.heard("tell"))


def test_an_alert_is_acknowledged(place: Place) -> None:
    sitting = talk(place, LAWYER, "alerts", "filter number", "1", "acknowledge", "Dilihat.", "alerts")
    assert sitting.went_well
    assert sitting.actions.count("alert.acknowledged") == 1


def test_blue_ticks_need_meta_and_the_refusal_says_what_to_do(place: Place) -> None:
    sitting = talk(place, LAWYER, *OPEN, "tell-read", "log")
    assert not sitting.went_well
    told = sitting.voice.heard("tell")
    assert "Show the client that it was read, Contoh Terbuka. Refused." in told
    assert any(line.startswith("hint: Store it") for line in told)
    assert sitting.voice.heard("say")[-1].startswith("lhwa messages mark-read ")


def test_acts_can_be_done_to_several_things_of_a_list(place: Place) -> None:
    sitting = talk(place, LAWYER, "approvals", "filter message", "approve 1 2")
    assert sitting.actions.count("outbound.approved") == 2


def test_values_can_stand_behind_an_act(place: Place) -> None:
    sitting = talk(place, LAWYER, "approvals", "filter silakan", "1", 'reject --reason "Salah alamat."')
    assert "outbound.declined" in sitting.actions
    assert not sitting.voice.heard("ask")


@pytest.mark.parametrize("answer", ["no", "", "n", "yes please"])
def test_what_cannot_be_taken_back_needs_a_yes(place: Place, answer: str) -> None:
    sitting = talk(place, LAWYER, *SUBMITTED, "turn-down", "1", "Lain.", answer)
    assert "Given up, nothing was done." in sitting.voice.heard("tell")
    assert "intake.advanced" not in sitting.actions


def test_ctrl_c_at_a_question_gives_it_up_and_the_inbox_goes_on(place: Place) -> None:
    sitting = talk(place, LAWYER, *SUBMITTED, "turn-down", CtrlC, "where")
    assert "Given up, nothing was done." in sitting.voice.heard("tell")
    assert "intake.advanced" not in sitting.actions
    assert sitting.voice.heard("say")[-1] == "review, +62 812 ending in 0032"


def test_a_wrong_choice_is_asked_again_and_in_a_pipe_it_ends_the_act(place: Place) -> None:
    typed = (*OPEN, "hold", "9", "opt out", "Mau sendiri.", "yes")
    asked = talk(place, LAWYER, *typed)
    assert "contact.held" in asked.actions
    piped = talk(place, LAWYER, *typed, is_person=False)
    assert "contact.held" not in piped.actions
    assert not piped.went_well


def test_acts_are_read_with_numbers_and_chosen_by_one(place: Place) -> None:
    sitting = talk(place, LAWYER, *OPEN, "do", "2")
    assert "2, seen, Mark as read" in sitting.voice.heard("say")
    assert "conversation.seen" in sitting.actions


def assigned_by_a_colleague(place: Place, then: str) -> Callable[[], str]:
    """What somebody types after a colleague has given the intake to somebody."""

    def typed() -> str:
        told = place.run(SECOND, ["intake", "assign", place.ids["intake.submitted"], "--to", STAFF])
        assert told.is_done
        return then

    return typed


def test_a_decision_is_about_what_was_heard(place: Place) -> None:
    decide = ("1", "Bidang lain.", "yes")
    turn_down = assigned_by_a_colleague(place, "turn-down")
    sitting = talk(place, LAWYER, *SUBMITTED, turn_down, *decide, "about", "turn-down", *decide)
    told = sitting.voice.heard("tell")
    refused, done = (
        told.index(f"Do not take the client, +62 812 ending in 0032. {end}") for end in ("Refused.", "Done.")
    )
    assert refused < done


def test_a_role_hears_only_acts_that_it_may_do(place: Place) -> None:
    lawyer, auditor = (talk(place, who, "1", "do") for who in (LAWYER, AUDITOR))
    assert any("note" in line for line in lawyer.voice.after("do"))
    assert auditor.voice.after("do") == ["Nothing can be done here."]


def test_an_act_that_is_not_for_here_says_where(place: Place) -> None:
    sitting = talk(place, LAWYER, "approve")
    assert sitting.voice.after("approve") == [
        "error: approve cannot be done here.",
        "hint: Open what it is about with its number; do reads what can be done there.",
    ]


@pytest.mark.parametrize("act", [act.id for act in ACTS if act.looks_first])
def test_nobody_decides_about_an_intake_that_was_not_read(place: Place, act: str) -> None:
    told = talk(place, LAWYER, "review", "filter submitted", f"{act} 1").voice.heard("tell")
    assert "error: Read it first, then decide." in told


@pytest.mark.parametrize("typed", [("hold", "9", "approve"), ("reply 99", "approve", "."), ("assign-intake", "1")])
def test_a_script_ends_where_its_answers_would_be_done_as_lines(place: Place, typed: tuple[str, ...]) -> None:
    sitting = talk(place, LAWYER, *OPEN, *typed, "where", is_person=False)
    assert sitting.voice.heard()[-1] == "Stopped here: the lines that follow may be answers to this one."
    assert not sitting.went_well


def test_a_script_goes_on_after_a_line_that_asks_for_nothing(place: Place) -> None:
    sitting = talk(place, LAWYER, "nonsense", *OPEN, "note", "Telepon.", ".", "where", is_person=False)
    assert "note.added" in sitting.actions
    assert sitting.voice.heard()[-1] == "inbox, Contoh Terbuka"
    assert not sitting.went_well


def test_an_act_of_ones_own_makes_nothing_heard_that_was_not_read(place: Place) -> None:
    """A colleague does something between opening and deciding. Marking as read looks again, and nobody has heard it."""
    decide = ("decide-conflict", "1", "Orang lain.")
    seen = assigned_by_a_colleague(place, "seen")
    sitting = talk(place, LAWYER, *open_thread("Contoh Diajukan"), seen, *decide, "about", *decide)
    told = sitting.voice.heard("tell")
    assert "It has changed: about reads it, and then a decision is about that." in told
    refused, done = (told.index(f"Decide on the hits, Contoh Diajukan. {end}") for end in ("Refused.", "Done."))
    assert refused < done
