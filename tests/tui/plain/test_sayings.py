"""The line mode speaks both languages, and says nothing that only an eye understands."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from pathlib import Path

import pytest

import lhwa.tui.plain
from lhwa.tui.act_table import BY_ID
from lhwa.tui.plain.queues import QUEUES
from lhwa.tui.plain.sayings import BAHASA, ENGLISH, Sayings
from lhwa.tui.plain.vocabulary import ALIASES, KNOWN, WORDS
from tests.tui.hostile import active

PACKAGE = Path(lhwa.tui.plain.__file__).parent
NAMES = [each.name for each in fields(Sayings)]
SAME_IN_BOTH = {"secret", "enter", "of_kind"}


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_every_saying_with_the_same_values(name: str) -> None:
    english, bahasa = asdict(ENGLISH)[name], asdict(BAHASA)[name]
    assert english
    assert len(str(english).split("{}")) == len(str(bahasa).split("{}"))
    assert english != bahasa or name in SAME_IN_BOTH
    assert active(str(english) + str(bahasa)) == set()


def test_every_saying_is_said_somewhere() -> None:
    package_text = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py"))
    assert [name for name in NAMES if not re.search(rf"says\.{name}\b", package_text)] == []


def test_words_acts_and_queues_never_share_a_name() -> None:
    assert len({*KNOWN, *BY_ID}) == len(KNOWN) + len(BY_ID)
    assert not set(ALIASES) & {*KNOWN, *BY_ID}
    assert set(ALIASES.values()) <= set(KNOWN)


def test_every_word_is_explained_in_both_languages() -> None:
    assert all(word.english.strip() != word.bahasa.strip() for word in WORDS)
    assert set(QUEUES) == set(KNOWN) - {word.name for word in WORDS}
