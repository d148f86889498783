"""The log door: what passes and what does not."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lhwa.errors import StorageError
from lhwa.telemetry import logs
from lhwa.telemetry.logs import FIELDS, Log

CANARY = "kalimat rahasia klien"
NUMBER = "+6281230001111"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root, capturing = logging.getLogger(), logging._warnings_showwarning  # type: ignore[attr-defined]
    handlers, level = root.handlers[:], root.level
    logs.configure("debug", "json", stream=stream)
    yield stream
    logs.close()
    root.handlers, root.level = handlers, level
    if capturing is None:
        logging.captureWarnings(capture=False)


def _read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_time_level_part_and_event(lines: io.StringIO) -> None:
    Log("gateway").warning("webhook_refused", reason="wrong_signature", bytes=5, source="192.0.2.1")
    [line] = _read(lines)
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "warning",
        "part": "gateway",
        "event": "webhook_refused",
        "reason": "wrong_signature",
        "bytes": 5,
        "source": "192.0.2.1",
    }


def test_unknown_fields_are_dropped(lines: io.StringIO) -> None:
    Log("gateway").info("x", body=CANARY, wamid="wamid.X", headers={"a": "b"}, exc_info=True, stack_info=True, count=1)
    [line] = _read(lines)
    assert set(line) == {"ts", "level", "part", "event", "count"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("one\ntwo", "one␊two"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\u202eb", "a<U+202E>b"),
        ("x" * 500, "x" * 299 + "…"),
        (f"to {NUMBER}", "to •••"),
        ("01KAJ3X0000000000000000000", "01KAJ3X0000000000000000000"),
        (b"bytes", "<bytes>"),
        ({"a": CANARY}, "<dict>"),
        (["a\n", 1], ["a␊", 1]),
        (True, True),
        (None, None),
        (1.5, 1.5),
    ],
)
def test_values_are_made_safe(lines: io.StringIO, value: object, shown: object) -> None:
    Log("gateway").info("x", reason=value)
    assert _read(lines)[0]["reason"] == shown


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted(FIELDS - {"part", "event"})) | st.text(), st.text() | st.binary()))
def test_a_line_is_always_one_line_of_json(lines: io.StringIO, fields: dict[str, Any]) -> None:
    lines.seek(0)
    lines.truncate()
    Log("gateway")._write("info", "x", {name: value for name, value in fields.items() if name not in ("part", "event")})
    assert len(lines.getvalue().splitlines()) == 1
    assert set(_read(lines)[0]) <= FIELDS


def _fail_with(error: Exception) -> Exception:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_a_foreign_exception_leaves_its_type_and_no_words(lines: io.StringIO) -> None:
    Log("gateway").error("failed", _fail_with(ValueError(f"{CANARY} {NUMBER}")))
    [line] = _read(lines)
    assert line["error"] == "ValueError"
    assert CANARY not in lines.getvalue()
    # This file is not part of lhwa, so its frame is not shown either.
    assert line["frames"] == []


def test_an_exception_of_ours_keeps_its_sentence_and_hint(lines: io.StringIO) -> None:
    Log("gateway").error("failed", _fail_with(StorageError("spool.db: the disk is full.", hint="Free some space.")))
    [line] = _read(lines)
    assert (line["error"], line["message"], line["hint"]) == (
        "StorageError",
        "spool.db: the disk is full.",
        "Free some space.",
    )


def test_our_frames_are_named(lines: io.StringIO) -> None:
    with pytest.raises(AttributeError) as caught:
        logs.describe(None)  # type: ignore[arg-type]  # any error raised inside lhwa will do
    Log("gateway").error("failed", caught.value)
    assert _read(lines)[0]["frames"][0].startswith("lhwa/telemetry/logs.py:")


def test_other_libraries_leave_a_place_and_no_words(lines: io.StringIO) -> None:
    logging.getLogger("asyncio").error("Exception in callback handle(%s)", CANARY)
    logging.getLogger("uvicorn.error").error("%s", CANARY, exc_info=_fail_with(ValueError(CANARY)))
    logging.getLogger("httpx").info("GET https://graph.example/?access_token=%s", CANARY)
    logging.getLogger("uvicorn.access").warning(CANARY)
    logging.getLogger("py.warnings").warning(CANARY)
    assert CANARY not in lines.getvalue()
    spoke = _read(lines)
    assert [line["library"] for line in spoke][:2] == ["asyncio", "uvicorn.error"]
    assert spoke[0]["place"].startswith("test_logs.py:")
    assert spoke[1]["error"] == "ValueError"


def test_levels_below_are_silent(lines: io.StringIO) -> None:
    logs.configure("warning", "json", stream=lines)
    Log("gateway").info("quiet")
    Log("gateway").warning("loud")
    assert [line["event"] for line in _read(lines)] == ["loud"]


def test_the_form_for_people_is_safe_too() -> None:
    stream = io.StringIO()
    logs.configure("info", "human", stream=stream)
    Log("gateway").warning("webhook_refused", reason="a\x1b[2Jb", body=CANARY)
    logs.close()
    assert "webhook_refused" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()
    assert CANARY not in stream.getvalue()


def test_without_configure_nothing_is_written_and_structlog_stays_out() -> None:
    code = (
        "import sys; from lhwa.telemetry.logs import Log; Log('x').error('y', ValueError('z'), count=1);"
        "print('structlog' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def _library_speaks() -> None:
    logging.getLogger("uvicorn.error").error("Exception in ASGI application")


WRITERS: list[tuple[str, Callable[[], None]]] = [
    ("our own", lambda: Log("gateway").error("failed", ValueError("x"))),
    ("of a library", _library_speaks),
]


@pytest.mark.parametrize(("label", "write"), WRITERS, ids=[case[0] for case in WRITERS])
@pytest.mark.parametrize("how", ["full", "gone", "closed"])
@pytest.mark.usefixtures("lines")  # restores the standard library's logging
def test_a_line_that_cannot_be_written_is_counted_and_stops_nobody(
    label: str, write: Callable[[], None], how: str
) -> None:
    if how == "full":
        out = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 -- closed below
    else:
        reading, writing = os.pipe()
        out = os.fdopen(writing, "w", encoding="utf-8")
        os.close(reading)
    logs.configure("info", "json", stream=out)
    if how == "closed":
        out.close()
    before = logs.lines_lost()
    write()
    write()
    assert logs.lines_lost() == before + 2
    out.close()


@pytest.mark.usefixtures("lines")
def test_without_a_standard_error_there_is_nobody_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    logs.configure("info", "auto")
    before = logs.lines_lost()
    Log("gateway").info("said_to_nobody")
    _library_speaks()
    assert logs.lines_lost() == before
