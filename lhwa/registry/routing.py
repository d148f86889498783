"""What the daemon routes by: one frozen picture of the registry, replaced as a whole when the registry changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lhwa.domain.ids import AppName, TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.errors import NotAllowedError
from lhwa.registry.connection import rows_of
from lhwa.registry.seals import WrappedKey, unwrap
from lhwa.registry.views import TenantState


@dataclass(frozen=True, slots=True)
class AppSecret:
    """A secret or verify token in clear; `repr` masks it."""

    secret: bytes = field(repr=False)
    label: str
    """`current` or `previous`: which one matched is worth a metric."""
    not_after: Instant | None = None
    """None: no end."""

    def live_at(self, now: Instant) -> bool:
        """False once its end has come."""
        return self.not_after is None or now < self.not_after


@dataclass(frozen=True, slots=True)
class MetaApp:
    """What one Meta app signs and greets with. Current first."""

    name: AppName
    secrets: tuple[AppSecret, ...]
    verify_tokens: tuple[AppSecret, ...]


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """Who gets what. Loading it unwraps no tenant key: 10,000 idle firms cost a few dictionaries."""

    revision: int
    """How many records the registry's audit log has: it grows with every change."""
    apps: Mapping[AppName, MetaApp]
    tenant_of_number: Mapping[str, TenantId]
    tenant_of_waba: Mapping[str, TenantId]
    app_of_tenant: Mapping[TenantId, AppName]
    state_of_tenant: Mapping[TenantId, TenantState]
    root: Key
    wrapped_keys: Mapping[TenantId, tuple[WrappedKey, ...]] = field(repr=False)
    founded: frozenset[TenantId] = frozenset()
    """Firms that have files of their own."""
    frontier: bytes = field(default=b"", repr=False)
    """The hashes of the audit log's right edge: a registry that was put back is another one at the same revision."""
    _unwrapped: dict[TenantId, TenantKeys] = field(default_factory=dict, repr=False, compare=False)

    def keys_of(self, tenant: TenantId) -> TenantKeys:
        """The firm's keys, unwrapped at the first call and remembered."""
        known = self._unwrapped.get(tenant)
        if known is None:
            if tenant not in self.wrapped_keys and tenant not in self.state_of_tenant:
                raise NotAllowedError("There is no such firm in the registry.")
            with rows_of("tenant_key"):
                known = self._unwrapped[tenant] = unwrap(self.root, tenant, self.wrapped_keys.get(tenant, ()))
        return known
