"""The bytes of bodies in memory: how many there may be, and who gives way when they are too many.

A signature is proved only by a whole body, so until then a body may be a stranger's who never ends it. Each source
has its share, and when memory is short the largest unproved body of the source that holds the most gives way: a small
request gets through, whoever fills the rest. What is whole and proved never gives way.
"""

from __future__ import annotations

from lhwa.gateway.sources import bucket_of

BYTES_MAX = 256 * 1024 * 1024
"""Of all sources together."""
SHARE_BYTES_MAX = 64 * 1024 * 1024
"""Of one source. A proxy that does not say for whom it asks is everybody, and has no share of its own."""


class Body:
    """One body while it is read, checked and stored."""

    __slots__ = ("data", "evicted", "share_bytes_max", "source")

    def __init__(self, source: str, *, share_bytes_max: int) -> None:
        self.source = source
        self.share_bytes_max = share_bytes_max
        self.data: bytearray | bytes = bytearray()
        self.evicted = False

    def whole(self) -> bytes:
        """All of it, to be checked and stored. From now on these bytes are the body: it is in memory once."""
        self.data = bytes(self.data)
        return self.data


class Bodies:
    """All bodies of one listener."""

    def __init__(self, *, bytes_max: int = BYTES_MAX, share_bytes_max: int = SHARE_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._share_bytes_max = share_bytes_max
        self._unproved: dict[str, dict[Body, None]] = {}
        self._unproved_bytes: dict[str, int] = {}
        self.held_bytes = 0

    def open(self, source: str, *, is_somebody: bool) -> Body:
        """A new body of a source, still empty.

        Args:
            is_somebody: False when the source is a proxy of ours that did not say for whom it asks.
        """
        body = Body(bucket_of(source), share_bytes_max=self._share_bytes_max if is_somebody else self._bytes_max)
        self._unproved.setdefault(body.source, {})[body] = None
        self._unproved_bytes.setdefault(body.source, 0)
        return body

    def add(self, body: Body, some: bytes, *, is_whole: bool) -> bool:
        """Keep a piece of an unproved body; False when this body had to give way.

        Args:
            is_whole: True for the last piece. `prove` or `close` follows at once, so nobody gives way before that.
        """
        if body.evicted:
            return False
        body.data += some
        self.held_bytes += len(some)
        self._unproved_bytes[body.source] += len(some)
        if is_whole:
            return True
        while not body.evicted and self._unproved_bytes[body.source] > body.share_bytes_max:
            self._evict_largest(body.source)
        if not body.evicted:
            self._make_room()
        return not body.evicted

    def prove(self, body: Body) -> bool:
        """The signature holds: from now on this body does not give way. False when all memory is full of such."""
        self._forget(body)
        self._make_room()
        return self.held_bytes <= self._bytes_max

    def close(self, body: Body) -> None:
        """The body is done with. Idempotent."""
        self._forget(body)
        self.held_bytes -= len(body.data)
        body.data = b""

    def _make_room(self) -> None:
        proved_bytes = self.held_bytes - sum(self._unproved_bytes.values())
        if proved_bytes > self._bytes_max:
            return  # whoever gave way now would give way for nothing
        while self.held_bytes > self._bytes_max:
            self._evict_largest(max(self._unproved_bytes, key=self._unproved_bytes.__getitem__))

    def _evict_largest(self, source: str) -> None:
        largest = max(self._unproved[source], key=lambda each: len(each.data))
        largest.evicted = True
        self.close(largest)

    def _forget(self, body: Body) -> None:
        mine = self._unproved.get(body.source, {})
        if body not in mine:
            return
        del mine[body]
        self._unproved_bytes[body.source] -= len(body.data)
        if not mine:
            del self._unproved[body.source]
            del self._unproved_bytes[body.source]
