"""Checking an audit log from its first byte: its beginning, leaves, order, tree, frontier and guards. Pure.

A changed entry fails its leaf hash, a changed leaf hash fails the root, a removed row leaves a gap, a cut tail leaves
a frontier that is larger than the log, and an emptied log lacks the record that every log begins with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from lhwa.domain.audit import DamagedEntryError, LogRow, Opening, Schema, read_entry
from lhwa.domain.merkle import EMPTY_ROOT, Frontier

_ROWS = ("table", "view")
"""Kinds of objects that rows are read from."""


class StoredLog(Protocol):
    """A log as it lies in its file, at one moment."""

    def schema(self) -> Schema:
        """The tables, indexes and triggers of the log, and every other trigger of the file."""

    def written_schema(self) -> Schema:
        """The same, as lhwa makes them."""

    def frontier_row(self) -> tuple[int, bytes] | None:
        """Size and packed hashes; None when there is no such row."""

    def entries(self) -> Iterable[LogRow]:
        """Every row, whatever its number, in order."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check found. `ok` is False as soon as one thing is wrong.

    `first_bad` names the first bad row; None when all is well, and when it cannot be known.
    """

    ok: bool
    entries: int
    root: bytes
    first_bad: int | None = None
    reason: str = ""


def verify_stored(log: StoredLog, opening: Opening) -> Verified:
    """Check a log together with the tables and guards that hold it."""
    flaws = schema_flaws(log.schema(), log.written_schema())
    if flaws.tables:
        return Verified(ok=False, entries=0, root=EMPTY_ROOT, reason=flaws.reason())
    size, stack = log.frontier_row() or (None, b"")
    found = verify_log(log.entries(), stored_size=size, stored_stack=stack, opening=opening)
    if not flaws.guards:
        return found
    return replace(found, ok=False, reason="; ".join(filter(None, (found.reason, flaws.reason()))))


def verify_log(
    rows: Iterable[LogRow], *, stored_size: int | None, stored_stack: bytes, opening: Opening | None = None
) -> Verified:
    """Recompute the whole tree and compare it with what is stored.

    Args:
        rows: all entries in order of `seq`.
        stored_size: the frontier's count of entries; None when the frontier is gone.
        stored_stack: the frontier's packed hashes.
        opening: what the first entry must be; None takes a log that begins anyhow, also an empty one.
    """
    frontier = Frontier()
    flaw: Flaw | None = None
    for row in rows:
        flaw = row_flaw(row, expected_seq=frontier.size, stored_size=stored_size, opening=opening)
        if flaw is not None:
            break
        frontier = frontier.append(row.leaf_hash)
    else:
        flaw = end_flaw(frontier, stored_size, stored_stack, opening)
    if flaw is None:
        return Verified(ok=True, entries=frontier.size, root=frontier.root())
    return Verified(ok=False, entries=frontier.size, root=frontier.root(), first_bad=flaw[0], reason=flaw[1])


Flaw = tuple[int | None, str]
"""The number of the first bad row when it is known, and what is wrong."""


def row_flaw(row: LogRow, *, expected_seq: int, stored_size: int | None, opening: Opening | None) -> Flaw | None:
    """What is wrong with a row by itself, at its place in the log; None when nothing is."""
    if row.seq < 0:
        return row.seq, "the entry was added: no record has such a number"
    if row.seq != expected_seq:
        if stored_size is not None and 0 < stored_size <= expected_seq:
            return row.seq, f"the entry was added: {stored_size} entries were written"
        return expected_seq, "the entry is missing"
    try:
        entry = read_entry(row)
    except DamagedEntryError as damage:
        return expected_seq, str(damage)
    if opening and expected_seq == 0 and (entry.action, entry.target) != (opening.action, opening.target):
        return 0, f"the log does not begin with {opening.action} of {opening.target}"
    return None


def end_flaw(frontier: Frontier, size: int | None, stack: bytes, opening: Opening | None) -> Flaw | None:
    """What is wrong with a log of which every row is sound; None when nothing is.

    Args:
        frontier: of all its rows.
        size: the stored frontier's count of entries, with its packed `stack`.
    """
    if size is None:
        return None, f"the frontier is gone, and with it how many entries were written; {frontier.size} are here"
    if opening and frontier.size == 0 and size <= 0:
        return 0, f"the log is empty, and every log begins with {opening.action}"
    if frontier.size < size:
        return frontier.size, f"the end is cut off: {size} entries were written, {frontier.size} are here"
    if size < 0:
        return None, "the frontier is damaged"
    if frontier.size > size:
        return size, f"{frontier.size - size} entries were added past the frontier, or the frontier was set back"
    if frontier.to_bytes() != stack:
        return None, _where_trees_differ(frontier, stack)
    return None


def _where_trees_differ(frontier: Frontier, stack: bytes) -> str:
    """Every entry fits its own hash: only the subtrees that the frontier holds tell where the logs part."""
    try:
        stored = Frontier.from_bytes(frontier.size, stack)
    except ValueError:
        return f"the frontier is damaged: nothing tells whether records 0 to {frontier.size - 1} are those written"
    end, differing = 0, []
    for here, written in zip(frontier.stack, stored.stack, strict=True):
        start, end = end, end + (1 << here[0])
        if here != written:
            differing += [start, end - 1]
    return (
        "the tree is not the one written: the difference lies somewhere in records"
        f" {differing[0]} to {differing[-1]}, or in the frontier itself"
    )


@dataclass(frozen=True, slots=True)
class SchemaFlaws:
    """What differs around a log: each a name and what is wrong with it."""

    tables: tuple[str, ...] = ()
    """Rows cannot be trusted to be readable while one of these is wrong."""
    guards: tuple[str, ...] = ()
    """Triggers and indexes."""

    def reason(self) -> str:
        """All of it in words; empty when nothing differs."""
        wrong = ", ".join((*self.tables, *self.guards))
        return f"what holds and guards the log is not as lhwa made it: {wrong}" if wrong else ""


def schema_flaws(found: Schema, written: Schema) -> SchemaFlaws:
    """What is missing, added or changed."""
    tables: list[str] = []
    guards: list[str] = []
    for kind, name in sorted(found.keys() | written.keys()):
        here, expected = found.get((kind, name)), written.get((kind, name))
        if here != expected:
            wrong = "missing" if here is None else "added" if expected is None else "changed"
            (tables if kind in _ROWS else guards).append(f"{kind} {name} is {wrong}")
    return SchemaFlaws(tuple(tables), tuple(guards))
