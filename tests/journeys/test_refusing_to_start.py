"""A daemon that could not do its job does not start: exit 2, one sentence, and what to do next."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

Break = Callable[[Any], None]


def _without_app(place: Any) -> None:
    shutil.rmtree(place.home)
    place.ok("init", "--non-interactive")


def _without_home(place: Any) -> None:
    shutil.rmtree(place.home)


def _home_is_a_file(place: Any) -> None:
    shutil.rmtree(place.home)
    place.home.write_text("not a folder")


def _without_key(place: Any) -> None:
    shutil.rmtree(place.home / "secrets")


def _with_another_key(place: Any) -> None:
    for path in (place.home / "secrets").iterdir():
        key = bytearray(path.read_bytes())
        key[0] ^= 1
        path.write_bytes(bytes(key))


def _with_a_readable_key(place: Any) -> None:
    for path in (place.home / "secrets").iterdir():
        path.chmod(0o644)


def _registry_of_the_future(place: Any) -> None:
    with closing(sqlite3.connect(place.home / "registry.db")) as registry, registry:
        tables = [row[0] for row in registry.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        [applied] = [name for name in tables if "migration" in name]
        columns = [row[1] for row in registry.execute(f"PRAGMA table_info({applied})")]
        first = registry.execute(f"SELECT * FROM {applied}").fetchone()
        row = dict(zip(columns, first, strict=True)) | {"name": "9999_from_the_future"}
        row.pop("id", None)
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        registry.execute(f"INSERT INTO {applied} ({names}) VALUES ({marks})", tuple(row.values()))


def _spool_of_the_future(place: Any) -> None:
    with closing(sqlite3.connect(place.home / "spool.db")) as spool, spool:
        spool.execute("PRAGMA user_version = 99")


def _bad_settings(place: Any) -> None:
    with (place.home / "lhwa.toml").open("a") as settings:
        settings.write("\n[server]\nport = 70000\n")


CASES: list[tuple[str, Break, int, str, str]] = [
    # label, how it is broken, exit code, what is said, what the hint says
    ("no Meta app", _without_app, 2, "no Meta app with a secret", "lhwa app add"),
    ("no home", _without_home, 2, "no lhwa installation", "lhwa init"),
    ("home is a file", _home_is_a_file, 2, "no lhwa installation", "lhwa init"),
    ("no root key", _without_key, 2, "root key", ""),
    ("another root key", _with_another_key, 2, "root key", ""),
    ("a root key that others may read", _with_a_readable_key, 2, "", "chmod"),
    ("registry of a newer lhwa", _registry_of_the_future, 2, "newer", "lhwa"),
    ("spool of a newer lhwa", _spool_of_the_future, 2, "schema 99", "lhwa"),
    ("a wrong setting", _bad_settings, 2, "server.port", ""),
]


@pytest.mark.parametrize(("label", "spoil", "code", "said", "hint"), CASES, ids=[case[0] for case in CASES])
def test_it_does_not_start(place: Any, label: str, spoil: Break, code: int, said: str, hint: str) -> None:
    spoil(place)
    daemon = place.start()
    assert daemon.wait() == code, daemon.said()
    text = daemon.said()
    assert said in text
    assert f"hint: {hint}" in text or hint in text.partition("hint:")[2]
    assert "unexpectedly" not in text
    assert "Traceback" not in text


def test_it_leaves_the_lock_to_the_next_when_it_cannot_start(place: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for flag in ("--port", "--admin-port"):
            daemon = place.start(flag, str(port))
            assert daemon.wait() == 2, daemon.said()
            assert f"Port {port} on 127.0.0.1 is taken" in daemon.said()
            assert "hint: Stop the other program, or choose another port." in daemon.said()
    place.serve().stop()


def test_a_host_that_is_none_is_refused(place: Any) -> None:
    daemon = place.start("--host", "198.51.100.7")
    assert daemon.wait() == 2
    assert "is no address of this machine" in daemon.said()


def test_a_home_that_cannot_be_read_is_refused(place: Any) -> None:
    argv = [sys.executable, "-m", "lhwa", "serve", "--port", "0", "--admin-port", "0"]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root reads everything, and there is no setpriv to take that power away")
        argv = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--", *argv]
    place.home.chmod(0o000)
    done = subprocess.run(argv, env=place.environ(), capture_output=True, text=True, timeout=20, check=False)
    place.home.chmod(0o700)
    assert done.returncode == 3
    assert done.stderr.startswith("error: Permission denied")
    assert "hint: " in done.stderr


def test_commands_say_the_same_as_the_daemon(place: Any) -> None:
    _with_another_key(place)
    done = place.run("--json", "messages", "list", "-t", "firma")
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, error["code"]) == (2, "usage")
    assert "root key" in error["message"]
