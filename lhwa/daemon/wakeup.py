"""Noticing what other processes wrote: a touched file in `wake/` per firm, and the registry itself.

A folder of small files is watched, not the databases: their logs change with every message that we ourselves store.

Invariant: whatever happens to the files, the watching goes on: they are waited for, and watched anew when they are back
or others are in their place. Only what was watched tells the kernel anything, so the names are looked at as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, suppress

from watchfiles import awatch
from watchfiles._rust_notify import WatchfilesRustInternalError

from lhwa.config import Home
from lhwa.domain.ids import TenantId, is_tenant_id
from lhwa.telemetry.logs import Log

DEBOUNCE_MS = 50
POLL_MS = 500
LOOK_S = 2.0
"""How often the names are looked at: a file that was replaced tells nobody."""

_Identities = tuple[tuple[int, int], ...]

_log = Log("watcher")


async def watch(
    home: Home, *, stop: asyncio.Event, wake: Callable[[Iterable[TenantId]], None], registry_changed: Callable[[], None]
) -> None:
    """Until `stop` is set: call `wake` with the firms that have new work, `registry_changed` when it was written."""
    is_again = is_absent = is_polling = False
    while not stop.is_set():
        try:
            watched = _identities(home)
            is_absent = False
            async for names in _changed_names(home, watched, stop=stop, is_polling=is_polling):
                # Nobody was told what happened while nothing was watched.
                missed, is_again = ({home.registry_db.name, *_names_in(home)} if is_again else set()), False
                _tell(home, names | missed, wake=wake, registry_changed=registry_changed)
            is_again = True
        except FileNotFoundError:
            if not is_absent:
                _log.warning("home_not_watched", hint="Put the home and its registry.db back; lhwa waits for them.")
            is_again = is_absent = True
            await _pause(stop)
        except (OSError, WatchfilesRustInternalError, ExceptionGroup) as error:
            # The kernel's limit of watched files is shared by all programs of a user: being slower beats not serving.
            if is_polling:
                await _pause(stop)
            else:
                _log.warning("watching_by_polling", error=type(error).__name__, code=getattr(error, "errno", None))
            is_again = is_polling = True


async def _changed_names(
    home: Home, watched: _Identities, *, stop: asyncio.Event, is_polling: bool
) -> AsyncIterator[set[str]]:
    """Names of what was written, also none at all; ends when the names lead to other files than those watched."""
    looking = awatch(
        home.wake_dir,
        home.registry_db,
        stop_event=stop,
        debounce=DEBOUNCE_MS,
        step=DEBOUNCE_MS,
        rust_timeout=int(LOOK_S * 1000),
        yield_on_timeout=True,
        recursive=False,
        force_polling=is_polling,
        poll_delay_ms=POLL_MS,
    )
    async with aclosing(looking):
        async for changes in looking:
            yield {path.rsplit("/", 1)[-1] for _, path in changes}
            if _identities(home) != watched:
                return


def _tell(
    home: Home,
    names: set[str],
    *,
    wake: Callable[[Iterable[TenantId]], None],
    registry_changed: Callable[[], None],
) -> None:
    if not names:
        return
    if home.registry_db.name in names:
        registry_changed()
    wake([TenantId(name) for name in names if is_tenant_id(name)])


def _names_in(home: Home) -> set[str]:
    return {path.name for path in home.wake_dir.iterdir()}


def _identities(home: Home) -> _Identities:
    """Which files the names lead to now. Raises: FileNotFoundError when the home or its registry is gone."""
    home.wake_dir.mkdir(mode=0o700, exist_ok=True)
    found = [path.stat() for path in (home.wake_dir, home.registry_db)]
    return tuple((each.st_dev, each.st_ino) for each in found)


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_S):
            await stop.wait()
