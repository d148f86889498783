"""Whole requests that no firm got: unreadable, or for a number that nobody has. The installer looks and decides.

They belong to no firm whose roles could allow a look, so nobody sees their content here. Decisions stand in the
control plane's audit log before the spool is touched: a crash in between repeats a decision and never hides one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from lhwa.domain.access import NOT_YOURS
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.instants import Instant, rfc3339_ms
from lhwa.errors import ConflictError, NotAllowedError
from lhwa.registry.registry import Registry
from lhwa.services.access import rules
from lhwa.services.access.callers import Caller, require_installer
from lhwa.store.spool_rows import SpoolReader, SpoolRow

ASIDE = ("dead", "unrouted")
"""States of the spool that a request of nobody can be in."""
PAGE_ROWS = 200
"""So many are in memory at once, with their sealed bodies."""


class KeptRequestView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One such request as people and scripts see it."""

    id: str
    received_at: str
    app: str
    state: str
    reason: str
    bytes: int


def kept_requests(registry: Registry, caller: Caller, *, spool: SpoolReader, rows_max: int) -> list[KeptRequestView]:
    """The oldest of them, in the order in which they came."""
    with registry.read() as view:
        require_installer(view, caller)
    found = [each for state in ASIDE for each in islice(_aside(spool, state), rows_max)]
    return [shown for _seq, shown in sorted(found, key=lambda each: each[0])[:rows_max]]


def discard_kept_request(
    registry: Registry,
    caller: Caller,
    event_id: str,
    *,
    reason: str,
    spool: SpoolReader,
    settle: Callable[[SpoolRow], int],
    dry_run: bool,
    now: Instant,
) -> None:
    """Decide that one of them will never be processed. A dry run checks everything and changes nothing.

    Args:
        settle: marks the request as done, durable when it returns; 0 when it is no longer as it was.
    Raises: NotAllowedError when no such request is kept; ConflictError when somebody else was faster.
    """
    why = rules.reason(reason)
    with registry.write(now=now) as tx:
        operator = require_installer(tx, caller)
        row = spool.by_event(event_id)
        if row is None or row.state not in ASIDE:
            raise NotAllowedError(NOT_YOURS)
        if dry_run:
            return
        data = {"reason": why, "state": row.state}
        tx.record(AuditRecord(operator_actor(operator), "request.discarded", f"request:{event_id}", data))
    if not settle(row):
        raise ConflictError("This request is no longer kept aside.", hint="See `lhwa deadletters list --requests`.")


def allow_rerouting(registry: Registry, caller: Caller, *, spool: SpoolReader, dry_run: bool, now: Instant) -> None:
    """Let the installer look for the firms of all unrouted requests, and record it unless it is a dry run."""
    waiting = spool.counts().by_state.get("unrouted", 0)
    with registry.read() as view:
        operator = require_installer(view, caller)
    if dry_run or not waiting:
        return
    with registry.write(now=now) as tx:
        data = {"requests": waiting}
        tx.record(AuditRecord(operator_actor(operator), "requests.rerouted", "requests:unrouted", data))


def _aside(spool: SpoolReader, state: str) -> Iterator[tuple[int, KeptRequestView]]:
    page = spool.aside(state, rows_max=PAGE_ROWS)
    while page:
        for row in page:
            yield row.seq, _view(row)
        page = spool.aside(state, after_seq=page[-1].seq, rows_max=PAGE_ROWS)


def _view(row: SpoolRow) -> KeptRequestView:
    return KeptRequestView(
        id=row.event_id,
        received_at=rfc3339_ms(row.received_at_ms),
        app=row.app,
        state=row.state,
        reason=row.reason,
        bytes=row.body_bytes,
    )
