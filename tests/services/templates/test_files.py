from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.templates import Button, ButtonKind, Category, Header, HeaderFormat, ParameterFormat
from lhwa.services.templates.files import (
    ReadTemplates,
    lint_read,
    read_template_file,
    read_template_folder,
    read_template_source,
)

SAMPLES = Path(__file__).parents[3] / "config" / "templates"
GOOD = """\
name: pengingat
category: utility
purpose: Mengingatkan.
message_send_ttl_seconds: 3600
languages:
  id:
    header: Pengingat
    body: |
      Yth. {{nama}}, mohon hadir di kantor.
    footer: Kantor Hukum Contoh
    buttons:
      - type: url
        text: Lihat
        url: https://contoh.example.id/{{1}}
        example: abc
    examples:
      nama: Contoh
  en:
    header: {type: document, example: contoh.pdf}
    body: "Dear {{nama}}, please come to the office."
    examples: {nama: Contoh}
"""


def read(text: str | bytes) -> ReadTemplates:
    return read_template_source(text if isinstance(text, bytes) else text.encode(), file="x.yaml")


def told(found: ReadTemplates) -> list[tuple[str, int, int]]:
    assert all(each.position is not None and each.position.file == "x.yaml" for each in found.findings)
    return [(each.rule, each.position.line, each.position.column) for each in found.findings if each.position]


def test_one_file_holds_one_template_in_several_languages() -> None:
    first, second = read(GOOD).templates
    assert (first.name, first.language, first.category) == ("pengingat", "id", Category.UTILITY)
    assert first.body == "Yth. {{nama}}, mohon hadir di kantor."
    assert first.header == Header(format=HeaderFormat.TEXT, text="Pengingat")
    assert first.parameter_format is ParameterFormat.NAMED
    assert (first.purpose, first.message_send_ttl_seconds) == ("Mengingatkan.", 3_600)
    assert first.buttons == (
        Button(kind=ButtonKind.URL, text="Lihat", url="https://contoh.example.id/{{1}}", example="abc"),
    )
    assert second.header == Header(format=HeaderFormat.DOCUMENT, media_example="contoh.pdf")
    assert second.examples == {"nama": "Contoh"}


def test_words_that_yaml_would_change_stay_texts() -> None:
    text = (
        GOOD.replace("nama: Contoh\n", "nama: 08\n", 1)
        .replace("  en:", "  no:")
        .replace("{nama: Contoh}", "{nama: no}")
    )
    first, second = read(text).templates
    assert (first.examples, second.language, second.examples) == ({"nama": "08"}, "no", {"nama": "no"})


def test_a_code_template_is_a_few_lines() -> None:
    (template,) = read(
        "name: kode\ncategory: authentication\nlanguages:\n  id:\n    add_security_recommendation: true\n"
        "    code_expiration_minutes: 10\n    buttons:\n      - type: otp\n        text: Salin kode\n"
    ).templates
    assert template.add_security_recommendation
    assert template.code_expiration_minutes == 10
    assert template.buttons == (Button(kind=ButtonKind.OTP, text="Salin kode"),)


