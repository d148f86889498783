"""Positions lie in clear, so they hold plain words only."""

from __future__ import annotations

import pytest

from lhwa.normalizer.positions import UNNAMED, at_index, at_key


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("messages", "value.messages"),
        ("message_echoes", "value.message_echoes"),
        ("", f"value{UNNAMED}"),
        ("6281230001111", f"value{UNNAMED}"),
        ("n6281230001111", f"value{UNNAMED}"),
        ("Rina Contoh", f"value{UNNAMED}"),
        ("\x1b]0;x", f"value{UNNAMED}"),
        ("kunci\u202e", f"value{UNNAMED}"),
        ("k" * 65, f"value{UNNAMED}"),
    ],
)
def test_only_a_short_plain_word_is_written_out(key: str, shown: str) -> None:
    assert at_key("value", key) == shown


def test_a_position_begins_without_a_dot_and_counts_in_brackets() -> None:
    assert at_index(at_key("", "entry"), 2) == "entry[2]"
