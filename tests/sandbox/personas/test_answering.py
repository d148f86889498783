"""What a willing client does with a prompt, at the first try and when it did not fit."""

from __future__ import annotations

from random import Random

import pytest

from lhwa.domain.intake.answers import Said, read_answer
from lhwa.domain.intake.phrases import Phrases
from lhwa.domain.intake.trees import Branch, Question
from lhwa.domain.intake.wording import AnswerKind, Words
from lhwa.domain.messages import MessageType
from lhwa.sandbox.personas.answering import answer
from lhwa.sandbox.personas.cast import PERSONAS
from lhwa.sandbox.personas.names import PersonaName
from lhwa.sandbox.personas.playing import play
from lhwa.sandbox.personas.reading import Language, Topic
from lhwa.sandbox.personas.thread import (
    Choice,
    ChoiceKind,
    Did,
    End,
    Message,
    Read,
    SendFile,
    SharePlace,
    Tap,
    Thread,
    Write,
)

SITI = PERSONAS[PersonaName.COOPERATIVE]
KINDS = (
    (AnswerKind.DATE, Topic.DATE),
    (AnswerKind.MONEY, Topic.MONEY),
    (AnswerKind.PHONE, Topic.PHONE),
    (AnswerKind.NIK, Topic.NIK),
    (AnswerKind.TEXT, Topic.STORY),
    (AnswerKind.LOCATION, Topic.PLACE),
)


def rng() -> Random:
    return Random(1)


def choices(*titles: str, kind: ChoiceKind = ChoiceKind.BUTTON) -> tuple[Choice, ...]:
    return tuple(Choice(kind=kind, id=title, title=title) for title in titles)


def answers_in_turn(asked: Read, times: int) -> list[Message]:
    """What is answered when the same is asked again and again."""
    thread: Thread = ()
    found: list[Message] = []
    for _ in range(times):
        thread = (*thread, asked)
        act = answer(SITI, thread, asked, rng())
        thread = (*thread, Did(act=act, wamid="wamid.B"))
        found.append(act)
    return found


@pytest.mark.parametrize(("kind", "topic"), KINDS)
@pytest.mark.parametrize("language", list(Language))
def test_every_form_of_an_answer_is_one_that_a_firm_can_read(
    kind: AnswerKind, topic: Topic, language: Language
) -> None:
    words = Words(id="?", en="?")
    question = Question(id="q", kind=kind, text=words, next=(Branch(to="q"),))
    for form in SITI.forms(topic, language):
        assert read_answer(question, Said(message="m", type=MessageType.TEXT, text=form)) is not None, form


def test_a_form_that_did_not_fit_is_not_tried_twice() -> None:
    texts = [act.text for act in answers_in_turn(Read(wamid="a", text="Tanggal?"), 3) if isinstance(act, Write)]
    assert texts == ["3 Maret 2026", "03-03-2026", "2026-03-03"]


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_what_a_firm_says_of_a_wrong_answer_is_understood(kind: AnswerKind) -> None:
    """Of a question whose words tell nothing, the complaint tells what it takes."""
    if kind in (AnswerKind.CHOICE, AnswerKind.YES_NO):
        return  # they come with buttons
    question = Question(id="q", kind=kind, text=Words(id="X", en="X"), next=(Branch(to="q"),))
    complaint = Phrases().invalid(kind)
    for text in (complaint.id, complaint.en):
        first = Read(wamid="a", text="X?")
        again = Read(wamid="b", text=f"{text}\n\nX?")
        thread: Thread = (first, Did(act=Write(text="..."), wamid="c"), again)
        for _ in range(3):
            act = answer(SITI, thread, again, rng())
            if isinstance(act, Write):
                said = Said(message="m", type=MessageType.TEXT, text=act.text)
            else:
                assert isinstance(act, SendFile | SharePlace)
                said = Said(message="m", type=MessageType.DOCUMENT)
            if read_answer(question, said) is not None:
                break
            thread = (*thread, Did(act=act, wamid="d"), again)
        else:
            pytest.fail(f"nothing fitted after {text!r}")


def test_a_choice_is_tapped_then_typed() -> None:
    first, second = answers_in_turn(Read(wamid="a", text="Bidang?", choices=choices("Tanah", "Keluarga")), 2)
    assert isinstance(first, Tap)
    assert isinstance(second, Write)
    assert second.text in ("Tanah", "Keluarga")


def test_a_row_of_a_list_is_tapped_as_one() -> None:
    rows = choices("Tanah", "Keluarga", kind=ChoiceKind.ROW)
    (act,) = answers_in_turn(Read(wamid="a", text="Bidang?", choices=rows), 1)
    assert isinstance(act, Tap)
    assert act.choice in rows


def test_what_may_be_skipped_is_skipped_after_two_tries() -> None:
    acts = answers_in_turn(Read(wamid="a", text="Siapa lawan Anda?", choices=choices("Lewati")), 3)
    assert [type(act) for act in acts] == [Write, Write, Tap]


def test_a_place_is_shared_where_there_is_a_button_for_it_and_written_otherwise() -> None:
    assert isinstance(answers_in_turn(Read(wamid="a", text="Lokasi?", asks_place=True), 1)[0], SharePlace)
    assert isinstance(answers_in_turn(Read(wamid="a", text="Lokasi?"), 1)[0], Write)


def test_a_file_is_sent_where_one_is_asked_for() -> None:
    (act,) = answers_in_turn(Read(wamid="a", text="Please send a photo."), 1)
    assert isinstance(act, SendFile)


def test_whoever_is_never_understood_gives_up() -> None:
    class Deaf:
        def do(self, _act: Message) -> str:
            return "wamid.A"

        def wait(self, _seconds: float) -> list[Read]:
            return [Read(wamid="wamid.B", text="Mohon jawab.\n\nApa?")]

        def be_silent(self, _seconds: float) -> None:
            return None

    assert play(SITI, Deaf(), rng()).ended is End.GAVE_UP
