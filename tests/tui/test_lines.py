from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lhwa.tui.lines import Span, cut, fitted, many_lines, one_line, plain, sides, width_of, wrapped
from tests.tui.hostile import active, any_text, hostile

widths = st.integers(0, 60)
safe_lines = hostile.map(lambda text: one_line(text, chars_max=200))
safe_texts = hostile.map(lambda text: many_lines(text[:600]))
spans = st.lists(st.builds(Span, safe_lines), max_size=4).map(tuple)


def visible(text: str) -> str:
    return "".join(text.split())


def test_a_sign_is_as_wide_in_every_terminal_as_it_is_counted() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f \U0001f44d\U0001f3fd"
    assert one_line(family) == many_lines(family) == "\U0001f468\U0001f469\U0001f467 \u2764 \U0001f44d"


@given(text=hostile)
def test_what_is_laid_out_is_as_wide_as_its_signs(text: str) -> None:
    line = one_line(text)
    assert cell_len(line) == sum(map(cell_len, line))


@given(text=hostile, chars_max=st.integers(1, 60))
def test_one_line_is_one_line_without_anything_active(text: str, chars_max: int) -> None:
    line = one_line(text, chars_max=chars_max)
    assert len(line) <= chars_max
    assert active(line) == set()


@given(text=hostile)
def test_many_lines_have_nothing_active_but_line_breaks(text: str) -> None:
    assert active(many_lines(text)) <= {"\n"}


@given(line=spans, width=widths)
def test_a_fitted_line_is_exactly_as_wide_as_there_is_room(line: tuple[Span, ...], width: int) -> None:
    assert width_of(fitted(line, width)) == width


@given(line=spans)
def test_a_line_that_fits_stays_as_it_is(line: tuple[Span, ...]) -> None:
    assert plain(fitted(line, width_of(line) + 3)) == plain(line) + "   "


@given(text=safe_lines, width=widths)
def test_a_cut_text_is_no_wider_than_asked_and_says_that_something_is_missing(text: str, width: int) -> None:
    shown = cut(text, width)
    assert cell_len(shown) <= width
    assert shown == text or not width or shown.endswith("…")


@given(left=spans, right=spans, width=widths)
def test_a_line_with_two_ends_is_as_wide_as_there_is_room(
    left: tuple[Span, ...], right: tuple[Span, ...], width: int
) -> None:
    line = sides(left, right, width)
    assert width_of(line) == width
    if width_of(right) < width:
        assert plain(line).endswith(plain(right))


@given(text=safe_texts, width=st.integers(2, 60))
def test_no_wrapped_line_is_wider_than_there_is_room(text: str, width: int) -> None:
    assert max(map(cell_len, wrapped(text, width)), default=0) <= width


@given(text=st.one_of(safe_texts, any_text.map(many_lines)), width=st.integers(1, 60))
def test_wrapping_loses_nothing_that_can_be_seen(text: str, width: int) -> None:
    assert visible("".join(wrapped(text, width))) == visible(text)


@given(words=st.lists(st.text("abc", min_size=1, max_size=30), max_size=9), width=st.integers(1, 40))
def test_words_are_never_run_together(words: list[str], width: int) -> None:
    text = " ".join(words)
    pieces = list(wrapped(text, width))
    # Each piece is a stretch of the text; what lies between two is one blank, or nothing inside a long word.
    place = 0
    for piece in pieces:
        assert text.startswith(piece, place) or text.startswith(piece, place + 1)
        place = text.index(piece, place) + len(piece)
    assert place == len(text)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("satu dua", 8, ["satu dua"]),
        ("satu dua", 7, ["satu", "dua"]),
        ("satu\n\ndua", 9, ["satu", "", "dua"]),
        ("sepuluhhuruf x", 8, ["sepuluhh", "uruf x"]),
        ("宽宽宽", 5, ["宽宽", "宽"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
    ],
)
def test_wrapping(text: str, width: int, lines: list[str]) -> None:
    assert list(wrapped(text, width)) == lines


def test_a_wide_sign_is_not_cut_in_two() -> None:
    assert cut("a宽宽", 3) == "a …"
