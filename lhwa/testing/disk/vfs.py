"""The VFS itself: the system's own, with faults on the way to it and a memory of what a power loss would leave.

Invariants: shared memory and locks go straight through; after a power cut nothing reaches a file any more.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn, Self

import apsw

from lhwa.testing.disk.faults import Fault, Operation, Outcome, Plan
from lhwa.testing.disk.platter import SECTOR_BYTES, Platter, Survival

NAME = "faulty"
UNDER = "unix"

_ERRORS = {
    Operation.READ: apsw.SQLITE_IOERR_READ,
    Operation.WRITE: apsw.SQLITE_IOERR_WRITE,
    Operation.SYNC: apsw.SQLITE_IOERR_FSYNC,
    Operation.TRUNCATE: apsw.SQLITE_IOERR_TRUNCATE,
    Operation.DELETE: apsw.SQLITE_IOERR_DELETE,
}


class FaultyDisk:
    """The disk under every connection that this process opens from now on, until it is closed.

    Args:
        seed: decides which sectors arrive and which do not.
        remembers: follow what is synced, so that the power may be cut. Other processes must not write meanwhile.
        before_each: called before each operation, to take orders from outside.
        on_power_cut: called at a power cut instead of going on in the dark.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        remembers: bool = False,
        before_each: Callable[[], None] = lambda: None,
        on_power_cut: Callable[[], None] = lambda: None,
    ) -> None:
        self.chance = random.Random(seed)  # noqa: S311 -- repeatable on purpose, guards nothing
        self.plan = Plan()
        self.fired: list[tuple[str, str, str]] = []
        """What went wrong so far: operation, outcome, name of the file."""
        self.counts: dict[tuple[str, str], int] = {}
        """How often each operation was asked of each file."""
        self.is_dark = False
        self.on_sync: Callable[[str], None] = lambda _name: None
        """Told the name of each file that was synced."""
        self._remembers = remembers
        self._platters: dict[str, Platter] = {}
        self._before_each = before_each
        self._on_power_cut = on_power_cut
        self.lock = threading.RLock()
        self._vfs = _Vfs(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give later connections the system's own disk again."""
        self._vfs.unregister()
        apsw.set_default_vfs(UNDER)

    def fail(self, *faults: Fault, room_bytes: int | None = None) -> None:
        """Arm faults, and limit how much all files together may still grow."""
        with self.lock:
            self.plan.arm(faults)
            if room_bytes is not None:
                self.plan.room_bytes = room_bytes

    def heal(self) -> None:
        """Everything works from now on. What was lost stays lost."""
        with self.lock:
            self.plan.clear()

    def cut_power(self) -> None:
        """From now on every operation fails and changes nothing. Close all connections, then `restore_power`."""
        self.is_dark = True
        self._on_power_cut()

    def restore_power(self, survival: Survival, *, only: Iterable[str] = ()) -> None:
        """Put the files in place that survive, and let the disk work again. No connection may be open.

        Args:
            only: ends of names; other files keep everything. For what one firm's disk does to its neighbours.
        """
        self.leave_survivors(survival, only=tuple(only))
        self.plan.clear()
        self._platters.clear()
        self.is_dark = False

    def leave_survivors(self, survival: Survival, *, only: tuple[str, ...] = ()) -> None:
        """Write the files as a power loss leaves them."""
        for name, platter in self._platters.items():
            kept = Survival.EVERYTHING if only and not name.endswith(only) else survival
            image = platter.after_power_loss(kept, self.chance)
            if image is None:
                Path(name).unlink(missing_ok=True)
            else:
                Path(name).write_bytes(image)
            Path(f"{name}-shm").unlink(missing_ok=True)

    # What follows is asked by the files.

    def meet(self, operation: Operation, name: str) -> Fault | None:
        """The fault that an operation meets; slowness is served here."""
        with self.lock:
            if self.is_dark:
                self.refuse(operation)
            self._before_each()
            key = (operation.value, os.path.basename(name))  # noqa: PTH119 -- asked for each page
            self.counts[key] = self.counts.get(key, 0) + 1
            fault = self.plan.hit(operation, name)
            if fault is None:
                return None
            self.fired.append((operation.value, fault.outcome.value, key[1]))
        if fault.outcome is Outcome.SLOW:
            time.sleep(fault.slow_s)
            return None
        return fault

    def refuse(self, operation: Operation, outcome: Outcome = Outcome.ERROR) -> NoReturn:
        """Answer as a disk does."""
        if outcome is Outcome.FULL:
            raise apsw.FullError("no room (a test)")
        error = apsw.IOError(f"{operation.value} failed (a test)")
        error.extendedresult = _ERRORS[operation]  # type: ignore[attr-defined]  # apsw reads it; its stubs do not say so
        raise error

    def platter(self, name: str, content: Callable[[], bytes] | None = None) -> Platter | None:
        """The platter of a file; one that nobody knew counts as synced as it is."""
        if not self._remembers:
            return None
        with self.lock:
            if name not in self._platters:
                existing = b"" if content is None else content()
                self._platters[name] = Platter(bytearray(existing), exists=bool(existing))
            return self._platters[name]

    def deleted(self, name: str, *, is_synced: bool) -> None:
        """A file is gone; until its folder is synced, a power loss may bring it back."""
        if not self._remembers:
            return
        with self.lock:
            old = self._platters.pop(name, None)
            if old is not None:
                self._platters[name] = Platter(before=None if is_synced else old)

    def synced(self, name: str, platter: Platter) -> None:
        """A file is on the platter. With the entry of a new file, the system writes all that changed in its folder."""
        with self.lock:
            if not platter.exists:
                folder = os.path.dirname(name)  # noqa: PTH120 -- as above
                for other, beside in self._platters.items():
                    if os.path.dirname(other) == folder:  # noqa: PTH120 -- as above
                        beside.before = None
            platter.sync()

    def room_for(self, growth: int) -> int:
        """How much of some growth fits on the disk."""
        with self.lock:
            return self.plan.room_for(growth)


class _Vfs(apsw.VFS):
    def __init__(self, disk: FaultyDisk) -> None:
        self._disk = disk
        super().__init__(NAME, UNDER, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 -- SQLite's name
        return _File(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001 -- SQLite's name and order
        fault = self._disk.meet(Operation.DELETE, filename)
        if fault is not None:
            self._disk.refuse(Operation.DELETE)
        super().xDelete(filename, syncdir)
        self._disk.deleted(filename, is_synced=syncdir)


class _File(apsw.VFSFile):
    def __init__(self, disk: FaultyDisk, name: Any, flags: list[int]) -> None:
        super().__init__(UNDER, name, flags)
        self._disk = disk
        # Temporary files have no name, and nobody looks for them after a power loss.
        self._name: str = (name.filename() if isinstance(name, apsw.URIFilename) else name) or ""
        if self._name:
            disk.platter(self._name, self._whole)

    def _whole(self) -> bytes:
        size = super().xFileSize()
        return super().xRead(size, 0) if size else b""

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 -- SQLite's name
        if self._disk.meet(Operation.READ, self._name) is not None:
            self._disk.refuse(Operation.READ)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 -- SQLite's name
        fault = self._disk.meet(Operation.WRITE, self._name)
        if fault is not None:
            self._write_some(bytes(data), offset, fault.outcome)
        data = bytes(data)
        growth = max(offset + len(data) - super().xFileSize(), 0)
        fits = self._disk.room_for(growth)
        if fits < growth:
            self._write(data[: len(data) - growth + fits], offset)
            self._disk.fired.append((Operation.WRITE.value, Outcome.FULL.value, os.path.basename(self._name)))  # noqa: PTH119 -- as above
            self._disk.refuse(Operation.WRITE, Outcome.FULL)
        self._write(data, offset)

    def _write_some(self, data: bytes, offset: int, outcome: Outcome) -> NoReturn:
        if outcome is Outcome.FULL:
            self._write(data[: len(data) // 2], offset)
        elif outcome in (Outcome.TORN, Outcome.POWER_CUT):
            for start in range(0, len(data), SECTOR_BYTES):
                if self._disk.chance.random() < 0.5:
                    self._write(data[start : start + SECTOR_BYTES], offset + start)
        if outcome is Outcome.POWER_CUT:
            self._disk.cut_power()
        self._disk.refuse(Operation.WRITE, outcome)

    def _write(self, data: bytes, offset: int) -> None:
        if not data:
            return
        with self._disk.lock:
            super().xWrite(data, offset)
            if self._name and (platter := self._disk.platter(self._name)) is not None:
                platter.write(offset, data, read=self._read_now)

    def _read_now(self, amount: int, offset: int) -> bytes:
        return super().xRead(min(amount, super().xFileSize() - offset), offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 -- SQLite's name
        fault = self._disk.meet(Operation.SYNC, self._name)
        platter = self._disk.platter(self._name) if self._name else None
        if fault is not None:
            if fault.outcome is Outcome.POWER_CUT:
                self._disk.cut_power()
            elif platter is not None:
                with self._disk.lock:
                    platter.fail_sync(self._disk.chance)
            self._disk.refuse(Operation.SYNC, fault.outcome)
        if platter is None:
            super().xSync(flags)
        else:
            self._disk.synced(self._name, platter)
        self._disk.on_sync(os.path.basename(self._name))  # noqa: PTH119 -- as above

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 -- SQLite's name
        if self._disk.meet(Operation.TRUNCATE, self._name) is not None:
            self._disk.refuse(Operation.TRUNCATE)
        with self._disk.lock:
            super().xTruncate(newsize)
            if self._name and (platter := self._disk.platter(self._name)) is not None:
                platter.resize(newsize)
