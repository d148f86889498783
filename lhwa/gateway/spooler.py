"""What the gateway needs of the spool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lhwa.store.spool import Settle, SpoolRequest


class Spooler(Protocol):
    """Where requests are stored."""

    async def put_async(self, requests: Sequence[SpoolRequest]) -> int:
        """Store durably; how many were new. Raises UnavailableError."""
        ...

    def put_soon(self, requests: Sequence[SpoolRequest], settle: Settle) -> None:
        """Store durably with whatever else comes in this turn of the event loop; `settle` hears of it."""
