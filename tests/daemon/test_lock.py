"""One daemon per home, and finding out whether there is one."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from lhwa.daemon.lock import DaemonFacts, HomeLock, running_daemon
from lhwa.errors import ConflictError, StorageError

FACTS = DaemonFacts(pid=4711, started_at="2026-11-22T03:00:00Z", webhook="127.0.0.1:8080", admin="127.0.0.1:9090")

HOLDER = """
import sys, time
from pathlib import Path
from lhwa.daemon.lock import HomeLock
lock = HomeLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "serve.lock"


def test_nobody_serves_a_home_without_a_lock_file(path: Path) -> None:
    assert running_daemon(path) is None
    assert not path.exists()


def test_who_holds_the_lock_says_who_it_is(path: Path) -> None:
    lock = HomeLock(path)
    lock.acquire()
    assert running_daemon(path) == DaemonFacts(pid=0, started_at="", webhook="", admin="")
    lock.tell(FACTS)
    assert running_daemon(path) == FACTS
    lock.release()
    assert running_daemon(path) is None


def test_the_file_is_its_owners_alone(path: Path) -> None:
    lock = HomeLock(path)
    lock.acquire()
    assert path.stat().st_mode & 0o777 == 0o600
    lock.release()


def test_a_second_daemon_is_refused_with_the_first_ones_number(path: Path) -> None:
    first, second = HomeLock(path), HomeLock(path)
    first.acquire()
    first.tell(FACTS)
    with pytest.raises(ConflictError, match="process 4711"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


@pytest.mark.parametrize("how", ["removed", "renamed", "replaced"])
def test_without_its_file_the_lock_still_holds(path: Path, how: str) -> None:
    first, second = HomeLock(path), HomeLock(path)
    first.acquire()
    first.tell(FACTS)
    path.rename(path.with_name("aside"))
    if how == "removed":
        path.with_name("aside").unlink()
    if how == "replaced":
        path.write_bytes(b"")
    assert running_daemon(path) == DaemonFacts(pid=0, started_at="", webhook="", admin="")
    with pytest.raises(ConflictError):
        second.acquire()
    first.tell(FACTS)
    assert running_daemon(path) == FACTS
    first.release()
    second.acquire()
    second.release()


def test_a_removed_file_is_written_once_more(path: Path) -> None:
    lock = HomeLock(path)
    lock.say_again()
    assert not path.exists()
    lock.acquire()
    lock.tell(FACTS)
    path.unlink()
    lock.say_again()
    assert running_daemon(path) == FACTS
    lock.say_again()
    assert running_daemon(path) == FACTS
    lock.release()


def test_a_home_that_is_replaced_while_it_is_locked_is_not_the_locked_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = path.parent / "home"
    home.mkdir()
    real = fcntl.flock
    swapped: list[Path] = []

    def flock(descriptor: int, how: int) -> None:
        real(descriptor, how)
        if not swapped:
            swapped.append(home.rename(home.with_name("aside")))
            home.mkdir()

    monkeypatch.setattr(fcntl, "flock", flock)
    lock, other = HomeLock(home / "serve.lock"), HomeLock(home / "serve.lock")
    lock.acquire()
    with pytest.raises(ConflictError):
        other.acquire()
    lock.release()


def test_a_home_that_is_gone_can_be_let_go(path: Path) -> None:
    home = path.parent / "home"
    home.mkdir()
    lock = HomeLock(home / "serve.lock")
    lock.acquire()
    home.rename(home.with_name("aside"))
    lock.release()
    assert running_daemon(path.parent / "aside" / "serve.lock") is None


def test_a_home_that_cannot_be_locked_is_no_conflict(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*_: object) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", unable)
    with pytest.raises(StorageError, match="cannot be locked"):
        HomeLock(path).acquire()
    assert running_daemon(path) is None


def test_what_a_killed_daemon_said_is_not_said_again(path: Path) -> None:
    path.write_text(json.dumps(asdict(FACTS)))
    lock = HomeLock(path)
    lock.acquire()
    assert running_daemon(path) == DaemonFacts(pid=0, started_at="", webhook="", admin="")
    lock.release()


def test_shorter_facts_leave_no_rest_of_longer_ones(path: Path) -> None:
    lock = HomeLock(path)
    lock.acquire()
    lock.tell(DaemonFacts(pid=1, started_at="x" * 200, webhook="", admin=""))
    lock.tell(FACTS)
    assert running_daemon(path) == FACTS
    lock.release()


def test_releasing_twice_and_without_holding_is_harmless(path: Path) -> None:
    lock = HomeLock(path)
    lock.release()
    lock.acquire()
    lock.release()
    lock.release()
    lock.tell(FACTS)
    assert path.read_bytes() == b""


SAID = [("nothing", b""), ("no JSON", b"{"), ("other facts", b'{"pid": 1}'), ("no object", b"[1]"), ("bytes", b"\xff")]


@pytest.mark.parametrize(("label", "said"), SAID, ids=[case[0] for case in SAID])
def test_a_held_lock_is_a_daemon_whatever_the_file_says(path: Path, label: str, said: bytes) -> None:
    lock = HomeLock(path)
    lock.acquire()
    path.write_bytes(said)
    found = running_daemon(path)
    assert found is not None
    assert found.pid == 0
    lock.release()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_the_kernel_drops_the_lock_of_the_dead(path: Path, how: int) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    path.write_text("left behind")
    assert running_daemon(path) is not None
    os.kill(holder.pid, how)
    holder.wait(10)
    holder.stdout.close()
    assert running_daemon(path) is None
    next_one = HomeLock(path)
    next_one.acquire()
    next_one.release()


def test_somebody_who_only_looks_is_no_daemon(path: Path) -> None:
    path.touch()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            running_daemon(path)

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(20):
            lock = HomeLock(path)
            lock.acquire()
            lock.release()
    finally:
        stop.set()
        for looker in lookers:
            looker.join()
