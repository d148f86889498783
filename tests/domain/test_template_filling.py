from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lhwa.domain.outbound import ButtonParameter, Media, Parameter
from lhwa.domain.template_filling import (
    example_values,
    fill,
    parameter_findings,
    render,
    value_keys,
    values_of,
)
from lhwa.domain.template_lint.values import SHAPE_CHARS_MAX, shape_of
from lhwa.domain.templates import (
    Button,
    ButtonKind,
    Category,
    Header,
    HeaderFormat,
    ParameterFormat,
    Template,
    body_variables,
)
from lhwa.errors import UsageError
from tests.domain.template_samples import CODE, PLAIN, templates, text_templates

_K = ButtonKind
LINK = Button(kind=_K.URL, text="Lihat", url="https://contoh.example.id/m/{{1}}", example="abc")
NAMED = replace(
    PLAIN,
    parameter_format=ParameterFormat.NAMED,
    header=Header(format=HeaderFormat.TEXT, text="Perkara {{nomor}}"),
    body="Yth. {{nama}}, perkara {{nomor}} diperbarui.",
    buttons=(Button(kind=_K.QUICK_REPLY, text="Ya"), LINK, Button(kind=_K.COPY_CODE, example="KODE")),
    examples={"nama": "Contoh", "nomor": "42"},
)
VALUES = {"nama": "Contoh Klien", "nomor": "42/2026", "button.1": "a%20b", "button.2": "KODE-0001"}


def rules(template: Template, values: dict[str, str]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.place) for finding in parameter_findings(template, values)]


def test_named_values_carry_their_names_and_buttons_their_places() -> None:
    filled = fill(NAMED, VALUES)
    assert (filled.name, filled.language) == ("jam_kerja", "id")
    assert filled.header == (Parameter(value="42/2026", name="nomor"),)
    assert filled.body == (Parameter(value="Contoh Klien", name="nama"), Parameter(value="42/2026", name="nomor"))
    assert filled.buttons == (
        ButtonParameter(index=1, sub_type="url", value="a%20b"),
        ButtonParameter(index=2, sub_type="copy_code", value="KODE-0001"),
    )


def test_ten_comes_after_nine() -> None:
    numbers = [str(number) for number in range(1, 12)]
    template = replace(PLAIN, body=" ".join(f"kata {{{{{number}}}}} kata" for number in sorted(numbers)))
    filled = fill(template, {number: f"nilai {number}" for number in reversed(numbers)})
    assert filled.body == tuple(Parameter(value=f"nilai {number}") for number in numbers)


def test_the_header_and_the_body_have_numbers_of_their_own() -> None:
    template = replace(PLAIN, header=Header(format=HeaderFormat.TEXT, text="Perkara {{1}}"), body="Yth. {{1}} hadir.")
    filled = fill(template, {"header.1": "42", "1": "Contoh"})
    assert (filled.header, filled.body) == ((Parameter(value="42"),), (Parameter(value="Contoh"),))


def test_a_code_goes_into_body_and_button() -> None:
    filled = fill(CODE, {"code": "123456"})
    assert filled.body == (Parameter(value="123456"),)
    assert filled.buttons == (ButtonParameter(index=0, sub_type="url", value="123456"),)
    shown = render(CODE, {"code": "123456"})
    assert shown.body == "123456 adalah kode verifikasi Anda. Demi keamanan, jangan bagikan kode ini."
    assert shown.footer == "Kode ini kedaluwarsa dalam 10 menit."


def test_a_file_goes_into_its_header() -> None:
    template = replace(PLAIN, header=Header(format=HeaderFormat.DOCUMENT, media_example="x.pdf"))
    filled = fill(template, {"header.media": "910", "header.filename": "tagihan.pdf"})
    assert filled.header_media == Media(media="document", media_id="910", filename="tagihan.pdf")
    assert rules(template, {}) == [("value-missing", "header.media")]
    assert render(template, {"header.filename": "tagihan.pdf"}).header == "[document: tagihan.pdf]"


