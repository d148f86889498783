"""What must hold after a crash: the spool against what was answered 200, and each firm's file against the spool."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from lhwa.bootstrap import open_clock, open_store
from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import OperatorId, TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.errors import SealError
from lhwa.routes import LEDGER
from lhwa.services.audit.completeness import take_stock
from lhwa.services.audit.views import verify_firm
from lhwa.store.spool_rows import SpoolReader, SpoolRow, open_request
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from scripts.benchmarks.crashing.place import LEASE_S, NUMBERS, Place, Violation
from scripts.benchmarks.crashing.traffic import Journal

AUDITOR = OperatorId("sari")
JOBS_S_MAX = LEASE_S + 15.0
PAGE_ROWS = 500
Part = tuple[TenantId, bytes]


@dataclass(slots=True)
class Seen:
    """What was found on the disk so far, so that a round costs only what is new in it."""

    seq: int = 0
    parts: dict[Part, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Firm and digest of a body -> ids of the requests that brought it. Different bodies may hold equal parts."""
    events: set[str] = field(default_factory=set)
    """Ids of all requests."""
    new_events: dict[TenantId, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Requests whose messages were not looked at yet."""
    wamids: Counter[tuple[TenantId, str]] = field(default_factory=Counter)
    elements: int = 0


def check_spool(place: Place, journal: Journal, seen: Seen, *, anew: bool = False) -> None:
    """Every request that was answered 200 is in the spool, byte for byte and once, and nothing that nobody sent.

    Args:
        anew: read everything again, not only what came since the last look.
    """
    if anew:
        seen.seq, seen.parts = 0, defaultdict(list)
    reader = SpoolReader.open(place.home.spool_db)
    try:
        while page := reader.after(seen.seq, rows_max=PAGE_ROWS):
            for row in page:
                if row.tenant is None or row.state not in ("stored", "done"):
                    raise Violation(f"request {row.event_id} is {row.state} ({row.reason})")
                part = row.tenant, _digest(row, place.keys_of(row.tenant))
                seen.parts[part].append(row.event_id)
                if row.event_id not in seen.events:
                    seen.events.add(row.event_id)
                    seen.new_events[row.tenant].append(row.event_id)
            seen.seq = page[-1].seq
    finally:
        reader.close()
    _compare(journal, seen)


def _digest(row: SpoolRow, keys: TenantKeys) -> bytes:
    try:
        return hashlib.sha256(open_request(row, keys)).digest()
    except SealError:
        raise Violation(f"request {row.event_id} does not open") from None


def _compare(journal: Journal, seen: Seen) -> None:
    with journal.lock:
        requests = list(journal.requests.values())
        forged = set(journal.forged)
    sent = Counter(part for request in requests for part in request.parts.items())
    acked = Counter(part for request in requests if request.is_acked for part in request.parts.items())
    found = Counter({part: len(events) for part, events in seen.parts.items()})
    if lost := acked - found:
        raise Violation(f"answered 200 and not in the spool as it was sent: {_of(lost)}")
    if strange := found - sent:
        refused = sum(digest in forged for _, digest in strange)
        raise Violation(f"in the spool more often than it was sent, or otherwise: {_of(strange)} ({refused} refused)")


def _of(parts: Counter[Part]) -> str:
    firms = Counter(firm for firm, _ in parts.elements())
    return ", ".join(f"{number} bodies of {firm}" for firm, number in firms.items())


def open_firm(place: Place, firm: TenantId) -> Store:
    """A firm's store as a command opens it."""
    return open_store(place.home, firm, place.keys_of(firm), registry=None, clock=open_clock(), is_founded=True)


def wait_until_done(place: Place, *, jobs_too: bool, within_s: float = JOBS_S_MAX) -> None:
    """Wait, while the daemon runs, until no request waits; and no job, also none that a killed daemon had taken.

    Raises: Violation when something is stuck.
    """
    until = time.monotonic() + within_s
    reader = SpoolReader.open(place.home.spool_db)
    try:
        while waiting := reader.waiting_tenants():
            if time.monotonic() > until:
                raise Violation(f"requests still wait after {within_s:.0f} s: {waiting}")
            time.sleep(0.01)
    finally:
        reader.close()
    for firm in NUMBERS:
        if not place.home.tenant_db(firm).exists():
            continue
        with open_firm(place, firm) as store:
            while left := store.read(_jobs_left, with_running=jobs_too):
                if time.monotonic() > until:
                    raise Violation(f"jobs of {firm} are stuck: {left}")
                time.sleep(0.02)


def _jobs_left(tx: Tx, *, with_running: bool) -> str:
    counts = tx.jobs.counts()
    is_busy = counts.waiting or (with_running and counts.running)
    return f"{counts.waiting} waiting, {counts.running} running" if is_busy else ""


def check_firms(place: Place, journal: Journal, seen: Seen) -> None:
    """With no daemon: every element is applied once, the ledger balances, and the audit log holds."""
    seen.elements = 0
    for firm in NUMBERS:
        if place.home.tenant_db(firm).exists():
            with open_firm(place, firm) as store:
                _check_firm(place, store, seen)
    with journal.lock:
        acked = {pair for request in journal.requests.values() if request.is_acked for pair in request.wamids}
    missing = [pair for pair in acked if not seen.wamids[pair]]
    if missing:
        raise Violation(
            f"{len(missing)} messages that were answered 200 are in no firm's file; one is of {missing[0][0]}"
        )
    twice = [pair for pair, times in seen.wamids.items() if times > 1]
    if twice:
        raise Violation(f"{len(twice)} messages were recorded more than once; one is of {twice[0][0]}")


def _check_firm(place: Place, store: Store, seen: Seen) -> None:
    firm = store.tenant
    verified = store.read(verify_firm)
    if not verified.ok:
        raise Violation(f"the audit log of {firm} does not hold: record {verified.first_bad}: {verified.reason}")
    for wamid in store.read(_wamids, seen.new_events.pop(firm, [])):
        seen.wamids[firm, wamid] += 1
    reader = SpoolReader.open(place.home.spool_db)
    try:
        principal = Principal(AUDITOR, firm, Role.AUDITOR)
        ledger = take_stock(store, principal, spool=reader, keys=place.keys_of(firm), reading=LEDGER)
    finally:
        reader.close()
    if not ledger.balanced:
        raise Violation(f"the ledger of {firm} does not balance: {ledger.findings[:5]}")
    if ledger.requests["stored"] or ledger.requests["dead"] or ledger.dispositions["waiting_job"]:
        raise Violation(f"work of {firm} is left over: {ledger.requests}, {ledger.dispositions}")
    seen.elements += ledger.elements


def _wamids(tx: Tx, events: list[str]) -> list[str]:
    """The id in the sealed content of every message that these requests brought."""
    return [tx.messages.content(row).wamid for event in events for row in tx.messages.of_raw_event(event)]


def check_commands(place: Place) -> None:
    """The same by the real commands, as an operator would ask."""
    for firm in NUMBERS:
        for command in ("completeness", "verify"):
            code, said = place.command("--json", "-t", firm, "audit", command)
            answer = json.loads(said.splitlines()[0]) if code == 0 else {}
            if not (answer.get("balanced") or answer.get("ok")):
                raise Violation(f"`lhwa audit {command}` of {firm} ends with {code}: {said[-2000:]}")
