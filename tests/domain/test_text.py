from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.text import safe_text

BIDI = {"\u061c", "\u200e", "\u200f", *(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))}
JOINERS = {"\u200c", "\u200d"}
_any_text = st.text(st.characters(exclude_categories=[]))


def is_active(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in JOINERS) or character in BIDI


@given(text=_any_text)
def test_nothing_active_comes_through(text: str) -> None:
    assert not {character for character in safe_text(text) if is_active(character)} - {"\n", "\t"}
    assert not any(is_active(character) for character in safe_text(text, newlines=False))


@given(text=_any_text)
def test_the_result_can_be_written_anywhere(text: str) -> None:
    safe_text(text).encode("utf-8")


@given(text=_any_text, newlines=st.booleans())
def test_what_is_safe_stays_as_it_is(text: str, *, newlines: bool) -> None:
    once = safe_text(text, newlines=newlines)
    assert safe_text(once, newlines=newlines) == once


@given(text=_any_text, chars_max=st.integers(1, 30))
def test_a_cut_text_is_no_longer_than_asked(text: str, chars_max: int) -> None:
    assert len(safe_text(text, chars_max=chars_max)) <= chars_max


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Selamat siang", "Selamat siang"),
        ("baris\nkedua\tkolom", "baris\nkedua\tkolom"),
        ("\x1b]52;c;aGk=\x07", "\u241b]52;c;aGk=\u2407"),
        ("\x1b[2J", "\u241b[2J"),
        ("\x9b2J", "<U+009B>2J"),
        ("a\x7fb", "a\u2421b"),
        ("a\x00b", "a\u2400b"),
        ("\r\n", "\u240d\n"),
        ("fdp\u202ecod.exe", "fdp<U+202E>cod.exe"),
        ("\u2066x\u2069", "<U+2066>x<U+2069>"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("a\u2028b", "a<U+2028>b"),
        ("\U000e0041tag", "<U+E0041>tag"),
        ("lone \ud800", "lone <U+D800>"),
        ("\ue000", "<U+E000>"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("[bold]tag[/]", "[bold]tag[/]"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_active_characters_become_visible(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_one_line_places_get_one_line() -> None:
    assert safe_text("a\nb\tc", newlines=False) == "a\u240ab\u2409c"


@pytest.mark.parametrize("between", ["", "\u200d", "\u200c"], ids=["plain", "with ZWJ", "with ZWNJ"])
def test_marks_cannot_be_piled_up(between: str) -> None:
    shown = safe_text("a" + (between + "\u0301") * 50)
    assert shown.count("\u0301") == 4


def test_marks_of_each_letter_are_counted_anew() -> None:
    assert safe_text("e\u0301" * 20) == "e\u0301" * 20
