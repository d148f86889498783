"""Which files of a folder count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.edited_files import is_edited_file


@pytest.mark.parametrize("name", ["janji.yaml", "janji.yml", "a.b.yaml", "surat tagihan.yaml"])
def test_a_yaml_file_counts(name: str) -> None:
    assert is_edited_file(name)


@pytest.mark.parametrize(
    "name",
    [
        ".janji.yaml.swp",
        ".janji.yaml",
        "janji.yaml~",
        "#janji.yaml#",
        ".#janji.yaml",
        "janji.yaml.bak",
        "janji.yaml___jb_tmp___",
        "4913",
        "sedA1b2C3",
        "janji.yaml.part",
        "",
    ],
)
def test_what_editors_leave_beside_it_does_not(name: str) -> None:
    assert not is_edited_file(name)


@given(st.text(max_size=20))
def test_a_hidden_file_never_counts(name: str) -> None:
    assert not is_edited_file(f".{name}.yaml")
