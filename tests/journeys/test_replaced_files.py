"""Files that are moved, removed or replaced under the running daemon, or while it is down: said, and nothing lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

SUFFIXES = ("", "-wal", "-shm")


def _moved(path: Path, to: Path) -> None:
    for suffix in SUFFIXES:
        source = path.with_name(path.name + suffix)
        if source.exists():
            source.rename(to.with_name(to.name + suffix))


def _waiting(place: Any, firm: str = "firma") -> int:
    return int(place.data("status", firm=firm)["queues"]["requests"]["waiting"])


@pytest.mark.parametrize("what", ["home", "spool.db"])
def test_a_spool_that_vanishes_is_503_until_it_is_back(place: Any, what: str) -> None:
    daemon = place.serve()
    assert daemon.post(place.text("sebelum")) == 200
    daemon.settle()
    path = place.home if what == "home" else place.home / what
    aside = path.with_name("aside")
    _moved(path, aside)
    assert [daemon.post(place.text(f"selama {nth}")) for nth in range(3)] == [503] * 3
    assert not path.exists(), "an empty one was made in its place"
    _moved(aside, path)
    place.eventually(lambda: daemon.post(place.text("sesudah")) == 200)
    place.eventually(lambda: place.texts() == ["sebelum", "sesudah"])
    daemon.stop()


@pytest.mark.parametrize("name", ["tenant.db", "keys.db"])
def test_a_firms_file_that_is_moved_away_stops_that_firm_alone(place: Any, name: str) -> None:
    daemon = place.serve()
    path = place.home / "tenants" / "firma" / name
    assert daemon.post(place.text("sebelum")) == 200
    daemon.settle()
    _moved(path, path.with_name("aside"))
    assert daemon.post(place.text("selama")) == 200
    assert daemon.post(place.text("tetangga", firm="lain")) == 200
    place.eventually(lambda: place.texts("lain") == ["tetangga"])
    place.eventually(lambda: daemon.lines("firm_in_trouble"), what=daemon.said())
    assert not path.exists()
    _moved(path.with_name("aside"), path)
    place.eventually(lambda: place.texts() == ["sebelum", "selama"])
    assert place.data("audit", "verify")["ok"] is True
    daemon.stop()


@pytest.mark.parametrize("name", ["tenant.db", "keys.db"])
def test_a_firms_file_that_is_replaced_is_not_written_to_unseen(place: Any, name: str) -> None:
    daemon = place.serve()
    path = place.home / "tenants" / "firma" / name
    assert daemon.post(place.text("sebelum")) == 200
    daemon.settle()
    with sqlite3.connect(path) as source:
        source.execute("VACUUM INTO ?", (str(path.with_name("copy")),))
    source.close()
    _moved(path, path.with_name("aside"))
    path.with_name("copy").rename(path)
    assert daemon.post(place.text("selama")) == 200
    # The copy is as sound as the original was, so the daemon takes it up at its next try: nothing is missing there.
    place.eventually(lambda: daemon.lines("firm_in_trouble"), what=daemon.said())
    place.eventually(lambda: place.texts()[-1:] == ["selama"] and _waiting(place) == 0)
    daemon.stop()


@pytest.mark.parametrize("name", ["tenant.db", "keys.db"])
def test_an_emptied_file_of_a_firm_is_said_and_never_filled_anew(place: Any, name: str) -> None:
    first = place.serve()
    assert first.post(place.text("sebelum")) == 200
    first.settle()
    first.stop()
    path = place.home / "tenants" / "firma" / name
    good = path.read_bytes()
    path.write_bytes(b"")
    listed = place.run("messages", "list", "-t", "firma")
    assert (listed.returncode, "Traceback" in listed.stderr) == (7, False), listed.stderr
    doctor = place.run("doctor")
    assert doctor.returncode != 0
    assert f"firma: {name}" in doctor.stdout
    second = place.serve()
    assert second.post(place.text("selama")) == 200
    place.eventually(lambda: second.lines("firm_in_trouble"), what=second.said())
    assert path.stat().st_size <= 8_192
    _moved(path, path.with_name("emptied"))
    path.write_bytes(good)
    place.eventually(lambda: place.texts() == ["sebelum", "selama"])
    second.stop()


@pytest.mark.parametrize("name", ["spool.db", "spool.db-wal"])
def test_a_spool_that_is_emptied_in_place_is_503_and_never_200(place: Any, name: str) -> None:
    daemon = place.serve()
    assert daemon.post(place.text("sebelum")) == 200
    daemon.settle()
    (place.home / name).write_bytes(b"")
    assert [daemon.post(place.text(f"selama {nth}")) for nth in range(3)] == [503] * 3
    daemon.stop()
    assert place.texts() == ["sebelum"]


def test_a_backup_that_is_copied_over_a_firms_file_in_use_is_said_and_nothing_is_marked_done(place: Any) -> None:
    first = place.serve()
    for nth in range(3):
        assert first.post(place.text(f"lama {nth}")) == 200
    first.settle()
    first.stop()
    path = place.home / "tenants" / "firma" / "tenant.db"
    backup = path.read_bytes()
    daemon = place.serve()
    assert daemon.post(place.text("sesudah cadangan")) == 200
    daemon.settle()
    path.write_bytes(backup)  # as `cp` does: the same inode
    assert daemon.post(place.text("selama")) == 200
    assert daemon.post(place.text("tetangga", firm="lain")) == 200
    place.eventually(lambda: place.texts("lain") == ["tetangga"])
    place.eventually(lambda: daemon.lines("firm_in_trouble"), what=daemon.said())
    assert "written over" in str(daemon.lines("firm_in_trouble")[0])
    assert daemon.ready().json()["waitingRequests"] == 1
    daemon.stop()
    # What the hint says: the right file by `mv`, without the log of the other one, and everything once more.
    path.with_name("copy").write_bytes(backup)
    path.with_name("copy").rename(path)
    for suffix in SUFFIXES[1:]:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    last = place.serve()
    place.ok("events", "replay", "--all", "-t", "firma")
    texts = ["lama 0", "lama 1", "lama 2", "selama", "sesudah cadangan"]
    place.eventually(lambda: sorted(place.texts()) == texts, what=last.said())
    assert place.data("audit", "verify")["ok"] is True
    last.stop()


@pytest.mark.parametrize(("is_emptied", "code"), [(False, 3), (True, 7)], ids=["missing", "emptied"])
def test_the_daemon_starts_with_no_spool_but_its_own(place: Any, code: int, *, is_emptied: bool) -> None:
    daemon = place.serve()
    assert daemon.post(place.text("sebelum")) == 200
    daemon.settle()
    daemon.stop()
    spool = place.home / "spool.db"
    _moved(spool, place.home.parent / "aside.db")
    if is_emptied:
        spool.write_bytes(b"")
    refused = place.start()
    assert refused.wait() == code, refused.said()
    assert "lhwa init --new-spool" in refused.said()
    assert is_emptied or not spool.exists()
    spool.unlink(missing_ok=True)
    place.ok("init", "--new-spool")
    again = place.serve()
    assert again.post(place.text("sesudah")) == 200
    place.eventually(lambda: place.texts() == ["sebelum", "sesudah"])
    again.stop()
