from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain import template_lint
from lhwa.domain.template_lint import Severity, lint
from lhwa.domain.templates import (
    Button,
    ButtonKind,
    Category,
    Header,
    HeaderFormat,
    ParameterFormat,
    Template,
)
from tests.domain.template_samples import CODE, PLAIN, code_templates, templates, text_templates

_K = ButtonKind
Change = Callable[[Template], Template]
ONLY_LOOK = {"language-twin", "buttons-desktop"}


def rules(*given_templates: Template) -> set[str]:
    return {finding.rule for finding in lint(given_templates)}


def body(text: str, **examples: str) -> Change:
    named = ParameterFormat.NAMED if any(not key.isdecimal() for key in examples) else ParameterFormat.POSITIONAL
    return lambda base: replace(base, header=None, body=text, examples=examples, parameter_format=named)


def header(text: str, **examples: str) -> Change:
    changed = {key.replace("_", "."): value for key, value in examples.items()}
    return lambda base: replace(
        base,
        header=Header(format=HeaderFormat.TEXT, text=text),
        body="Kantor kami buka.",
        examples=changed,
        parameter_format=ParameterFormat.POSITIONAL,
    )


def buttons(*some: Button) -> Change:
    return lambda base: replace(base, buttons=some)


def quick(text: str = "Ya") -> Button:
    return Button(kind=_K.QUICK_REPLY, text=text)


def link(url: str | None = "https://contoh.example.id", example: str | None = None) -> Button:
    return Button(kind=_K.URL, text="Lihat", url=url, example=example)


def phone(number: str) -> Button:
    return Button(kind=_K.PHONE_NUMBER, text="Telepon", phone_number=number)


LONG = "kata " * 204 + "kata"
IN_TEXTS: dict[str, Change] = {
    "name-characters": lambda base: replace(base, name="Pengingat-Janji"),
    "name-length": lambda base: replace(base, name="a" * 513),
    "language-code": lambda base: replace(base, language="Indonesia"),
    "header-empty": header(" "),
    "header-length": header("x" * 61),
    "header-variables": header("Perkara {{1}} dan {{2}}", header_1="a", header_2="b"),
    "body-missing": body(" "),
    "body-length": body("x" * 1_025),
    "footer-length": lambda base: replace(base, footer="x" * 61),
    "footer-variable": lambda base: replace(base, footer="Kantor {{1}} Contoh"),
    "ttl-range": lambda base: replace(base, message_send_ttl_seconds=29),
    "variable-braces": body("Halo {{nama, mohon hadir"),
    "variable-single-brace": body("Halo {nama}, mohon hadir"),
    "variable-symbol": body("Halo Yth. {{na#ma}} mohon hadir"),
    "variable-name": body("Halo Yth. {{Nama}} mohon hadir"),
    "variable-digit": body("Halo Yth. {{nama2}} mohon hadir", nama2="Contoh"),
    "variable-gap": body("Halo Yth. {{1}} mohon hadir pada {{3}} di kantor", **{"1": "a", "3": "b"}),
    "variables-mixed": body("Halo Yth. {{1}} mohon hadir pada {{waktu}} di kantor", **{"1": "a", "waktu": "b"}),
    "parameter-format": lambda base: replace(
        body("Halo Yth. {{nama}} mohon hadir", nama="a")(base), parameter_format=ParameterFormat.POSITIONAL
    ),
    "variable-at-start": body("{{1}} mohon hadir di kantor", **{"1": "a"}),
    "variable-at-end": body("Mohon hadir di kantor {{1}}", **{"1": "a"}),
    "variables-adjacent": body("Yth. klien {{1}} {{2}} mohon hadir di kantor", **{"1": "a", "2": "b"}),
    "variable-words": body("Yth. {{1}} hadir.", **{"1": "a"}),
    "example-missing": body("Halo Yth. {{1}} mohon hadir"),
    "example-unused": body("Kantor kami buka.", nama="Contoh"),
    "example-value": body("Halo Yth. {{1}} mohon hadir", **{"1": "a\nb"}),
    "example-length": body(f"{LONG[:1000]} {{{{1}}}} x", **{"1": "a" * 100}),
    "buttons-count": buttons(*[quick()] * 11),
    "buttons-kind-count": buttons(phone("+622150001234"), phone("+622150001235")),
    "quick-replies-apart": buttons(quick(), link(), quick()),
    "button-text-missing": buttons(quick(" ")),
    "button-text-length": buttons(quick("x" * 26)),
    "button-text-characters": buttons(quick("Ya 🙂")),
    "button-text-punctuation": buttons(quick("Ya, hadir")),
    "url-missing": buttons(link(None)),
    "url-length": buttons(link("https://contoh.example.id/" + "x" * 2_000)),
    "url-variable": buttons(link("https://contoh.example.id/{{1}}/x", "a")),
    "url-form": buttons(link("contoh.example.id")),
    "url-host": buttons(link("https://contoh.example.id{{1}}", "a")),
    "phone-length": buttons(phone("+62 21 5000 1234 000000")),
    "phone-form": buttons(phone("021-50001234")),
    "flow-missing": buttons(Button(kind=_K.FLOW, text="Isi")),
    "copy-code-length": buttons(Button(kind=_K.COPY_CODE, example="x" * 21)),
    "authentication-only": lambda base: replace(base, code_expiration_minutes=10),
    "category-promotional": lambda base: replace(
        body("Dapatkan diskon di kantor kami.")(base), category=Category.UTILITY, message_send_ttl_seconds=None
    ),
}
IN_CODES: dict[str, Change] = {
    "authentication-parts": lambda base: replace(base, footer="Kantor Hukum Contoh"),
    "authentication-button": lambda base: replace(base, buttons=()),
    "authentication-expiry": lambda base: replace(base, code_expiration_minutes=91),
}
TOGETHER = {"name-duplicate", "text-duplicate", "language-twin"}
DESKTOP = {"buttons-desktop"}
"""Found by its own test: what breaks the counts of buttons breaks this as well."""


