"""The harness can fail: each kind of loss, done by hand to the files of a home that was sound, is found."""

from __future__ import annotations

import io
import json
import random
import shutil
import sqlite3
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from scripts.benchmarks import crash
from scripts.benchmarks.crashing.checks import Seen, check_firms, check_spool, wait_until_done
from scripts.benchmarks.crashing.load import Load
from scripts.benchmarks.crashing.place import NUMBERS, Place, Violation
from scripts.benchmarks.crashing.rounds import CrashRun
from scripts.benchmarks.crashing.traffic import Journal, Maker, request_of

A_FIRM = "tenants/firma/tenant.db"
UNGUARDED = "DROP TRIGGER audit_entry_no_delete;"
MESSAGE_GONE = """
DELETE FROM event WHERE subject = (SELECT 'message:' || id FROM message WHERE seq = 1);
DELETE FROM message WHERE seq = 1;
"""
CASES = [
    ("a stored request is gone", "spool.db", "DELETE FROM webhook_request WHERE seq = 1", "answered 200 and not in"),
    ("a body is damaged", "spool.db", "UPDATE webhook_request SET sealed = zeroblob(99) WHERE seq = 1", "not open"),
    ("a request is put aside", "spool.db", "UPDATE webhook_request SET state = 'dead' WHERE seq = 1", "is dead"),
    ("a request was left", "spool.db", "UPDATE webhook_request SET state = 'stored' WHERE tenant = 'firma'", "left"),
    ("a message is gone", A_FIRM, MESSAGE_GONE, "missing"),
    ("an event is gone", A_FIRM, "DELETE FROM event WHERE type = 'MessageReceived'", "without_event"),
    ("a row that nobody recorded", A_FIRM, "UPDATE message SET position = 'x' WHERE seq = 1", "unexplained_row"),
    ("the log lacks its end", A_FIRM, f"{UNGUARDED} DELETE FROM audit_entry WHERE seq > 5", "does not hold"),
]
LEFT_JOB = (
    "INSERT INTO job (kind, payload, place, state, run_at, created_at, lease_until)"
    " VALUES ('alert_staff', x'00', 'x', 'running', 0, 0, 1)"
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> CrashRun:
    """A home that was killed, in which each firm has something of everything, and that is sound."""
    place = Place(tmp_path_factory.mktemp("sound"))
    place.make()
    run = CrashRun(place, seed="sound", moments={"under load": 1})
    daemon = place.start()
    daemon.wait_until_ready()
    maker = Maker(run.journal, random.Random("sound"))
    kinds = ("text", "batch", "status_read", "phone_quality_flagged")
    backlog = [request_of([maker.webhook(firm, kind)]) for kind in kinds for firm in NUMBERS]
    Load(daemon, run.journal, seed="sound", backlog=backlog, only_backlog=True).join()
    daemon.kill()
    run.run(1)
    return run


def _copied(sound: CrashRun, root: Path) -> Place:
    shutil.copytree(sound.place.root, root, dirs_exist_ok=True)
    return Place(root)


def _look(place: Place, journal: Journal) -> None:
    seen = Seen()
    check_spool(place, journal, seen)
    check_firms(place, journal, seen)


def test_a_sound_home_passes(sound: CrashRun, tmp_path: Path) -> None:
    _look(_copied(sound, tmp_path), sound.journal)


@pytest.mark.parametrize(("label", "file", "sql", "said"), CASES, ids=[case[0] for case in CASES])
def test_a_loss_is_found(sound: CrashRun, tmp_path: Path, label: str, file: str, sql: str, said: str) -> None:
    place = _copied(sound, tmp_path)
    with closing(sqlite3.connect(place.home.root / file)) as db:
        db.executescript(sql)
    with pytest.raises(Violation, match=said):
        _look(place, sound.journal)


def test_a_message_that_should_be_there_and_is_not(sound: CrashRun, tmp_path: Path) -> None:
    place, seen = _copied(sound, tmp_path), Seen()
    check_spool(place, sound.journal, seen)
    for events in seen.new_events.values():
        events.clear()
    with pytest.raises(Violation, match="in no firm's file"):
        check_firms(place, sound.journal, seen)


def test_a_job_that_is_stuck(sound: CrashRun, tmp_path: Path) -> None:
    place = _copied(sound, tmp_path)
    with closing(sqlite3.connect(place.home.root / A_FIRM)) as db, db:
        db.execute(LEFT_JOB)
    with pytest.raises(Violation, match="stuck: 0 waiting, 1 running"):
        wait_until_done(place, jobs_too=True, within_s=0.1)


def test_the_script_says_what_broke_and_keeps_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_run: CrashRun, nth: int) -> None:
        raise Violation("something is lost")

    monkeypatch.setattr(CrashRun, "_round", broken)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        assert crash.run(["--rounds", "3", "--seed", "abc", "--home", str(tmp_path / "kept")]) == 1
    assert json.loads(out.getvalue())["violation"] == "seed abc, round 1: something is lost"
    assert "scripts/bench crash --seed abc" in err.getvalue()
    assert (tmp_path / "kept" / "home" / "spool.db").exists()
