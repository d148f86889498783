"""Every persona before the real intake machine: each ends where people of its kind end, by whatever chance."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.intake.session import Given, How, NoteKind, Session
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.intake.wording import Language
from lhwa.sandbox.personas.cast import PERSONAS, cast
from lhwa.sandbox.personas.hostile import ATTACKS
from lhwa.sandbox.personas.names import PersonaName
from lhwa.sandbox.personas.playing import Played, next_acts, play
from lhwa.sandbox.personas.standing import is_answer
from lhwa.sandbox.personas.thread import (
    Choice,
    ChoiceKind,
    Delete,
    Did,
    Edit,
    End,
    Message,
    Quiet,
    Read,
    SendFile,
    Silence,
    Tap,
    Write,
)
from lhwa.services.intake.tree_files import read_tree_folder
from lhwa.testing.intake import SMALL_TREE
from tests.sandbox.personas.machine_line import MachineLine

SEEDS = range(20)
SWITCHES = ("English please", "Bahasa Indonesia")
N = PersonaName
S = IntakeState
each_pace = pytest.mark.parametrize("is_slow", [False, True], ids=["a quick firm", "a slow firm"])


def seeded(seed: int) -> Random:
    return Random(seed)


def walk(name: PersonaName, seed: int, *, is_slow: bool = False) -> tuple[MachineLine, Played]:
    line, rng = MachineLine(SMALL_TREE, is_slow=is_slow), seeded(seed)
    return line, play(cast(name, rng), line, rng)


def said(played: Played) -> list[Any]:
    return [entry.act for entry in played.thread if isinstance(entry, Did)]


def is_answer_at(played: Played, place: int) -> bool:
    """True where an answer is given, and not a wish for another language."""
    entry = played.thread[place]
    return is_answer(entry) and isinstance(entry, Did) and getattr(entry.act, "text", "") not in SWITCHES


def notes(session: Session, kind: NoteKind) -> list[str]:
    return [note.message for note in session.notes if note.kind is kind]


def values(session: Session) -> dict[str, Given]:
    return dict(session.answers)


@each_pace
@pytest.mark.parametrize(
    ("name", "ended", "state"),
    [
        (N.COOPERATIVE, End.FINISHED, S.SUBMITTED),
        (N.RAMBLING, End.FINISHED, S.SUBMITTED),
        (N.SWITCHER, End.FINISHED, S.SUBMITTED),
        (N.DOCUMENTS_FIRST, End.FINISHED, S.SUBMITTED),
        (N.LATE, End.FINISHED, S.SUBMITTED),
        (N.WITHDRAWER, End.WITHDREW, S.WITHDRAWN),
    ],
)
def test_each_kind_ends_where_it_should(name: PersonaName, ended: End, state: IntakeState, *, is_slow: bool) -> None:
    for seed in SEEDS:
        line, played = walk(name, seed, is_slow=is_slow)
        assert (played.ended, line.session.state) == (ended, state), seed


@each_pace
def test_the_hostile_one_gets_nowhere_but_to_a_person(*, is_slow: bool) -> None:
    sent: set[str] = set()
    for seed in SEEDS:
        line, played = walk(N.HOSTILE, seed, is_slow=is_slow)
        session = line.session
        assert played.ended is End.REFUSED
        # An old button that says no takes the consent back, whoever taps it.
        assert session.is_with_person or session.state in (S.AWAITING_CONSENT, S.DECLINED, S.WITHDRAWN), seed
        assert session.state is not S.SUBMITTED
        assert any(isinstance(act, Tap) for act in said(played))
        sent |= {act.text for act in said(played) if isinstance(act, Write)}
    assert set(ATTACKS) <= sent


def test_the_hostile_one_consents_clearly_or_not_at_all() -> None:
    consented = set()
    for seed in SEEDS:
        line, _ = walk(N.HOSTILE, seed)
        consented.add(bool(line.session.consents and line.session.consents["consent"].agrees))
        assert all(each.how is How.BUTTON for each in line.session.consents.values() if each.agrees)
    assert consented == {True, False}


def test_the_cooperative_one_agrees_by_button_and_leaves_nothing_out() -> None:
    branches = set()
    for seed in SEEDS:
        line, played = walk(N.COOPERATIVE, seed)
        session = line.session
        assert all(each.agrees and each.how is How.BUTTON for each in session.consents.values())
        assert not notes(session, NoteKind.UNFIT)
        assert isinstance(said(played)[1], Tap)
        branches.add(session.answers["area"].value)
        if session.answers["area"].value == "land":
            assert set(session.answers) == {"name", "area", "opponent", "date", "paper"}
            assert session.answers["date"].value == "2026-03-03"
            assert session.answers["paper"].how is How.FILE
    assert branches == {"land", "family", "other"}


def test_the_rambling_one_types_speaks_edits_and_deletes() -> None:
    for seed in SEEDS:
        line, played = walk(N.RAMBLING, seed)
        acts = said(played)
        assert not any(isinstance(act, Tap) for act in acts[:8])
        assert line.session.consents["consent"].how is How.TYPED
        assert any(isinstance(act, SendFile) and act.voice for act in acts)
        assert any(isinstance(act, Delete) for act in acts)
        assert notes(line.session, NoteKind.DELETED)
    edited = [any(isinstance(act, Edit) for act in said(walk(N.RAMBLING, seed)[1])) for seed in SEEDS]
    assert any(edited)


@each_pace
def test_the_switcher_answers_the_same_in_both_languages(*, is_slow: bool) -> None:
    by_button = set()
    for seed in SEEDS:
        line, played = walk(N.SWITCHER, seed, is_slow=is_slow)
        taps = [act.choice.title for act in said(played) if isinstance(act, Tap)]
        by_button.add("English" in taps)
        asked = [
            played.thread[place - 1] for place, _ in enumerate(played.thread) if place and is_answer_at(played, place)
        ]
        assert any("? (en)" in entry.text for entry in asked if isinstance(entry, Read)), "a question was answered"
        is_over_early = line.session.is_with_person
        assert line.session.language is Language.ID or is_over_early
        assert line.session.answers["name"].value == PERSONAS[N.SWITCHER].full_name
        assert line.session.answers["area"].value in {"land", "family", "other"}
        assert not any(given.before for given in line.session.answers.values())
    assert by_button == {True, False}


@each_pace
def test_files_from_before_the_consent_are_noted(*, is_slow: bool) -> None:
    for seed in SEEDS:
        line, played = walk(N.DOCUMENTS_FIRST, seed, is_slow=is_slow)
        assert [type(act) for act in said(played)[:4]] == [SendFile, SendFile, SendFile, Tap]
        first = [entry.wamid for entry in played.thread if isinstance(entry, Did)][:3]
        assert notes(line.session, NoteKind.BEFORE_CONSENT) == first


def test_a_consent_is_taken_back_by_button_or_by_word() -> None:
    ways = set()
    for seed in SEEDS:
        line, played = walk(N.WITHDRAWER, seed)
        ways.add(type(said(played)[-1]))
        assert len(line.session.answers) == 2
        assert len(notes(line.session, NoteKind.WITHDRAWAL)) == 1
    assert ways == {Tap, Write}


def test_the_late_one_goes_on_after_a_week_and_a_reminder() -> None:
    for seed in SEEDS:
        line, played = walk(N.LATE, seed)
        assert [act.seconds for act in said(played) if isinstance(act, Silence)] == [7 * 86_400]
        assert line.reminders == 1


@pytest.mark.parametrize("name", list(N))
def test_the_same_seed_repeats_a_run(name: PersonaName) -> None:
    for seed in range(3):
        assert walk(name, seed)[1] == walk(name, seed)[1]


KIT = Path(__file__).parents[3] / "config" / "intake"
TREES = {read.name: read.tree for read in read_tree_folder(KIT) if read.tree is not None}
assert TREES


@each_pace
@pytest.mark.parametrize("tree", list(TREES))
@pytest.mark.parametrize("name", [name for name in N if name is not N.HOSTILE])
def test_whoever_is_willing_walks_through_the_trees_of_the_kit(name: PersonaName, tree: str, *, is_slow: bool) -> None:
    for seed in range(3):
        line, rng = MachineLine(TREES[tree], is_slow=is_slow), seeded(seed)
        play(cast(name, rng), line, rng)
        assert line.session.state is (S.WITHDRAWN if name is N.WITHDRAWER else S.SUBMITTED), seed
        if name is N.COOPERATIVE:
            assert not notes(line.session, NoteKind.UNFIT)


class NobodyAnswers:
    """A firm that never writes."""

    def do(self, _act: Message) -> str:
        return "wamid.A"

    def wait(self, _seconds: float) -> list[Read]:
        return []

    def be_silent(self, _seconds: float) -> None:
        return None


@pytest.mark.parametrize("name", list(N))
def test_who_is_not_answered_leaves(name: PersonaName) -> None:
    rng = seeded(1)
    played = play(cast(name, rng), NobodyAnswers(), rng)
    assert played.ended is (End.REFUSED if name is N.HOSTILE else End.UNANSWERED)
    assert any(isinstance(entry, Quiet) for entry in played.thread)


@pytest.mark.parametrize("name", [N.COOPERATIVE, N.RAMBLING, N.HOSTILE])
def test_whoever_plays_may_end_it(name: PersonaName) -> None:
    times = iter([False] * 3 + [True] * 100)
    rng = seeded(1)
    played = play(cast(name, rng), MachineLine(SMALL_TREE), rng, is_time_up=lambda: next(times))
    assert played.ended is End.TIME_UP
    assert len(played.thread) < 12


class AnswersAnything(NobodyAnswers):
    """A firm that writes what it likes, a few times."""

    def __init__(self, messages: list[Read]) -> None:
        self._messages = messages
        self.offered: set[tuple[str, Choice]] = set()
        self.taps: list[Tap] = []

    def do(self, act: Message) -> str:
        if isinstance(act, Tap):
            self.taps.append(act)
        return "wamid.A"

    def wait(self, _seconds: float) -> list[Read]:
        coming = [self._messages.pop(0)] if self._messages else []
        self.offered |= {(read.wamid, choice) for read in coming for choice in read.choices}
        return coming


TITLES = ("Setuju", "Tidak", "Lewati", "Skip", "English", "Tarik persetujuan", "Withdraw", "Ya", "", "I disagree")
TEXTS = (
    "",
    "?",
    "Kapan?",
    "Mohon tunggu.",
    "Nama Anda?\n\n_Ketik ORANG_",
    "Pertanyaan tadi",
    "\n\n",
    "_a_",
    "Upload it",
)
CHOICES = st.builds(Choice, kind=st.sampled_from(ChoiceKind), id=st.sampled_from("abc"), title=st.sampled_from(TITLES))
READS = st.builds(
    Read,
    wamid=st.sampled_from(["wamid.1", "wamid.2"]),
    text=st.sampled_from(TEXTS) | st.text(max_size=20),
    choices=st.lists(CHOICES, max_size=3).map(tuple),
    asks_place=st.booleans(),
)


@given(name=st.sampled_from(N), messages=st.lists(READS, max_size=15), seed=st.integers(0, 9))
@settings(max_examples=150)
def test_whatever_a_firm_writes_everybody_leaves_in_the_end_and_taps_only_what_was_offered(
    name: PersonaName, messages: list[Read], seed: int
) -> None:
    rng, line = seeded(seed), AnswersAnything(messages)
    played = play(cast(name, rng), line, rng)
    assert played.ended is not End.TIME_UP
    assert {(tap.wamid, tap.choice) for tap in line.taps} <= line.offered


@given(name=st.sampled_from(N), seed=st.integers(0, 99))
def test_the_next_acts_hang_on_nothing_but_the_thread_and_chance(name: PersonaName, seed: int) -> None:
    thread = walk(N.COOPERATIVE, seed)[1].thread
    for length in range(0, len(thread), 4):
        once, again = (next_acts(PERSONAS[name], thread[:length], seeded(seed)) for _ in range(2))
        assert once == again
        assert once
