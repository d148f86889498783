"""Secrets as files that only their owner can read: one file each, 0600, in a folder of 0700.

Invariants: a file that others can read, that belongs to somebody else or that is a link is never read; a new value
replaces the old one at once or not at all.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from lhwa.adapters.secret_store.names import checked_name
from lhwa.errors import StorageError, UsageError

_SECRET_BYTES_MAX = 64 * 1024
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)  # Windows has neither links nor modes of this kind
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_POSIX = os.name == "posix"


class FileSecretStore:
    """Keeps each secret in a file of its own."""

    name: ClassVar[str] = "file"
    writable: ClassVar[bool] = True

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @classmethod
    def for_home(cls, home: Path, *, path: Path | None, environ: Mapping[str, str]) -> FileSecretStore:  # noqa: ARG003 -- one signature for all stores
        """The folder that settings name, else `secrets` in the home."""
        return cls(path or home / "secrets")

    def get(self, secret: str) -> bytes | None:
        """The secret, or None when there is no such file."""
        path = self._path(secret)
        try:
            handle = os.open(path, os.O_RDONLY | _NOFOLLOW | _CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}.", hint=f"Look at: ls -ld {path}") from None
        try:
            self._refuse_shared(os.fstat(handle), path)
            return os.read(handle, _SECRET_BYTES_MAX)
        finally:
            os.close(handle)

    def put(self, secret: str, value: bytes) -> None:
        """Write beside, fsync, rename: a crash leaves the old value or the new one."""
        if len(value) > _SECRET_BYTES_MAX:
            raise UsageError(f"A secret has at most {_SECRET_BYTES_MAX} bytes.")
        path = self._path(secret)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        self._make_directory()
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _CLOEXEC, 0o600)
            try:
                with open(handle, "wb") as file:  # noqa: PTH123 -- created above, exclusively
                    file.write(value)
                    file.flush()
                    os.fsync(handle)
                beside.replace(path)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
            self._sync_directory()
        except OSError as error:
            raise StorageError(f"{path} could not be written: {error.strerror}.") from None

    def delete(self, secret: str) -> None:
        """Remove the file."""
        try:
            self._path(secret).unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise StorageError(f"{self._path(secret)} could not be removed: {error.strerror}.") from None
        with contextlib.suppress(FileNotFoundError):
            self._sync_directory()

    def describe(self) -> str:
        """The folder."""
        return f"files in {self._directory}"

    def _path(self, secret: str) -> Path:
        return self._directory / checked_name(secret)

    def _make_directory(self) -> None:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self._directory.stat()
        except OSError as error:
            raise UsageError(f"{self._directory} cannot be used: {error.strerror}.") from None
        if _POSIX and status.st_mode & 0o077:
            raise UsageError(
                f"Others have access to the folder {self._directory}.", hint=f"Run: chmod 700 {self._directory}"
            )

    def _sync_directory(self) -> None:
        if not _POSIX:
            return
        handle = os.open(self._directory, os.O_RDONLY | _CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _refuse_shared(self, status: os.stat_result, path: Path) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path} is no regular file.")
        if not _POSIX:
            return
        if status.st_uid != os.geteuid():
            raise UsageError(f"{path} belongs to another user.", hint=f"Run as its owner, or: sudo chown $USER {path}")
        if status.st_mode & 0o077:
            raise UsageError(
                f"Others can read {path}.", hint=f"Replace the secret if they may have, and: chmod 600 {path}"
            )
