"""The one call of an observer."""

from __future__ import annotations

import io
import json

from lhwa.bus.observer import tell
from lhwa.telemetry import logs


def test_what_an_observer_is_told_reaches_it() -> None:
    heard: list[tuple[str, int]] = []

    def hear(name: str, *, count: int) -> None:
        heard.append((name, count))

    tell(hear, "firma", count=3)
    assert heard == [("firma", 3)]


def test_what_it_raises_is_one_log_line_without_its_words() -> None:
    def broken() -> None:
        raise ValueError("kept out of every line")

    stream = io.StringIO()
    logs.configure("info", "json", stream=stream)
    tell(broken)
    logs.close()
    [line] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (line["level"], line["event"], line["error"]) == ("error", "observer_broke", "ValueError")
    assert "kept out" not in stream.getvalue()
