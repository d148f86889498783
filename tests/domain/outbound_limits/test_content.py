from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.outbound import Text
from lhwa.domain.outbound_limits import content_findings


def rules(text: str) -> list[str]:
    return [finding.rule for finding in content_findings(Text(body=text))]


@pytest.mark.parametrize(
    "text", ["Selamat siang.", "dua\nbaris", "a\tb", "👩🏽\u200d⚖️ مرحبا עברית", "Yth. Ibu, salam ✅"]
)
def test_what_people_write_passes(text: str) -> None:
    assert rules(text) == []


@pytest.mark.parametrize("text", ["a\x1b[31mred", "bell\x07", "nul\x00", "x\udcff", "cr\r\nlf", "c1\x9b"])
def test_control_characters_do_not_leave(text: str) -> None:
    assert rules(text) == ["text-control"]


@given(text=st.text(min_size=1, max_size=200))
def test_a_finding_never_quotes_the_text(text: str) -> None:
    for finding in content_findings(Text(body=f"RAHASIA {text}")):
        assert "RAHASIA" not in f"{finding.place} {finding.hint}"
