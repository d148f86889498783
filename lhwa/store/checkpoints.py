"""Copying the spool's log into its database, on a thread of its own, so that no commit has to wait for it.

Most of a checkpoint is done while others write. A log that never gets a pause would grow for ever, so once it is long
the rest is copied with the writer held back for a moment.

Source: sqlite.org/wal.html, sections 2.1 and 6.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import apsw

from lhwa.store.connection import storage_errors
from lhwa.store.in_place import InPlace
from lhwa.store.spool_rows import open_spool_file
from lhwa.telemetry.logs import Log

PAGES_BETWEEN = 4_000
"""Pages that are written before the next checkpoint: 32 MiB."""
PAGES_MAX = 16_000
"""With more pages in the log the writer is held back, so that it can begin anew: 128 MiB."""
LOG_BYTES_KEPT = 192 * 1024 * 1024
"""A log that begins anew keeps its length: to write over it is cheaper for the disk than to make it longer again."""
PAGES_OF_A_MOMENT = 100
COPIES_MAX = 5
BUSY_TIMEOUT_MS = 100
LOOK_S = 5.0
"""The worker's process writes to the log as well, and does not tell."""
STOP_S = 5.0

_log = Log("spool")


class Checkpointer:
    """Checkpoints one spool for as long as a daemon runs. `note` may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: apsw.Connection | None = None
        self._in_place: InPlace | None = None
        self._asked = threading.Event()
        self._closing = False
        self._pages_at_last = 0
        self._is_copying = False
        self._thread = threading.Thread(target=self._work, name="lhwa-checkpoints", daemon=True)

    def start(self) -> None:
        """From now on the log is copied here."""
        self._thread.start()

    def is_copying(self) -> bool:
        """True while it writes to the database: its time of writing tells nobody else anything then."""
        return self._is_copying

    def note(self, pages: int) -> None:
        """So many pages lie in the log now."""
        if pages < self._pages_at_last:
            self._pages_at_last = 0  # the log began anew
        if pages - self._pages_at_last >= PAGES_BETWEEN:
            self._pages_at_last = pages
            self._asked.set()

    def close(self) -> None:
        """Finish the checkpoint in progress. Idempotent."""
        self._closing = True
        self._asked.set()
        self._thread.join(STOP_S)

    def _work(self) -> None:
        while True:
            self._asked.wait(LOOK_S)
            self._asked.clear()
            if self._closing:
                break
            try:
                with storage_errors("spool.db"):
                    self._checkpoint()
            except Exception as error:  # noqa: BLE001 -- without this thread the log would grow for ever
                # Nothing is lost: the log is longer, and the next round opens the file anew.
                _log.error("checkpoint_failed", error)
                self._let_go()
        self._let_go()

    def _checkpoint(self) -> None:
        if self._connection is None or self._in_place is None:
            self._connection = open_spool_file(self._path)
            self._connection.set_busy_timeout(BUSY_TIMEOUT_MS)
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            self._in_place = InPlace(self._connection, self._path)
        self._in_place.require()
        pages, copied = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)
        if pages - copied < PAGES_BETWEEN and pages < PAGES_MAX:
            return
        self._is_copying = True
        try:
            pages, copied = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            if pages < PAGES_MAX:
                return
            # What was written during one copy is copied by the next, until the rest is a matter of a moment.
            for _ in range(COPIES_MAX):
                before = copied
                pages, copied = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                if copied - before < PAGES_OF_A_MOMENT:
                    break
            with suppress(apsw.BusyError):  # somebody reads what is old: the next round tries again
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
        finally:
            self._is_copying = False

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(apsw.Error):
                connection.close(True)
