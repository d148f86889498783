"""The registry's own audit log, in the same form as a firm's: entries, leaf hashes and a frontier.

Invariants: seq starts at 0 and has no gaps; `n` of the frontier is the number of entries: the registry's revision.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from lhwa.domain.audit import AuditRecord
from lhwa.domain.instants import Instant
from lhwa.domain.merkle import Frontier, leaf_hash


class AuditRow(NamedTuple):
    """One entry as stored."""

    seq: int
    entry: bytes
    leaf_hash: bytes


class FrontierRow(NamedTuple):
    """The right edge of the tree as stored; see `Frontier.from_bytes`."""

    n: int
    stack: bytes


def append(db: sqlite3.Connection, record: AuditRecord, *, at: Instant) -> int:
    """Append inside the transaction that does what the record says. Returns its number."""
    size, packed = frontier(db)
    entry = record.canonical(seq=size, at=at)
    leaf = leaf_hash(entry)
    grown = Frontier.from_bytes(size, packed).append(leaf)
    db.execute("INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES (?, ?, ?)", (size, entry, leaf))
    db.execute("UPDATE audit_frontier SET n = ?, stack = ?", (grown.size, grown.to_bytes()))
    return size


def frontier(db: sqlite3.Connection) -> FrontierRow:
    """Size and stack."""
    return FrontierRow(*db.execute("SELECT n, stack FROM audit_frontier").fetchone())


def entries(db: sqlite3.Connection, *, first: int = 0) -> Iterator[AuditRow]:
    """Every entry from number `first` on, in order."""
    for row in db.execute("SELECT seq, entry, leaf_hash FROM audit_entry WHERE seq >= ? ORDER BY seq", (first,)):
        yield AuditRow(*row)
