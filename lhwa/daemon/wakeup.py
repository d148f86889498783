"""Noticing what other processes wrote: a touched file in `wake/` per firm, and the registry itself.

A folder of small files is watched, not the databases: their logs change with every message that we ourselves store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from watchfiles import awatch

from lhwa.config import Home
from lhwa.domain.ids import TenantId, is_tenant_id

DEBOUNCE_MS = 50


async def watch(
    home: Home, *, stop: asyncio.Event, wake: Callable[[Iterable[TenantId]], None], registry_changed: Callable[[], None]
) -> None:
    """Until `stop` is set: call `wake` with the firms that have new work, `registry_changed` when it was written."""
    home.wake_dir.mkdir(mode=0o700, exist_ok=True)
    watched = (home.wake_dir, home.registry_db)
    async for changes in awatch(*watched, stop_event=stop, debounce=DEBOUNCE_MS, step=DEBOUNCE_MS, recursive=False):
        names = {path.rsplit("/", 1)[-1] for _, path in changes}
        if home.registry_db.name in names:
            registry_changed()
        wake([TenantId(name) for name in names if is_tenant_id(name)])