@pytest.mark.parametrize(
    ("label", "old", "new", "expected"),
    [
        ("unknown key", "footer:", "footr:", ("key-unknown", 10, 5)),
        ("unknown key on top", "purpose:", "porpose:", ("key-unknown", 3, 1)),
        ("key of another button", "        text: Lihat\n", "        phone_number: '1'\n", ("key-unknown", 13, 23)),
        ("twice", "purpose: Mengingatkan.", "name: lain", ("key-duplicate", 3, 1)),
        ("language twice", "  en:", "  id:", ("key-duplicate", 18, 3)),
        ("unknown category", "utility", "utilitas", ("word", 2, 11)),
        ("a word of ours alone", "utility", "other", ("word", 2, 11)),
        ("unknown button", "type: url", "type: link", ("word", 12, 15)),
        ("no number", "3600", "satu jam", ("number", 4, 27)),
        ("huge number", "3600", "9" * 5_000, ("number", 4, 27)),
        ("no category", "category: utility\n", "", ("key-missing", 1, 1)),
        ("braces without quotes", '"Dear {{nama}}, please come to the office."', "{{nama}}", ("yaml-key", 20, 12)),
        ("a list for a text", "Kantor Hukum Contoh", "[a, b]", ("shape", 10, 13)),
        ("a text for a list", "    buttons:\n", "    buttons: Ya\n    x:\n", ("shape", 11, 14)),
        (
            "a list for an answer",
            "    footer:",
            "    add_security_recommendation: maybe\n    footer:",
            ("yes-no", 10, 34),
        ),
        ("no kind of header", "{type: document,", "{type: hologram,", ("word", 19, 20)),
        ("text in a media header", "example: contoh.pdf", "text: Pengingat", ("key-unknown", 19, 36)),
        ("no kind of button", "      - type: url\n        text", "      - text", ("key-missing", 12, 9)),
        (
            "words for a button",
            "      - type: url\n        text",
            "      - Ya\n      - type: url\n        text",
            ("shape", 12, 9),
        ),
        ("alias", "Kantor Hukum Contoh", "*a", ("yaml-alias", 10, 13)),
        ("anchor", "Kantor Hukum Contoh", "&a Kantor", ("yaml-alias", 10, 13)),
        ("tag", "Kantor Hukum Contoh", "!!python/object/apply:os.system [ls]", ("yaml-tag", 10, 13)),
        ("harmless tag", "Kantor Hukum Contoh", "!!str Kantor", ("yaml-tag", 10, 13)),
        ("merge key", "purpose:", "<<:", ("key-unknown", 3, 1)),
        ("tab", "  id:", "\tid:", ("yaml-syntax", 6, 1)),
        ("second document", "name: pengingat", "name: x\n---\nname: pengingat", ("yaml-documents", 2, 1)),
        ("control character", "Kantor Hukum Contoh", "Kantor\x1b[2J", ("file-characters", 10, 19)),
        ("line separator", "Kantor Hukum Contoh", "Kantor\u2028x", ("file-characters", 10, 19)),
    ],
)
def test_a_problem_is_a_finding_with_line_and_column(
    label: str, old: str, new: str, expected: tuple[str, int, int]
) -> None:
    assert old in GOOD
    found = read(GOOD.replace(old, new, 1))
    assert told(found)[0] == expected, label
    assert found.templates == (), "half a template must not be submitted"
    assert all(finding.mend for finding in found.findings)


def test_a_name_with_nothing_after_it_is_not_there() -> None:
    (template,) = read(
        "name: x\ncategory: utility\nlanguages:\n  id:\n    header:\n    body: Halo.\n"
        "    footer:\n    buttons:\n    examples:\n"
    ).templates
    assert (template.header, template.footer, template.buttons, template.examples) == (None, None, (), {})


def test_a_file_without_a_language_says_so() -> None:
    assert told(read("name: x\ncategory: utility\nlanguages: {}\n")) == [("key-missing", 3, 12)]


def test_a_near_word_is_proposed() -> None:
    (finding, *_) = read(GOOD.replace("footer:", "footr:", 1)).findings
    assert finding.mend == "Did you mean `footer`? Correct it."


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "file-empty"),
    "comments": (b"# a\n" * 60_000, "file-empty"),
    "too large": (b"a" * (256 * 1_024 + 1), "file-size"),
    "not UTF-8": (b"name: \xff\xfe", "file-encoding"),
    "NUL": (b"name: \x00", "file-characters"),
    "lone surrogate": (b"name: \xed\xa0\x80", "file-encoding"),
    "deep lists": (b"[" * 200_000, "yaml-depth"),
    "deep maps": (b"{a: " * 60_000, "yaml-depth"),
    "deep blocks": (b"- " * 100_000, "yaml-depth"),
    "deep keys": (b"? " * 100_000, "yaml-depth"),
    "many keys": (b"a: b\n" * 50_000, "yaml-size"),
    "many items": (b"[" + b"a," * 120_000, "yaml-size"),
    "laughs": (b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "yaml-alias"),
    "long anchor": (b"&" + b"a" * 250_000, "yaml-alias"),
    "impossible escape": (b'"\\UFFFFFFFF"', "yaml-syntax"),
    "half a character": (b'name: "a \\ud800 b"', "file-characters"),
    "impossible version": (b"%YAML " + b"9" * 100_000 + b".1\n--- a", "yaml-syntax"),
    "object": (b"!!python/object/new:os.system [echo]", "yaml-tag"),
    "map as a key": (b"{a: b}: c", "yaml-key"),
    "list": (b"- a\n- b\n", "shape"),
    "scalar": (b"just words", "shape"),
    "open quote": (b"name: '" + b"x" * 200_000, "yaml-syntax"),
}


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_file_is_one_quick_finding(label: str) -> None:
    source, rule = HOSTILE[label]
    found = read(source)
    assert found.findings[0].rule == rule
    assert found.templates == ()


def test_hostile_texts_are_harmless_in_findings() -> None:
    (finding, *_) = read(GOOD.replace("utility", "'\u202e" + "x" * 500 + "'")).findings
    assert "\u202e" not in str(finding)
    assert len(finding.what) < 100


