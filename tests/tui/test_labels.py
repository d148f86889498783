from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

import lhwa.tui
from lhwa.tui.act_table import ACTS
from lhwa.tui.labels import BAHASA, ENGLISH, LANGUAGES, names
from tests.tui.hostile import active

PACKAGE = Path(lhwa.tui.__file__).parent
SAME_IN_BOTH = {"audit"}
BY_NAME = {"top"}
"""Asked for by the name of a place."""


def _values(text: str) -> list[str]:
    return re.findall(r"\{[^}]*\}", text)


@pytest.mark.parametrize("name", names())
def test_both_languages_have_every_label_with_the_same_values(name: str) -> None:
    english, bahasa = asdict(ENGLISH)[name], asdict(BAHASA)[name]
    assert english.strip()
    assert bahasa.strip()
    assert _values(english) == _values(bahasa)
    assert set(_values(english)) <= {"{}"}
    assert english != bahasa or name in SAME_IN_BOTH
    assert active(english + bahasa) == set()


def test_a_language_is_known_by_its_code() -> None:
    assert {code: labels.code for code, labels in LANGUAGES.items()} == {"en": "en", "id": "id"}


def test_every_label_is_used_somewhere() -> None:
    package_text = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    unused = [name for name in names() if name not in BY_NAME and not re.search(rf"labels\.{name}\b", package_text)]
    assert unused == []


def test_every_act_and_each_of_its_fields_has_a_name_in_both_languages() -> None:
    for act in ACTS:
        for label in (act.label, *(field.label for field in act.fields)):
            assert label("en").strip()
            assert label("id").strip()
        assert act.label("en") != act.label("id")
