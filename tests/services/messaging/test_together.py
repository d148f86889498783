"""Elements applied together, without savepoints and with counts held back, end as elements applied one by one do."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.audit import NORMALIZER, AuditRecord
from lhwa.domain.elements import Element, IdentityChange, Party
from lhwa.domain.keys import TenantKeys
from lhwa.domain.messages import Direction, MessageType, Via
from lhwa.routes import REACTIONS
from lhwa.services.messaging.handlers import apply_batch
from lhwa.services.messaging.sourced import Outcome, SourcedElement
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import SENT_AT_MS, message, open_firm, platform, poison, status, tenant_keys
from lhwa.testing.fakes import FakeClock

NUMBER_ALONE = Party(wa_id="6281230001111", profile_name="Contoh Satu")
BOTH = Party(wa_id="6281230001111", bsuid="ID.11000000000001", profile_name="Contoh Satu")
NEXT_OWNER = Party(wa_id="6281230001111", bsuid="ID.22000000000002", profile_name="Contoh Dua")
OTHER = Party(wa_id="6281230003333", profile_name="Contoh Tiga")
CHANGE = IdentityChange(kind="user_changed_number", previous=NUMBER_ALONE, current=OTHER)
TABLES = (
    "contact",
    "contact_alias",
    "contact_flag",
    "contact_sighting",
    "conversation",
    "message",
    "message_status",
    "platform_event",
)

_wamids = st.integers(0, 7).map("wamid.SAMPLE-{}".format)
_times = st.integers(-3, 3).map(lambda step: SENT_AT_MS + step * 1000)


def _said(party: Party, wamid: str, at_ms: int, group_id: str | None) -> Element:
    return message(f"Dari {wamid}.", party=party, wamid=wamid, sent_at_ms=at_ms, group_id=group_id)


_messages = st.builds(
    _said,
    st.sampled_from([NUMBER_ALONE, BOTH, NEXT_OWNER, OTHER]),
    _wamids,
    _times,
    st.sampled_from([None, None, "G1"]),
)
_others: st.SearchStrategy[Element] = st.one_of(
    st.builds(lambda wamid, at_ms: status(wamid=wamid, at_ms=at_ms), _wamids, _times),
    st.builds(
        lambda wamid, at_ms: message(
            None, type=MessageType.SYSTEM, wire_type="system", wamid=wamid, sent_at_ms=at_ms, identity_change=CHANGE
        ),
        _wamids,
        _times,
    ),
    st.builds(
        lambda wamid: message(None, wamid=wamid, direction=Direction.OUTBOUND, via=Via.ECHO, party=BOTH), _wamids
    ),
    st.just(poison()),
    st.builds(lambda wamid: message(wamid=wamid, party=Party()), _wamids),
    st.just(platform()),
    # What our own tables refuse, after other rows were written for it: a defect of ours.
    st.just(platform(severity="dreadful", party=OTHER)),
)
_requests = st.lists(st.lists(_messages | _messages | _others, min_size=1, max_size=6), min_size=1, max_size=5)


def _sourced(requests: Sequence[Sequence[Element]]) -> list[list[SourcedElement]]:
    return [
        [
            SourcedElement(element=element, raw_event=f"0{number}RAW", received_at_ms=SENT_AT_MS + 5_000)
            for element in request
        ]
        for number, request in enumerate(requests)
    ]


def _apply(tx: Tx, requests: Sequence[Sequence[SourcedElement]]) -> list[list[Outcome]]:
    tx.audit.append(AuditRecord(NORMALIZER, "test.began", "t"))
    return [apply_batch(tx, request) for request in requests]


def _everything(tx: Tx) -> dict[str, Any]:
    found: dict[str, Any] = {table: list(tx.derived.rows(table)) for table in TABLES}
    found["event"] = tx.events.last(rows_max=999)
    found["job"] = tx.jobs.counts()
    found["audit"] = [entry.entry for entry in tx.audit.entries()]
    found["frontier"] = tx.audit.stored_frontier()
    return found


@settings(max_examples=60)
@given(requests=_requests, cut=st.integers(0, 5))
def test_together_is_the_same_as_apart(requests: list[list[Element]], cut: int) -> None:
    batches = [half for half in (_sourced(requests)[:cut], _sourced(requests)[cut:]) if half]
    keys, ends = tenant_keys(), []
    with TemporaryDirectory() as folder:
        open_firm(_made(folder, "one"), keys=keys, clock=FakeClock()).close()
        shutil.copytree(Path(folder) / "one", Path(folder) / "other")
        for name in ("one", "other"):
            with _opened(Path(folder) / name, keys) as store:
                write = store.write if name == "one" else store.write_together
                outcomes = [write(_apply, batch) for batch in batches]
                ends.append((outcomes, store.read(_everything)))
    assert ends[0] == ends[1]


def _made(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


def _opened(folder: Path, keys: TenantKeys) -> Store:
    return open_firm(folder, keys=keys, clock=FakeClock(), reactions=REACTIONS)
