"""Nobody can write or read the log any more: the messages go on, and /metrics says what was lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

LOST = "lhwa_log_lines_lost_total"


def _talk(place: Any, daemon: Any, name: str) -> None:
    """Messages, and things that are worth a log line each: of the gateway, of the worker."""
    for number in range(3):
        assert daemon.post(place.text(f"{name} {number}")) == 200
        assert daemon.post(b"{}", secret="another secret") == 403
        assert daemon.post(place.envelope(place.value({"bad": number}))) == 200
    daemon.settle()


def _ends_well(place: Any, daemon: Any, name: str) -> None:
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(12) == 0
    assert place.texts() == [f"{name} {number}" for number in range(3)]
    assert len(place.letters()) == 3


def test_a_log_disk_that_is_full_from_the_start(place: Any) -> None:
    with Path("/dev/full").open("wb") as full:
        daemon = place.serve(stdout=full, stderr=full)
    _talk(place, daemon, "penuh")
    daemon.shows(LOST, least=2)
    _ends_well(place, daemon, "penuh")


def test_a_log_reader_that_leaves(place: Any) -> None:
    reading, writing = os.pipe()
    daemon = place.serve(stdout=writing, stderr=writing)
    os.close(writing)
    assert daemon.metric(LOST) == 0
    os.close(reading)
    _talk(place, daemon, "ditinggal")
    daemon.shows(LOST, least=2)
    _ends_well(place, daemon, "ditinggal")


@pytest.mark.parametrize("closed", [(2,), (1, 2), (0, 1, 2)], ids=["2>&-", "1>&- 2>&-", "all"])
def test_without_a_standard_error_from_the_start(place: Any, closed: tuple[int, ...]) -> None:
    def close_them() -> None:
        for descriptor in closed:
            os.close(descriptor)

    daemon = place.serve(preexec_fn=close_them)
    _talk(place, daemon, "tertutup")
    _ends_well(place, daemon, "tertutup")
    assert place.data("audit", "verify")["ok"] is True
