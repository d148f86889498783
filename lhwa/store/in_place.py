"""Noticing that a file was moved, removed, replaced or written over under an open connection.

What such a connection commits goes into a file that nobody will find again, or into one that is no longer its own.
SQLite itself does not mind: it goes on writing to the inode that it opened.

How a file that keeps its inode is noticed: only a checkpoint writes to the database, and a checkpoint moves counters
in the shared memory, one before it writes and one after its sync. So a file with another time and no moved counter was
written over by somebody else; where the first counter is ahead of the second, a checkpoint is under way or has failed,
and what it wrote will be written again. Frames of the log that no checkpoint has copied must still lie there, under
the salt of the log's own head.

Invariants: nothing here opens the database or the shared memory: closing them would drop the locks of this process.
Source: sqlite.org/howtocorrupt.html, sections 1, 2.2 and 4; sqlite.org/fileformat2.html, section 4 (the log);
sqlite.org/walformat.html, section 2.2 (nBackfill at byte 96, nBackfillAttempted at 128); SQLITE_FCNTL_HAS_MOVED
compares the inode with the one under the name; SQLITE_CHECKPOINT_NOOP only reads counters.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from lhwa.errors import StorageError

PUT_BACK = (
    "Stop the daemon and put the right file back with `mv`, with its own -wal file or with none, or a backup;"
    " never `cp` over a file in use."
)
"""What to do about every lost, emptied or exchanged file."""

_LOG_HEAD_BYTES = 32
_FRAME_HEAD_BYTES = 24
_LOG_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_COPIED_AT = 96
_ATTEMPTED_AT = 128
_OWN_FILES = "/dev/fd"
_READINGS_MAX = 200
_READ_AGAIN_S = 0.0005
_LOOKS = 100
_LOOK_AGAIN_S = 0.005
"""A checkpoint of another process writes first and moves its counter then: it gets half a second in all."""


class InPlace:
    """The files behind one connection: the database, its log and its shared memory from the first sight of them on.

    Args:
        before: what watched an earlier connection while others of this process stayed open: they share one log.
        is_copying: True while another thread of this process copies the log: the database changes, its counter not yet.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        path: Path,
        *,
        before: InPlace | None = None,
        is_copying: Callable[[], bool] = lambda: False,
    ) -> None:
        self._connection = connection
        self._is_copying = is_copying
        self._name = path.name
        self._path = str(path)
        self._wal = f"{path}-wal"
        self._shm = f"{path}-shm"
        self.beside: tuple[int, int] = (0, 0)
        """Inodes of the log and of the shared memory: with another memory, two writers no longer know each other."""
        self.is_overwritten: bool = False
        self.marks: tuple[int, bytes | int] = (-1, b"")
        self.file: tuple[int, int] = (0, -1)
        if before is None:
            self.marks, self.file = self._checkpoints(), self._look()
        else:
            self.beside, self.is_overwritten = before.beside, before.is_overwritten
            self.marks, self.file = before.marks, before.file

    def require(self) -> None:
        """Raise StorageError when the database or its log is no longer what this connection writes to.

        Log and shared memory stay as long as any connection is open: their absence is nobody's housekeeping. 10 us.
        """
        if self._connection.in_transaction:
            return  # SQLite does not look at its counters in the middle of one; its end is looked at again
        moved = ctypes.c_int(0)
        self._connection.file_control("main", apsw.SQLITE_FCNTL_HAS_MOVED, ctypes.addressof(moved))
        beside = _inode_of(self._wal), _inode_of(self._shm)
        is_log_gone, is_memory_gone = (had not in (0, has) for had, has in zip(self.beside, beside, strict=True))
        if not (moved.value or self._is_own()) or not self._is_log_whole():
            raise self._overwritten()
        if moved.value or is_log_gone:
            # Only this connection still holds the log that was taken away: save what it has before letting go.
            with suppress(apsw.Error):
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        elif is_memory_gone:
            # The log is whole, and somebody with another memory may be writing to it: leave it as it is.
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        if moved.value or is_log_gone or is_memory_gone:
            raise StorageError(f"{self._name} was moved, removed or replaced while lhwa had it open.", hint=PUT_BACK)
        self.beside = beside

    def _overwritten(self) -> StorageError:
        """From now on the log must not be copied into the database: it belongs to what was there before."""
        self.is_overwritten = True
        self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        return overwritten(self._name)

    def _is_own(self) -> bool:
        """True unless somebody who is not SQLite wrote to the database."""
        if self.is_overwritten:
            return False
        for nth in range(_LOOKS):
            # The counter first: a checkpoint that ends in between shows as another time, which is looked at again.
            marks, file = self._checkpoints(), self._look()
            if self._is_copying():
                return True  # looked at again when it is done
            if file == self.file or (marks != self.marks and file[1] >= self.file[1]):
                self.marks, self.file = marks, file
                return True
            if file[1] < self.file[1]:
                return False  # nothing here ever makes a database smaller
            if is_checkpoint_open(self._shm):
                # The marks stay: they move when a checkpoint has come to its end.
                self.file = file
                return True
            if nth < _LOOKS - 1:
                time.sleep(_LOOK_AGAIN_S)
        return False

    def _is_log_whole(self) -> bool:
        """True when the newest frame lies in the log, or the database has it as well."""
        return any(self._has_newest_frame() for _ in range(2))  # another process may begin the log anew meanwhile

    def _has_newest_frame(self) -> bool:
        frames, copied = self._log()
        if frames <= copied:
            return True
        is_long, head = self._connection.read("main", 1, 0, _LOG_HEAD_BYTES)
        if not is_long or head[:4] not in _LOG_MAGIC:
            return False
        size = _FRAME_HEAD_BYTES + int.from_bytes(head[8:12], "big")
        is_long, frame = self._connection.read("main", 1, _LOG_HEAD_BYTES + (frames - 1) * size, size)
        return is_long and frame[8:16] == head[16:24]

    def _checkpoints(self) -> tuple[int, bytes | int]:
        """What changes with every checkpoint: how much of the log is copied, and which log it is."""
        frames, copied = self._log()
        if frames > 0:
            return copied, self._connection.read("main", 1, 16, 8)[1]
        # An empty log has no salt; to empty it is the last thing that the checkpoint did.
        return copied, _time_of(self._wal)

    def _log(self) -> tuple[int, int]:
        """Frames in the log, and how many of them are copied.

        SQLite says that it is busy when it reads the head of the log in the instant in which another process writes it.
        """
        for _ in range(_READINGS_MAX - 1):
            with suppress(apsw.BusyError):
                return self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)
            time.sleep(_READ_AGAIN_S)
        return self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)

    def _look(self) -> tuple[int, int]:
        """Time and size of the database."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 -- twice as fast as Path.stat, and run for each transaction
        except OSError:
            return 0, -1
        return found.st_mtime_ns, found.st_size


def is_checkpoint_open(shm: str) -> bool:
    """True while a checkpoint is under way, after one that failed, and when the log was read anew after a crash.

    Looks through a descriptor that SQLite has open here; False where a process cannot list its own.
    """
    counters = _read_open(shm, _COPIED_AT, _ATTEMPTED_AT + 4 - _COPIED_AT)
    copied, attempted = counters[:4], counters[-4:]
    return len(counters) > 4 and int.from_bytes(attempted, sys.byteorder) > int.from_bytes(copied, sys.byteorder)


def _read_open(path: str, offset: int, amount: int) -> bytes:
    """Some bytes of a file that this process has open, without opening it."""
    try:
        wanted = os.stat(path)  # noqa: PTH116 -- as above
        numbers = [int(name) for name in os.listdir(_OWN_FILES)]  # noqa: PTH208 -- names, not paths
    except OSError:
        return b""
    for number in numbers:
        # Another thread may close or reuse the number meanwhile: it must be this file before and after.
        with suppress(OSError):
            if os.path.samestat(os.fstat(number), wanted):
                found = os.pread(number, amount, offset)
                if os.path.samestat(os.fstat(number), wanted):
                    return found
    return b""


def _inode_of(path: str) -> int:
    try:
        return os.stat(path).st_ino  # noqa: PTH116 -- as above
    except OSError:
        return 0


def _time_of(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 -- as above
    except OSError:
        return 0


def overwritten(name: str) -> StorageError:
    """The error for a file that somebody wrote to while lhwa had it open."""
    return StorageError(
        f"{name} or its log was written over or emptied while lhwa had it open.",
        hint="Stop the daemon, put the right file back with `mv`, remove its old -wal and -shm files, and start again;"
        " then run `lhwa events replay --all`.",
    )


@dataclass(slots=True)
class LastSeen:
    """What one process remembers of a firm's files from one opening to the next."""

    overwritten: dict[Path, int] = field(default_factory=dict)
    """Files that were written over, with their inodes: refused until another file is there."""

    def require_others(self) -> None:
        """Raise StorageError as long as a file that was written over is still there."""
        for path, inode in list(self.overwritten.items()):
            try:
                if path.stat().st_ino == inode:
                    raise overwritten(path.name)
            except FileNotFoundError:
                continue
            del self.overwritten[path]
