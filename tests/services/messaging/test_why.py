from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lhwa.domain.access import NOT_YOURS, Role
from lhwa.domain.ids import RawEventId, TenantId
from lhwa.domain.instants import from_ms
from lhwa.domain.keys import TenantKeys, spool_key
from lhwa.domain.sealing import seal
from lhwa.errors import NotAllowedError
from lhwa.services.messaging.why import Step, Why, why
from lhwa.store.connection import open_connection
from lhwa.store.spool import Spool, SpoolRequest
from lhwa.store.spool_rows import mark, request_place
from lhwa.store.store import Store
from lhwa.testing.builders import FIRM, SENT_AT_MS, acting_as, message, open_spool, reply, status, tenant_keys

OWNER = acting_as(Role.OWNER)
BODY = b'{"the": "bytes as Meta sent them"}'


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = open_spool(tmp_path / "spool.db")
    yield made
    made.close()


def put(spool: Spool, event: str, keys: TenantKeys, *, tenant: TenantId = FIRM, at_ms: int = SENT_AT_MS) -> None:
    key = spool_key(keys.current, from_ms(at_ms))
    spool.put(
        [
            SpoolRequest(
                event_id=RawEventId(event),
                tenant=tenant,
                app="main",
                received_at_ms=at_ms,
                dedup=event.encode().ljust(20, b"-"),
                body_bytes=len(BODY),
                sealed=seal(key, request_place(tenant, event), BODY),
            )
        ]
    ).result()


@pytest.fixture
def ask(store: Store, spool: Spool, firm_keys: TenantKeys) -> Callable[..., Why]:
    return lambda wanted, me=OWNER: store.write(why, me, wanted, spool=spool.read, keys=firm_keys)


def test_the_way_of_a_message_from_raw_bytes_to_facts(
    store: Store, spool: Spool, apply: Callable[..., Any], ask: Callable[..., Why], firm_keys: TenantKeys
) -> None:
    put(spool, "01RAW", firm_keys)
    put(spool, "02RAW", firm_keys, at_ms=SENT_AT_MS + 1)
    spool.change(mark(spool.read.after(0, rows_max=1), state="done")).result()
    apply(reply())
    apply(status("read"), raw_event="02RAW")
    found = ask("wamid.SAMPLE-OUT-1")
    assert found.detail is not None
    assert found.detail.message.wamid == "wamid.SAMPLE-OUT-1"
    assert [fact.status for fact in found.statuses] == ["read"]
    assert [(raw.request.event_id, raw.state, raw.app) for raw in found.raw] == [
        ("01RAW", "done", "main"),
        ("02RAW", "stored", "main"),
    ]
    assert found.raw[0].body_sha256 == hashlib.sha256(BODY).hexdigest()
    assert found.raw[0].request.raw_payload_ref == "spool:01RAW"
    assert [step.what for step in found.events] == ["MessageReceived", "MessageStatusChanged"]
    assert [step.what for step in found.audit] == ["message.recorded", "status.recorded"]
    entries = store.read(lambda tx: list(tx.audit.entries()))
    for step in found.audit:
        assert json.loads(entries[step.number].entry)["action"] == step.what
    assert json.loads(entries[-1].entry)["action"] == "message.traced"
    assert ask(found.detail.message.id).detail == found.detail


@pytest.mark.parametrize("entry", [b"xx", b"[1]", b'{"seq":1}', b'{"action":"\xff"}'], ids=repr)
def test_a_damaged_audit_record_is_marked_and_the_rest_is_told(
    folder: Path, store: Store, apply: Callable[..., Any], ask: Callable[..., Why], entry: bytes
) -> None:
    apply(reply())
    sound = ask("wamid.SAMPLE-OUT-1").audit
    # Tracing is an audit record itself, and a damaged end takes none: let the newest record stand alone in the tree.
    while store.read(lambda tx: tx.audit.frontier().newest_subtree()) > 1:
        ask("wamid.SAMPLE-OUT-1")
    intruder = open_connection(folder / "tenant.db")
    intruder.execute("DROP INDEX audit_entry_target; DROP TRIGGER audit_entry_no_update")
    # The first record says that the firm was made: its target is another.
    intruder.execute("UPDATE audit_entry SET entry = ? WHERE seq = 0", (b"xx",))
    intruder.execute("UPDATE audit_entry SET entry = ? WHERE seq = ?", (entry, sound[0].number))
    intruder.close()
    found = ask("wamid.SAMPLE-OUT-1")
    assert found.detail is not None
    damaged = [step for step in found.audit if step.what.startswith("(damaged: the entry was changed")]
    assert damaged[0] == Step(number=0, at=None, what=damaged[0].what, id="")
    assert "lhwa audit verify" in damaged[0].what
    assert {step.number for step in found.audit} >= {0, *(step.number for step in sound[1:])}


def test_a_status_of_an_unknown_message_can_be_traced(
    store: Store, apply: Callable[..., Any], ask: Callable[..., Why]
) -> None:
    apply(status("sent"), status("read"), received_at_ms=SENT_AT_MS + 7)
    found = ask("wamid.SAMPLE-OUT-1")
    assert found.detail is None
    assert [fact.status for fact in found.statuses] == ["sent", "read"]
    [raw] = found.raw
    assert (raw.state, raw.request.received_at) == ("pruned", "2026-11-22T05:00:00.007000Z")
    assert raw.body_sha256 is None
    last = json.loads(store.read(lambda tx: list(tx.audit.entries())[-1]).entry)
    assert last["action"] == "status.traced"
    assert "wamid" not in json.dumps(last)


def test_pruned_requests_keep_the_times_of_their_own_facts(apply: Callable[..., Any], ask: Callable[..., Why]) -> None:
    apply(reply(), received_at_ms=SENT_AT_MS)
    apply(status("read"), raw_event="02RAW", received_at_ms=SENT_AT_MS + 60_000)
    received = [raw.request.received_at for raw in ask("wamid.SAMPLE-OUT-1").raw]
    assert received == ["2026-11-22T05:00:00.000000Z", "2026-11-22T05:01:00.000000Z"]


def test_another_firms_request_is_none_of_ours(
    spool: Spool, apply: Callable[..., Any], ask: Callable[..., Why], firm_keys: TenantKeys
) -> None:
    put(spool, "01RAW", firm_keys, tenant=TenantId("firmb"))
    apply(message())
    [raw] = ask("wamid.SAMPLE-IN-1").raw
    assert (raw.state, raw.app, raw.body_sha256) == ("pruned", None, None)


def test_raw_bytes_that_do_not_open_have_no_digest(
    spool: Spool, apply: Callable[..., Any], ask: Callable[..., Why]
) -> None:
    put(spool, "01RAW", tenant_keys())
    apply(message())
    [raw] = ask("wamid.SAMPLE-IN-1").raw
    assert (raw.state, raw.body_sha256, raw.body_bytes) == ("stored", None, len(BODY))


@pytest.mark.parametrize("role", Role)
def test_every_role_may_trace_and_only_some_see_content(
    apply: Callable[..., Any], ask: Callable[..., Why], role: Role
) -> None:
    apply(message("kalimat canary"))
    found = ask("wamid.SAMPLE-IN-1", acting_as(role))
    assert found.detail is not None
    assert ("canary" in str(found.detail.message.text)) == (role in (Role.OWNER, Role.LAWYER, Role.STAFF))
    with pytest.raises(NotAllowedError) as refused:
        ask("wamid.ABSENT", acting_as(role))
    assert refused.value.message == NOT_YOURS
