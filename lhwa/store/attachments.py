"""Files of a firm: each sealed under the key of the person it belongs to, in the folder `media` beside tenant.db.

A file is durable before the row that names it is committed. A crash between the two leaves a sealed file that no row
names, never a row without its file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lhwa.domain.ids import ContactId
from lhwa.domain.sealing import Place
from lhwa.errors import InvariantError, StorageError, UnavailableError
from lhwa.store.vault import Vault, contact_subject

FOLDER = "media"
"""Beside tenant.db."""
FOLDER_MODE, FILE_MODE = 0o700, 0o600


class Attachments:
    """The folder, within one transaction.

    Args:
        written: gets the paths of what is put, for `discard`.
    """

    def __init__(self, folder: Path, vault: Vault, *, now_ms: int, written: list[Path]) -> None:
        self._folder = folder
        self._vault = vault
        self._now_ms = now_ms
        self._written = written

    def put(self, name: str, contact: ContactId, content: bytes) -> None:
        """Keep a file.

        Args:
            name: the id of the row that names it.
        Raises: StorageError when the disk cannot take it.
        """
        sealed = self._vault.seal(contact_subject(contact), self._place(name), content, now_ms=self._now_ms)
        path = self._path(name)
        try:
            self._folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            # Never over one that is there: its row may stand already.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
            self._written.append(path)
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            _sync(self._folder)
        except OSError as error:
            raise StorageError(
                "The file could not be kept.", hint="Look for free space and for the rights of the firm's folder."
            ) from error

    def read(self, name: str) -> bytes:
        """A file in clear. Raises: StorageError when it is gone, UnavailableError, SealError without its key."""
        try:
            sealed = self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise StorageError("A file of this firm is missing.", hint="Put the folder back from a backup.") from error
        except OSError as error:
            raise UnavailableError("A file of this firm cannot be read now.") from error
        return self._vault.unseal(self._place(name), sealed)

    def _place(self, name: str) -> Place:
        return self._vault.place("attachment", "content", name)

    def _path(self, name: str) -> Path:
        if not (name.isascii() and name.isalnum()):
            raise InvariantError("This is no id, so it names no file.")
        return self._folder / name


def discard(written: list[Path]) -> None:
    """Remove what was put by a transaction that did not happen. What stays all the same is sealed."""
    for path in written:
        with suppress(OSError):
            path.unlink()
    written.clear()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