def test_findings_of_one_file_are_bounded() -> None:
    found = read("".join(f"x{number}: y\n" for number in range(2_000)))
    assert len(found.findings) == 100


def test_a_text_of_braces_is_judged_quickly() -> None:
    hostile = read(GOOD.replace("Dear {{nama}},", "{{" * 100_000))
    assert "body-length" in {finding.rule for finding in lint_read(hostile)}


@given(source=st.binary(max_size=60) | st.text(st.sampled_from("ab:{}[]-?&*!|>'\"%\n #,"), max_size=60).map(str.encode))
@settings(max_examples=200)
def test_no_bytes_break_reading(source: bytes) -> None:
    found = read(source)
    assert found.findings
    told(found)


@given(
    at=st.integers(0, len(GOOD)),
    length=st.integers(0, 8),
    new=st.sampled_from(("", ":", "{", "- ", "'", "\n", "&", "|")),
)
@settings(max_examples=150)
def test_no_slip_of_the_hand_breaks_reading(at: int, length: int, new: str) -> None:
    found = read(GOOD[:at] + new + GOOD[at + length :])
    assert bool(found.templates) != bool(found.findings)
    lint_read(found)


def test_one_bad_file_costs_no_neighbour(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text("name: [")
    (tmp_path / "c.yml").write_text(GOOD.replace("pengingat", "lain"))
    (tmp_path / "d.txt").write_text("not ours")
    (tmp_path / ".e.yaml").write_text("hidden")
    os.mkfifo(tmp_path / "f.yaml")
    found = read_template_folder(tmp_path)
    assert [template.title for template in found.templates] == [
        "pengingat (id)",
        "pengingat (en)",
        "lain (id)",
        "lain (en)",
    ]
    assert [finding.rule for finding in found.findings] == ["yaml-syntax", "file-missing"]


def test_a_missing_path_is_a_finding(tmp_path: Path) -> None:
    assert [each.rule for each in read_template_file(tmp_path / "none.yaml").findings] == ["file-missing"]
    assert [each.rule for each in read_template_folder(tmp_path / "none").findings] == ["folder-unreadable"]
    assert [each.rule for each in read_template_file(Path("a\x00b")).findings] == ["file-missing"]
    assert [each.rule for each in read_template_file(tmp_path / ("x" * 5_000)).findings] == ["file-unreadable"]


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("footer: Kantor Hukum Contoh", "footer: Kantor {{nama}}", "footer-variable", 10),
        ("https://contoh.example.id/{{1}}", "https://contoh.example.id{{1}}", "url-host", 14),
        ("        example: abc\n", "", "example-missing", 12),
        ("nama: Contoh", "nama: ''", "example-value", 17),
        ("message_send_ttl_seconds: 3600", "message_send_ttl_seconds: 1", "ttl-range", 4),
        ("{type: document, example: contoh.pdf}", "{type: document}", "example-missing", 19),
        ("name: pengingat", "name: Pengingat", "name-characters", 1),
        ('    body: "Dear {{nama}}, please come to the office."\n', "", "body-missing", 19),
    ],
)
def test_the_linters_findings_have_their_line(old: str, new: str, rule: str, line: int) -> None:
    found = [each for each in lint_read(read(GOOD.replace(old, new, 1))) if each.rule == rule]
    assert found
    assert found[0].position is not None
    assert found[0].position.line == line


def test_the_sample_files_are_clean_and_speak_both_languages() -> None:
    found = read_template_folder(SAMPLES)
    assert lint_read(found) == []
    assert len(found.templates) == 12
    assert {template.language for template in found.templates} == {"id", "en"}


def test_a_pipe_that_takes_the_place_of_a_file_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "f.yaml")
    monkeypatch.setattr(Path, "is_file", lambda _path: True)
    assert [each.rule for each in read_template_file(tmp_path / "f.yaml").findings] == ["file-missing"]


def test_a_folder_with_too_many_files_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lhwa.config.written_files.FILES_MAX", 2)
    for number in range(2):
        (tmp_path / f"{number}.yaml").write_text(GOOD.replace("pengingat", f"pengingat_{number}"))
    assert not read_template_folder(tmp_path).is_refused
    (tmp_path / "3.yaml").write_text(GOOD)
    found = read_template_folder(tmp_path)
    assert (found.is_refused, [each.rule for each in found.findings]) == (True, ["folder-full"])


def test_a_folder_tells_what_each_file_brought(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text("name: [")
    files = read_template_folder(tmp_path).files
    assert {name: len(each.templates) for name, each in files.items()} == {"a.yaml": 2, "b.yaml": 0}
    assert [each.rule for each in files["b.yaml"].findings] == ["yaml-syntax"]
