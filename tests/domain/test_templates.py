from __future__ import annotations

from dataclasses import replace

import pytest

from lhwa.domain.templates import (
    Button,
    ButtonKind,
    Header,
    HeaderFormat,
    ParameterFormat,
    body_variables,
    format_of,
    header_variables,
    link_prefix,
    variables_in,
)
from tests.domain.template_samples import PLAIN


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("Halo {{nama}}, {{waktu}}, {{nama}}", ("nama", "waktu")),
        ("{{1}}{{2}}", ("1", "2")),
        ("{{ 1 }} {{#}}", (" 1 ", "#")),
        ("{{a{b}}", ()),
        ("{nama} {{nama}", ()),
        ("{{{{1}}}}", ("1",)),
    ],
)
def test_variables_are_what_two_braces_enclose(text: str, names: tuple[str, ...]) -> None:
    assert variables_in(text) == names


def test_numbered_variables_go_by_number_and_not_as_text() -> None:
    template = replace(PLAIN, body=" ".join(f"kata {{{{{number}}}}} kata" for number in (10, 9, 1, 2, 11)))
    assert body_variables(template) == ("1", "2", "9", "10", "11")


def test_named_variables_go_as_they_stand() -> None:
    assert body_variables(replace(PLAIN, body="x {{waktu}} y {{nama}} z")) == ("waktu", "nama")


def test_the_header_counts_on_its_own() -> None:
    def keys(text: str) -> dict[str, str]:
        return header_variables(replace(PLAIN, header=Header(format=HeaderFormat.TEXT, text=text)))

    assert keys("Perkara {{1}}") == {"1": "header.1"}
    assert keys("Perkara {{nomor}}") == {"nomor": "nomor"}
    assert header_variables(PLAIN) == {}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("tanpa",), ParameterFormat.POSITIONAL),
        (("{{1}}", "{{2}}"), ParameterFormat.POSITIONAL),
        (("", "{{nama}}"), ParameterFormat.NAMED),
        (("{{01}}",), ParameterFormat.NAMED),
        (("{{" + "9" * 5_000 + "}}",), ParameterFormat.NAMED),
    ],
)
def test_the_format_follows_from_the_variables(texts: tuple[str, ...], expected: ParameterFormat) -> None:
    assert format_of(*texts) is expected


def test_the_prefix_of_a_link_is_what_stands_before_its_variable() -> None:
    assert link_prefix(Button(kind=ButtonKind.URL, url="https://x.example.id/m/{{1}}")) == "https://x.example.id/m/"
    assert link_prefix(Button(kind=ButtonKind.URL, url="https://x.example.id")) == "https://x.example.id"
