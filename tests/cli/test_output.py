from __future__ import annotations

import io
import json
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.cli.columns import Brief
from lhwa.cli.options import Globals
from lhwa.cli.output import Output, to_json
from lhwa.errors import InvariantError


class Kind(StrEnum):
    ONE = "one"


@dataclass(frozen=True)
class Inner:
    phone_number_id: str


@dataclass(frozen=True)
class Outer:
    created_at: datetime
    inner_things: tuple[Inner, ...]
    kind: Kind
    note: str | None = None


class Wire(msgspec.Struct, rename="camel"):
    tenant_id: str
    content_ref: str | None = None


AT = datetime(2026, 11, 22, 1, 2, 3, 4, tzinfo=UTC)
FORMS = [
    ("dataclass", Outer(AT, (Inner("1"),), Kind.ONE), {
        "createdAt": "2026-11-22T01:02:03.000004Z",
        "innerThings": [{"phoneNumberId": "1"}],
        "kind": "one",
        "note": None,
    }),
    ("struct", Wire("firma"), {"tenantId": "firma", "contentRef": None}),
    ("keys of a mapping stay", {"a_b": Path("/x")}, {"a_b": "/x"}),
    ("set", frozenset({"b", "a"}), ["a", "b"]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "form"), [case[1:] for case in FORMS], ids=[case[0] for case in FORMS])
def test_json_forms(value: object, form: object) -> None:
    assert to_json(value) == form


@pytest.mark.parametrize("value", [b"raw", object()])
def test_what_has_no_json_form_is_a_defect(value: object) -> None:
    with pytest.raises(InvariantError):
        to_json(value)


@given(st.text())
def test_json_output_is_printable_ascii_and_means_the_same(text: str) -> None:
    stdout = sys.stdout
    sys.stdout = written = io.StringIO()
    try:
        Output(Globals(json=True)).emit({"text": text})
    finally:
        sys.stdout = stdout
    line = written.getvalue()
    assert line.rstrip("\n").isprintable()
    assert line.isascii()
    assert json.loads(line) == {"text": text}


@given(text=st.text(), plain=st.booleans())
def test_no_active_character_reaches_a_person(text: str, *, plain: bool) -> None:
    stdout = sys.stdout
    sys.stdout = written = Terminal()
    try:
        out = Output(Globals(plain=plain))
        out.record(None, {"name": text})
        out.table([text], {"name": lambda row: row})
        out.line(text)
    finally:
        sys.stdout = stdout
    shown = written.getvalue()
    for colour in ("\x1b[1m", "\x1b[0m"):
        shown = shown.replace(colour, "")
    assert {character for character in shown if unicodedata.category(character) == "Cc"} <= {"\n"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_markup_is_shown_and_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Terminal()
    monkeypatch.setattr(sys, "stdout", written)
    Output(Globals()).table([{"name": "[red]x[/red] :warning:"}], {"name": lambda row: row["name"]})
    assert "[red]x[/red] :warning:" in written.getvalue()


def test_a_terminal_gets_boxes_and_a_pipe_gets_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "x" * 300
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        monkeypatch.setattr(sys, "stdout", stream)
        Output(Globals()).table([long], {"name": lambda row: row})
    assert "╭" in terminal.getvalue()
    assert pipe.getvalue() == f"name\n{long}\n"


@pytest.mark.parametrize(("env", "plain"), [({"NO_COLOR": "1"}, False), ({}, True)])
def test_no_colour_means_no_escape(monkeypatch: pytest.MonkeyPatch, env: dict[str, str], *, plain: bool) -> None:
    written = Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", written)
    Output(Globals(plain=plain)).table(["x"], {"name": lambda row: row})
    assert "\x1b[3" not in written.getvalue()
    assert "x" in written.getvalue()


def test_an_empty_table_is_talk_for_people_and_an_array_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Globals()).table([], {"name": str}, empty="No firms yet.")
    assert capsys.readouterr() == ("", "No firms yet.\n")
    Output(Globals(json=True)).table([], {"name": str})
    assert capsys.readouterr() == ("[]\n", "")


def test_quiet_and_json_hide_talk_but_not_data(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Globals(quiet=True)).done("Done.", {"id": 1})
    assert capsys.readouterr() == ("", "")
    Output(Globals(json=True)).done("Done.", {"id": 1})
    assert capsys.readouterr() == ('{"id": 1}\n', "")
    Output(Globals()).done("Done.", {"id": 1})
    assert capsys.readouterr() == ("", "Done.\n")


ID = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
COLUMNS: dict[str, Callable[[str], object]] = {
    "id": lambda _row: ID,
    "time": lambda _row: Brief("22 Nov 20:05:07 WIB", "22 Nov 20:05"),
    "contact": lambda _row: "+62 812-••••-1111",
    "text": lambda row: row,
    "nothing": lambda _row: None,
    "state": lambda _row: "pending_approval",
}
SENTENCE = "Mohon kirim dokumen sertifikat tanah kepada kantor kami pekan ini."


def table_at(
    width: int, monkeypatch: pytest.MonkeyPatch, *, asked: Globals | None = None, important: tuple[str, ...] = ()
) -> str:
    written = Terminal()
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "stdout", written)
    Output(asked or Globals()).table([SENTENCE], COLUMNS, important=important)
    return written.getvalue()


def test_a_narrow_terminal_shows_less_and_all_of_that(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = table_at(80, monkeypatch, important=("text", "time"))
    assert len(shown.splitlines()[0]) <= 80
    assert all(whole in shown for whole in (ID, "22 Nov 20:05 ", "id", "text"))
    assert "state" not in shown
    said = capsys.readouterr().err
    assert said == "2 columns hidden: use a wider terminal, --json or --plain. (contact, state)\n"


def test_a_wide_terminal_shows_everything_with_whole_times(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = table_at(140, monkeypatch)
    assert all(whole in shown for whole in (ID, "22 Nov 20:05:07 WIB", "+62 812-••••-1111", "pending_approval"))
    assert capsys.readouterr().err == ""


def test_times_get_shorter_before_a_column_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = table_at(110, monkeypatch)
    assert "pending_approval" in shown
    assert ("22 Nov 20:05 " in shown, "WIB" in shown) == (True, False)


@pytest.mark.parametrize("asked", [Globals(plain=True), Globals(quiet=True)])
def test_plain_is_whole_and_quiet_does_not_tell_what_is_hidden(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: Globals
) -> None:
    shown = table_at(80, monkeypatch, asked=asked)
    assert capsys.readouterr().err == ""
    if asked.plain:
        heads, cells = shown.splitlines()
        assert heads.split() == list(COLUMNS)
        assert all(whole in cells for whole in (ID, "22 Nov 20:05:07 WIB", SENTENCE, "pending_approval"))


def test_a_refusal_names_its_rule_what_to_do_and_what_is_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Globals(quiet=True)).refuse("window", "It is closed.\x1b", hint="Wait.", allowed=["lhwa send A", "b\n"])
    assert capsys.readouterr() == (
        "",
        "refused: It is closed.␛ (rule: window)\nhint: Wait.\nallowed: lhwa send A\nallowed: b␊\n",
    )
    Output(Globals()).refuse("window", "It is closed.", hint="", allowed=())
    assert capsys.readouterr() == ("", "refused: It is closed. (rule: window)\n")
