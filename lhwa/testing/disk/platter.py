"""What is on the platter and what only seems to be: the files that a power loss leaves behind.

A write lies in the memory of the system until a sync. On a power loss any sector of what was not synced may be old or
new, each file for itself. A sync that fails loses what it should have written: the pages count as clean from then on,
reads still see them, a later sync that succeeds does not write them. Only writing to a page again does.

Source: Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020 (what ext4 and XFS do).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

SECTOR_BYTES = 512
"""The least that a disk writes as a whole. SQLite relies on no less (powersafe overwrite)."""
PAGE_BYTES = 4_096
"""What the system remembers as clean or dirty."""


class Survival(StrEnum):
    """What a power loss leaves of what was not synced."""

    NOTHING = "nothing"
    EVERYTHING = "everything"
    PREFIX = "prefix"
    """Writes in their order, up to some point in the middle of one."""
    PIECES = "pieces"
    """Any sectors, in any order."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A write of one sector or less; without bytes, a new size."""

    offset: int
    written: bytes | None


@dataclass(slots=True)
class Platter:
    """One file: what a power loss cannot take, and what waits for a sync."""

    durable: bytearray = field(default_factory=bytearray)
    exists: bool = False
    """Whether the file itself would be found after a power loss."""
    waiting: list[_Piece] = field(default_factory=list)
    lost_pages: set[int] = field(default_factory=set)
    """Pages that a failed sync left clean without writing them."""
    before: Platter | None = None
    """A file of this name that was deleted; a power loss may bring it back until its folder is written."""

    def write(self, offset: int, written: bytes, *, read: Callable[[int, int], bytes]) -> None:
        """Something was written. `read` gives (amount, offset) of the file as it seems to be now."""
        touched = range(offset // PAGE_BYTES, (offset + max(len(written), 1) - 1) // PAGE_BYTES + 1)
        for page in self.lost_pages.intersection(touched):
            # The system writes whole pages: what was lost around this write goes along with it.
            self.waiting += _pieces(page * PAGE_BYTES, read(PAGE_BYTES, page * PAGE_BYTES))
            self.lost_pages.discard(page)
        self.waiting += _pieces(offset, written)

    def resize(self, size: int) -> None:
        """The file was made this long."""
        self.waiting.append(_Piece(size, None))

    def sync(self) -> None:
        """All that waits is on the platter, and so is the file."""
        _apply(self.durable, self.waiting)
        self.waiting.clear()
        self.exists = True
        self.before = None

    def fail_sync(self, chance: random.Random) -> None:
        """The sync failed: some of it may have arrived, and none of it will be tried again."""
        _apply(self.durable, _surviving(self.waiting, Survival.PIECES, chance) if chance.random() < 0.5 else [])
        for piece in self.waiting:
            if piece.written is not None:
                self.lost_pages.add(piece.offset // PAGE_BYTES)
        self.waiting.clear()

    def after_power_loss(self, survival: Survival, chance: random.Random) -> bytes | None:
        """The file that is found afterwards; None when there is none."""
        if not self.exists and (survival is Survival.NOTHING or chance.random() < 0.5):
            return None if self.before is None else self.before.after_power_loss(survival, chance)
        image = bytearray(self.durable)
        _apply(image, _surviving(self.waiting, survival, chance))
        return bytes(image)


def _pieces(offset: int, written: bytes) -> Iterator[_Piece]:
    end, start = offset + len(written), offset
    while start < end:
        stop = min((start // SECTOR_BYTES + 1) * SECTOR_BYTES, end)
        yield _Piece(start, written[start - offset : stop - offset])
        start = stop


def _surviving(waiting: list[_Piece], survival: Survival, chance: random.Random) -> list[_Piece]:
    if survival is Survival.NOTHING:
        return []
    if survival is Survival.EVERYTHING:
        return waiting
    if survival is Survival.PREFIX:
        return waiting[: chance.randint(0, len(waiting))]
    return [piece for piece in waiting if chance.random() < 0.5]


def _apply(image: bytearray, pieces: list[_Piece]) -> None:
    for piece in pieces:
        end = piece.offset + len(piece.written or b"")
        if len(image) < end:
            image.extend(bytes(end - len(image)))
        if piece.written is None:
            del image[piece.offset :]
        else:
            image[piece.offset : end] = piece.written
