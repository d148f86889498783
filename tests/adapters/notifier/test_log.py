from __future__ import annotations

from typing import Any

import pytest

from lhwa.adapters.notifier import log
from lhwa.adapters.notifier.log import LogNotifier
from lhwa.ports.notifier import Alert, Notifier
from lhwa.testing.builders import FIRM


@pytest.mark.parametrize(("severity", "level"), [("info", "warning"), ("warning", "warning"), ("critical", "error")])
async def test_an_alert_is_one_line_at_its_level(monkeypatch: pytest.MonkeyPatch, severity: str, level: str) -> None:
    lines: list[tuple[str, str, dict[str, Any]]] = []

    class Lines:
        def error(self, event: str, **fields: Any) -> None:
            lines.append(("error", event, fields))

        def warning(self, event: str, **fields: Any) -> None:
            lines.append(("warning", event, fields))

    monkeypatch.setattr(log, "_log", Lines())
    notifier: Notifier = LogNotifier()
    await notifier.notify(Alert(FIRM, severity, "account_update", "DISABLED_UPDATE", "platform_event:1"))
    assert lines == [
        (
            level,
            "staff_alerted",
            {"tenant": "firma", "kind": "account_update", "code": "DISABLED_UPDATE", "place": "platform_event:1"},
        )
    ]
