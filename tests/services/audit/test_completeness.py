"""The completeness ledger: every element has one disposition, and what was taken away by hand is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import apsw
import pytest

from lhwa.bus.drain import drain_batch, settle
from lhwa.bus.progress import Progress
from lhwa.domain.access import Role
from lhwa.domain.ids import RawEventId, TenantId
from lhwa.domain.instants import from_ms
from lhwa.domain.keys import TenantKeys, spool_key
from lhwa.domain.sealing import seal
from lhwa.errors import NotAllowedError
from lhwa.routes import LEDGER, REACTIONS, ROUTES
from lhwa.services.audit.completeness import PAGE_ROWS, Completeness, take_stock
from lhwa.services.messaging import handlers
from lhwa.services.messaging.dead_letters import discard_dead_letter, retry_dead_letter
from lhwa.store.spool import Spool, SpoolRequest
from lhwa.store.spool_rows import SpoolChange, SpoolRow, mark, prune_done, request_place, requeue
from lhwa.testing.builders import FIRM, NUMBER, SENT_AT_MS, WABA, acting_as, open_firm, open_spool, tenant_keys
from lhwa.testing.webhooks import KINDS, BusinessNumber, Client, build, encode

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
NUMBERS = BusinessNumber(phone_number_id=NUMBER, display_phone_number="622150001234", waba_id=WABA)
CLIENT = Client(name="Contoh Klien", wa_id="6281230001111", bsuid="ID.88001122334455")
OWNER = acting_as(Role.OWNER)
MAY = (Role.OWNER, Role.LAWYER, Role.AUDITOR)


class Office:
    """A firm with a spool, and what a gateway, a worker and an auditor do there."""

    def __init__(self, folder: Path, keys: TenantKeys) -> None:
        self.folder = folder
        self.keys = keys
        self.store = open_firm(folder / "firma", keys=keys, reactions=REACTIONS)
        self.spool: Spool = open_spool(folder / "spool.db")
        self._number = 0

    def put(self, body: bytes, *, tenant: TenantId = FIRM, keys: TenantKeys | None = None) -> str:
        """Store a request; returns its id."""
        self._number += 1
        event = RawEventId(f"01RAW{self._number:021}")
        key = spool_key((keys or self.keys).current, from_ms(SENT_AT_MS))
        sealed = seal(key, request_place(tenant, event), body)
        dedup = event.encode()[-20:]
        self.spool.put([SpoolRequest(event, tenant, "main", SENT_AT_MS, dedup, len(body), sealed)]).result()
        return event

    def send(self, kind: str, *, seq: int = 1) -> str:
        """Store a sample webhook."""
        return self.put(encode(build(kind, number=NUMBERS, client=CLIENT, seq=seq, at=AT)))

    def drain(self) -> None:
        """Apply all that waits."""
        progress = Progress()
        while self.spool.read.take(FIRM, rows_max=1):
            done = drain_batch(
                self.spool,
                self.store,
                ROUTES.inbound,
                keys=lambda: self.keys,
                requests_max=10,
                elements_max=100,
                progress=progress,
            )
            settle(self.spool, [done])

    def stock(self, role: Role = Role.AUDITOR, on_progress: Callable[[int, int], None] | None = None) -> Completeness:
        """The ledger of now."""
        return take_stock(
            self.store,
            acting_as(role),
            spool=self.spool.read,
            keys=self.keys,
            reading=LEDGER,
            on_progress=on_progress or (lambda _done, _total: None),
        )

    def change(self, change: SpoolChange) -> None:
        """Change the spool."""
        self.spool.change(change).result()

    def row(self, event: str) -> SpoolRow:
        """A request in the spool."""
        row = self.spool.read.by_event(event)
        assert row is not None
        return row

    def tamper(self, sql: str) -> None:
        """Change the firm's file behind lhwa's back."""
        connection = apsw.Connection(str(self.folder / "firma" / "tenant.db"))
        connection.execute(sql)
        connection.close()

    def close(self) -> None:
        self.store.close()
        self.spool.close()


@pytest.fixture
def office(tmp_path: Path, firm_keys: TenantKeys) -> Iterator[Office]:
    made = Office(tmp_path, firm_keys)
    yield made
    made.close()


def kinds(found: Completeness) -> set[str]:
    return {finding.kind for finding in found.findings}


def balances(found: Completeness, **dispositions: int) -> None:
    """It balances, with exactly these dispositions."""
    assert found.findings == ()
    assert (found.balanced, found.missing) == (True, 0)
    assert {name: number for name, number in found.dispositions.items() if number} == dispositions
    assert found.elements == sum(dispositions.values())


def test_an_empty_spool_balances(office: Office) -> None:
    found = office.stock()
    balances(found)
    assert found.requests == {"stored": 0, "done": 0, "dead": 0}


def test_every_kind_of_webhook_before_and_after_it_is_applied(office: Office) -> None:
    for seq, kind in enumerate(KINDS):
        office.send(kind, seq=seq)
    before = office.stock()
    balances(before, not_applied=before.elements)
    assert before.requests == {"stored": len(KINDS), "done": 0, "dead": 0}
    office.drain()
    after = office.stock()
    assert after.balanced, after.findings
    assert after.elements == before.elements == sum(after.dispositions.values()) > len(KINDS)
    assert after.requests == {"stored": 0, "done": len(KINDS), "dead": 0}
    for what in ("message", "status", "platform_event", "dead_letter"):
        assert after.dispositions[what] > 0
    assert after.dispositions["not_applied"] == after.older_than_spool == 0


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("text", "message"),
        ("status_read", "status"),
        ("phone_quality_flagged", "platform_event"),
        ("poison", "dead_letter"),
    ],
)
def test_what_was_said_before_is_a_duplicate(office: Office, kind: str, first: str) -> None:
    for _ in range(3):
        office.send(kind)
    office.drain()
    balances(office.stock(), **{first: 1, "duplicate": 2})


def test_what_could_not_be_applied_waits_as_a_job(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    office.send("batch")
    monkeypatch.setattr(handlers, "record_message", broken)
    office.drain()
    balances(office.stock(), waiting_job=9, dead_letter=1)


def test_a_dead_letter_counts_until_its_retry_is_over(office: Office) -> None:
    event = office.send("poison")
    office.drain()
    [letter] = office.store.read(lambda tx: [row.id for row in tx.dead_letters.of_raw_event(event)])
    office.store.write(
        retry_dead_letter,
        OWNER,
        letter,
        spool=office.spool.read,
        requeue=lambda seq: office.spool.change(requeue([seq])).result(),
    )
    balances(office.stock(), not_applied=1)
    office.drain()
    balances(office.stock(), dead_letter=1)
    office.store.write(discard_dead_letter, OWNER, letter, reason="contoh")
    balances(office.stock(), dead_letter=1)


def test_a_retried_letter_that_nobody_tried_is_missing(office: Office) -> None:
    office.send("poison")
    office.drain()
    office.tamper("UPDATE dead_letter SET state = 'retried'")
    assert office.stock().missing == 1


def test_a_request_that_is_done_and_was_never_applied(office: Office) -> None:
    event = office.send("batch")
    office.change(mark([office.row(event)], state="done"))
    found = office.stock()
    assert (found.balanced, found.missing, found.elements) == (False, 10, 10)
    assert [finding.kind for finding in found.findings] == ["missing"] * 10
    assert found.findings[0].what == f"{event}/entry[0].changes[0].value.messages[0]"


def test_a_request_that_was_put_aside_is_accounted_for(office: Office) -> None:
    event = office.send("text")
    office.change(mark([office.row(event)], state="dead", reason="RuntimeError"))
    balances(office.stock(), set_aside=1)


def test_a_request_that_does_not_open(office: Office) -> None:
    event = office.put(b"{}", keys=tenant_keys())
    assert kinds(office.stock()) == {"unreadable_request"}
    office.change(mark([office.row(event)], state="dead", reason="seal"))
    assert office.stock().balanced


def test_rows_of_a_pruned_request_are_older_than_the_spool(office: Office) -> None:
    office.send("batch")
    office.drain()
    office.change(prune_done(received_before_ms=SENT_AT_MS + 1))
    office.send("text")
    office.drain()
    found = office.stock()
    balances(found, message=1)
    assert found.older_than_spool == 10


def test_requests_of_another_firm_are_not_counted(office: Office) -> None:
    office.put(b"{}", tenant=TenantId("lain"))
    balances(office.stock())


def test_several_pages_and_what_is_told_of_them(office: Office) -> None:
    told: list[tuple[int, int]] = []
    for seq in range(PAGE_ROWS + 3):
        office.send("text", seq=seq)
    office.drain()
    found = office.stock(on_progress=lambda done, total: told.append((done, total)))
    balances(found, message=PAGE_ROWS + 3)
    assert told == [(PAGE_ROWS, PAGE_ROWS + 3), (PAGE_ROWS + 3, PAGE_ROWS + 3)]


EVENT_TWICE = """
INSERT INTO event (id, type, subject, at, data, raw_event)
SELECT 'x', type, subject, at, data, raw_event FROM event WHERE type = 'MessageReceived'
"""
TAMPERED = [
    ("a message is gone", "DELETE FROM message", {"missing", "without_row"}),
    ("a status is gone", "DELETE FROM message_status", {"missing", "without_row"}),
    ("a platform event is gone", "DELETE FROM platform_event", {"missing", "without_row"}),
    ("a dead letter is gone", "DELETE FROM dead_letter", {"missing", "without_row"}),
    ("a message has another key", "UPDATE message SET dedup = zeroblob(16)", {"missing", "unexplained_row"}),
    ("a row came from nowhere", "UPDATE message SET position = 'x', id = 'x'",
     {"unexplained_row", "without_audit", "without_row", "without_event"}),
    ("a status that nobody recorded", "UPDATE message_status SET dedup = zeroblob(16)",
     {"missing", "unexplained_row", "without_audit", "without_row"}),
    ("a letter that nobody buried", "UPDATE dead_letter SET id = 'x'", {"without_audit", "without_row"}),
    ("an event is gone", "DELETE FROM event", {"without_event"}),
    ("an event is there twice", EVENT_TWICE, {"twice"}),
]  # fmt: skip


@pytest.mark.parametrize(("label", "sql", "found"), TAMPERED, ids=[case[0] for case in TAMPERED])
def test_what_was_changed_by_hand_is_found(office: Office, label: str, sql: str, found: set[str]) -> None:
    for kind in ("text", "status_read", "phone_quality_flagged", "poison"):
        office.send(kind)
    office.drain()
    assert office.stock().balanced
    office.tamper(sql)
    assert kinds(office.stock()) == found


def test_the_facts_of_a_status_that_moved_its_message_count_as_audited(office: Office) -> None:
    office.send("echo")
    office.drain()
    echo = build("echo", number=NUMBERS, client=CLIENT, seq=1, at=AT)
    wamid = echo["entry"][0]["changes"][0]["value"]["message_echoes"][0]["id"]
    status = build("status_read", number=NUMBERS, client=CLIENT, seq=1, at=AT)
    status["entry"][0]["changes"][0]["value"]["statuses"][0]["id"] = wamid
    office.put(encode(status))
    office.drain()
    balances(office.stock(), message=1, status=1)
    office.tamper("DELETE FROM message_status")
    assert kinds(office.stock()) == {"missing", "without_row"}


def test_two_keys_of_the_future_are_told_apart(office: Office) -> None:
    value = {"metadata": {"phone_number_id": NUMBER}, "holograms": [{"id": "1"}], "ghosts": [{"id": "2"}]}
    change = {"field": "messages", "value": value}
    office.put(
        json.dumps({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [change]}]}).encode()
    )
    office.drain()
    balances(office.stock(), platform_event=2)


@pytest.mark.parametrize("role", Role)
def test_who_may_verify_the_log_may_ask(office: Office, role: Role) -> None:
    if role in MAY:
        assert office.stock(role).balanced
    else:
        with pytest.raises(NotAllowedError):
            office.stock(role)


def test_asking_leaves_no_trace(office: Office) -> None:
    office.send("batch")
    office.drain()
    size = office.store.read(lambda tx: tx.audit.frontier().size)
    office.stock()
    assert office.store.read(lambda tx: tx.audit.frontier().size) == size
