"""The outbox: every message that the firm sends, from the request to its end, sealed under the contact's key.

Invariants: a row moves only along `OUTBOUND_MOVES`, and only from the state that the caller saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.outbound import OUTBOUND_MOVES, Content, OutboundState, Recipient
from lhwa.errors import ConflictError, InvariantError
from lhwa.store.connection import rows
from lhwa.store.vault import Vault, contact_subject

OPEN = (OutboundState.PENDING_APPROVAL, OutboundState.QUEUED, OutboundState.SENDING, OutboundState.IN_DOUBT)
"""States in which somebody or something still has to act."""
_IS_OPEN = "state IN ('pending_approval', 'queued', 'sending', 'in_doubt')"
"""As the index `outbox_open` says it: only by these words does SQLite know that it may use it."""
_LATER = "state = 'queued' AND next_attempt_at > ?1 AND send_at > ?1"
_LOST = "state IN ('failed', 'expired') AND next_attempt_at >= ?"


class Letter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sealed of an outgoing message."""

    recipient: Recipient
    content: Content
    reply_to_wamid: str | None = None

    def __repr__(self) -> str:
        return "Letter(…)"


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What Meta answered; sealed, because both name the client."""

    wamid: str
    wa_id: str | None = None

    def __repr__(self) -> str:
        return "Receipt(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutbound:
    """A message about to be put into the outbox."""

    id: str
    conversation: ConversationId
    contact: ContactId
    phone_number_id: str
    recipient_hash: bytes
    kind: str
    template: str | None
    language: str | None
    author_kind: str
    author: str
    state: OutboundState
    send_at_ms: int
    expires_at_ms: int
    letter: Letter


@dataclass(frozen=True, slots=True)
class OutboundRow:
    """One message of the outbox, still sealed."""

    seq: int
    id: str
    conversation: ConversationId
    contact: ContactId
    phone_number_id: str
    recipient_hash: bytes
    kind: str
    template: str | None
    language: str | None
    author_kind: str
    author: str
    state: OutboundState
    created_at_ms: int
    send_at_ms: int
    expires_at_ms: int
    next_attempt_at_ms: int
    attempts: int
    posted_at_ms: int | None
    in_doubt_since_ms: int | None
    message_dedup: bytes | None
    decided_by: str | None
    rule: str
    error_code: int | None
    sealed: bytes
    receipt: bytes | None


_COLUMNS = (
    "seq, id, conversation, contact, phone_number_id, recipient_hash, kind, template, language, author_kind, author,"
    " state, created_at, send_at, expires_at, next_attempt_at, attempts, posted_at, in_doubt_since, message_dedup,"
    " decided_by, rule, error_code, sealed, receipt"
)
_ROW = f"SELECT {_COLUMNS} FROM outbox"  # noqa: S608 -- fixed text
_ENCODER = msgspec.json.Encoder()
_LETTER = msgspec.json.Decoder(Letter)
_RECEIPT = msgspec.json.Decoder(Receipt)
_IS_HELD_UP = (
    # One after the other in each thread, in the order of the times for which they were meant: what is to leave
    # tomorrow does not hold up an answer today. One in doubt holds up the next for a while: its answer may still come.
    "SELECT 1 FROM outbox AS earlier WHERE earlier.conversation = outbox.conversation AND earlier.seq <> outbox.seq"
    " AND (earlier.state = 'sending' OR ((earlier.send_at, earlier.seq) < (outbox.send_at, outbox.seq)"
    " AND (earlier.state = 'queued' OR (earlier.state = 'in_doubt'"
    # A doubt from the future is one of a clock that was set back since: it would hold for as long as that.
    " AND earlier.in_doubt_since > :doubt AND earlier.in_doubt_since <= :now))))"
)
_DUE = f"{_ROW} WHERE state = 'queued' AND next_attempt_at <= :now AND NOT EXISTS ({_IS_HELD_UP})"
_DUE += " AND phone_number_id NOT IN (SELECT value FROM json_each(:shut))"
"""SQL; whoever uses it says in which order and how many."""


class Outbox:
    """The outbox table."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def add(self, message: NewOutbound) -> None:
        """Put a message into the outbox."""
        place = self._vault.place("outbox", "letter", message.id)
        sealed = self._vault.seal(
            contact_subject(message.contact), place, _ENCODER.encode(message.letter), now_ms=self._now_ms
        )
        self._connection.execute(
            "INSERT INTO outbox (id, conversation, contact, phone_number_id, recipient_hash, kind, template, language,"
            " author_kind, author, state, created_at, send_at, expires_at, next_attempt_at, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                message.id,
                message.conversation,
                message.contact,
                message.phone_number_id,
                message.recipient_hash,
                message.kind,
                message.template,
                message.language,
                message.author_kind,
                message.author,
                message.state.value,
                self._now_ms,
                message.send_at_ms,
                message.expires_at_ms,
                message.send_at_ms,
                sealed,
            ),
        )

    def letter(self, row: OutboundRow) -> Letter:
        """What a message says and to whom; SealError when its key was destroyed."""
        return _LETTER.decode(self._vault.unseal(self._vault.place("outbox", "letter", row.id), row.sealed))

    def receipt(self, row: OutboundRow) -> Receipt | None:
        """What Meta answered, if it did; SealError as for `letter`."""
        if row.receipt is None:
            return None
        return _RECEIPT.decode(self._vault.unseal(self._vault.place("outbox", "receipt", row.id), row.receipt))

    def get(self, message: str) -> OutboundRow | None:
        """One message by its id."""
        return self._one("id = ?", message)

    def beginning_with(self, prefix: str, *, rows_max: int) -> list[str]:
        """Ids that begin like this, oldest first.

        Args:
            prefix: of the letters and digits of a ULID.
        """
        sql = "SELECT id FROM outbox WHERE id >= ?1 AND id < ?1 || '~' ORDER BY id LIMIT ?2"
        return [str(found[0]) for found in rows(self._connection, sql, (prefix, rows_max))]

    def by_dedup(self, message_dedup: bytes) -> OutboundRow | None:
        """The message that became one of Meta's, by the keyed hash of its id there."""
        return self._one("message_dedup = ?", message_dedup)

    def newest(
        self, *, rows_max: int, states: Sequence[OutboundState] = (), conversation: str | None = None
    ) -> list[OutboundRow]:
        """Messages by the time of their request, newest first."""
        where, bindings = ["true"], list[object]()
        if states:
            where.append(f"state IN ({', '.join('?' * len(states))})")
            bindings += [state.value for state in states]
        if conversation is not None:
            where.append("conversation = ?")
            bindings.append(conversation)
        sql = f"{_ROW} WHERE {' AND '.join(where)} ORDER BY created_at DESC, seq DESC LIMIT ?"
        return self._rows(sql, (*bindings, rows_max))

    def numbered(self, seqs: Sequence[int]) -> dict[int, OutboundRow]:
        """Messages by their row numbers."""
        listed = msgspec.json.encode(list(seqs)).decode()
        found = self._rows(f"{_ROW} WHERE seq IN (SELECT value FROM json_each(?))", (listed,))  # noqa: S608 -- fixed text
        return {row.seq: row for row in found}

    def in_state(self, state: OutboundState, *, rows_max: int = -1) -> list[OutboundRow]:
        """Messages in one of the open states, oldest first; all of them unless told otherwise."""
        return self._rows(f"{_ROW} WHERE state = ? AND {_IS_OPEN} ORDER BY seq LIMIT ?", (state.value, rows_max))

    def scheduled(self, *, rows_max: int) -> list[OutboundRow]:
        """Messages that are meant for a later time, the next first."""
        return self._rows(f"{_ROW} WHERE {_LATER} ORDER BY next_attempt_at, seq LIMIT ?2", (self._now_ms, rows_max))

    def scheduled_count(self) -> int:
        """How many those are."""
        return self._count(_LATER, self._now_ms)

    def lost(self, *, since_ms: int, rows_max: int) -> list[OutboundRow]:
        """Messages that will not arrive and were last due at a time or later: failed or expired, newest first."""
        order = "ORDER BY next_attempt_at DESC, seq DESC LIMIT ?"
        return self._rows(f"{_ROW} WHERE {_LOST} {order}", (since_ms, rows_max))

    def lost_count(self, *, since_ms: int) -> int:
        """How many those are."""
        return self._count(_LOST, since_ms)

    def due(self, *, doubt_since_ms: int, rows_max: int, shut_numbers: Sequence[str] = ()) -> list[OutboundRow]:
        """Queued messages whose time has come and that are the next of their thread.

        Args:
            doubt_since_ms: a message in doubt since then still holds up the next one of its thread.
            shut_numbers: nothing leaves from these now.
        """
        shut = msgspec.json.encode(shut_numbers).decode()
        bindings = {"now": self._now_ms, "doubt": doubt_since_ms, "most": rows_max, "shut": shut}
        found = self._connection.execute(f"{_DUE} ORDER BY next_attempt_at, seq LIMIT :most", bindings)
        return [_row(each) for each in found.fetchall()]

    def next_attempt_ms(self, *, after_ms: int) -> int | None:
        """When the next message may be tried that may not be tried yet; None when there is none."""
        sql = "SELECT min(next_attempt_at) FROM outbox WHERE state = 'queued' AND next_attempt_at > ?"
        ((at_ms,),) = rows(self._connection, sql, (after_ms,))
        return None if at_ms is None else int(at_ms)

    def oldest_doubt_ms(self, *, since_ms: int) -> int | None:
        """Since when the oldest message is in doubt that fell into it after a time and may hold up others."""
        sql = (
            "SELECT min(in_doubt_since) FROM outbox WHERE state = 'in_doubt' AND in_doubt_since > ?"
            " AND EXISTS (SELECT 1 FROM outbox WHERE state = 'queued')"
        )
        ((at_ms,),) = rows(self._connection, sql, (since_ms,))
        return None if at_ms is None else int(at_ms)

    def doubt_before(self, row: OutboundRow, *, since_ms: int) -> OutboundRow | None:
        """A message of the same thread, to leave before this one, that is in doubt since a time or later."""
        found = self._rows(
            f"{_ROW} WHERE conversation = ? AND state = 'in_doubt' AND (send_at, seq) < (?, ?)"
            " AND in_doubt_since > ? ORDER BY seq LIMIT 1",
            (row.conversation, row.send_at_ms, row.seq, since_ms),
        )
        return found[0] if found else None

    def move(self, row: OutboundRow, state: OutboundState, **facts: object) -> None:
        """Move a message to another state, and note what is known of it now.

        Args:
            facts: columns with their new values.
        Raises: ConflictError when it is no longer in the state of the row; InvariantError for a move that is not legal.
        """
        if state is not row.state and state not in OUTBOUND_MOVES[row.state]:
            raise InvariantError(f"An outgoing message does not go from {row.state.value} to {state.value}.")
        doubt_ms = self._now_ms if state is OutboundState.IN_DOUBT else None
        if state is row.state:
            doubt_ms = row.in_doubt_since_ms
        columns = {"state": state.value, "in_doubt_since": doubt_ms, **facts}
        assignments = ", ".join(f"{name} = ?" for name in columns)
        before = self._connection.total_changes()
        self._connection.execute(
            f"UPDATE outbox SET {assignments} WHERE seq = ? AND state = ? AND attempts = ?",  # noqa: S608 -- fixed names
            (*columns.values(), row.seq, row.state.value, row.attempts),
        )
        if self._connection.total_changes() == before:
            raise ConflictError("This message is no longer where it was.", hint="Look at it with `lhwa outbox show`.")

    def sealed_receipt(self, row: OutboundRow, receipt: Receipt) -> bytes:
        """What Meta answered, as it is stored."""
        place = self._vault.place("outbox", "receipt", row.id)
        return self._vault.seal(contact_subject(row.contact), place, _ENCODER.encode(receipt), now_ms=self._now_ms)

    def counts(self) -> dict[str, int]:
        """How many messages are in each of the open states."""
        sql = f"SELECT state, count(*) FROM outbox WHERE {_IS_OPEN} GROUP BY state"  # noqa: S608 -- fixed text
        found = rows(self._connection, sql)
        return {str(state): int(number) for state, number in found}

    def _count(self, where: str, binding: int) -> int:
        ((count,),) = rows(self._connection, f"SELECT count(*) FROM outbox WHERE {where}", (binding,))  # noqa: S608 -- fixed text
        return int(count)

    def _one(self, where: str, binding: str | bytes) -> OutboundRow | None:
        found = self._rows(f"{_ROW} WHERE {where}", (binding,))
        return found[0] if found else None

    def _rows(self, sql: str, bindings: Sequence[object]) -> list[OutboundRow]:
        return [_row(found) for found in rows(self._connection, sql, bindings)]


def _row(found: Sequence[object]) -> OutboundRow:
    values = list(found)
    values[11] = OutboundState(str(values[11]))
    return OutboundRow(*values)  # type: ignore[arg-type]  # the table is STRICT
