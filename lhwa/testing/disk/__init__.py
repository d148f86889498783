"""A disk that fails on command, for everything that apsw writes: what happens to files when the disk lets us down.

The VFS raises where a disk says no. It is harsher than life in one place: a checkpoint that fails behind a COMMIT is
swallowed by SQLite, but apsw raises it all the same, so a commit that succeeded may look failed, never the reverse.

Invariant: nothing here opens a database by itself; closing such a handle would drop the locks of this process.
"""

from __future__ import annotations

from lhwa.testing.disk.faults import Fault, Operation, Outcome
from lhwa.testing.disk.platter import Survival
from lhwa.testing.disk.vfs import FaultyDisk

__all__ = ["Fault", "FaultyDisk", "Operation", "Outcome", "Survival"]
