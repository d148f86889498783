from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lhwa.errors import SealError
from lhwa.store.tables.platform_events import RECENT_ROWS, NewPlatformEvent, PlatformEvents
from lhwa.store.transaction import Tx
from tests.store.tables.office_rows import OfficeRows

ASKING = [
    ("W1", "warning", 10),
    ("C1", "critical", 20),
    ("W2", "warning", 30),
    ("I1", "info", 40),
    ("C2", "critical", 5),
]


def add(rows: OfficeRows, event: str, severity: str, at_ms: int, *, field: str = "account_update") -> None:
    more: dict[str, Any] = {"waba_id": None, "phone_number_id": None, "template_id": None, "contact": None}
    made = NewPlatformEvent(
        id=event,
        dedup=event.encode().ljust(16),
        field=field,
        event="ACCOUNT_VIOLATION",
        severity=severity,
        telling=b"12345678",
        at_ms=at_ms,
        received_at_ms=at_ms,
        raw_event="r",
        position="p",
        value={"reason": event},
        **more,
    )
    rows.write(lambda tx: tx.platform_events.add(made))


@pytest.fixture
def ask(office_rows: OfficeRows) -> Callable[[Callable[[PlatformEvents], Any]], Any]:
    for event, severity, at_ms in ASKING:
        add(office_rows, event, severity, at_ms)

    def run(question: Callable[[PlatformEvents], Any]) -> Any:
        return office_rows.store.read(lambda tx: question(tx.platform_events))

    return run


def test_what_asks_for_a_person_is_found_by_its_severity_newest_first(office_rows: OfficeRows, ask: Any) -> None:
    def ids(severity: str, **how: Any) -> list[str]:
        wanted = {"since_ms": 0, "rows_max": 9} | how
        return [row.id for row in ask(lambda events: events.alerting(severity, **wanted))]

    assert (ids("warning"), ids("critical")) == (["W2", "W1"], ["C1", "C2"])
    assert (ids("warning", since_ms=11), ids("warning", rows_max=1), ids("info")) == (["W2"], ["W2"], [])
    office_rows.write(lambda tx: tx.acknowledged_alerts.add("W2", by="contoh"))
    assert (ids("warning"), ids("warning", is_acknowledged_too=True)) == (["W1"], ["W2", "W1"])


def test_news_are_found_among_the_newest_of_some_fields(office_rows: OfficeRows, ask: Any) -> None:
    add(office_rows, "I2", "info", 50, field="calls")
    for fields, found in ((("account_update",), ["I1"]), (("account_update", "calls"), ["I2", "I1"]), ((), [])):
        assert [row.id for row in ask(lambda events, fields=fields: events.recent_news(fields, rows_max=9))] == found
    office_rows.write(
        lambda tx: tx._connection.execute("UPDATE platform_event SET seq = ? WHERE id = 'I2'", (RECENT_ROWS + 9,))
    )
    assert [row.id for row in ask(lambda events: events.recent_news(("account_update", "calls"), rows_max=9))] == ["I2"]


def test_ids_are_found_by_their_beginning_but_for_those_that_ask_nothing(ask: Any) -> None:
    assert ask(lambda events: events.beginning_with("C", rows_max=9)) == ["C1", "C2"]
    assert ask(lambda events: events.beginning_with("C", rows_max=1)) == ["C1"]
    assert ask(lambda events: events.beginning_with("I", rows_max=9)) == []


def test_what_meta_sent_opens_at_its_own_place_alone(office_rows: OfficeRows, ask: Any) -> None:
    row = ask(lambda events: events.get("W1"))
    assert (row.id, row.severity) == ("W1", "warning")
    assert ask(lambda events: events.value(row)) == {"reason": "W1"}
    assert ask(lambda events: events.get("X")) is None

    def swap(tx: Tx) -> None:
        tx._connection.execute("UPDATE platform_event SET sealed = (SELECT sealed FROM platform_event WHERE id = 'W2')")

    office_rows.write(swap)
    with pytest.raises(SealError):
        ask(lambda events: events.value(row))
