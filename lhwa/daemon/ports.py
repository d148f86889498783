"""What both processes of the daemon need from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lhwa.domain.ids import TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.ports.clock import Clock
from lhwa.ports.notifier import Notifier
from lhwa.store.store import Store


class OpenStore(Protocol):
    """Opens a firm's files, or makes them when the firm never had any."""

    def __call__(self, tenant: TenantId, keys: TenantKeys, /, *, is_founded: bool) -> Store: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What the daemon needs from outside; also the context of effects."""

    clock: Clock
    notifier: Notifier
