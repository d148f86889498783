"""Whole lines, or an error: on files, pipes and streams without a file."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from lhwa.telemetry.lines import Lines


def test_a_stream_without_a_file_gets_the_line() -> None:
    stream = io.StringIO()
    Lines(stream).info("one")
    assert stream.getvalue() == "one\n"


def test_nothing_stays_behind_in_the_buffer_of_the_stream(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w", encoding="utf-8") as out:
        Lines(out).error("satu")
        assert (tmp_path / "log").read_bytes() == b"satu\n"


def test_what_the_encoding_cannot_say_is_escaped(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w", encoding="ascii") as out:
        Lines(out).info("a\udc80b")
    assert (tmp_path / "log").read_bytes() == b"a\\udc80b\n"


def test_a_full_disk_is_told_and_nothing_waits_for_the_end() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as out, pytest.raises(OSError, match="No space"):
        Lines(out).info("one")
    # Closing flushes: a buffered line would raise here.


def test_a_reader_that_left_is_told() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as out:
        os.close(reading)
        with pytest.raises(BrokenPipeError):
            Lines(out).info("one")


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = [3]

    def small(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        written = os.pwrite(descriptor, data[: room[0]], (tmp_path / "log").stat().st_size)
        room[0] -= written
        return written

    with (tmp_path / "log").open("w", encoding="utf-8") as out:
        lines = Lines(out)
        monkeypatch.setattr(os, "write", small)
        for line in ("abcdef", "lost"):
            with pytest.raises(OSError, match="No space"):
                lines.info(line)
        room[0] = 100
        lines.info("next")
        lines.info("last")
    assert (tmp_path / "log").read_text(encoding="utf-8") == "abc\nnext\nlast\n"
