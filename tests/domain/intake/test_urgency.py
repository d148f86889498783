"""The urgency floor: the labelled sentences, days, and what holds for all texts."""

from __future__ import annotations

import csv
import time
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.intake.urgency import CHARS_MAX, Flag, FlagKind, Urgency, flags, floor
from lhwa.domain.intake.urgency_phrases import RULES

SENT_ON = date(2026, 11, 28)
"""A Saturday."""
TABLE = Path(__file__).with_name("urgency_sentences.tsv")
with TABLE.open(encoding="utf-8") as lines:
    SENTENCES = [tuple(row) for row in csv.reader(lines, delimiter="\t") if not row[0].startswith("#")]


def flagged(text: str) -> tuple[Flag, ...]:
    return flags(text, sent_on=SENT_ON)


def urgency_of(text: str) -> Urgency:
    return floor(*(flag.urgency for flag in flagged(text)))


def test_the_table_is_large_and_has_negatives() -> None:
    assert len(SENTENCES) >= 120
    assert sum(kinds == "-" for _, kinds, _ in SENTENCES) >= 25
    assert {urgency for urgency, _, _ in SENTENCES} == {each.name.lower() for each in Urgency}
    assert {kind for _, kinds, _ in SENTENCES for kind in kinds.split(",")} == {*FlagKind, "-"}


@pytest.mark.parametrize(("urgency", "kinds", "text"), SENTENCES)
def test_a_message_has_its_urgency(urgency: str, kinds: str, text: str) -> None:
    assert urgency_of(text).name.lower() == urgency
    found = {flag.kind.value for flag in flagged(text)}
    assert found >= set(kinds.split(",")) if kinds != "-" else not found


@pytest.mark.parametrize(
    ("text", "words", "note"),
    [
        ("Pak, suami saya di tahan.", "di tahan", "mentions detention"),
        ("Maaf, dpt srt panggilan td", "srt panggilan", "mentions a summons or questioning"),
        ("ditahan bulan lalu sudah bebas", "ditahan", "mentions detention; the message says that it is over"),
        ("kalau ditangkap?", "ditangkap", "mentions an arrest, perhaps as a question or a fear"),
        ("sidang 30/11/2026", "sidang", "mentions a court hearing and names 2026-11-30"),
    ],
)
def test_a_flag_points_at_the_words_and_says_what_they_mention(text: str, words: str, note: str) -> None:
    (flag,) = flagged(text)
    assert text[flag.start : flag.end] == words
    assert flag.note == note


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("hari ini", "2026-11-28"), ("nanti sore", "2026-11-28"), ("today", "2026-11-28"), ("besok", "2026-11-29"),
        ("bsk pagi", "2026-11-29"), ("tomorrow", "2026-11-29"), ("lusa", "2026-11-30"), ("Senin", "2026-11-30"),
        ("Senin depan", "2026-11-30"), ("Sabtu depan", "2026-12-05"), ("hari Minggu", "2026-11-29"),
        ("minggu depan", "2026-12-05"), ("Jumat", "2026-12-04"), ("next Friday", "2026-12-04"),
        ("5 hari lagi", "2026-12-03"), ("in 5 days", "2026-12-03"), ("3 Desember", "2026-12-03"),
        ("3 Des 2026", "2026-12-03"), ("tgl 3 desember 2026", "2026-12-03"), ("tgl. 3", "2026-12-03"),
        ("tgl 3-12-26", "2026-12-03"), ("03/12/2026", "2026-12-03"), ("3.12.2026", "2026-12-03"),
        ("2026-12-03", "2026-12-03"), ("12/31/2026", "2026-12-31"), ("December 3", "2026-12-03"),
        ("Dec 3, 2026", "2026-12-03"), ("3rd of December", "2026-12-03"), ("December 3rd", "2026-12-03"),
        ("5 Januari", "2027-01-05"), ("5 Nopember", "2026-11-05"), ("Senin lalu", "2026-11-23"),
        ("31/02/2027", None), ("99 Desember", None), ("tanggal 45", None), ("bulan Mei", None), ("0/0/00", None),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(when: str, day: str | None) -> None:
    found = {flag.day for flag in flagged(f"sidang {when}") if flag.kind is FlagKind.COURT_DATE}
    assert found == {None if day is None else date.fromisoformat(day)}


