from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.template_wire import Difference, differences, from_wire, to_wire
from lhwa.domain.templates import Button, ButtonKind, Category, Header, HeaderFormat, ParameterFormat, Template
from lhwa.errors import PoisonError
from tests.domain.template_samples import CODE, PLAIN, templates, text_templates

_K = ButtonKind
POSITIONAL = replace(
    PLAIN,
    header=Header(format=HeaderFormat.TEXT, text="Perkara {{1}} diperbarui"),
    body="Halo {{1}}, jadwal Anda {{2}}. Balas bila berhalangan.",
    examples={"header.1": "42/2026", "1": "Contoh", "2": "Senin 10.00"},
)
NAMED = replace(
    PLAIN,
    parameter_format=ParameterFormat.NAMED,
    header=Header(format=HeaderFormat.TEXT, text="Perkara {{case_no}} diperbarui"),
    body="Halo {{client_name}}, jadwal Anda {{slot}}. Balas bila berhalangan.",
    footer="Kantor Hukum Contoh",
    examples={"case_no": "42/2026", "client_name": "Contoh", "slot": "Senin 10.00"},
    buttons=(
        Button(kind=_K.QUICK_REPLY, text="Konfirmasi"),
        Button(kind=_K.URL, text="Lihat", url="https://x.example.id/m/{{1}}", example="abc"),
        Button(kind=_K.PHONE_NUMBER, text="Telepon", phone_number="+622150001234"),
    ),
)
CODE_READ_BACK: dict[str, Any] = {
    "name": "kode",
    "language": "id",
    "status": "APPROVED",
    "category": "AUTHENTICATION",
    "id": "7001002003",
    "parameter_format": "POSITIONAL",
    "message_send_ttl_seconds": 600,
    "components": [
        {
            "type": "BODY",
            "text": "*{{1}}* adalah kode verifikasi Anda.",
            "add_security_recommendation": True,
            "example": {"body_text": [["123456"]]},
        },
        {"type": "FOOTER", "text": "Kode ini kedaluwarsa dalam 10 menit.", "code_expiration_minutes": 10},
        {
            "type": "BUTTONS",
            "buttons": [
                {
                    "type": "URL",
                    "text": "Salin kode",
                    "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                    "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"],
                }
            ],
        },
    ],
}


def over_the_wire(template: Template) -> Template:
    return from_wire(json.loads(json.dumps(to_wire(template))))


@given(template=templates())
@settings(max_examples=120)
def test_what_is_written_reads_back_the_same(template: Template) -> None:
    assert over_the_wire(template) == template
    assert differences(template, over_the_wire(template)) == []


def test_positional_examples_are_flat_in_the_header_and_nested_in_the_body() -> None:
    header, body = to_wire(POSITIONAL)["components"]
    assert header["example"] == {"header_text": ["42/2026"]}
    assert body["example"] == {"body_text": [["Contoh", "Senin 10.00"]]}


def test_named_examples_are_pairs_and_the_format_is_stated() -> None:
    wire = to_wire(NAMED)
    assert wire["parameter_format"] == "NAMED"
    assert wire["components"][0]["example"] == {
        "header_text_named_params": [{"param_name": "case_no", "example": "42/2026"}]
    }
    assert wire["components"][1]["example"]["body_text_named_params"][1] == {
        "param_name": "slot",
        "example": "Senin 10.00",
    }
    assert wire["components"][2] == {"type": "FOOTER", "text": "Kantor Hukum Contoh"}
    assert wire["components"][3]["buttons"][1] == {
        "type": "URL",
        "text": "Lihat",
        "url": "https://x.example.id/m/{{1}}",
        "example": ["https://x.example.id/m/abc"],
    }


def test_the_handle_of_an_upload_stands_in_for_the_sample_file() -> None:
    template = replace(PLAIN, header=Header(format=HeaderFormat.DOCUMENT, media_example="contoh.pdf"))
    (header, _) = to_wire(template, header_handle="4::abc")["components"]
    assert header == {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": ["4::abc"]}}


def test_a_code_is_created_as_otp_without_any_text() -> None:
    assert to_wire(CODE)["components"] == [
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 10},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Salin kode", "otp_type": "COPY_CODE"}]},
    ]


def test_a_code_read_back_as_a_link_is_no_difference() -> None:
    assert differences(CODE, from_wire(CODE_READ_BACK)) == []
    assert differences(replace(CODE, buttons=(Button(kind=_K.OTP),)), from_wire(CODE_READ_BACK)) == []


def _shuffled(wire: dict[str, Any]) -> dict[str, Any]:
    return {key: wire[key] for key in reversed(wire)}


