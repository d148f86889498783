"""The lhwa command on a disk that takes its orders from a file: `python daemon.py ORDERS serve ...`.

ORDERS is JSON, put in place with a rename: {"faults": [{"operation": "sync", ...}], "room_bytes": 0}.
New orders replace all old ones. A worker process that is forked has the same disk and counts for itself. What went
wrong is told in ORDERS.fired, one line each. No power cuts here: one process does not know what the other has synced.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lhwa.testing.disk import Fault, FaultyDisk, Operation, Outcome


class Orders:
    """Orders from a file for a disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0
        self._told = 0
        self._disk = FaultyDisk(before_each=self.look)

    def look(self) -> None:
        """Take new orders, and tell what went wrong since."""
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            return
        if inode != self._seen:
            self._seen = inode
            self._take(self._read())
        if len(self._disk.fired) > self._told:
            self._tell()

    def _take(self, orders: dict[str, Any]) -> None:
        self._disk.heal()
        faults = [
            Fault(**{**fault, "operation": Operation(fault["operation"]), "outcome": Outcome(fault["outcome"])})
            for fault in orders.get("faults", [])
        ]
        self._disk.fail(*faults, room_bytes=orders.get("room_bytes"))
        self._disk.chance.seed(orders.get("seed", 0))

    def _tell(self) -> None:
        with self._path.with_suffix(".fired").open("a", encoding="utf-8") as file:
            for fired in self._disk.fired[self._told :]:
                file.write(" ".join(fired) + "\n")
        self._told = len(self._disk.fired)

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._path.read_bytes()) if self._path.exists() else {}
        return found


if __name__ == "__main__":
    orders = Orders(Path(sys.argv.pop(1)))  # kept: a VFS that nobody holds is gone
    from lhwa.__main__ import main

    sys.exit(main())