@given(template=templates())
@settings(max_examples=150)
def test_what_meta_takes_has_no_error(template: Template) -> None:
    assert rules(template) <= ONLY_LOOK


@pytest.mark.parametrize("rule", IN_TEXTS)
@given(base=text_templates())
@settings(max_examples=8)
def test_one_fault_fires_its_rule_alone(base: Template, *, rule: str) -> None:
    assert rules(IN_TEXTS[rule](base)) - ONLY_LOOK == {rule}


@pytest.mark.parametrize("rule", IN_CODES)
@given(base=code_templates())
@settings(max_examples=8)
def test_one_fault_in_a_code_fires_its_rule_alone(base: Template, *, rule: str) -> None:
    assert rules(IN_CODES[rule](base)) - ONLY_LOOK == {rule}


def test_every_rule_has_its_fault() -> None:
    call = re.compile(r'(?:error|warning|_too_long)\(\s*"([a-z]+(?:-[a-z]+)+)"')
    sources = Path(template_lint.__path__[0]).glob("*.py")
    written = {rule for path in sources for rule in call.findall(path.read_text(encoding="utf-8"))}
    assert written == set(IN_TEXTS) | set(IN_CODES) | TOGETHER | DESKTOP


@pytest.mark.parametrize(
    ("label", "some", "fires"),
    [
        ("three quick replies", [quick()] * 3, False),
        ("four quick replies", [quick()] * 4, True),
        ("a quick reply and a link", [quick(), link()], True),
        ("two links", [link(), link()], False),
        ("none", [], False),
    ],
)
def test_many_or_mixed_buttons_ask_for_a_look(label: str, some: list[Button], *, fires: bool) -> None:
    assert ("buttons-desktop" in rules(replace(PLAIN, buttons=tuple(some)))) is fires, label


@pytest.mark.parametrize(
    ("category", "ttl_s", "passes"),
    [
        (Category.UTILITY, 30, True),
        (Category.UTILITY, 43_200, True),
        (Category.UTILITY, 43_201, False),
        (Category.UTILITY, -1, True),
        (Category.MARKETING, 43_199, False),
        (Category.MARKETING, 2_592_000, True),
        (Category.MARKETING, 2_592_001, False),
        (Category.AUTHENTICATION, 900, True),
        (Category.AUTHENTICATION, 901, False),
        (Category.UTILITY, 0, False),
    ],
)
def test_a_lifetime_stays_in_the_range_of_its_category(category: Category, ttl_s: int, *, passes: bool) -> None:
    base = CODE if category is Category.AUTHENTICATION else replace(PLAIN, category=category)
    assert ("ttl-range" not in rules(replace(base, message_send_ttl_seconds=ttl_s))) is passes


