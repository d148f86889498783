"""Telling a running daemon that another process put work into a file: a touched file per firm in `wake/`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

SPOOL = "_spool"
"""Touched after rows of the spool were sent back to the queue; no tenant id can be this."""


def touch(wake_dir: Path, name: str) -> None:
    """Wake the daemon of this home, if there is one; `name` is a firm or `SPOOL`."""
    # The work itself is committed: a full disk must not make its caller believe that it failed.
    with suppress(OSError):
        wake_dir.mkdir(mode=0o700, exist_ok=True)
        # A write, not only a change of times: watchers of files notice writes everywhere.
        with (wake_dir / name).open("wb") as marker:
            marker.write(b"\n")
