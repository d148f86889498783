"""Lists of threads, newest first: how many there are, any stretch of them, and what the newest in each one is.

Invariant: the plain list costs as much at its end as at its beginning, but for steps along one index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ConversationId
from lhwa.store.connection import rows
from lhwa.store.tables.conversations import ConversationRow, Conversations

AMENDING = ("edit", "revoke", "reaction")
"""Types of messages that say something about another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadsWanted:
    """Which threads are listed; without anything, all that have a message."""

    contacts: tuple[str, ...] | None = None
    """Only with these."""
    intake_states: tuple[str, ...] = ()
    """Of the newest intake. A thread in any of the states, or with an open window, is listed."""
    outbox_states: tuple[str, ...] = ()
    """Of `pending_approval`, `in_doubt` and `failed`."""
    window_since_ms: int | None = None
    """The window is open of a thread whose client wrote after this, and not after the end."""
    window_until_ms: int = 0
    is_unread: bool = False
    operator: str | None = None
    """Only what is theirs: the thread, or where it is nobody's, its newest intake if that did not come to nothing."""
    matter: str = ""
    """Only of clients with a matter whose id begins like this."""

    @property
    def is_plain(self) -> bool:
        """True when nothing narrows it down."""
        return self == ThreadsWanted()


_IS_NEWEST_INTAKE = "each.seq = (SELECT max(seq) FROM intake WHERE intake.conversation = each.conversation)"
_ASKING = "state IN ('pending_approval', 'in_doubt', 'failed')"
"""SQL; as the index `outbox_asks` says it."""
_BY_INTAKE = (
    "id IN (SELECT each.conversation FROM intake AS each WHERE each.state IN (SELECT value FROM json_each(?))"  # noqa: S608 -- constants
    f" AND {_IS_NEWEST_INTAKE})"
)
_BY_OUTBOX = f"id IN (SELECT conversation FROM outbox WHERE {_ASKING} AND state IN (SELECT value FROM json_each(?)))"  # noqa: S608 -- constants
# The newest of all messages is never older than that of the client, and it has the index.
_BY_WINDOW = "(last_message_at > ? AND last_inbound_at > ? AND last_inbound_at <= ?)"
_OWN = (
    "(assigned_to = ? OR (assigned_to IS NULL AND id IN (SELECT each.conversation FROM intake AS each"  # noqa: S608 -- constants
    " WHERE each.assigned_to = ? AND each.state NOT IN ('rejected', 'declined', 'withdrawn', 'expired')"
    f" AND {_IS_NEWEST_INTAKE})))"
)
_BY_MATTER = (
    "(contact IN (SELECT contact FROM matter WHERE id >= ? AND id < ?) OR id IN (SELECT intake.conversation"
    " FROM matter JOIN intake ON intake.id = matter.intake WHERE matter.id >= ? AND matter.id < ?))"
)
_ORDER = "ORDER BY last_message_at DESC, seq DESC LIMIT ? OFFSET ?"
_DATED, _UNDATED = "last_message_at > 0", "last_message_at <= 0 AND messages > 0"
"""SQL: threads that have a message. Without one there is no time, so nearly all are found along an index alone."""
_NEWEST_MESSAGES = (
    "SELECT thread.value, message.seq, message.sent_at FROM json_each(?) AS thread CROSS JOIN message_block"  # noqa: S608 -- constants
    " CROSS JOIN message ON message.seq = (SELECT each.seq FROM message AS each"
    f" WHERE each.seq >> 14 = message_block.number AND each.conversation = thread.value AND each.type NOT IN {AMENDING}"
    " ORDER BY each.sent_at DESC, each.seq DESC LIMIT 1)"
)
_NEWEST_OUTBOUND = (
    "SELECT thread.value, outbox.seq FROM json_each(?) AS thread CROSS JOIN outbox ON outbox.seq ="
    " (SELECT each.seq FROM outbox AS each WHERE each.conversation = thread.value"
    " AND each.state NOT IN ('cancelled', 'expired')"
    " ORDER BY coalesce(each.posted_at, each.created_at) DESC, each.seq DESC LIMIT 1)"
)
_ASKING_OF_EACH = (
    "SELECT conversation, state, max(seq) FROM outbox"  # noqa: S608 -- a constant
    f" WHERE conversation IN (SELECT value FROM json_each(?)) AND {_ASKING} GROUP BY conversation"
)


