"""A full disk: 503 and no word lost, no file broken, and on again by itself once there is room."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DISK_BYTES = 24 * 1024 * 1024
PAD = "x" * 60_000


@pytest.fixture
def small(sample_root: Path, place: Any) -> Iterator[Any]:
    """A home on a disk of its own that holds 24 MiB."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "none", str(place.home)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not allow mount")
    try:
        shutil.copytree(sample_root / "home", place.home, dirs_exist_ok=True)
        yield place
        place.close()
    finally:
        subprocess.run(["umount", "--lazy", str(place.home)], check=True)


def _send_until_refused(place: Any, daemon: Any, name: str, *, most: int) -> tuple[list[str], int]:
    """Send texts until one is not answered 200; returns those that were, and the other answer."""
    taken: list[str] = []
    for nth in range(most):
        body = place.text(f"{name} {nth}") | {"pad": PAD}
        if (status := daemon.post(body)) != 200:
            return taken, status
        taken.append(f"{name} {nth}")
    return taken, 200


def test_a_full_disk_is_said_and_gets_over(small: Any) -> None:
    daemon = small.serve()
    assert daemon.post(small.text("sebelum penuh")) == 200
    daemon.settle()
    filler = small.home / "filler"
    free = shutil.disk_usage(small.home).free
    with filler.open("wb") as file:
        file.write(b"\0" * (free - 2 * 1024 * 1024))
    taken, status = _send_until_refused(small, daemon, "penuh", most=200)
    assert status == 503
    assert daemon.ready().status_code == 503
    assert "disk is full" in daemon.ready().json()["reason"].lower()  # of whoever noticed first
    daemon.shows('lhwa_webhook_requests_total{result="error"}', least=1)
    [line, *_] = daemon.lines("webhook_not_stored")
    assert "disk is full" in line["message"]
    assert daemon.process.poll() is None
    filler.unlink()
    small.eventually(lambda: daemon.post(small.text("ada tempat lagi")) == 200)
    daemon.settle()
    assert daemon.ready().status_code == 200
    small.eventually(lambda: small.texts() == sorted(["sebelum penuh", *taken, "ada tempat lagi"]))
    assert small.data("audit", "verify")["ok"] is True
    daemon.stop()


def test_it_starts_on_a_full_disk_and_takes_up_work_when_there_is_room(small: Any) -> None:
    first = small.serve()
    assert first.post(small.text("sebelum mulai ulang")) == 200
    first.kill()
    filler = small.home / "filler"
    with filler.open("wb") as file:
        file.write(b"\0" * (shutil.disk_usage(small.home).free))
    second = small.start()
    small.eventually(lambda: second.process.poll() is not None or second._facts())
    filler.unlink()
    if second.process.poll() is not None:
        assert second.process.returncode == 3, second.said()
        assert "Traceback" not in second.said()
        second = small.serve()
    else:
        second.wait_until_ready()
    small.eventually(lambda: small.texts() == ["sebelum mulai ulang"])
    second.stop()


def test_a_file_that_may_not_grow_is_like_a_full_disk(place: Any) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))

    daemon = place.serve(preexec_fn=limited)
    taken, status = _send_until_refused(place, daemon, "terbatas", most=100)
    assert status == 503
    assert len(taken) > 5
    daemon.kill()
    again = place.serve()
    again.settle()
    place.eventually(lambda: place.texts() == sorted(taken))
    assert place.data("audit", "verify")["ok"] is True
    again.stop()