@pytest.mark.parametrize(("form", "kind"), [(HeaderFormat.IMAGE, "image"), (HeaderFormat.VIDEO, "video")])
def test_pictures_and_films_have_no_name(form: HeaderFormat, kind: Literal["image", "video"]) -> None:
    template = replace(PLAIN, header=Header(format=form, media_example="x"))
    assert fill(template, {"header.media": "910"}).header_media == Media(media=kind, media_id="910")
    assert rules(template, {"header.media": "910", "header.filename": "x.jpg"}) == [("value-unknown", "values")]


def test_the_payload_of_a_quick_reply_may_be_left_out() -> None:
    template = replace(PLAIN, buttons=(Button(kind=_K.QUICK_REPLY, text="Ya"),))
    assert fill(template, {}).buttons == ()
    assert fill(template, {"button.0": "hadir:42"}).buttons == (
        ButtonParameter(index=0, sub_type="quick_reply", value="hadir:42"),
    )


@pytest.mark.parametrize(
    ("label", "template", "values", "expected"),
    [
        ("missing", NAMED, {"nomor": "42"}, ["value-missing"] * 3),
        ("unknown", PLAIN, {"nama": "Contoh"}, ["value-unknown"]),
        ("empty", NAMED, VALUES | {"nama": ""}, ["value-empty"]),
        ("blank", NAMED, VALUES | {"nama": "  "}, ["value-empty"]),
        ("line break", NAMED, VALUES | {"nama": "a\nb"}, ["value-line"]),
        ("tab", NAMED, VALUES | {"nama": "a\tb"}, ["value-line"]),
        ("line separator", NAMED, VALUES | {"nama": "a\u2028b"}, ["value-line"]),
        ("four spaces", NAMED, VALUES | {"nama": "a    b"}, []),
        ("five spaces", NAMED, VALUES | {"nama": "a     b"}, ["value-spaces"]),
        ("five wide spaces", NAMED, VALUES | {"nama": "a\u00a0\u00a0 \u2003 b"}, ["value-spaces"]),
        ("escape", NAMED, VALUES | {"nama": "a\x1bb"}, ["value-control"]),
        ("lone surrogate", NAMED, VALUES | {"nama": "a\ud800b"}, ["value-control"]),
        ("long body", NAMED, VALUES | {"nama": "x" * 1_000}, ["body-length"]),
        ("long header", NAMED, VALUES | {"nomor": "x" * 60}, ["header-length"]),
        ("space in a link", NAMED, VALUES | {"button.1": "a b"}, ["url-unsafe"]),
        ("half an escape", NAMED, VALUES | {"button.1": "a%2"}, ["url-unsafe"]),
        ("letter outside ASCII", NAMED, VALUES | {"button.1": "é"}, ["url-unsafe"]),
        ("long link", NAMED, VALUES | {"button.1": "x" * 2_000}, ["url-length"]),
        ("20 characters of code", NAMED, VALUES | {"button.2": "x" * 20}, []),
        ("21 characters of code", NAMED, VALUES | {"button.2": "x" * 21}, ["button-value-length"]),
        ("long payload", NAMED, VALUES | {"button.0": "x" * 129}, ["button-value-length"]),
        ("15 of a one-time code", CODE, {"code": "x" * 15}, []),
        ("16 of a one-time code", CODE, {"code": "x" * 16}, ["code-length"]),
        ("a one-time code of words", CODE, {"code": "satu dua"}, ["code-characters"]),
        ("no one-time code", CODE, {}, ["value-missing"]),
        ("a map", replace(PLAIN, header=Header(format=HeaderFormat.LOCATION)), {}, ["header-location"]),
    ],
)
def test_values_that_meta_refuses_are_found(
    label: str, template: Template, values: dict[str, str], expected: list[str]
) -> None:
    assert [rule for rule, _ in rules(template, values)] == expected, label
    if expected:
        with pytest.raises(UsageError) as refused:
            fill(template, values)
        assert refused.value.hint


SECRET = "Rahasia klien bernama Contoh"


