"""The completeness ledger: what an element is known by in a firm's file, and what can have become of it.

Invariants: every element of every stored request has exactly one disposition; `missing` is the one that must not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

ElementTable = Literal["message", "message_status", "platform_event"]


class Disposition(StrEnum):
    """What became of one element."""

    MESSAGE = "message"
    """It is a message of its own."""
    STATUS = "status"
    """It is a status fact of its own."""
    PLATFORM_EVENT = "platform_event"
    """It is a platform event of its own."""
    DEAD_LETTER = "dead_letter"
    """It lies in the dead letters until a person decides, or a person discarded it there."""
    WAITING_JOB = "waiting_job"
    """It could not be applied yet; a job will try again."""
    DUPLICATE = "duplicate"
    """Another element said the same, and that one is recorded, put aside or waits."""
    NOT_APPLIED = "not_applied"
    """Its request waits in the spool."""
    SET_ASIDE = "set_aside"
    """Its whole request was put aside, and the installer sees it among what is unreadable."""
    MISSING = "missing"
    """Nothing accounts for it."""


@dataclass(frozen=True, slots=True)
class ElementKeys:
    """What one element is known by: its place in the raw bytes, and the keyed hashes of what it says."""

    position: str
    table: ElementTable | None
    """Where its row would be; None for what can only be buried."""
    row: bytes
    """The `dedup` of that row; empty without a table."""
    letters: tuple[bytes, ...]
    """The `dedup` of every dead letter that it could have become."""


OWN_ROW = {
    "message": Disposition.MESSAGE,
    "message_status": Disposition.STATUS,
    "platform_event": Disposition.PLATFORM_EVENT,
}
