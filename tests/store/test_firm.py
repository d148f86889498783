from __future__ import annotations

from pathlib import Path

from lhwa.store.firm import found_firm
from lhwa.store.store import Store
from lhwa.testing.builders import FIRM, tenant_keys
from lhwa.testing.fakes import FakeClock


def test_a_firm_is_founded_once_with_the_first_entry_of_its_log(tmp_path: Path) -> None:
    keys = tenant_keys()
    with Store(
        tmp_path / "tenant.db",
        tmp_path / "keys.db",
        tenant=FIRM,
        tenant_keys=keys,
        clock=FakeClock(),
        reactions={},
        create=True,
    ) as store:
        assert store.read(lambda tx: tx.firm()) is None
        assert store.write(found_firm, actor="system:daemon")
        assert store.read(lambda tx: tx.firm()) == FIRM
        assert not store.write(found_firm, actor="system:daemon")
        [entry] = store.read(lambda tx: list(tx.audit.entries()))
    assert b'"action":"firm.created"' in entry.entry
    assert b'"target":"firm:firma"' in entry.entry
