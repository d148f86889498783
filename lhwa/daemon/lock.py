"""One daemon per home: a lock that the kernel drops when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from lhwa.errors import ConflictError

ACQUIRE_TRIES = 10
ACQUIRE_WAIT_S = 0.05
"""A command that looks whether a daemon runs holds the lock for some microseconds: that is no other daemon."""


@dataclass(frozen=True, slots=True)
class DaemonFacts:
    """What a running daemon says of itself in the lock file."""

    pid: int
    started_at: str
    webhook: str
    """`host:port` of the public listener."""
    admin: str
    """`host:port` of the admin listener."""


class HomeLock:
    """Held while a daemon serves a home."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises: ConflictError when another daemon holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked(descriptor):
            os.close(descriptor)
            facts = _read(self._path)
            holder = f" (process {facts.pid})" if facts else ""
            raise ConflictError(
                f"A daemon already serves this home{holder}.", hint="Stop it first, or serve another home."
            )
        self._descriptor = descriptor

    def tell(self, facts: DaemonFacts) -> None:
        """Write down who serves and where."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps(asdict(facts)).encode(), 0)

    def release(self) -> None:
        """Give the lock back; the empty file stays, because removing it would race with the next holder."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def running_daemon(path: Path) -> DaemonFacts | None:
    """Who serves this home now, or None. A file left by a killed daemon does not count: nobody holds its lock."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _read(path) or DaemonFacts(pid=0, started_at="", webhook="", admin="")
    finally:
        os.close(descriptor)
    return None


def _locked(descriptor: int) -> bool:
    for attempt in range(ACQUIRE_TRIES):
        if attempt:
            time.sleep(ACQUIRE_WAIT_S)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        return True
    return False


def _read(path: Path) -> DaemonFacts | None:
    try:
        return DaemonFacts(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
