"""Who is asking: the address of the client, behind proxies that we trust.

Invariant: a word in `X-Forwarded-For` counts only when a trusted proxy wrote it, so reading goes from the right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

HEADER = b"x-forwarded-for"
UNKNOWN = "-"
KNOWN_MAX = 4_096
"""Addresses whose place among the networks is remembered."""
_Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The networks whose word about the client's address is believed."""

    networks: tuple[_Network, ...] = ()
    _known: dict[str, bool] = field(default_factory=dict, compare=False)

    @staticmethod
    def of(texts: Iterable[str]) -> TrustedProxies:
        """From addresses and networks as settings write them."""
        return TrustedProxies(tuple(ip_network(text, strict=False) for text in texts))

    def trusts(self, address: str) -> bool:
        """True when this address is one of the proxies."""
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            known = self._known[address] = _is_in(address, self.networks)
        return known

    def source(self, peer: str, forwarded: list[bytes]) -> str:
        """The nearest address that is not a proxy of ours.

        Args:
            peer: the other end of the connection.
            forwarded: every `X-Forwarded-For` header in order.
        """
        source = peer
        hops = b",".join(forwarded).split(b",") if forwarded else []
        while hops and self.trusts(source):
            hop = _address(hops.pop().strip())
            if hop is None:
                break
            source = hop
        return source


def _is_in(address: str, networks: tuple[_Network, ...]) -> bool:
    try:
        parsed = _unmapped(ip_address(address))
    except ValueError:
        return False
    return any(parsed in network for network in networks)


@lru_cache(maxsize=4_096)
def bucket_of(source: str) -> str:
    """Who shares one allowance: an IPv4 address, or the /64 in which an IPv6 client moves freely."""
    try:
        parsed = _unmapped(ip_address(source))
    except ValueError:
        return source
    return str(parsed) if isinstance(parsed, IPv4Address) else str(ip_network((parsed, 64), strict=False))


def _address(hop: bytes) -> str | None:
    text = hop.decode("ascii", "replace")
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(_unmapped(ip_address(text)))
    except ValueError:
        return None


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
