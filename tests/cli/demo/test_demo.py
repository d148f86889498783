"""The demo, as a new user runs it; and that it notices when something is missing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lhwa.cli.demo.story import NUMBERS, Outcome, story
from lhwa.cli.demo.trace import Seen
from lhwa.domain.instants import parse_rfc3339
from lhwa.normalizer.normalize import normalize

NOW = parse_rfc3339("2026-11-22T01:00:00Z")


def _environ(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(tmp_path), "LHWA_HOME": str(tmp_path / "not-mine"), "NO_COLOR": "1"}


def test_once_ends_by_itself_with_every_check_held_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lhwa", "--json", "demo", "--once"],
        env=_environ(tmp_path),
        capture_output=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads(done.stdout)
    assert report["ok"] is True
    assert report["webhooks"] == len(story(NOW))
    assert all(check["ok"] for check in report["checks"])
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_stops_the_daemon_and_removes_the_home(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "lhwa", "demo"], env=_environ(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert demo.stdout is not None
    assert any(b"The daemon serves" in line for line in demo.stdout)
    time.sleep(2.5)  # somewhere in the script
    demo.send_signal(signal.SIGINT)
    _, complaint = demo.communicate(timeout=20)
    assert demo.returncode == 130, complaint.decode()
    assert list(tmp_path.iterdir()) == []


def test_the_story_holds_what_it_promises() -> None:
    steps = story(NOW)
    assert 38 <= len(steps) <= 45
    assert {step.firm for step in steps} == set(NUMBERS)
    assert set(Outcome) == {step.outcome for step in steps}
    assert sum(step.forged for step in steps) == 1


def test_the_story_is_the_same_every_time() -> None:
    assert story(NOW) == story(NOW)


def test_every_accepted_step_of_the_story_normalizes_to_something() -> None:
    for step in story(NOW):
        assert normalize(step.body), step.what


@pytest.mark.parametrize(
    ("http", "outcome", "ok"),
    [
        (200, Outcome.MESSAGE, True),
        (503, Outcome.MESSAGE, False),
        (200, Outcome.DUPLICATE, False),
        (200, None, False),
    ],
)
def test_a_step_counts_only_when_answer_and_outcome_are_right(http: int, outcome: Outcome | None, *, ok: bool) -> None:
    step = next(step for step in story(NOW) if step.outcome is Outcome.MESSAGE)
    assert Seen(step, http=http, outcome=outcome).ok is ok
