"""Open stores of many firms: the most recently used stay open, idle firms cost no open file."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from lhwa.domain.ids import TenantId
from lhwa.errors import LhwaError
from lhwa.store.in_place import LastSeen
from lhwa.store.store import Store


class StorePool:
    """Stores by firm, for one thread.

    Args:
        open_store: opens one firm's store; may raise, which concerns that firm alone.
        open_max: how many may be open at once. An open store costs six file descriptors.
    """

    def __init__(self, open_store: Callable[[TenantId], Store], *, open_max: int) -> None:
        self._open_store = open_store
        self._open_max = open_max
        self._stores: OrderedDict[TenantId, Store] = OrderedDict()
        self._seen: dict[TenantId, LastSeen] = {}

    def __len__(self) -> int:
        return len(self._stores)

    def __contains__(self, tenant: TenantId) -> bool:
        return tenant in self._stores

    def get(self, tenant: TenantId) -> Store:
        """The store of a firm, opened when needed."""
        store = self._stores.pop(tenant, None) or self._opened(tenant)
        self._stores[tenant] = store
        while len(self._stores) > self._open_max:
            _, idle = self._stores.popitem(last=False)
            idle.close()
        return store

    def tidy_one(self) -> bool:
        """Copy the log of one store that has grown; False when none has. A store in trouble is closed."""
        for tenant, store in list(self._stores.items()):
            try:
                if store.tidy():
                    return True
            except LhwaError:
                # Nothing is lost, and whoever uses it next says what is wrong.
                self._stores.pop(tenant, None)
                store.close()
        return False

    def drop(self, tenant: TenantId) -> None:
        """Close a firm's store, so that the next use opens it anew: after new keys, or trouble."""
        store = self._stores.pop(tenant, None)
        if store is not None:
            store.close()

    def _opened(self, tenant: TenantId) -> Store:
        """Open a firm's store; what was seen of its files before outlives the store that saw it."""
        seen = self._seen.get(tenant)
        if seen is not None:
            seen.require_others()
        store = self._open_store(tenant)
        self._seen[tenant] = store.seen
        return store

    def close(self) -> None:
        """Close all."""
        while self._stores:
            self._stores.popitem()[1].close()
