"""What a message costs does not grow with the firm's file: every query of applying one follows an index."""

from __future__ import annotations

from datetime import timedelta

from lhwa.domain.elements import Element, IdentityChange, Party
from lhwa.normalizer.normalize import normalize
from lhwa.services.messaging.handlers import apply_batch
from lhwa.services.messaging.sourced import SourcedElement
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER, SENT_AT_MS, WABA, message
from lhwa.testing.fakes import NOON
from lhwa.testing.webhooks import encode
from lhwa.testing.webhooks.catalogue import KINDS, build
from lhwa.testing.webhooks.scene import BusinessNumber, Client
from tests.services.query_plans import asked, careless_steps

NUMBERS = BusinessNumber(phone_number_id=NUMBER, display_phone_number="622150001234", waba_id=WABA)
CLIENT = Client(name="Contoh Klien", wa_id="6281230001111", bsuid="ID.88001122334455")
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
    def apply_all(tx: Tx) -> None:
        elements: list[Element] = list(_SAMPLES)
        for seq, kind in enumerate(KINDS):
            body = build(kind, number=NUMBERS, client=CLIENT, seq=seq, at=NOON + timedelta(seconds=seq))
            elements += normalize(encode(body))
        for received_at_ms in (SENT_AT_MS + 500, SENT_AT_MS + 100):
            batch = [
                SourcedElement(element=each, raw_event="01RAW", received_at_ms=received_at_ms) for each in elements
            ]
            apply_batch(tx, batch)

    with asked(store) as queries:
        store.write(apply_all)
    assert len(queries) > 20
    found = {sql: careless_steps(store, sql) for sql in queries}
    assert {sql: steps for sql, steps in found.items() if steps} == {}
