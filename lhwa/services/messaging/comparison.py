"""Two files of one firm side by side: the one that grew, and the one that was built anew from stored requests.

Only what can be compared is compared. A row whose request is no longer stored, or was not applied yet, has nothing to
stand beside; as soon as there is one such row, rows that many requests add up to (people, threads) are compared by
their presence alone.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.services.messaging.derived import OF_MANY_REQUESTS, TABLES, canonical_lines, line_digest
from lhwa.store.transaction import Tx


class TableComparison(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One table of both files."""

    table: str
    here: int
    """Rows in the file that grew."""
    there: int
    """Rows in the file that was built anew."""
    compared: int
    different: int
    missing_here: int
    missing_there: int
    not_comparable: int
    """Rows here whose request is not stored any more or not applied yet, and those that depend on such."""

    @property
    def is_same(self) -> bool:
        """True when nothing that could be compared differs."""
        return not (self.different or self.missing_here or self.missing_there)


GROWING = frozenset({"contact", "contact_sighting", "contact_alias", "contact_flag"})
"""Tables whose rows only ever become more: what fewer requests gave must be among what all of them gave."""

Lines = dict[str, tuple[bytes, str]]
"""By key: a keyed hash of the row, and the request that brought it."""


def derived_lines(tx: Tx) -> dict[str, Lines]:
    """All derived rows of a file, each as a keyed hash, as of one moment."""
    return {
        table: {row.key: (line_digest(tx, table, line), row.raw_event) for row, line in canonical_lines(tx, table)}
        for table in TABLES
    }


def compare(
    here: dict[str, Lines], there: dict[str, Lines], *, applied: AbstractSet[str], waiting: int
) -> list[TableComparison]:
    """Compare table by table.

    Args:
        applied: requests that are stored and were applied here when they were copied.
        waiting: how many of the copied ones were not.
    """
    is_whole = not waiting and all(
        raw_event in applied for table in set(TABLES) - OF_MANY_REQUESTS for _digest, raw_event in here[table].values()
    )

    def is_comparable(_digest: bytes, raw_event: str) -> bool:
        return raw_event in applied if raw_event else is_whole

    return [
        _compare_table(
            table,
            here[table],
            there[table],
            is_comparable=is_comparable,
            must_be_here=not waiting and table in GROWING,
        )
        for table in TABLES
    ]


def _compare_table(
    table: str, here: Lines, there: Lines, *, is_comparable: Callable[[bytes, str], bool], must_be_here: bool
) -> TableComparison:
    both = here.keys() & there.keys()
    sure_here = {key for key, line in here.items() if is_comparable(*line)}
    return TableComparison(
        table=table,
        here=len(here),
        there=len(there),
        compared=len(sure_here),
        different=sum(here[key][0] != there[key][0] for key in both & sure_here),
        missing_here=sum(must_be_here or is_comparable(*there[key]) for key in there.keys() - both),
        missing_there=len(sure_here - both),
        not_comparable=len(here) - len(sure_here),
    )


def note_rebuild(tx: Tx, principal: Principal, *, requests: int) -> None:
    """Record that a person builds the firm's records anew elsewhere, before it happens."""
    principal.require(Permission.MANAGE_FIRM)
    actor = operator_actor(principal.operator)
    tx.audit.append(AuditRecord(actor, "events.rebuilt_elsewhere", f"firm:{tx.tenant}", {"requests": requests}))
