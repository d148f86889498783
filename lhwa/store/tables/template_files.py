"""Message templates in the firm's files: every version that was good, the one that counts, and files with errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import apsw

from lhwa.store.connection import rows


@dataclass(frozen=True, slots=True)
class FileVersion:
    """A wording that a template had in the firm's files."""

    name: str
    language: str
    version: int
    """From 1, for each name and language."""
    sha256: bytes
    definition: str
    """Canonical JSON, as it would be posted."""
    seen_at_ms: int


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """Where a template stands, and which of its versions counts."""

    file: str
    current: FileVersion
    changed_at_ms: int
    deleted_at_ms: int | None = None
    """Since when no file has it."""


_VERSION = "v.name, v.language, v.version, v.sha256, v.definition, v.seen_at"
_CURRENT = (
    f"SELECT f.file, f.changed_at, f.deleted_at, {_VERSION} FROM template_file f"  # noqa: S608 -- a constant
    " JOIN template_file_version v USING (name, language, version)"
)


class TemplateFiles:
    """The tables of the firm's template files."""

    def __init__(self, connection: apsw.Connection, *, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def get(self, name: str, language: str) -> TemplateFile | None:
        """One template by name and language; also one that was deleted."""
        found = rows(self._connection, f"{_CURRENT} WHERE f.name = ? AND f.language = ?", (name, language))
        return _file(found[0]) if found else None

    def all(self) -> list[TemplateFile]:
        """Every template that a file ever had, by name and language."""
        return [_file(row) for row in rows(self._connection, f"{_CURRENT} ORDER BY f.name, f.language")]

    def versions(self, name: str, language: str | None = None) -> list[FileVersion]:
        """Every version of a template, by language, oldest first."""
        found = rows(
            self._connection,
            f"SELECT {_VERSION} FROM template_file_version v WHERE v.name = ?"  # noqa: S608 -- a constant
            " AND v.language = coalesce(?, v.language) ORDER BY v.language, v.version",
            (name, language),
        )
        return [FileVersion(*row) for row in found]

    def add_version(self, name: str, language: str, definition: str, *, sha256: bytes) -> FileVersion:
        """Keep a wording as the newest version."""
        ((newest,),) = rows(
            self._connection,
            "SELECT coalesce(max(version), 0) FROM template_file_version WHERE name = ? AND language = ?",
            (name, language),
        )
        made = FileVersion(name, language, int(newest) + 1, sha256, definition, self._now_ms)
        self._connection.execute(
            "INSERT INTO template_file_version (name, language, version, sha256, definition, seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (name, language, made.version, sha256, definition, self._now_ms),
        )
        return made

    def put(self, current: FileVersion, *, file: str) -> None:
        """Let this version count from now on, as it stands in a file."""
        self._connection.execute(
            "INSERT INTO template_file (name, language, file, version, changed_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (name, language) DO UPDATE SET file = excluded.file, version = excluded.version,"
            " changed_at = excluded.changed_at, deleted_at = NULL",
            (current.name, current.language, file, current.version, self._now_ms),
        )

    def mark_deleted(self, name: str, language: str) -> None:
        """No file has this template any more."""
        self._connection.execute(
            "UPDATE template_file SET deleted_at = ?, changed_at = ? WHERE name = ? AND language = ?",
            (self._now_ms, self._now_ms, name, language),
        )

    def newest_change_ms(self) -> int:
        """When a template last changed in the files; 0 before the first."""
        ((newest,),) = rows(self._connection, "SELECT coalesce(max(changed_at), 0) FROM template_file")
        return int(newest)

    def faults(self) -> dict[str, int]:
        """Files with errors, and how many errors each has."""
        return dict(rows(self._connection, "SELECT file, errors FROM template_file_fault ORDER BY file"))

    def fault_times(self) -> dict[str, int]:
        """Files with errors, and since when each has so many."""
        return dict(rows(self._connection, "SELECT file, since FROM template_file_fault ORDER BY file"))

    def put_faults(self, errors_by_file: Mapping[str, int]) -> bool:
        """Let these be the files with errors; False when they were before."""
        before = self.faults()
        for file in before.keys() - errors_by_file.keys():
            self._connection.execute("DELETE FROM template_file_fault WHERE file = ?", (file,))
        for file, errors in errors_by_file.items():
            if before.get(file) != errors:
                self._connection.execute(
                    "INSERT INTO template_file_fault (file, errors, since) VALUES (?, ?, ?)"
                    " ON CONFLICT (file) DO UPDATE SET errors = excluded.errors, since = excluded.since",
                    (file, errors, self._now_ms),
                )
        return before != dict(errors_by_file)


def _file(row: tuple[object, ...]) -> TemplateFile:
    file, changed_ms, deleted_ms, *version = row
    return TemplateFile(file, FileVersion(*version), changed_ms, deleted_ms)  # type: ignore[arg-type]  # STRICT columns
