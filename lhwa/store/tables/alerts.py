"""Alerts that somebody has acknowledged. The alerts themselves follow from other tables."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import msgspec

from lhwa.errors import ConflictError
from lhwa.store.connection import rows


class AcknowledgedAlerts:
    """The table of acknowledgements."""

    def __init__(self, connection: apsw.Connection, *, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def add(self, alert: str, *, by: str) -> None:
        """Somebody took notice. Raises: ConflictError when somebody did before."""
        try:
            self._connection.execute(
                "INSERT INTO alert_acknowledgement (alert, by, at) VALUES (?, ?, ?)", (alert, by, self._now_ms)
            )
        except apsw.ConstraintError:
            raise ConflictError(
                "Somebody has acknowledged this alert before.", hint="See `lhwa alerts list --all`."
            ) from None

    def by_whom(self, alerts: Sequence[str]) -> dict[str, str]:
        """Which of these were acknowledged, and by which operator."""
        listed = msgspec.json.encode(alerts).decode()
        sql = "SELECT alert, by FROM alert_acknowledgement WHERE alert IN (SELECT value FROM json_each(?))"
        return dict(rows(self._connection, sql, (listed,)))
