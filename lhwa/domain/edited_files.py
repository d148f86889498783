"""Files of a firm that people edit: which ones count, and what a reading of a whole folder brought.

Editors leave swap files, backups and half of a save beside what they edit: by their names these never count.
"""

from __future__ import annotations

from dataclasses import dataclass

SUFFIXES = (".yaml", ".yml")
FILES_MAX = 1_000
"""In one folder. More are no work of people, and every look at the folder would pay for them."""


def is_edited_file(name: str) -> bool:
    """True for the name of a file that counts."""
    return name.endswith(SUFFIXES) and not name.startswith(".")


@dataclass(frozen=True, slots=True)
class FileFault:
    """An error in a file, without anything that stands in it."""

    file: str
    """Its name, fit to be shown."""
    line: int
    """From 1."""
    rule: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """What the reading of a folder changed in the firm's records."""

    changed: int = 0
    """What has a new version, is deleted, is there again, or lies in another file."""
    faults: tuple[FileFault, ...] = ()
    """The files that these are in change nothing."""