@pytest.mark.parametrize("value", [SECRET + "\n" + SECRET, SECRET + "     x", SECRET + "\x1b", SECRET * 40])
def test_no_finding_and_no_error_says_what_the_value_was(value: str) -> None:
    values = VALUES | {"nama": value, SECRET: SECRET}
    for finding in parameter_findings(NAMED, values):
        assert "Rahasia" not in str(finding)
    with pytest.raises(UsageError) as refused:
        fill(NAMED, values)
    assert "Rahasia" not in f"{refused.value} {refused.value.hint}"
    assert "Rahasia" not in repr(render(NAMED, values))


def test_the_mend_shows_the_shape_of_the_collapsed_value() -> None:
    (finding,) = parameter_findings(NAMED, VALUES | {"nama": "Senin  10.00\n\tJl. Contoh"})
    assert finding.mend == "Write it as one line with single spaces, in the shape `xxxxx 99.99 xx. xxxxxx`."


@given(value=st.text())
@settings(max_examples=60)
def test_a_shape_is_short_and_says_nothing(value: str) -> None:
    assert len(shape_of(value)) <= SHAPE_CHARS_MAX
    assert set(shape_of(value)) <= set("x9? .,:;-/()…")


def test_braces_inside_a_value_stay_as_they_are() -> None:
    shown = render(NAMED, VALUES | {"nama": "{{nomor}}"})
    assert shown.body == "Yth. {{nomor}}, perkara 42/2026 diperbarui."


def test_a_variable_without_a_value_still_stands() -> None:
    shown = render(NAMED, {})
    assert (shown.header, shown.body) == ("Perkara {{nomor}}", NAMED.body)
    assert shown.buttons[1].holds == "https://contoh.example.id/m/{{1}}"


@given(template=templates())
@settings(max_examples=80)
def test_the_examples_of_a_template_fill_it(template: Template) -> None:
    values = example_values(template)
    for key, is_needed in value_keys(template).items():
        if is_needed:
            values.setdefault(key, "910")
    assume(template.header is None or template.header.format is not HeaderFormat.LOCATION)
    assert [rule for rule, _ in rules(template, values) if rule != "header-length"] == []


_values = st.one_of(
    st.text(max_size=30),
    st.text(st.sampled_from("aé \n\t%2F/é"), max_size=12),
    st.integers(0, 1_100).map(lambda count: "x" * count),
)


@given(template=text_templates(), drawn=st.data())
@settings(max_examples=120)
def test_whatever_passes_stays_within_every_limit(template: Template, drawn: st.DataObject) -> None:
    values = {
        key: drawn.draw(_values)
        for key, is_needed in value_keys(template).items()
        if is_needed or drawn.draw(st.booleans())
    }
    if parameter_findings(template, values):
        with pytest.raises(UsageError):
            fill(template, values)
        return
    shown, filled = render(template, values), fill(template, values)
    assert len(shown.body) <= 1_024
    assert len(shown.header or "") <= 60 or template.header_text is None
    assert all(len(button.text) <= 25 and len(button.holds) <= 2_000 for button in shown.buttons)
    assert all(parameter.value.strip() for parameter in (*filled.header, *filled.body))
    assert all(not set("\n\t") & set(parameter.value) for parameter in (*filled.header, *filled.body))
    assert all(button.value.isascii() for button in filled.buttons if button.sub_type == "url")
    assert len(filled.body) == len(body_variables(template))


@given(template=templates())
def test_the_values_of_a_message_are_those_that_it_was_filled_with(template: Template) -> None:
    values = example_values(template)
    assume(not parameter_findings(template, values))
    assert values_of(template, fill(template, values)) == values


def test_a_template_that_changed_since_shows_in_its_values() -> None:
    before = Template(name="janji", language="id", category=Category.UTILITY, body="Halo {{1}}, besok {{2}} ya.")
    after = replace(before, body="Halo {{1}}, sampai jumpa besok ya.")
    values = values_of(after, fill(before, {"1": "Rina", "2": "pukul sembilan"}))
    assert values == {"1": "Rina", "2": "pukul sembilan"}
    assert parameter_findings(after, values)
