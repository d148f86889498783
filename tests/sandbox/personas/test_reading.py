"""How a client understands messages."""

from __future__ import annotations

import pytest

from lhwa.domain.intake.phrases import Phrases
from lhwa.domain.intake.wording import Words
from lhwa.sandbox.personas.reading import (
    Gist,
    Language,
    Topic,
    core_of,
    gist_of,
    is_agreement,
    is_skip,
    is_switch,
    is_withdrawal,
    language_of,
    topic_of,
)
from lhwa.sandbox.personas.thread import Choice, ChoiceKind, Read

PHRASES = Phrases()


def read(text: str, *titles: str, asks_place: bool = False) -> Read:
    choices = tuple(Choice(kind=ChoiceKind.BUTTON, id=title, title=title) for title in titles)
    return Read(wamid="wamid.A", text=text, choices=choices, asks_place=asks_place)


@pytest.mark.parametrize(
    ("message", "gist"),
    [
        (read("Kami meminta persetujuan Anda.", "Setuju", "Tidak setuju", "English"), Gist.NOTICE),
        (read("We ask for your consent.", "I agree", "I disagree", "Bahasa Indonesia"), Gist.NOTICE),
        (read("Siapa nama Anda?"), Gist.QUESTION),
        (read("Ceritakan masalah Anda secara singkat.\n\n_Ketik ORANG untuk bicara dengan staf_"), Gist.QUESTION),
        (read("Please describe what happened."), Gist.QUESTION),
        (read("Kapan sengketa ini mulai?"), Gist.QUESTION),
        (read("Bidang", "Tanah", "Keluarga"), Gist.QUESTION),
        (read("Lokasi tanah", asks_place=True), Gist.QUESTION),
        (read("Terima kasih. Tim kami akan menghubungi Anda."), Gist.TELLS),
        (read("Thank you. A lawyer will write to you.\n\n_Type PERSON to talk to our staff_"), Gist.TELLS),
        (read("Mohon tunggu."), Gist.TELLS),
        (read(""), Gist.TELLS),
    ],
)
def test_a_message_asks_or_tells(message: Read, gist: Gist) -> None:
    assert gist_of(message) is gist


@pytest.mark.parametrize(
    ("phrase", "titles", "gist"),
    [
        (PHRASES.consent_noted, (PHRASES.withdraw,), Gist.RECEIPT),
        (PHRASES.consent_unclear, (), Gist.HINT),
        (PHRASES.document_noted, (), Gist.HINT),
        (PHRASES.declined, (), Gist.TELLS),
        (PHRASES.withdrawn, (), Gist.TELLS),
        (PHRASES.person_comes, (), Gist.TELLS),
        (PHRASES.closing, (), Gist.TELLS),
    ],
)
@pytest.mark.parametrize("language", ["id", "en"])
def test_what_a_session_says_besides_is_understood(
    phrase: Words, titles: tuple[Words, ...], gist: Gist, language: str
) -> None:
    message = read(getattr(phrase, language), *(getattr(title, language) for title in titles))
    assert gist_of(message) is gist


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Siapa nama lengkap Anda?", Topic.NAME),
        ("What is your full name?", Topic.NAME),
        ("Siapa nama pihak lawan?", Topic.OPPONENT),
        ("Who is the other party?", Topic.OPPONENT),
        ("Kapan kejadiannya?", Topic.DATE),
        ("Mohon tulis, misalnya 17-08-2026.\n\nKapan?", Topic.DATE),
        ("When did it happen?", Topic.DATE),
        ("Berapa nilai sengketanya?", Topic.MONEY),
        ("How much is it about, in rupiah?", Topic.MONEY),
        ("Nomor telepon lain?", Topic.PHONE),
        ("NIK Anda?", Topic.NIK),
        ("A NIK has 16 digits. Please check it again.", Topic.NIK),
        ("Mohon kirim foto atau berkas.", Topic.FILE),
        ("Please send a photo or a file.", Topic.FILE),
        ("Di mana alamat tanahnya?", Topic.PLACE),
        ("Alamat e-mail Anda?", Topic.EMAIL),
        ("Ceritakan secara singkat apa yang terjadi, kapan, dan di mana.", Topic.TALE),
        ("Please tell us what happened and when.", Topic.TALE),
        ("Apa yang Anda harapkan?", Topic.WISH),
        ("Di kota atau kabupaten mana Anda berada?", Topic.CITY),
        ("Apa jabatan Anda di sana?", Topic.JOB),
        ("Apa nama lengkap perusahaannya?", Topic.COMPANY),
        ("Siapa nama advokat atau kantor hukumnya?", Topic.FORMER_LAWYER),
        ("Berapa orang yang terlibat?", Topic.STORY),
    ],
)
def test_a_question_is_about_what_its_words_say(text: str, topic: Topic) -> None:
    assert topic_of(read(text)) is topic


def test_a_question_that_is_put_again_has_the_same_core() -> None:
    first = read("Kapan kejadiannya?\n\n_Ketik ORANG untuk bicara dengan staf_")
    again = read("Mohon tulis tanggalnya.\n\nKapan kejadiannya?\n\n_Ketik ORANG untuk bicara dengan staf_")
    assert core_of(first) == core_of(again) == "Kapan kejadiannya?"


def test_the_language_is_that_of_the_newest_message_that_has_a_clear_one() -> None:
    indonesian, english = read("Siapa nama Anda?", "English"), read("What is your name?", "Bahasa Indonesia")
    assert language_of(()) is Language.ID
    assert language_of((indonesian, english)) is Language.EN
    assert language_of((english, indonesian)) is Language.ID
    assert language_of((english, read("OK"))) is Language.EN


@pytest.mark.parametrize(
    ("title", "meanings"),
    [
        ("Setuju", {is_agreement}),
        ("Ya, saya setuju", {is_agreement}),
        ("I agree", {is_agreement}),
        ("Tidak setuju", set()),
        ("I do not agree", set()),
        ("Disagree", set()),
        ("Tarik persetujuan", {is_withdrawal}),
        ("Withdraw consent", {is_withdrawal}),
        ("Lewati", {is_skip}),
        ("Skip", {is_skip}),
        ("English", {is_switch}),
        ("Bahasa Indonesia", {is_switch}),
        ("Hukum keluarga", set()),
    ],
)
def test_a_button_means_one_thing(title: str, meanings: set[object]) -> None:
    choice = Choice(kind=ChoiceKind.BUTTON, id="a", title=title)
    assert {each for each in (is_agreement, is_withdrawal, is_skip, is_switch) if each(choice)} == meanings
