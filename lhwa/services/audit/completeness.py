"""The completeness ledger of one firm: counts in equal dispositions out.

In: every element of every request that the spool still holds, read anew from its sealed bytes. Out: one disposition for
each of them (`domain/completeness.py`). Besides, each row has its audit record and each record its row.

A page of requests is read from the spool before the firm's file is looked at, so a daemon that works meanwhile can only
have done more than the page says. Nothing of what clients said is shown, so this read is no entry of the audit log.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.completeness import OWN_ROW, Disposition, ElementKeys
from lhwa.domain.keys import TenantKeys
from lhwa.errors import SealError
from lhwa.store.spool_rows import SpoolReader, SpoolRow, open_request
from lhwa.store.store import Store
from lhwa.store.tables.completeness import OwnLetter
from lhwa.store.transaction import Tx

PAGE_ROWS = 32
"""Requests in memory at once: each may hold three megabytes."""
SHOWN_MAX = 20
"""So many findings of a kind are named; the rest is only counted or found the next time."""


class KeysOf(Protocol):
    """What an element is known by in the firm's file."""

    def __call__(self, tx: Tx, element: Any, /, *, raw_event: str) -> ElementKeys: ...


@dataclass(frozen=True, slots=True)
class ElementReading:
    """How requests are read for the ledger: the same reading as when they are applied."""

    read: Callable[[bytes], Sequence[Any]]
    keys_of: KeysOf