@pytest.mark.parametrize(
    "template",
    [
        replace(PLAIN, body="x" * 1_024),
        replace(PLAIN, header=Header(format=HeaderFormat.TEXT, text="x" * 60)),
        replace(PLAIN, footer="x" * 60),
        replace(PLAIN, name="a" * 512),
        replace(PLAIN, buttons=(quick("x" * 25),)),
        replace(PLAIN, buttons=(link("https://contoh.example.id/" + "x" * 1_974),)),
        replace(PLAIN, buttons=tuple([quick()] * 10)),
        replace(PLAIN, buttons=(Button(kind=_K.COPY_CODE, example="x" * 20),)),
        replace(CODE, code_expiration_minutes=90),
    ],
)
def test_a_limit_itself_is_allowed(template: Template) -> None:
    assert rules(template) <= ONLY_LOOK


@pytest.mark.parametrize("form", [HeaderFormat.IMAGE, HeaderFormat.VIDEO, HeaderFormat.DOCUMENT])
def test_a_media_header_needs_an_example(form: HeaderFormat) -> None:
    assert rules(replace(PLAIN, header=Header(format=form))) == {"example-missing", "language-twin"}


def test_a_link_variable_and_a_code_need_an_example() -> None:
    some = (link("https://contoh.example.id/{{1}}"), Button(kind=_K.COPY_CODE))
    found = [each.place for each in lint([replace(PLAIN, buttons=some)]) if each.rule == "example-missing"]
    assert found == ["buttons[0].example", "buttons[1].example"]


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("Konsultasi GRATIS untuk Anda hari ini.", True),
        ("Get 20% off today at our office.", True),
        ("This is a special offer for you.", True),
        ("Please feel free to call our office.", False),
        ("The settlement offer has arrived.", False),
        ("Promotor acara sudah hadir.", False),
        ("Biaya perkara sudah kami terima.", False),
    ],
)
def test_advertising_is_seen_in_both_languages(text: str, *, fires: bool) -> None:
    assert ("category-promotional" in rules(replace(PLAIN, body=text))) is fires
    assert "category-promotional" not in rules(replace(PLAIN, body=text, category=Category.MARKETING))


ENGLISH = replace(PLAIN, language="en", body="Our office is open today.")


@pytest.mark.parametrize(
    ("label", "some", "expected"),
    [
        ("twins", [PLAIN, ENGLISH], set()),
        ("regional twin", [PLAIN, replace(ENGLISH, language="en_US")], set()),
        ("no twin", [PLAIN], {"language-twin"}),
        ("the same one twice", [PLAIN, ENGLISH, PLAIN], {"name-duplicate"}),
        ("one text, two names", [PLAIN, ENGLISH, replace(PLAIN, name="lain")], {"text-duplicate", "language-twin"}),
        ("other category", [PLAIN, replace(PLAIN, name="lain", category=Category.MARKETING)], {"language-twin"}),
        ("other footer", [PLAIN, replace(PLAIN, name="lain", footer="Kantor")], {"language-twin"}),
        ("two codes", [CODE, replace(CODE, name="lain")], {"language-twin"}),
    ],
)
def test_templates_are_compared_with_each_other(label: str, some: list[Template], expected: set[str]) -> None:
    assert rules(*some) == expected, label


@given(text=st.text(st.sampled_from("{}#1a_ A\n"), max_size=40))
@settings(max_examples=150)
def test_any_text_is_judged_and_never_breaks_the_linter(text: str) -> None:
    wild = replace(PLAIN, body=text, header=Header(format=HeaderFormat.TEXT, text=text), footer=text)
    wild = replace(wild, buttons=(quick(text), link(text, text), phone(text)), examples={text: text})
    for finding in lint([wild, wild]):
        assert finding.what.endswith(".")
        assert finding.severity in Severity
        assert "\n" not in str(finding)


def test_a_finding_says_where_what_and_what_to_do() -> None:
    found = lint([replace(PLAIN, buttons=(phone("021"),)), ENGLISH])
    assert "\n".join(map(str, found)) == (
        "jam_kerja (id) buttons[0].phone_number: error: This is not an international telephone number. "
        "Write it with plus and country code and digits only, in quotes. [phone-form]"
    )