def test_a_time_limit_shows_its_day_and_computes_none() -> None:
    (flag,) = flagged("Putusan pengadilan tanggal 20 November 2026, 14 hari sejak itu")[:1]
    assert flag.kind is FlagKind.DEADLINE
    assert flag.day == date(2026, 11, 20)
    assert all("you have" not in rule.note and "until" not in rule.note for rule in RULES)


@given(st.integers(-400, 400))
def test_a_nearer_hearing_is_never_less_urgent(days: int) -> None:
    def urgency(ahead: int) -> Urgency:
        return urgency_of(f"sidang {SENT_ON + timedelta(days=ahead):%d/%m/%Y}")

    if days >= 1:
        assert urgency(days) <= urgency(days - 1)
    if days < 0:
        assert urgency(days) is Urgency.ROUTINE


def test_the_floor_is_the_maximum_in_any_order() -> None:
    assert floor() is Urgency.ROUTINE
    for some in permutations(Urgency, 3):
        assert floor(*some) is max(some)
        assert floor(floor(*some[:2]), some[2]) is floor(*some)


@given(st.text(max_size=200), st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1)))
def test_any_text_on_any_day_has_flags_within_it(text: str, sent_on: date) -> None:
    for flag in flags(text, sent_on=sent_on):
        assert 0 <= flag.start < flag.end <= len(text)


@given(st.sampled_from([text for _, _, text in SENTENCES]), st.sampled_from([text for _, _, text in SENTENCES]))
def test_another_sentence_lowers_nothing(text: str, other: str) -> None:
    assert urgency_of(f"{text}.\n{other}") >= urgency_of(text)


@pytest.mark.parametrize("at", [date.min, date.max])
def test_the_ends_of_the_calendar_are_no_fault(at: date) -> None:
    for when in ("besok", "kemarin", "Senin depan", "tanggal 3", "3 Desember", "tahun lalu", "bulan depan"):
        flags(f"sidang {when}", sent_on=at)


HOSTILE = {
    "one letter": "a",
    "no spaces": "ditahan",
    "events": "ditahan ",
    "dates": "sidang 3-12-26 ",
    "digits": "1",
    "digits and dashes": "1-",
    "gaps": "anak dibawa anak ",
    "half phrases": "dibawa saya yang dari ",
    "negations": "tidak belum bukan tidak ",
    "over": "ditahan sudah bebas ",
    "past": "dulu dulu dulu sidang ",
    "clauses": "dulu,dipukul,",
    "dots": ".",
    "quotes": "n't",
    "months": "3 desember tanggal ",
    "marks": "e\u0301",
    "spaces": " ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_with_the_length_of_hostile_text_alone(piece: str) -> None:
    def cpu_s(chars: int) -> float:
        text = (piece * chars)[:chars]
        times = []
        for _ in range(3):
            began_s = time.process_time()
            flagged(text)
            times.append(time.process_time() - began_s)
        return max(min(times), 1e-4)

    # Four times as long: four times the time if it is linear, sixteen times if it is quadratic.
    assert cpu_s(CHARS_MAX) / cpu_s(CHARS_MAX // 4) < 9


def test_a_flood_gives_few_flags() -> None:
    days = " ".join(f"sidang {SENT_ON + timedelta(days=day)}." for day in range(1_000))
    assert len(flagged("ditahan " * 5_000)) == 1
    assert len(flagged(days)) <= 40


def test_what_stands_behind_the_limit_is_not_read() -> None:
    assert flagged(" " * CHARS_MAX + "ditahan") == ()
