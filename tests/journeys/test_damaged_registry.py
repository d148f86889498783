"""A registry that vanishes under the daemon, one that somebody damaged, and a lock whose file is removed."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest

LOOKED_S = 2.5
"""Longer than the daemon needs to look at its registry."""


@pytest.mark.parametrize("what", ["registry.db", "home"])
def test_a_registry_that_vanishes_is_waited_for(place: Any, what: str) -> None:
    daemon = place.serve()
    path = place.home if what == "home" else place.home / what
    aside = path.rename(path.with_name("aside"))
    time.sleep(LOOKED_S)
    if what != "home":
        assert daemon.post(place.text("selama")) == 200, "the last good picture"
    aside.rename(path)
    assert daemon.post(place.text("sesudah")) == 200
    place.ok("tenant", "suspend", "firma", "--reason", "sample")
    place.eventually(lambda: daemon.lines("registry_reloaded"), what=daemon.said())
    assert len(daemon.lines("registry_not_reloaded")) == 1
    daemon.stop()


def test_without_its_lock_file_a_daemon_still_serves_alone(place: Any) -> None:
    first = place.serve()
    (place.home / "serve.lock").unlink()
    assert place.child("serve").returncode == 5
    assert place.data("status")["running"] is True
    assert first.post(place.text("selama")) == 200
    first.stop()
    place.serve().stop()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE tenant SET state = 'canary'", "registry.db is damaged: the table tenant "),
        ("DELETE FROM audit_frontier", "audit_frontier"),
        ("UPDATE meta_app_secret SET sealed = zeroblob(9)", "of main in registry.db does not open."),
    ],
    ids=["state", "frontier", "secret"],
)
def test_a_damaged_registry_is_said_and_nothing_is_served(place: Any, statement: str, said: str) -> None:
    with closing(sqlite3.connect(place.home / "registry.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA ignore_check_constraints = ON")
        raw.execute("DROP TRIGGER audit_frontier_delete")
        raw.execute(statement)
    done = place.child("serve")
    assert done.returncode == 7, done.stderr
    assert said in done.stderr
    assert "hint:" in done.stderr
    assert "canary" not in done.stderr
    assert "Traceback" not in done.stderr
    seen = place.run("doctor")
    assert seen.returncode in (0, 1, 7)
    assert "unexpectedly" not in seen.stdout + seen.stderr
