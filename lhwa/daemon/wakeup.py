"""Noticing what other processes wrote: a touched file in `wake/` per firm, and the registry itself.

A folder of small files is watched, not the databases: their logs change with every message that we ourselves store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from watchfiles import awatch

from lhwa.config import Home
from lhwa.domain.ids import TenantId, is_tenant_id
from lhwa.telemetry.logs import Log

DEBOUNCE_MS = 50
POLL_MS = 500

_log = Log("watcher")


async def watch(
    home: Home, *, stop: asyncio.Event, wake: Callable[[Iterable[TenantId]], None], registry_changed: Callable[[], None]
) -> None:
    """Until `stop` is set: call `wake` with the firms that have new work, `registry_changed` when it was written."""
    try:
        await _watch(home, stop=stop, wake=wake, registry_changed=registry_changed)
    except OSError as error:
        # The kernel's limit of watched files is shared by all programs of a user: being slower beats not serving.
        _log.warning("watching_by_polling", error=type(error).__name__, code=error.errno)
        await _watch(home, stop=stop, wake=wake, registry_changed=registry_changed, is_polling=True)


async def _watch(
    home: Home,
    *,
    stop: asyncio.Event,
    wake: Callable[[Iterable[TenantId]], None],
    registry_changed: Callable[[], None],
    is_polling: bool = False,
) -> None:
    home.wake_dir.mkdir(mode=0o700, exist_ok=True)
    looking = awatch(
        home.wake_dir,
        home.registry_db,
        stop_event=stop,
        debounce=DEBOUNCE_MS,
        step=DEBOUNCE_MS,
        recursive=False,
        force_polling=is_polling,
        poll_delay_ms=POLL_MS,
    )
    async for changes in looking:
        names = {path.rsplit("/", 1)[-1] for _, path in changes}
        if home.registry_db.name in names:
            registry_changed()
        wake([TenantId(name) for name in names if is_tenant_id(name)])