class ThreadLists:
    """Threads in the order of their newest messages."""

    def __init__(self, connection: apsw.Connection, conversations: Conversations) -> None:
        self._connection = connection
        self._conversations = conversations

    def count(self, wanted: ThreadsWanted) -> int:
        """How many there are."""
        self._conversations.write_held()
        where, bindings = _where(wanted)
        wheres = [_DATED, _UNDATED] if wanted.is_plain else [where]
        return sum(self._count(each, bindings) for each in wheres)

    def stretch(self, wanted: ThreadsWanted, *, start: int, rows_max: int) -> list[ConversationRow]:
        """So many from the one with this number on, counted from 0 at the newest."""
        self._conversations.write_held()
        if wanted.is_plain:
            found = self._seqs(_DATED, (), start=start, rows_max=rows_max)
            if len(found) < rows_max:
                past = max(0, start - self._count(_DATED, ()))
                found += self._seqs(_UNDATED, (), start=past, rows_max=rows_max - len(found))
        else:
            found = self._seqs(*_where(wanted), start=start, rows_max=rows_max)
        return self._conversations.numbered(found)

    def newest_messages(self, conversations: Sequence[ConversationId]) -> dict[ConversationId, int]:
        """The seq of the newest message in each thread, those aside that say something about another one."""
        found = sorted(rows(self._connection, _NEWEST_MESSAGES, (_json(conversations),)), key=lambda row: row[2:0:-1])
        return {ConversationId(thread): int(seq) for thread, seq, _sent_at in found}

    def newest_outbound(self, conversations: Sequence[ConversationId]) -> dict[ConversationId, int]:
        """The seq of the newest message in each thread that the firm wrote here and that left, or still may."""
        found = rows(self._connection, _NEWEST_OUTBOUND, (_json(conversations),))
        return {ConversationId(thread): int(seq) for thread, seq in found}

    def asking(self, conversations: Sequence[ConversationId]) -> dict[ConversationId, str]:
        """The state of the newest outgoing message in each thread that asks something of people."""
        found = rows(self._connection, _ASKING_OF_EACH, (_json(conversations),))
        return {ConversationId(thread): str(state) for thread, state, _seq in found}

    def _count(self, where: str, bindings: Sequence[object]) -> int:
        sql = f"SELECT count(*) FROM conversation WHERE {where}"  # noqa: S608 -- fixed texts of this module
        ((number,),) = rows(self._connection, sql, bindings)
        return int(number)

    def _seqs(self, where: str, bindings: Sequence[object], *, start: int, rows_max: int) -> list[int]:
        sql = f"SELECT seq FROM conversation WHERE {where} {_ORDER}"  # noqa: S608 -- fixed texts of this module
        return [int(seq) for (seq,) in rows(self._connection, sql, (*bindings, rows_max, start))]


def _where(wanted: ThreadsWanted) -> tuple[str, tuple[object, ...]]:
    """The condition in SQL, and what is bound to it."""
    every: list[tuple[str, tuple[object, ...]]] = [("unread > 0" if wanted.is_unread else "messages > 0", ())]
    if wanted.contacts is not None:
        every.append(("contact IN (SELECT value FROM json_each(?))", (_json(wanted.contacts),)))
    if wanted.operator is not None:
        every.append((_OWN, (wanted.operator, wanted.operator)))
    if wanted.matter:
        end = wanted.matter + "~"
        every.append((_BY_MATTER, (wanted.matter, end, wanted.matter, end)))
    some: list[tuple[str, tuple[object, ...]]] = []
    if wanted.intake_states:
        some.append((_BY_INTAKE, (_json(wanted.intake_states),)))
    if wanted.outbox_states:
        some.append((_BY_OUTBOX, (_json(wanted.outbox_states),)))
    if wanted.window_since_ms is not None:
        since_ms = wanted.window_since_ms
        some.append((_BY_WINDOW, (since_ms, since_ms, wanted.window_until_ms)))
    if some:
        every.append((f"({' OR '.join(sql for sql, _ in some)})", tuple(each for _, values in some for each in values)))
    return " AND ".join(sql for sql, _ in every), tuple(each for _, values in every for each in values)


def _json(values: Sequence[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
