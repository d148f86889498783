"""Checking an audit log while it grows: the whole of it once, in steps, then only what was appended.

A step reads a few rows and compares the end with the stored frontier, which stands for every record before. So a log
that was written anew, or is cut, is noticed by the next step that reaches its end. One record in its middle that was
changed or removed after a step had passed it is noticed by `lhwa audit verify`, which reads everything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import LogRow, Opening, Schema, end_start, firm_opening, is_sound_end
from lhwa.domain.merkle import Frontier
from lhwa.services.audit.verify import Flaw, end_flaw, row_flaw, schema_flaws
from lhwa.store.transaction import Tx


class GrowingLog(Protocol):
    """A log as it lies in its file, at one moment."""

    def schema(self) -> Schema:
        """The tables, indexes and triggers of the log, and every other trigger of the file."""

    def written_schema(self) -> Schema:
        """The same, as lhwa makes them."""

    def frontier_row(self) -> tuple[int, bytes] | None:
        """Size and packed hashes; None when there is no such row."""

    def entries(self, *, start: int | None = None) -> Iterable[LogRow]:
        """Rows from a number on, in order; every row, whatever its number, when there is none."""

    def tail(self, first: int) -> Sequence[LogRow]:
        """Rows from number `first` on, in order; as many as a look at the end needs."""

    def lowest(self) -> int | None:
        """The smallest number of all rows; None when there are none."""


@dataclass(frozen=True, slots=True)
class Follower:
    """How far a log was checked, and what was found. Begin with `Follower()`; what once is not sound stays so."""

    frontier: Frontier = field(default_factory=Frontier)
    """Of the records that were checked."""
    written: int | None = None
    """Records that the log had at the last step; None before the first one, and of a log without a frontier."""
    ok: bool = True
    first_bad: int | None = None
    """The first bad record; None when all is well, and when it cannot be known."""
    reason: str = ""
    """What is wrong; empty while nothing is."""

    @property
    def verified_to(self) -> int:
        """Every record before this number was sound when it was checked."""
        return self.frontier.size

    @property
    def is_caught_up(self) -> bool:
        """True when the whole log was checked, as of the last step."""
        return self.ok and self.verified_to == self.written


def verify_some(tx: Tx, principal: Principal, state: Follower, *, rows_max: int) -> Follower:
    """Check the next records of this firm's log, and its end once it is reached.

    Args:
        state: what the step before returned.
        rows_max: at most so many are read, so that others can use the file meanwhile.
    """
    principal.require(Permission.READ_AUDIT)
    return followed(state, tx.audit, firm_opening(tx.tenant), rows_max=rows_max)


def followed(state: Follower, log: GrowingLog, opening: Opening, *, rows_max: int) -> Follower:
    """`state` after one more step along a log."""
    if not state.ok:
        return state
    around = schema_flaws(log.schema(), log.written_schema())
    if around.tables:
        return replace(state, ok=False, reason=around.reason())
    size, stack = log.frontier_row() or (None, b"")
    leaves: list[bytes] = []
    flaw = _read(state, log, opening, leaves, stored_size=size, rows_max=rows_max)
    frontier = state.frontier.extend(leaves)
    is_end = len(leaves) < rows_max or size is None or frontier.size >= size
    if flaw is None and is_end:
        flaw = end_flaw(frontier, size, stack, opening) or _passed_flaw(frontier, log)
    first_bad, reason = flaw or (None, "")
    return Follower(
        frontier=frontier,
        written=size,
        ok=flaw is None and not around.guards,
        first_bad=first_bad,
        reason="; ".join(filter(None, (reason, around.reason()))),
    )


def _read(
    state: Follower, log: GrowingLog, opening: Opening, leaves: list[bytes], *, stored_size: int | None, rows_max: int
) -> Flaw | None:
    """Put the leaf hashes of the next sound rows into `leaves`; returns what is wrong with the row after them."""
    start = state.verified_to or None
    for row in islice(log.entries(start=start), rows_max):
        expected = state.verified_to + len(leaves)
        flaw = row_flaw(row, expected_seq=expected, stored_size=stored_size, opening=opening)
        if flaw is not None:
            return flaw
        leaves.append(row.leaf_hash)
    return None


def _passed_flaw(frontier: Frontier, log: GrowingLog) -> Flaw | None:
    """What is wrong at both ends of a log that is as long as it should be, where steps before have read already."""
    first, lowest = end_start(frontier), log.lowest()
    newest = log.tail(first)
    if is_sound_end(frontier, newest, lowest=lowest):
        return None
    if lowest is not None and lowest < 0:
        return lowest, "the entry was added: no record has such a number"
    if lowest != 0:
        return 0, "the entry is missing"
    here = {row.seq for row in newest}
    bad = next((seq for seq in range(first, frontier.size) if seq not in here), None)
    return bad, "the newest records are not those that were checked"
