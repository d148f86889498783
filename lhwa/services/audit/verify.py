"""Checking an audit log from its first byte: leaves, order, tree, frontier. Pure.

A changed entry fails its leaf hash, a changed leaf hash fails the root, a removed row leaves a gap, and a cut tail
leaves a frontier that is larger than the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from lhwa.domain.merkle import Frontier, leaf_hash


class LogRow(Protocol):
    """One stored entry."""

    @property
    def seq(self) -> int:
        """Its number, from 0."""

    @property
    def entry(self) -> bytes:
        """Canonical JSON, as hashed."""

    @property
    def leaf_hash(self) -> bytes:
        """32 bytes."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check found. `ok` is False as soon as one thing is wrong; `first_bad` names the first bad row."""

    ok: bool
    entries: int
    root: bytes
    first_bad: int | None = None
    reason: str = ""


def verify_log(rows: Iterable[LogRow], *, stored_size: int, stored_stack: bytes) -> Verified:
    """Recompute the whole tree and compare it with what is stored.

    Args:
        rows: all entries in order of `seq`.
        stored_size: the frontier's count of entries.
        stored_stack: the frontier's packed hashes.
    """
    frontier = Frontier()
    for row in rows:
        reason = _flaw(row, expected_seq=frontier.size)
        if reason:
            return Verified(
                ok=False, entries=frontier.size, root=frontier.root(), first_bad=frontier.size, reason=reason
            )
        frontier = frontier.append(row.leaf_hash)
    if frontier.size < stored_size:
        reason = f"the end is cut off: {stored_size} entries were written, {frontier.size} are here"
    elif frontier.size > stored_size:
        reason = f"{frontier.size - stored_size} entries were added past the frontier"
    elif frontier.to_bytes() != stored_stack:
        return Verified(
            ok=False, entries=frontier.size, root=frontier.root(), first_bad=0, reason="the tree is not the one written"
        )
    else:
        return Verified(ok=True, entries=frontier.size, root=frontier.root())
    first_bad = min(frontier.size, stored_size)
    return Verified(ok=False, entries=frontier.size, root=frontier.root(), first_bad=first_bad, reason=reason)


def _flaw(row: LogRow, *, expected_seq: int) -> str:
    if row.seq != expected_seq:
        return "the entry is missing"
    if leaf_hash(row.entry) != row.leaf_hash:
        return "the entry was changed"
    try:
        entry: Any = msgspec.json.decode(row.entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "the entry is not JSON"
    if not isinstance(entry, dict) or entry.get("seq") != expected_seq:
        return "the entry carries another number"
    return ""
