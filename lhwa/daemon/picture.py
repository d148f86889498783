"""The daemon's picture of the registry: loaded at the start, taken anew when the registry changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lhwa.domain.ids import TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.errors import ConfigError, InvariantError, LhwaError
from lhwa.registry import lookup
from lhwa.registry.routing import RoutingTable
from lhwa.registry.views import TenantState
from lhwa.telemetry.logs import Log

LOOK_S = 2.0

_log = Log("daemon")


class RegistryPicture:
    """The routing table of this moment.

    Args:
        is_quiet: for a second process that looks at the same registry: the first one says what there is to say.
        share: which firms this process serves.
    """

    def __init__(
        self,
        registry_db: Path,
        root: Key,
        *,
        is_quiet: bool = False,
        share: Callable[[TenantId], bool] = lambda _tenant: True,
    ) -> None:
        self._share = share
        self._is_quiet = is_quiet
        self._registry_db = registry_db
        self._root = root
        self._table: RoutingTable | None = None
        self._refreshing = asyncio.Lock()
        self._active_of: object = None
        self._active: frozenset[TenantId] = frozenset()
        self._trouble = ""
        """What was said last, until the registry can be read again."""

    async def load(self) -> None:
        """Take the picture. Raises: ConfigError when no webhook could be verified by it."""
        self._table = await self._taken()

    async def refresh(self) -> bool:
        """Take over a changed registry; on any trouble the last good picture stays.

        Returns: True when firms, numbers, apps or their keys are others than before; an operator's new token is none.
        """
        async with self._refreshing:
            before = self.table
            try:
                is_changed = await lookup.changed(self._registry_db, before)
                now = await self._taken() if is_changed else before
            except (LhwaError, OSError) as error:
                self._say_trouble(error)
                return False
            self._trouble = ""
            if not is_changed:
                return False
            # The firms' keys that are unwrapped already stay so.
            is_alike = _routes_alike(before, now)
            self._table = replace(before, **_beside_routes(now)) if is_alike else now
        is_other = self._table is now
        if not self._is_quiet:
            say = _log.info if is_other else _log.debug
            say("registry_reloaded", tenants=len(now.state_of_tenant))
        return is_other

    async def follow(
        self,
        changed: asyncio.Event,
        *,
        stop: asyncio.Event,
        on_change: Callable[[], Awaitable[None]] | None = None,
        on_look: Callable[[], None] = lambda: None,
    ) -> None:
        """Until `stop` is set: look at the registry when it was written, and every few seconds besides.

        Args:
            on_change: called when firms, numbers, apps or their keys are others than before.
        """
        while not stop.is_set():
            try:
                async with asyncio.timeout(LOOK_S):
                    await changed.wait()
            except TimeoutError:
                pass  # the watcher is fast, the look at the clock is sure
            changed.clear()
            on_look()
            if await self.refresh() and on_change is not None:
                await on_change()

    @property
    def table(self) -> RoutingTable:
        """The picture as it is now."""
        if self._table is None:
            raise InvariantError("The routing table is used before it was loaded.")
        return self._table

    def active(self) -> frozenset[TenantId]:
        """Firms that are served here. Asked for many times a second, so counted once for each picture."""
        states = self.table.state_of_tenant
        if self._active_of is not states:
            self._active_of = states
            self._active = frozenset(
                tenant for tenant, state in states.items() if state is TenantState.ACTIVE and self._share(tenant)
            )
        return self._active

    def keys_of(self, tenant: TenantId) -> TenantKeys:
        """A firm's keys."""
        return self.table.keys_of(tenant)

    def is_founded(self, tenant: TenantId) -> bool:
        """True when the firm has files of its own."""
        return tenant in self.table.founded

    def _say_trouble(self, error: LhwaError | OSError) -> None:
        # It is looked at every few seconds, for as long as it takes: one line is enough until something else is wrong.
        if self._trouble != (said := f"{type(error).__name__}: {error}"):
            self._trouble = said
            if not self._is_quiet:
                _log.error("registry_not_reloaded", error)

    async def _taken(self) -> RoutingTable:
        table = await lookup.load_routing(self._registry_db, self._root)
        if not any(app.secrets for app in table.apps.values()):
            raise ConfigError(
                "There is no Meta app with a secret: no webhook could be verified.", hint="Run `lhwa app add NAME`."
            )
        return table


def _routes_alike(one: RoutingTable, other: RoutingTable) -> bool:
    """True when they differ in what is beside the routes at most."""
    return replace(one, **_beside_routes(other)) == other


def _beside_routes(table: RoutingTable) -> dict[str, Any]:
    """Which registry it is, and who has files."""
    return {"revision": table.revision, "frontier": table.frontier, "founded": table.founded}
