"""`lhwa doctor`: exit 0 when it works, 1 when something must be mended."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]


def test_a_sound_home(data: Data, office: Run) -> None:
    findings = data("doctor")
    assert {finding["verdict"] for finding in findings} <= {"ok", "advice"}
    assert {finding["check"] for finding in findings} >= {"SQLite", "home", "root key", "spool", "Meta apps"}
    assert {"firma: tenant.db", "firma: keys.db", "lain: tenant.db"} <= {finding["check"] for finding in findings}
    assert "free of the WAL-reset bug" in office("doctor").stdout


def test_what_must_be_mended_is_on_stdout_and_the_sum_on_stderr(office: Run, home: Path) -> None:
    (home / "tenants" / "lain" / "keys.db").unlink()
    done = office("--json", "doctor")
    assert done.returncode == 1
    [bad] = [finding for finding in json.loads(done.stdout) if finding["verdict"] == "bad"]
    assert (bad["check"], bad["found"]) == ("lain: keys.db", "missing")
    assert json.loads(done.stderr)["error"]["message"] == f"1 of {len(json.loads(done.stdout))} checks failed."


def test_no_home_is_a_finding_too(lhwa: Run) -> None:
    done = lhwa("doctor")
    assert done.returncode == 1
    assert "Run `lhwa init`" in done.stdout
