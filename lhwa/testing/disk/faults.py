"""What can go wrong, and when: faults by operation and file, each after so many good ones and so many times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Operation(StrEnum):
    """What SQLite asks of a file."""

    READ = "read"
    WRITE = "write"
    SYNC = "sync"
    TRUNCATE = "truncate"
    DELETE = "delete"


class Outcome(StrEnum):
    """What the disk does instead."""

    ERROR = "error"
    """Nothing is done, and an error is returned. A failed sync loses what it should have written, see `Platter`."""
    TORN = "torn"
    """Some sectors of a write arrive, then an error."""
    FULL = "full"
    """The first half of a write arrives, then there is no room."""
    SLOW = "slow"
    """It is done, later."""
    POWER_CUT = "power_cut"
    """Some sectors of a write arrive, and the machine is dark."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Args:
        file: how the name of the file ends, such as `spool.db-wal`; empty for every file.
        after: how many of these operations go well before.
        times: how many go wrong then; None for ever.
        slow_s: for `SLOW`, how long it takes.
    """

    operation: Operation
    outcome: Outcome = Outcome.ERROR
    file: str = ""
    after: int = 0
    times: int | None = 1
    slow_s: float = 0.0


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0

    def hits(self, operation: Operation, file: str) -> bool:
        fault = self.fault
        if operation is not fault.operation or not file.endswith(fault.file):
            return False
        self.seen += 1
        return self.seen > fault.after and (fault.times is None or self.seen <= fault.after + fault.times)


@dataclass(slots=True)
class Plan:
    """The faults that are armed now. Its owner takes care that one thread asks at a time."""

    armed: list[_Armed] = field(default_factory=list)
    room_bytes: int | None = None
    """How much all files together may still grow; None without a limit."""

    def arm(self, faults: Iterable[Fault]) -> None:
        """Add faults; their counting begins now."""
        self.armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        """The disk is well."""
        self.armed.clear()
        self.room_bytes = None

    def hit(self, operation: Operation, file: str) -> Fault | None:
        """The fault that this operation meets; every armed one counts it."""
        found = [armed.fault for armed in self.armed if armed.hits(operation, file)]
        return found[0] if found else None

    def room_for(self, growth: int) -> int:
        """How much of some growth fits; what fits is taken."""
        if self.room_bytes is None or growth <= 0:
            return growth
        fits = min(growth, self.room_bytes)
        self.room_bytes -= fits
        return fits
