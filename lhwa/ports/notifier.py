"""Telling people that something needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lhwa.domain.ids import TenantId


@dataclass(frozen=True, slots=True)
class Alert:
    """What happened, without content: the reader opens lhwa to learn more."""

    tenant: TenantId
    severity: str
    """`info`, `warning` or `critical`."""
    field: str
    event: str
    subject: str
    """The row to look at, such as `platform_event:01J…`."""


class Notifier(Protocol):
    """Delivers alerts. Plugins register under `lhwa.notifier`."""

    async def notify(self, alert: Alert) -> None:
        """Deliver one alert. May be called again with the same alert after a crash. Raises UnavailableError."""
        ...
