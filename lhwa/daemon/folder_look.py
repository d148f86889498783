"""What a look at one folder of edited files shows, without reading any of them: enough to tell whether it changed."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from lhwa.domain.edited_files import FILES_MAX, is_edited_file


@dataclass(frozen=True, slots=True)
class Look:
    """Two that are equal show the same files."""

    identity: tuple[int, int] | None = None
    """Which folder it is; None when there is none that can be looked into."""
    files: tuple[tuple[str | int, ...], ...] = ()
    """Each with its name, number, size and times; with an error's number when it cannot be looked at."""
    trouble: int = 0
    """Why the folder cannot be looked into, as an error's number."""


ABSENT = Look()
"""The firm has made no such folder."""


def look_into(folder: Path) -> Look | None:
    """What is in a firm's folder now. Reads no file; not for the event loop.

    Returns: None when the firm's own folder is gone: then nothing can be said of what is in it.
    """
    try:
        is_at = folder.stat()
        with os.scandir(folder) as entries:
            files = []
            for entry in entries:
                if is_edited_file(entry.name):
                    files.append(_file(entry))
                if len(files) > FILES_MAX:
                    break
    except FileNotFoundError:
        if folder.is_symlink():
            return Look(trouble=errno.ENOENT)
        return ABSENT if folder.parent.is_dir() else None
    except OSError as error:
        return Look(trouble=error.errno or errno.EIO)
    return Look((is_at.st_dev, is_at.st_ino), tuple(sorted(files, key=str)))


def _file(entry: os.DirEntry[str]) -> tuple[str | int, ...]:
    # The file behind a link: that is the one that is read.
    try:
        seen = entry.stat()
    except OSError as error:
        return entry.name, error.errno or errno.EIO
    return entry.name, seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