@pytest.mark.parametrize(
    ("label", "file", "change"),
    [
        ("order of keys", NAMED, _shuffled),
        ("order of components", NAMED, lambda wire: wire | {"components": wire["components"][::-1]}),
        (
            "status and id",
            NAMED,
            lambda wire: wire | {"status": "APPROVED", "id": "7", "quality_score": {"score": "X"}},
        ),
        ("default lifetime", PLAIN, lambda wire: wire | {"message_send_ttl_seconds": 2_592_000}),
        ("month in Meta's word", PLAIN, lambda wire: wire | {"message_send_ttl_seconds": -1}),
        ("no format", PLAIN, lambda wire: {key: wire[key] for key in wire if key != "parameter_format"}),
        ("no format, named", NAMED, lambda wire: {key: wire[key] for key in wire if key != "parameter_format"}),
        ("format without variables", PLAIN, lambda wire: wire | {"parameter_format": "NAMED"}),
        ("language with a hyphen", replace(PLAIN, language="en_US"), lambda wire: wire | {"language": "en-US"}),
        ("small letters", PLAIN, lambda wire: wire | {"category": "utility"}),
    ],
)
def test_what_meta_does_by_itself_is_no_difference(label: str, file: Template, change: Any) -> None:
    assert differences(file, from_wire(change(to_wire(file)))) == [], label


def test_metas_own_words_on_a_button_are_no_difference() -> None:
    file = replace(PLAIN, buttons=(Button(kind=_K.COPY_CODE, example="KODE-1"), Button(kind=_K.REQUEST_CONTACT_INFO)))
    wire = to_wire(file)
    first, second = wire["components"][-1]["buttons"]
    first |= {"text": "Copy offer code", "example": ["KODE-1"]}
    second |= {"text": "Share"}
    assert differences(file, from_wire(wire)) == []


def test_examples_that_meta_does_not_repeat_are_no_difference() -> None:
    wire = to_wire(NAMED)
    for component in wire["components"]:
        component.pop("example", None)
    del wire["components"][-1]["buttons"][1]["example"]
    assert differences(NAMED, from_wire(wire)) == []


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        (replace(NAMED, category=Category.MARKETING), [Difference("category", "UTILITY", "MARKETING")]),
        (replace(NAMED, footer=None), [Difference("footer", "Kantor Hukum Contoh", None)]),
        (replace(NAMED, buttons=NAMED.buttons[:2]), ["buttons[2].type", "buttons[2].text", "buttons[2].phone_number"]),
        (replace(NAMED, header=None), ["header.type", "header"]),
        (replace(NAMED, message_send_ttl_seconds=60), [Difference("message_send_ttl_seconds", "2592000", "60")]),
        (replace(NAMED, unknown_parts=("CAROUSEL",)), [Difference("unknown_parts", None, "CAROUSEL")]),
        (replace(NAMED, examples={**NAMED.examples, "slot": "Rabu"}), ["examples.slot"]),
        (replace(NAMED, purpose="lain", notes="lain"), []),
    ],
)
def test_a_difference_names_its_place_and_both_values(meta: Template, expected: list[Difference | str]) -> None:
    found = differences(NAMED, meta)
    assert [each.place if isinstance(wanted, str) else each for each, wanted in zip(found, expected, strict=True)] == (
        expected
    )


@given(template=text_templates())
@settings(max_examples=40)
def test_a_changed_body_is_one_difference(template: Template) -> None:
    meta = replace(over_the_wire(template), body=template.body + " tambahan")
    assert [each.place for each in differences(template, meta)] == ["body"]


def test_parts_that_are_new_are_named_and_not_lost() -> None:
    read = from_wire(
        {
            "name": "x",
            "language": "id",
            "category": "NEWS",
            "components": [
                {"type": "CAROUSEL", "cards": []},
                {"type": "HEADER", "format": "HOLOGRAM"},
                {"type": "BUTTONS", "buttons": [{"type": "MPM"}, {"type": "QUICK_REPLY", "text": "Ya"}]},
            ],
        }
    )
    assert read.category is Category.OTHER
    assert read.unknown_parts == ("CAROUSEL", "HEADER HOLOGRAM", "buttons[0] MPM")
    assert read.buttons == (Button(kind=_K.QUICK_REPLY, text="Ya"),)


@pytest.mark.parametrize("wire", [{}, {"name": "x"}, {"language": "id"}, {"name": None, "language": "id"}])
def test_a_template_without_name_or_language_is_refused(wire: dict[str, Any]) -> None:
    with pytest.raises(PoisonError, match="template_without_name"):
        from_wire(wire)


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("type", "text", "format", "buttons", "example", "body_text", "header_handle", "url")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    components=_JUNK
    | st.lists(
        st.builds(
            lambda kind, rest: {**rest, "type": kind},
            st.sampled_from(("HEADER", "BODY", "FOOTER", "BUTTONS")),
            st.dictionaries(st.sampled_from(("text", "format", "buttons", "example")), _JUNK),
        ),
        max_size=3,
    ),
    category=_JUNK,
)
@settings(max_examples=120)
def test_no_shape_of_json_breaks_reading(components: object, category: object) -> None:
    read = from_wire({"name": "x", "language": "id", "category": category, "components": components})
    assert differences(read, read) == []
