"""What the completeness ledger reads of a firm's file: rows by the request that brought them, and rows by their keys.

Rows are matched with the audit log by SQL: the log may have millions of records, and each row needs one look into the
index over their targets. Where that index is gone, `audit verify` says so; look there first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

import apsw
import msgspec

from lhwa.domain.audit import FIRM_LOG
from lhwa.domain.completeness import ElementTable
from lhwa.domain.events import EventType
from lhwa.domain.jobs import JobKind
from lhwa.store.connection import rows
from lhwa.store.tables.messages import KEYED

TABLES: tuple[ElementTable, ...] = ("message", "message_status", "platform_event")


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row that an element became."""

    table: ElementTable
    raw_event: str
    position: str
    dedup: bytes


@dataclass(frozen=True, slots=True)
class OwnLetter:
    """A dead letter that an element became."""

    id: str
    raw_event: str
    position: str
    dedup: bytes
    state: str


_TARGET = "json_extract(CAST(audit_entry.entry AS TEXT), '$.target')"
"""As in the index `audit_entry_target`, letter for letter: otherwise SQLite does not use it."""
_ACTION = "json_extract(CAST(audit_entry.entry AS TEXT), '$.action')"
_RAW_EVENT = "json_extract(CAST(audit_entry.entry AS TEXT), '$.data.raw_event')"
_POSITION = "json_extract(CAST(audit_entry.entry AS TEXT), '$.data.position')"
_STATUS_WORD = "json_extract(CAST(audit_entry.entry AS TEXT), '$.data.status')"
_STATUS_ROW = "lower(hex(message_status.dedup))"

# S608 throughout: every piece is a constant of this module.
_UNAUDITED = {
    "message": (
        "SELECT 'message:' || id FROM message WHERE NOT EXISTS"  # noqa: S608 -- as above
        f" (SELECT 1 FROM audit_entry WHERE {_TARGET} = 'message:' || message.id AND {_ACTION} = 'message.recorded')"
    ),
    # A fact that moved its message is recorded with that message; one that was told again, under its own key too.
    "status": (
        f"SELECT 'status:' || {_STATUS_ROW} FROM message_status WHERE NOT EXISTS"  # noqa: S608 -- as above
        f" (SELECT 1 FROM audit_entry WHERE {_TARGET} = 'status:' || {_STATUS_ROW}"
        f" AND {_ACTION} IN ('status.parked', 'status.told_again'))"
        " AND NOT EXISTS (SELECT 1 FROM message_known CROSS JOIN message ON message.seq = message_known.message"
        f" JOIN audit_entry ON {_TARGET} = 'message:' || message.id"
        f" WHERE message_known.dedup = message_status.message_dedup AND {_ACTION} = 'status.recorded'"
        f" AND {_RAW_EVENT} = message_status.raw_event AND {_POSITION} = message_status.position)"
    ),
    "platform_event": (
        "SELECT 'platform_event:' || id FROM platform_event WHERE NOT EXISTS"  # noqa: S608 -- as above
        f" (SELECT 1 FROM audit_entry WHERE {_TARGET} = 'platform_event:' || platform_event.id"
        f" AND {_ACTION} = 'platform.recorded')"
    ),
    # A letter of a job is about what the job was about; that stands in its position.
    "dead_letter": (
        "SELECT 'dead_letter:' || id FROM dead_letter WHERE NOT EXISTS"  # noqa: S608 -- as above
        f" (SELECT 1 FROM audit_entry WHERE"
        f" {_TARGET} = iif(kind = 'job', dead_letter.position, 'dead_letter:' || dead_letter.id)"
        f" AND {_ACTION} = iif(kind = 'job', 'alert.buried', 'element.buried'))"
    ),
}
# Its place does not tell a status: a later telling may have taken over the row.
_WITHOUT_ROW = (
    f"SELECT sourced.target FROM (SELECT {_TARGET} AS target, {_ACTION} AS action, {_STATUS_WORD} AS status"  # noqa: S608 -- as above
    " FROM audit_entry) AS sourced WHERE CASE action"
    " WHEN 'message.recorded' THEN NOT EXISTS (SELECT 1 FROM message WHERE id = substr(sourced.target, 9))"
    " WHEN 'platform.recorded' THEN NOT EXISTS (SELECT 1 FROM platform_event WHERE id = substr(sourced.target, 16))"
    " WHEN 'element.buried' THEN NOT EXISTS (SELECT 1 FROM dead_letter WHERE id = substr(sourced.target, 13))"
    " WHEN 'status.parked' THEN NOT EXISTS (SELECT 1 FROM message_status AS s"
    " WHERE s.dedup = unhex(substr(sourced.target, 8)))"
    " WHEN 'status.recorded' THEN NOT EXISTS (SELECT 1 FROM message JOIN message_status AS s"
    " ON s.message_dedup = message.dedup WHERE message.id = substr(sourced.target, 9) AND s.status = sourced.status)"
    " ELSE 0 END"
)
_WITHOUT_EVENT = (
    "SELECT 'message:' || id FROM message WHERE NOT EXISTS (SELECT 1 FROM event"  # noqa: S608 -- as above
    f" WHERE event.subject = 'message:' || message.id AND event.type = '{EventType.MESSAGE_RECEIVED.value}')"
)
_EVENT_TWICE = (
    f"SELECT 'event of ' || subject FROM event WHERE type = '{EventType.MESSAGE_RECEIVED.value}'"  # noqa: S608 -- as above
    " GROUP BY subject HAVING count(*) > 1"
)
_RECORD_TWICE = (
    f"SELECT 'audit record of ' || {_TARGET} FROM audit_entry"  # noqa: S608 -- as above
    f" WHERE {_ACTION} IN ('message.recorded', 'platform.recorded', 'status.parked')"
    f" GROUP BY {_TARGET}, {_ACTION} HAVING count(*) > 1"
)
_ROW_TWICE = tuple(
    f"SELECT '{table}:' || lower(hex(dedup)) FROM {table} GROUP BY dedup HAVING count(*) > 1"  # noqa: S608 -- as above
    for table in (*TABLES, "dead_letter")
)


