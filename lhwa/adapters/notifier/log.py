"""Alerts as log lines: what an operator's log watcher turns into a mail or a page."""

from __future__ import annotations

from typing import ClassVar

from lhwa.ports.notifier import Alert
from lhwa.telemetry.logs import Log

_log = Log("alerts")


class LogNotifier:
    """Writes each alert as one line. Implements `lhwa.ports.notifier.Notifier`."""

    name: ClassVar[str] = "log"

    async def notify(self, alert: Alert) -> None:
        """Write one line; `kind` is the webhook field and `code` Meta's word for what happened."""
        write = _log.error if alert.severity == "critical" else _log.warning
        write("staff_alerted", tenant=alert.tenant, kind=alert.field, code=alert.event, place=alert.subject)
