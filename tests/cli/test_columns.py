from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lhwa.cli.columns import COLUMNS_MIN, SENTENCE_PLACES, aligned, fitted, places, utc_moment

ID = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
SENTENCE = "Mohon kirim dokumen sertifikat tanah kepada kantor kami pekan ini."
HEADINGS = ("id", "time", "what", "state", "by")
ROWS = ((ID, "22 Nov 20:05", SENTENCE, "pending_approval", "Rina Contoh"),)


def shown_at(width: int, *important: int) -> list[str]:
    order = list(dict.fromkeys((0, *important, *range(len(HEADINGS)))))
    return [HEADINGS[place] for place in fitted(HEADINGS, ROWS, width=width, order=order).shown]


def test_columns_stand_below_each_other_with_wide_characters() -> None:
    assert aligned([["名前", "b"], ["a", "c"]]) == ["名前  b", "a     c"]


@given(
    st.text(
        alphabet=st.one_of(
            st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), st.sampled_from("•…\u2013\u2014")
        )
    )
)
def test_the_quick_count_of_places_is_that_of_rich(text: str) -> None:
    assert places(text) == cell_len(text)


@pytest.mark.parametrize(
    ("width", "important", "shown"),
    [
        (200, (), ["id", "time", "what", "state", "by"]),
        (110, (), ["id", "time", "what", "state", "by"]),
        (100, (), ["id", "time", "what", "state"]),
        (80, (), ["id", "time", "what"]),
        (80, (3, 2), ["id", "what", "state"]),
        (80, (3, 4), ["id", "time", "state", "by"]),
        (40, (2,), ["id", "what"]),
        (10, (), ["id", "time"]),
    ],
)
def test_what_is_important_stays_on_a_narrow_terminal(width: int, important: tuple[int, ...], shown: list[str]) -> None:
    assert shown_at(width, *important) == shown


def test_room_that_is_left_goes_to_the_sentences() -> None:
    layout = fitted(HEADINGS, ROWS, width=120, order=range(5))
    assert layout.widths[:2] == (len(ID), len("22 Nov 20:05"))
    assert SENTENCE_PLACES < layout.widths[2] < len(SENTENCE)
    assert sum(layout.widths) + 3 * 5 + 1 == 120


def test_a_path_in_a_sentence_may_be_broken_and_an_id_may_not() -> None:
    path, named = f"in /home/{'x' * 90}", f"run lhwa approve {ID} now"
    assert fitted(("a", "b", "c"), [(ID, path, "x")], width=60, order=(0, 1, 2)).widths == (len(ID), 23, 1)
    assert fitted(("a", "b", "c"), [(ID, "x", named)], width=62, order=(0, 1, 2)).shown == (0, 1)
    assert fitted(("a", "b", "c"), [(ID, "x", named)], width=63, order=(0, 1, 2)).widths == (len(ID), 1, len(ID))


CELLS = st.text(alphabet="ab c", max_size=60)


@given(
    rows=st.lists(st.tuples(*[CELLS] * 4), min_size=1, max_size=4),
    width=st.integers(12, 200),
    order=st.permutations(range(4)),
)
def test_a_table_is_never_wider_than_the_terminal(rows: list[tuple[str, ...]], width: int, order: list[int]) -> None:
    layout = fitted("wxyz", rows, width=width, order=order)
    assert sum(layout.widths) + 3 * len(layout.shown) + 1 <= width
    assert set(order[:COLUMNS_MIN]) <= set(layout.shown)
    assert list(layout.shown) == sorted(layout.shown)


@given(
    rows=st.lists(st.tuples(*[st.text(alphabet="ab", max_size=30)] * 4), min_size=1, max_size=4),
    width=st.integers(70, 200),
)
def test_what_has_no_blank_is_never_broken(rows: list[tuple[str, ...]], width: int) -> None:
    layout = fitted("wxyz", rows, width=width, order=range(4))
    for place, room in zip(layout.shown, layout.widths, strict=True):
        assert room >= max(len(row[place]) for row in rows)


def test_a_stored_time_has_a_short_form() -> None:
    moment = utc_moment("2026-11-22T13:05:07.123456Z")
    assert (str(moment), moment.short) == ("2026-11-22 13:05:07", "11-22 13:05")
