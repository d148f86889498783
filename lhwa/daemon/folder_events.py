"""The kernel's word that something was written into a folder of edited files.

The folders themselves are watched, never what is around them: the firms' databases change with every message. Where
the kernel has no watches left this says so once, and tries again later.

Invariant: whatever happens to the folders, the listening goes on. A hint may be wrong or missing: who gets it looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from pathlib import Path

from watchfiles import Change, awatch
from watchfiles._rust_notify import WatchfilesRustInternalError

from lhwa.domain.edited_files import is_edited_file
from lhwa.domain.ids import TenantId
from lhwa.telemetry.logs import Log

DEBOUNCE_MS = 50
LISTEN_S = 2.0
REWATCH_S = 0.1
"""After a start many folders are found one after the other: they are watched anew once."""
GONE_S = 1.0
KERNEL_AGAIN_S = 600.0

Place = tuple[TenantId, str]
"""A firm and the name of one of its folders."""

_log = Log("watcher")


class FolderEvents:
    """Listens to the folders that it was told of.

    Args:
        hint: called with the places where something was written, or may have been.
    """

    def __init__(self, hint: Callable[[Iterable[Place]], None]) -> None:
        self._hint = hint
        self._folders: dict[Place, tuple[str, tuple[int, int]]] = {}
        self._others = asyncio.Event()
        """Set when other folders have to be watched than are."""
        self._rewatching: asyncio.TimerHandle | None = None
        self._is_deaf = False

    def follow(self, place: Place, path: Path, identity: tuple[int, int] | None) -> None:
        """Listen to this folder from now on; to none in this place when `identity` is None. Call on the event loop."""
        known = self._folders.get(place)
        if identity == (None if known is None else known[1]):
            return
        if identity is None:
            del self._folders[place]
        else:
            self._folders[place] = str(path), identity
        if self._rewatching is None:
            self._rewatching = asyncio.get_running_loop().call_later(REWATCH_S, self._rewatch)

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            self._others.clear()
            folders = {path: place for place, (path, _identity) in self._folders.items()}
            if not folders:
                await self._others.wait()
                continue
            try:
                await self._hear(folders)
            except FileNotFoundError:
                # One has gone since it was looked at: the next look tells which.
                self._hint(folders.values())
                await asyncio.sleep(GONE_S)
            except (OSError, WatchfilesRustInternalError, ExceptionGroup) as error:
                # The kernel's limit is shared by all programs of a user: being slower beats not serving.
                if not self._is_deaf:
                    hint = "Raise fs.inotify.max_user_watches; until then edits are noticed a few seconds later."
                    code = getattr(error, "errno", None)
                    _log.warning("edited_folders_polled", error=type(error).__name__, code=code, hint=hint)
                self._is_deaf = True
                await asyncio.sleep(KERNEL_AGAIN_S)

    def _rewatch(self) -> None:
        self._rewatching = None
        self._others.set()

    async def _hear(self, folders: Mapping[str, Place]) -> None:
        """Pass on what the kernel says until other folders have to be watched."""

        def counts(_change: Change, path: str) -> bool:
            return path in folders or is_edited_file(path.rpartition("/")[2])

        looking = awatch(
            *folders,
            watch_filter=counts,
            stop_event=self._others,
            debounce=DEBOUNCE_MS,
            step=DEBOUNCE_MS,
            rust_timeout=int(LISTEN_S * 1000),
            yield_on_timeout=True,
            recursive=False,
            ignore_permission_denied=True,
        )
        is_new = True
        async with aclosing(looking):
            async for changes in looking:
                if is_new:
                    # Nobody was told what happened before it was watched.
                    self._hint(folders.values())
                    is_new = self._is_deaf = False
                heard = {path if path in folders else path.rpartition("/")[0] for _, path in changes}
                self._hint(folders[path] for path in heard if path in folders)
