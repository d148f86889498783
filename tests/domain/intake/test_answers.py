"""Reading answers: what fits, what does not, and that nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.intake.answers import Said, read_answer, value_of_reply
from lhwa.domain.intake.trees import Branch, Option, Question
from lhwa.domain.intake.wording import AnswerKind, Words
from lhwa.domain.messages import MessageType

CHOICES = (
    Option(value="shm", title=Words(id="Sertifikat hak milik", en="Freehold")),
    Option(value="girik", title=Words(id="Girik", en="Old deed")),
)


def question(kind: AnswerKind) -> Question:
    return Question(
        id="q",
        kind=kind,
        text=Words(id="Apa?", en="What?"),
        next=(Branch(to="r"),),
        options=CHOICES if kind is AnswerKind.CHOICE else (),
    )


def read(kind: AnswerKind, text: str | None, type_: MessageType = MessageType.TEXT) -> str | None:
    return read_answer(question(kind), Said(message="m1", type=type_, text=text))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (AnswerKind.TEXT, "  Rina Contoh ", "Rina Contoh"),
        (AnswerKind.TEXT, "???", None),
        (AnswerKind.TEXT, "", None),
        (AnswerKind.DATE, "17-08-2026", "2026-08-17"),
        (AnswerKind.DATE, "17/8/26", "2026-08-17"),
        (AnswerKind.DATE, "tgl 17 Agustus 2026", "2026-08-17"),
        (AnswerKind.DATE, "August 17, 2026", "2026-08-17"),
        (AnswerKind.DATE, "2026-08-17", "2026-08-17"),
        (AnswerKind.DATE, "1.12.1985", "1985-12-01"),
        (AnswerKind.DATE, "30-02-2026", None),
        (AnswerKind.DATE, "17 Agustusan 2026", None),
        (AnswerKind.DATE, "besok", None),
        (AnswerKind.MONEY, "2.500.000", "2500000"),
        (AnswerKind.MONEY, "2,500,000", "2500000"),
        (AnswerKind.MONEY, "Rp 1.000.000,-", "1000000"),
        (AnswerKind.MONEY, "Rp1.500.000,00", "1500000"),
        (AnswerKind.MONEY, "2,5 juta", "2500000"),
        (AnswerKind.MONEY, "750 ribu", "750000"),
        (AnswerKind.MONEY, "1 miliar", "1000000000"),
        (AnswerKind.MONEY, "1.50", None),
        (AnswerKind.MONEY, "banyak", None),
        (AnswerKind.PHONE, "0812 3000 1111", "+6281230001111"),
        (AnswerKind.PHONE, "81230001111", None),
        (AnswerKind.NIK, "3171 0117 0845 0001", "3171011708450001"),
        (AnswerKind.NIK, "3171011799450001", None),
        (AnswerKind.NIK, "317101170845000", None),
        (AnswerKind.YES_NO, "Iya.", "yes"),
        (AnswerKind.YES_NO, "ya", "yes"),
        (AnswerKind.YES_NO, "Belum", "no"),
        (AnswerKind.YES_NO, "mungkin", None),
        (AnswerKind.CHOICE, "sertifikat HAK milik", "shm"),
        (AnswerKind.CHOICE, "2", "girik"),
        (AnswerKind.CHOICE, "3", None),
        (AnswerKind.LOCATION, "Jl. Contoh 1, Bandung", "Jl. Contoh 1, Bandung"),
        (AnswerKind.DOCUMENT, "nanti saya kirim", None),
    ],
)
def test_a_text_is_read_by_the_kind_of_the_question(kind: AnswerKind, text: str, value: str | None) -> None:
    assert read(kind, text) == value


@pytest.mark.parametrize("type_", [MessageType.IMAGE, MessageType.DOCUMENT, MessageType.VIDEO, MessageType.AUDIO])
def test_a_file_answers_a_question_for_documents_alone(type_: MessageType) -> None:
    assert read(AnswerKind.DOCUMENT, None, type_) == "m1"
    assert read(AnswerKind.TEXT, "keterangan foto", type_) is None


def test_a_shared_place_is_kept_by_its_name_or_its_message() -> None:
    assert read(AnswerKind.LOCATION, "Pengadilan Contoh", MessageType.LOCATION) == "Pengadilan Contoh"
    assert read(AnswerKind.LOCATION, None, MessageType.LOCATION) == "m1"


def test_a_tapped_answer_has_to_be_one_of_the_question() -> None:
    assert value_of_reply(question(AnswerKind.CHOICE), "girik") == "girik"
    assert value_of_reply(question(AnswerKind.CHOICE), "yes") is None
    assert value_of_reply(question(AnswerKind.YES_NO), "no") == "no"
    assert value_of_reply(question(AnswerKind.TEXT), "shm") is None


@given(st.sampled_from(AnswerKind), st.text(max_size=200))
def test_whatever_is_written_is_read_or_not_and_never_fails(kind: AnswerKind, text: str) -> None:
    value = read(kind, text)
    assert value is None or value != ""
