"""What a message costs does not grow with the firm's file: every query of applying one follows an index."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import apsw

from lhwa.domain.elements import Element, IdentityChange, Party
from lhwa.normalizer.normalize import normalize
from lhwa.services.messaging.handlers import apply_batch
from lhwa.services.messaging.sourced import SourcedElement
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER, SENT_AT_MS, WABA, message
from lhwa.testing.fakes import NOON
from lhwa.testing.webhooks import encode
from lhwa.testing.webhooks.catalogue import KINDS, build
from lhwa.testing.webhooks.scene import BusinessNumber, Client

NUMBERS = BusinessNumber(phone_number_id=NUMBER, display_phone_number="622150001234", waba_id=WABA)
CLIENT = Client(name="Contoh Klien", wa_id="6281230001111", bsuid="ID.88001122334455")
_OF_ONE_ROW = {"sqlite_sequence", "firm", "audit_frontier"}
_OF_A_BLOCK = {"block"}
"""One row for thousands of messages; see `message_thread` in the schema."""
_OF_MANY = re.compile(r"\((kind|how|state|type|direction|via|phone_number_id|status)=\?\)$")
"""An index of which only a column is used that very many rows share."""
_SAMPLES = [
    message(wamid="a", party=Party(wa_id="6281230001111")),
    message(wamid="b", party=Party(wa_id="6281230001111", bsuid="ID.11000000000001")),
    message(wamid="c", party=Party(wa_id="6281230001111", bsuid="ID.22000000000002", parent_bsuid="ID.ENT.3")),
    message(
        wamid="d",
        party=Party(wa_id="6281230001111"),
        identity_change=IdentityChange(
            kind="user_changed_number",
            previous=Party(wa_id="6281230001111"),
            current=Party(wa_id="6281230002222"),
        ),
    ),
]
"""People whose identifiers meet: what the catalogue's one client never does."""


def test_no_query_of_applying_a_message_reads_a_whole_table(store: Store) -> None:
    asked: dict[str, None] = {}

    def trace(event: dict[str, Any]) -> None:
        if event["sql"].lstrip().upper().startswith(("SELECT", "UPDATE", "WITH")):
            asked.setdefault(event["sql"])

    def apply_all(tx: Tx) -> None:
        elements: list[Element] = list(_SAMPLES)
        for seq, kind in enumerate(KINDS):
            body = build(kind, number=NUMBERS, client=CLIENT, seq=seq, at=NOON + timedelta(seconds=seq))
            elements += normalize(encode(body))
        tx._connection.trace_v2(apsw.SQLITE_TRACE_STMT, trace)
        for received_at_ms in (SENT_AT_MS + 500, SENT_AT_MS + 100):
            batch = [
                SourcedElement(element=each, raw_event="01RAW", received_at_ms=received_at_ms) for each in elements
            ]
            apply_batch(tx, batch)
        tx._connection.trace_v2(0, None)

    store.write(apply_all)
    assert len(asked) > 20
    found = store.read(lambda tx: {sql: _careless_steps(tx, sql) for sql in asked})
    assert {sql: steps for sql, steps in found.items() if steps} == {}


def _careless_steps(tx: Tx, sql: str) -> list[str]:
    count = max(map(int, re.findall(r"\?([0-9]+)", sql)), default=sql.count("?"))
    steps = [row[3] for row in rows(tx._connection, f"EXPLAIN QUERY PLAN {sql}", (None,) * count)]
    return [
        step
        for step in steps
        if _OF_MANY.search(step) or (step.startswith("SCAN ") and step.split()[1] not in _OF_ONE_ROW | _OF_A_BLOCK)
    ]
