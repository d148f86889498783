"""Noticing that a file was moved, removed or replaced under an open connection.

What such a connection commits goes into a file that nobody will find again. SQLite itself does not mind: it goes on
writing to the inode that it opened.

Source: sqlite.org/howtocorrupt.html, section 4; SQLITE_FCNTL_HAS_MOVED compares the inode with the one under the name.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from pathlib import Path

import apsw

from lhwa.errors import StorageError


class InPlace:
    """The files behind one connection: the database, and its write-ahead log from the first sight of it on.

    Args:
        before: what watched an earlier connection while others of this process stayed open: they share one log.
    """

    def __init__(self, connection: apsw.Connection, path: Path, *, before: InPlace | None = None) -> None:
        self._connection = connection
        self._name = path.name
        self._wal = path.with_name(path.name + "-wal")
        self.wal_inode: int = before.wal_inode if before else 0

    def require(self) -> None:
        """Raise StorageError when the database or its log is no longer the file that this connection writes to.

        The log stays as long as any connection is open, so its absence is nobody's housekeeping. About 5 us.
        """
        moved = ctypes.c_int(0)
        self._connection.file_control("main", apsw.SQLITE_FCNTL_HAS_MOVED, ctypes.addressof(moved))
        wal_inode = self._inode_of_wal()
        if moved.value or (self.wal_inode and wal_inode != self.wal_inode):
            # Only this connection still holds the log that was taken away: save what it has before letting go.
            with suppress(apsw.Error):
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            raise StorageError(
                f"{self._name} was moved, removed or replaced while lhwa had it open.",
                hint="Put the right file back, with its -wal file, or restore a backup; nothing received is lost.",
            )
        self.wal_inode = wal_inode

    def _inode_of_wal(self) -> int:
        try:
            return self._wal.stat().st_ino
        except OSError:
            return 0
