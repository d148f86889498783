from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.errors import UsageError
from lhwa.services.inbox.filters import FILTER_WORDS, ThreadFilter, parse_filter


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ThreadFilter()),
        ("   ", ThreadFilter()),
        ("tanah  warisan", ThreadFilter(text="tanah warisan")),
        ('"jam: 10"', ThreadFilter(text="jam: 10")),
        ("jam 10:30", ThreadFilter(text="jam 10:30")),
        ("is:unread IS:Mine", ThreadFilter(unread=True, mine=True)),
        ('from:"Contoh Klien" sewa', ThreadFilter(sender="Contoh Klien", text="sewa")),
        ("from:Contoh from:Klien", ThreadFilter(sender="Contoh Klien")),
        ("from:+62812-3000-1111", ThreadFilter(sender="+62812-3000-1111")),
        ("state:open state:in_doubt", ThreadFilter(states=frozenset({"open", "in_doubt"}))),
        ("matter:01kan5t9", ThreadFilter(matter="01KAN5T9")),
        ('from:"Contoh', ThreadFilter(sender="Contoh")),
    ],
)
def test_what_is_typed_is_understood(typed: str, meant: ThreadFilter) -> None:
    assert parse_filter(typed) == meant


@pytest.mark.parametrize(
    "typed", ["foo:bar", "state:asleep", "is:late", "from:", 'from:""', "is: unread", "matter:A1 matter:B2", "http://x"]
)
def test_a_word_that_is_not_known_is_refused_with_those_that_are(typed: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_filter(typed)
    assert refused.value.hint
    assert "bar" not in str(refused.value)


def test_every_word_that_help_names_is_understood() -> None:
    for word in FILTER_WORDS:
        assert parse_filter(word + "01KAN5" if word.endswith(":") else word) != ThreadFilter()


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_filter_or_refused(typed: str) -> None:
    try:
        found = parse_filter(typed)
    except UsageError:
        return
    assert (
        found.reads_content
        or found.states
        or found.unread
        or found.mine
        or found.matter
        or not typed.replace('"', " ").strip()
    )


def test_a_filter_shows_nothing_of_what_is_looked_for() -> None:
    assert "Contoh" not in repr(parse_filter("from:Contoh Klien"))