class Finding(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that does not add up."""

    kind: str
    """`missing`, `unexplained_row`, `unreadable_request`, `without_audit`, `without_row`, `without_event`, `twice`."""
    what: str
    """A request with a place in it, or a row."""


class Completeness(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The ledger. It balances when `missing` is 0 and nothing else was found."""

    balanced: bool
    requests: dict[str, int]
    """Requests of this firm in the spool, by state."""
    elements: int
    """What they say, item by item: in."""
    dispositions: dict[str, int]
    """What became of it: out. Adds up to `elements`."""
    missing: int
    older_than_spool: int
    """Rows whose request the spool has forgotten since: nothing to compare them with."""
    findings: tuple[Finding, ...]
    """At most 20 of each kind."""


@dataclass(slots=True)
class _Sheet:
    """The ledger while it is being written."""

    requests: Counter[str] = field(default_factory=Counter)
    dispositions: Counter[Disposition] = field(default_factory=Counter)
    found: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    oldest: str = ""
    """The smallest id of a request that was looked at."""

    def note(self, kind: str, what: str) -> None:
        if len(self.found[kind]) < SHOWN_MAX:
            self.found[kind].append(what)


def take_stock(
    store: Store,
    principal: Principal,
    *,
    spool: SpoolReader,
    keys: TenantKeys,
    reading: ElementReading,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Completeness:
    """Write the ledger of a firm; the daemon may work meanwhile.

    Args:
        on_progress: called after each page with the number of requests that were looked at, and of all.
    """
    principal.require(Permission.READ_AUDIT)
    sheet = _Sheet()
    numbers = spool.seqs_of_tenant(principal.tenant)
    for at in range(0, len(numbers), PAGE_ROWS):
        some = numbers[at : at + PAGE_ROWS]
        page = spool.of_tenant(principal.tenant, after_seq=some[0] - 1, rows_max=len(some))
        # Pruning meanwhile moves the rows behind into this page: they come again in the next one.
        page = [row for row in page if row.seq <= some[-1]]
        store.read(_read_page, page, keys, reading, sheet)
        on_progress(min(at + PAGE_ROWS, len(numbers)), len(numbers))
    older = store.read(_read_file, spool, sheet)
    return _report(sheet, older_than_spool=older)


def _read_page(tx: Tx, page: Sequence[SpoolRow], keys: TenantKeys, reading: ElementReading, sheet: _Sheet) -> None:
    """Give every element of these requests its disposition, and every row of theirs its element."""
    events = [row.event_id for row in page]
    rows = {(row.raw_event, row.position, row.table, row.dedup) for row in tx.completeness.rows_of(events)}
    letters = {
        (letter.raw_event, letter.position, letter.dedup): letter for letter in tx.completeness.letters_of(events)
    }
    for request in page:
        sheet.requests[request.state] += 1
        sheet.oldest = min(sheet.oldest or request.event_id, request.event_id)
        try:
            elements = reading.read(open_request(request, keys))
        except SealError:
            # What is dead for this very reason is accounted for: the installer sees it.
            if request.state != "dead":
                sheet.note("unreadable_request", request.event_id)
            rows = {row for row in rows if row[0] != request.event_id}
            continue
        for element in elements:
            known = reading.keys_of(tx, element, raw_event=request.event_id)
            place = (request.event_id, known.position)
            is_own = (*place, known.table, known.row) in rows
            letter = next((letters[(*place, key)] for key in known.letters if (*place, key) in letters), None)
            what = _disposition(tx, request, known, is_own=is_own, letter=letter)
            sheet.dispositions[what] += 1
            if what is Disposition.MISSING:
                sheet.note("missing", f"{request.event_id}/{known.position}")
            rows.discard((*place, known.table or "message", known.row))
    for raw_event, position, table, _ in sorted(rows, key=lambda row: row[:3]):
        sheet.note("unexplained_row", f"{table} of {raw_event}/{position}")


def _disposition(
    tx: Tx, request: SpoolRow, known: ElementKeys, *, is_own: bool, letter: OwnLetter | None
) -> Disposition:
    """What became of one element. A place of its own counts before what another element left under the same keys."""
    ledger = tx.completeness
    if is_own and known.table is not None:
        return OWN_ROW[known.table]
    if letter is not None:
        if letter.state != "retried":
            return Disposition.DEAD_LETTER
        if ledger.has_job(f"dead_letter:{letter.id}"):
            return Disposition.WAITING_JOB
    if ledger.has_job(f"{request.event_id}/{known.position}"):
        return Disposition.WAITING_JOB
    if known.table is not None and ledger.has_row(known.table, known.row):
        return Disposition.DUPLICATE
    if any(ledger.has_letter(key) for key in known.letters) and letter is None:
        return Disposition.DUPLICATE
    if request.state == "stored":
        return Disposition.NOT_APPLIED
    return Disposition.SET_ASIDE if request.state == "dead" else Disposition.MISSING


def _read_file(tx: Tx, spool: SpoolReader, sheet: _Sheet) -> int:
    """Compare the rows of the whole file with the audit log; returns how many rows are older than the spool."""
    ledger = tx.completeness
    for kind, found in (
        ("without_audit", ledger.unaudited(rows_max=SHOWN_MAX)),
        ("without_row", ledger.records_without_row(rows_max=SHOWN_MAX)),
        ("without_event", ledger.messages_without_event(rows_max=SHOWN_MAX)),
        ("twice", ledger.twice(rows_max=SHOWN_MAX)),
    ):
        for what in found:
            sheet.note(kind, what)
    # Ids begin with the time: below the oldest request there is nothing to look up.
    return sum(
        rows
        for event, rows in ledger.rows_by_request()
        if (sheet.oldest and event < sheet.oldest) or spool.state_of(event) is None
    )


def _report(sheet: _Sheet, *, older_than_spool: int) -> Completeness:
    findings = tuple(Finding(kind=kind, what=what) for kind, found in sheet.found.items() for what in found)
    return Completeness(
        balanced=not findings,
        requests={state: sheet.requests[state] for state in ("stored", "done", "dead")},
        elements=sum(sheet.dispositions.values()),
        dispositions={what.value: sheet.dispositions[what] for what in Disposition},
        missing=sheet.dispositions[Disposition.MISSING],
        older_than_spool=older_than_spool,
        findings=findings,
    )
