"""One daemon per home: a lock that the kernel drops when its holder dies, however it dies.

Invariant: the folder itself is locked, not a file in it: who removes or replaces a file lets no second daemon in.
`serve.lock` only says who holds the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from lhwa.errors import ConflictError, StorageError

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
    graph_url: str = ""
    """Where it posts messages; empty in what an older daemon wrote."""


class HomeLock:
    """Held while a daemon serves a home.

    Args:
        path: the file in the home that says who serves it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._said = b""

    def acquire(self) -> None:
        """Take the lock.

        Raises: ConflictError when another daemon holds it; StorageError when this file system knows no such locks.
        """
        descriptor = _locked(self._path.parent)
        if descriptor is None:
            facts = _read(self._path)
            holder = f" (process {facts.pid})" if facts else ""
            raise ConflictError(
                f"A daemon already serves this home{holder}.", hint="Stop it first, or serve another home."
            )
        self._descriptor = descriptor
        self._write(b"")

    def tell(self, facts: DaemonFacts) -> None:
        """Write down who serves and where."""
        if self._descriptor is not None:
            self._said = json.dumps(asdict(facts)).encode()
            self._write(self._said)

    def say_again(self) -> None:
        """Write it down once more when somebody removed the file; cheap enough to be asked every few seconds."""
        with suppress(OSError):  # neither a full disk nor a folder that may not be entered ends the daemon
            if self._descriptor is not None and not self._path.exists():
                self._write(self._said)

    def release(self) -> None:
        """Give the lock back; the empty file stays."""
        if self._descriptor is not None:
            with suppress(OSError):  # the home may be gone
                self._write(b"")
            os.close(self._descriptor)
            self._descriptor = None

    def _write(self, said: bytes) -> None:
        # In the folder that is locked, even when its name leads to another one by now.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(self._path.name, flags, 0o600, dir_fd=self._descriptor), "wb") as file:
            file.write(said)


def running_daemon(path: Path) -> DaemonFacts | None:
    """Who serves this home now, or None. A file left by a killed daemon does not count: nobody holds its lock."""
    try:
        descriptor = _opened(path.parent)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(path) or DaemonFacts(pid=0, started_at="", webhook="", admin="")
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None


def _opened(home: Path) -> int:
    return os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _locked(home: Path) -> int | None:
    """A descriptor that holds the lock, or None when somebody else does."""
    for attempt in range(ACQUIRE_TRIES):
        if attempt:
            time.sleep(ACQUIRE_WAIT_S)
        descriptor = _opened(home)
        try:
            if _is_taken(descriptor, home):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    return None


def _is_taken(descriptor: int, home: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise StorageError(
            f"The home cannot be locked: {error.strerror}.", hint="Keep it on a local disk, not on a network share."
        ) from error
    # Another folder may have come to the name meanwhile, and its own daemon with it.
    return os.path.samestat(os.fstat(descriptor), home.stat())


def _read(path: Path) -> DaemonFacts | None:
    try:
        return DaemonFacts(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
