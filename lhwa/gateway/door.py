"""Who is connected to one listener, and how many may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lhwa.config.settings import Limits
from lhwa.gateway.sources import TrustedProxies, bucket_of

CONNECTIONS_MAX = 4_096
"""Open connections of one listener, if the process may have that many files."""


@dataclass(slots=True)
class Door:
    """What the connections of one listener share: limits, who is connected, and where refusals are told."""

    limits: Limits
    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    connections_max: int = CONNECTIONS_MAX
    on_refused: Callable[[int, str, str], None] = lambda _status, _reason, _source: None
    on_connections: Callable[[int], None] = lambda _count: None
    count: int = 0
    by_source: dict[str, int] = field(default_factory=dict)

    def enter(self, peer: str) -> bool:
        """Count a connection in; False when there are too many of this source or of all."""
        who = bucket_of(peer)
        mine = self.by_source.get(who, 0)
        too_many = mine >= self.limits.connections_per_source_max and not self.proxies.trusts(peer)
        if too_many or self.count >= self.connections_max:
            return False
        self.count += 1
        self.by_source[who] = mine + 1
        self.on_connections(self.count)
        return True

    def leave(self, peer: str) -> None:
        """Count a connection out."""
        who = bucket_of(peer)
        self.count -= 1
        left = self.by_source[who] - 1
        if left:
            self.by_source[who] = left
        else:
            del self.by_source[who]
        self.on_connections(self.count)
