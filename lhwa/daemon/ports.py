"""What the processes of the daemon need from outside."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from lhwa.domain.ids import TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.outbound.draining import Account, OutboundPorts
from lhwa.ports.channel import Channel
from lhwa.ports.clock import Clock
from lhwa.ports.notifier import Notifier
from lhwa.store.store import Store


class OpenStore(Protocol):
    """Opens a firm's files, or makes them when the firm never had any."""

    def __call__(self, tenant: TenantId, keys: TenantKeys, /, *, is_founded: bool) -> Store: ...


OpenChannel = Callable[[], AbstractAsyncContextManager[Channel]]
"""Connects to where messages are posted; closed when the process ends."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the daemon needs from outside."""

    clock: Clock
    notifier: Notifier
    open_channel: OpenChannel
    account_of: Callable[[TenantId], Account]
    """How a firm speaks to Meta now. Reads files; not for the event loop."""


@dataclass(frozen=True, slots=True)
class EffectPorts:
    """The context of effects."""

    notifier: Notifier
    outbound: OutboundPorts
