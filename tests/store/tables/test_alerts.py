from __future__ import annotations

import pytest

from lhwa.errors import ConflictError
from tests.store.tables.office_rows import OfficeRows


def test_an_alert_is_acknowledged_once(office_rows: OfficeRows) -> None:
    office_rows.write(lambda tx: tx.acknowledged_alerts.add("ALERT1", by="contoh-lawyer"))
    with pytest.raises(ConflictError, match="before"):
        office_rows.write(lambda tx: tx.acknowledged_alerts.add("ALERT1", by="contoh-owner"))
    office_rows.write(lambda tx: tx.acknowledged_alerts.add("ALERT2", by="contoh-owner"))
    found = office_rows.store.read(lambda tx: tx.acknowledged_alerts.by_whom(["ALERT1", "ALERT3"]))
    assert found == {"ALERT1": "contoh-lawyer"}
    assert office_rows.store.read(lambda tx: tx.acknowledged_alerts.by_whom([])) == {}
