"""Blocks at Meta: one row for each contact and number of the firm, with what Meta said last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.blocks import BlockState
from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One block."""

    contact: ContactId
    phone_number_id: str
    state: BlockState
    error_code: int | None
    asked_at_ms: int


_SELECT = "SELECT contact, phone_number_id, state, error_code, asked_at FROM block_at_meta"


class Blocks:
    """The table of blocks at Meta."""

    def __init__(self, connection: apsw.Connection, *, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def ask(self, contact: ContactId, phone_number_id: str) -> None:
        """Meta is to be told what is wanted for a contact now."""
        self._connection.execute(
            "INSERT INTO block_at_meta (contact, phone_number_id, state, asked_at, next_attempt_at)"
            " VALUES (?, ?, 'waiting', ?, ?) ON CONFLICT DO UPDATE SET state = 'waiting', error_code = NULL,"
            " asked_at = excluded.asked_at, next_attempt_at = excluded.next_attempt_at",
            (contact, phone_number_id, self._now_ms, self._now_ms),
        )

    def due(self) -> list[BlockRow]:
        """What Meta is to be told now, in the order in which it was asked for."""
        # Of a time before anybody asked is a clock that was set back since: it would wait for as long as that.
        return self._rows(
            "WHERE state = 'waiting' AND (next_attempt_at <= ? OR asked_at > ?) ORDER BY asked_at, contact",
            (self._now_ms, self._now_ms),
        )

    def next_attempt_ms(self) -> int | None:
        """When Meta is to be told something next; None when nothing waits."""
        if self.due():
            return self._now_ms
        ((at_ms,),) = rows(
            self._connection, "SELECT min(next_attempt_at) FROM block_at_meta WHERE state = 'waiting'", ()
        )
        return None if at_ms is None else int(at_ms)

    def get(self, contact: ContactId, phone_number_id: str) -> BlockRow | None:
        """One block, if there is one."""
        found = self._rows("WHERE contact = ? AND phone_number_id = ?", (contact, phone_number_id))
        return found[0] if found else None

    def of(self, contacts: Collection[ContactId]) -> list[BlockRow]:
        """All that concern one of these."""
        ids = msgspec.json.encode(sorted(contacts)).decode()
        return self._rows("WHERE contact IN (SELECT value FROM json_each(?)) ORDER BY contact, phone_number_id", (ids,))

    def settle(self, row: BlockRow, state: BlockState, *, error_code: int | None) -> None:
        """Note what Meta said."""
        self._connection.execute(
            "UPDATE block_at_meta SET state = ?, error_code = ? WHERE contact = ? AND phone_number_id = ?",
            (state.value, error_code, row.contact, row.phone_number_id),
        )

    def postpone(self, row: BlockRow, *, at_ms: int, error_code: int | None) -> None:
        """Ask again at a time."""
        self._connection.execute(
            "UPDATE block_at_meta SET next_attempt_at = ?, error_code = ? WHERE contact = ? AND phone_number_id = ?",
            (at_ms, error_code, row.contact, row.phone_number_id),
        )

    def _rows(self, where: str, bindings: Sequence[object]) -> list[BlockRow]:
        found = rows(self._connection, f"{_SELECT} {where}", bindings)
        return [BlockRow(ContactId(row[0]), row[1], BlockState(row[2]), row[3], row[4]) for row in found]