class Completeness:
    """Reads for the ledger; changes nothing. Finds at most `rows_max` of each flaw, which is enough to begin with."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def rows_of(self, raw_events: Sequence[str]) -> list[OwnRow]:
        """The rows that these requests brought."""
        wanted = (msgspec.json.encode(raw_events).decode(),)
        return [
            OwnRow(table, *found)
            for table in TABLES
            for found in rows(
                self._connection,
                f"SELECT raw_event, position, dedup FROM {table} WHERE raw_event IN (SELECT value FROM json_each(?))",  # noqa: S608 -- a constant
                wanted,
            )
        ]

    def letters_of(self, raw_events: Sequence[str]) -> list[OwnLetter]:
        """The dead letters that elements of these requests became."""
        found = rows(
            self._connection,
            "SELECT id, raw_event, position, dedup, state FROM dead_letter"
            " WHERE raw_event IN (SELECT value FROM json_each(?))",
            (msgspec.json.encode(raw_events).decode(),),
        )
        return [OwnLetter(*row) for row in found]

    def has_row(self, table: ElementTable, dedup: bytes) -> bool:
        """True when an element with this key is recorded, wherever it came from."""
        where = KEYED if table == "message" else "dedup = ?1"
        return bool(rows(self._connection, f"SELECT 1 FROM {table} WHERE {where}", (dedup,)))  # noqa: S608 -- constants

    def has_letter(self, dedup: bytes) -> bool:
        """True when an element with this key was buried, wherever it came from."""
        return bool(rows(self._connection, "SELECT 1 FROM dead_letter WHERE dedup = ?", (dedup,)))

    def has_job(self, place: str) -> bool:
        """True when a job is to apply the element of this place."""
        once = f"{JobKind.APPLY_ELEMENT.value}/{place}"
        return bool(rows(self._connection, "SELECT 1 FROM job WHERE once = ?", (once,)))

    def rows_by_request(self) -> Iterator[tuple[str, int]]:
        """Ids of requests, and how many rows each brought; an id comes once for each table."""
        for table in TABLES:
            yield from self._connection.execute(f"SELECT raw_event, count(*) FROM {table} GROUP BY raw_event")  # noqa: S608 -- a constant
        yield from self._connection.execute(
            "SELECT raw_event, count(*) FROM dead_letter WHERE kind <> 'job' GROUP BY raw_event"
        )

    def unaudited(self, *, rows_max: int) -> list[str]:
        """Rows that no audit record speaks of."""
        with _damage_named():
            return list(chain.from_iterable(self._texts(sql, rows_max) for sql in _UNAUDITED.values()))

    def records_without_row(self, *, rows_max: int) -> list[str]:
        """What audit records say was recorded or buried, and is not there."""
        with _damage_named():
            return self._texts(_WITHOUT_ROW, rows_max)

    def messages_without_event(self, *, rows_max: int) -> list[str]:
        """Messages that were never announced."""
        return self._texts(_WITHOUT_EVENT, rows_max)

    def twice(self, *, rows_max: int) -> list[str]:
        """What is there more than once: a UNIQUE key would have refused it."""
        with _damage_named():
            return list(
                chain.from_iterable(self._texts(sql, rows_max) for sql in (*_ROW_TWICE, _EVENT_TWICE, _RECORD_TWICE))
            )

    def _texts(self, sql: str, rows_max: int) -> list[str]:
        return [str(row[0]) for row in rows(self._connection, f"{sql} LIMIT ?", (rows_max,))]


@contextmanager
def _damage_named() -> Iterator[None]:
    """Say that the log is not as it was, where one of its entries is no JSON."""
    try:
        yield
    except apsw.SQLError:
        raise FIRM_LOG.damaged() from None
