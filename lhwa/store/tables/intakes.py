"""Intakes: one row for each session, and every act that made it what it is. Sealed under the contact's key.

Invariants: a contact has at most one open session; acts are numbered without gaps and never change; a session is
written together with the act that moved it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.intake.session import Act, Changed, Clock, Decided, Heard, Session
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.sealing import Place
from lhwa.errors import ConflictError
from lhwa.store.connection import rows
from lhwa.store.vault import FIRM, Vault, contact_subject

_OPEN = ("new", "awaiting_consent", "in_progress", "submitted", "under_review", "needs_info")
_FOR_REVIEW = (
    "(state IN ('submitted', 'under_review')"
    " OR (is_with_person = 1 AND state IN ('new', 'awaiting_consent', 'in_progress', 'needs_info')))"
)
"""As the index `intake_review` says it: what waits for the firm, and clients who wait for a person."""
_SUBMITTED_BEFORE = f"{_FOR_REVIEW} AND state = 'submitted' AND changed_at <= ?"


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """One session, still sealed."""

    id: str
    contact: ContactId
    conversation: ConversationId
    tree: str
    version: int
    state: IntakeState
    urgency: int
    is_with_person: bool
    assigned_to: str | None
    started_at_ms: int
    changed_at_ms: int
    asked: int
    asked_at_ms: int | None
    prompt: str | None
    due_at_ms: int | None
    is_reminded: bool
    acts: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act, still sealed."""

    intake: str
    nth: int
    at_ms: int
    kind: str
    message: str | None
    operator: str | None
    reason: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag that rules raised on a message, still sealed."""

    intake: str
    message: str
    nth: int
    kind: str
    urgency: int
    sealed: bytes


_ROW = (
    "SELECT id, contact, conversation, tree, version, state, urgency, is_with_person, assigned_to, started_at,"
    " changed_at, asked, asked_at, prompt, due_at, is_reminded, acts, sealed FROM intake"
)
_ACT_ROW = "SELECT intake, nth, at, kind, message, operator, reason, sealed FROM intake_act"
_ENCODER = msgspec.json.Encoder()
_SESSION = msgspec.json.Decoder(Session)
_ACT: msgspec.json.Decoder[Act] = msgspec.json.Decoder(Act)


class Intakes:
    """The tables of sessions, their acts and their flags."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def begin(self, session: Session, *, contact: ContactId, conversation: ConversationId) -> IntakeRow:
        """A new session, before its first act. Raises: ConflictError when the contact has an open one."""
        try:
            self._connection.execute(
                "INSERT INTO intake (id, contact, conversation, tree, version, state, started_at, changed_at, asked,"
                " acts, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)",
                (
                    session.id,
                    contact,
                    conversation,
                    session.tree,
                    session.version,
                    session.state.value,
                    self._now_ms,
                    self._now_ms,
                    self._sealed(contact, session),
                ),
            )
        except apsw.ConstraintError as error:
            raise ConflictError(
                "This contact has an open intake.", hint="Finish that one first: `lhwa intake list`."
            ) from error
        return self._one("id = ?", session.id)

    def advance(self, row: IntakeRow, act: Act, session: Session, *, at_ms: int, reason: str = "") -> IntakeRow:
        """Write an act and the session that it made.

        Raises: ConflictError when somebody else moved the session since the row was read.
        """
        before = self._connection.total_changes()
        self._connection.execute(
            "UPDATE intake SET state = ?, is_with_person = ?, changed_at = ?, asked = ?, acts = acts + 1, sealed = ?"
            " WHERE id = ? AND acts = ?",
            (
                session.state.value,
                int(session.is_with_person),
                self._now_ms,
                session.asked,
                self._sealed(row.contact, session),
                row.id,
                row.acts,
            ),
        )
        if self._connection.total_changes() == before:
            raise ConflictError("This intake has moved on.", hint="Look at it again with `lhwa intake show`.")
        nth = row.acts + 1
        place = self._place_of_act(row.id, nth)
        sealed = self._vault.seal(contact_subject(row.contact), place, _ENCODER.encode(_bare(act)), now_ms=self._now_ms)
        self._connection.execute(
            "INSERT INTO intake_act (intake, nth, at, kind, message, operator, reason, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (row.id, nth, at_ms, _kind(act), _message(act), getattr(act, "operator", None), reason, sealed),
        )
        return self._one("id = ?", row.id)

    def lapse(self, row: IntakeRow) -> IntakeRow:
        """End a session whose client was erased: the session stays as unreadable as it is, and no key is made anew."""
        nth, clear = row.acts + 1, _ENCODER.encode(Clock(asked=row.asked, expires=True))
        sealed = self._vault.seal(FIRM, self._place_of_act(row.id, nth), clear, now_ms=self._now_ms)
        self._connection.execute(
            "UPDATE intake SET state = ?, is_with_person = 0, changed_at = ?, due_at = NULL, acts = ? WHERE id = ?",
            (IntakeState.EXPIRED.value, self._now_ms, nth, row.id),
        )
        self._connection.execute(
            "INSERT INTO intake_act (intake, nth, at, kind, reason, sealed) VALUES (?, ?, ?, 'clock', '', ?)",
            (row.id, nth, self._now_ms, sealed),
        )
        return self._one("id = ?", row.id)

    def note_asked(self, row: IntakeRow, *, prompt: str | None, due_at_ms: int | None, is_reminded: bool) -> None:
        """What is before the client now, and when silence has a consequence."""
        self._connection.execute(
            "UPDATE intake SET prompt = ?, due_at = ?, is_reminded = ?, asked_at = iif(?, asked_at, ?) WHERE id = ?",
            (prompt, due_at_ms, int(is_reminded), int(is_reminded), self._now_ms, row.id),
        )

    def note_thread(self, row: IntakeRow, conversation: ConversationId) -> None:
        """In which thread the client writes now: under another identifier, or to another number of the firm."""
        self._connection.execute("UPDATE intake SET conversation = ? WHERE id = ?", (conversation, row.id))

    def assign(self, row: IntakeRow, operator: str) -> None:
        """Whose it is."""
        self._connection.execute("UPDATE intake SET assigned_to = ? WHERE id = ?", (operator, row.id))

    def raise_urgency(self, row: IntakeRow, urgency: int) -> None:
        """Never lower than it was."""
        self._connection.execute("UPDATE intake SET urgency = max(urgency, ?) WHERE id = ?", (urgency, row.id))

    def beginning_with(self, prefix: str, *, rows_max: int) -> list[str]:
        """Ids that begin like this, in order."""
        sql = "SELECT id FROM intake WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
        return [row[0] for row in rows(self._connection, sql, (prefix, prefix + "~", rows_max))]

    def get(self, intake: str) -> IntakeRow | None:
        """One session by its id."""
        found = self._all("id = ?", intake)
        return found[0] if found else None

    def open_of(self, contacts: Sequence[str]) -> IntakeRow | None:
        """The open session of a person, by any of the contact ids that are one person; the first one's of several."""
        return next(iter(self.all_open_of(contacts)), None)

    def all_open_of(self, contacts: Sequence[str]) -> list[IntakeRow]:
        """All open sessions of a person: one for each of the contact ids, at most."""
        return [row for each in contacts for row in self._all(f"contact = ? AND state IN {_OPEN!r}", each)]

    def of_contact(self, contacts: Sequence[str]) -> list[IntakeRow]:
        """All sessions of a person, newest first."""
        found = [row for contact in contacts for row in self._all("contact = ? ORDER BY seq DESC", contact)]
        return sorted(found, key=lambda row: row.started_at_ms, reverse=True)

    def newest_in_threads(self, conversations: Sequence[str]) -> dict[str, IntakeRow]:
        """The newest session of each thread in which one is, or ended."""
        listed = msgspec.json.encode(list(conversations)).decode()
        found = self._all(
            "seq IN (SELECT (SELECT max(seq) FROM intake WHERE conversation = asked.value) FROM json_each(?) AS asked)",
            listed,
        )
        return {row.conversation: row for row in found}

    def of_thread(self, conversation: str) -> list[IntakeRow]:
        """All sessions of a thread, oldest first."""
        return self._all("conversation = ? ORDER BY seq", conversation)

    def naming(self, message: str) -> list[IntakeRow]:
        """Sessions that heard a message."""
        return self._all("id IN (SELECT intake FROM intake_act WHERE message = ?)", message)

    def newest(self, *, rows_max: int) -> list[IntakeRow]:
        """Sessions in any state, newest first."""
        return self._all("1 ORDER BY seq DESC LIMIT ?", rows_max)

    def newest_in(self, states: Sequence[IntakeState], *, rows_max: int) -> list[IntakeRow]:
        """Sessions in some states, newest first."""
        return self._in_states(states, "seq DESC", rows_max=rows_max)

    def most_urgent(self, *, states: Sequence[IntakeState], rows_max: int) -> list[IntakeRow]:
        """Sessions in some states: the most urgent first, of these by the order of the states, then the oldest."""
        place = " ".join(f"WHEN '{state.value}' THEN {number}" for number, state in enumerate(states))
        return self._in_states(states, f"urgency DESC, CASE state {place} END, started_at, seq", rows_max=rows_max)

    def longest_waiting(self, *, states: Sequence[IntakeState], rows_max: int) -> list[IntakeRow]:
        """Sessions in some states, those first in which nothing has happened for the longest time."""
        return self._in_states(states, "changed_at, seq", rows_max=rows_max)

    def with_person(self, *, rows_max: int) -> list[IntakeRow]:
        """Open sessions in which the tree is silent, those first in which nothing has happened for the longest time."""
        return self._all(
            f"is_with_person = 1 AND changed_at >= 0 AND +state IN {_OPEN!r} ORDER BY changed_at, seq LIMIT ?", rows_max
        )

    def for_review(self, *, rows_max: int) -> list[IntakeRow]:
        """What waits for the firm, and open sessions in which the tree is silent: the most urgent first."""
        sql = f"{_ROW} INDEXED BY intake_review WHERE {_FOR_REVIEW} ORDER BY urgency DESC, started_at, seq LIMIT ?"
        return [_row(each) for each in rows(self._connection, sql, (rows_max,))]

    def for_review_count(self) -> int:
        """How many those are."""
        sql = f"SELECT count(*) FROM intake INDEXED BY intake_review WHERE {_FOR_REVIEW}"  # noqa: S608 -- fixed text
        ((count,),) = rows(self._connection, sql)
        return int(count)

    def submitted_before(self, at_ms: int, *, rows_max: int) -> list[IntakeRow]:
        """Sessions that were submitted by a time and wait for a first look since, oldest first."""
        sql = f"{_ROW} INDEXED BY intake_review WHERE {_SUBMITTED_BEFORE} ORDER BY changed_at, seq LIMIT ?"
        return [_row(each) for each in rows(self._connection, sql, (at_ms, rows_max))]

    def submitted_before_count(self, at_ms: int) -> int:
        """How many those are."""
        sql = f"SELECT count(*) FROM intake INDEXED BY intake_review WHERE {_SUBMITTED_BEFORE}"  # noqa: S608 -- fixed text
        ((count,),) = rows(self._connection, sql, (at_ms,))
        return int(count)

    def counts(self) -> dict[str, int]:
        """How many sessions are in each of the open states."""
        sql = f"SELECT state, count(*) FROM intake WHERE state IN {_OPEN!r} GROUP BY state"  # noqa: S608 -- fixed text
        found = rows(self._connection, sql)
        return {str(state): int(number) for state, number in found}

    def due(self, *, rows_max: int) -> list[IntakeRow]:
        """Sessions in which silence has a consequence now."""
        return self._all("due_at <= ? ORDER BY due_at LIMIT ?", self._now_ms, rows_max)

    def next_due_ms(self) -> int | None:
        """When the next of them is due."""
        ((at_ms,),) = rows(self._connection, "SELECT min(due_at) FROM intake WHERE due_at IS NOT NULL")
        return None if at_ms is None else int(at_ms)

    def session(self, row: IntakeRow) -> Session:
        """The session in clear; SealError when the contact's key was destroyed."""
        return _SESSION.decode(self._vault.unseal(self._vault.place("intake", "session", row.id), row.sealed))

    def acts(self, row: IntakeRow) -> list[ActRow]:
        """Everything that happened to a session, in order."""
        return [
            ActRow(*each) for each in rows(self._connection, f"{_ACT_ROW} WHERE intake = ? ORDER BY nth", (row.id,))
        ]

    def acts_of_people(self, row: IntakeRow) -> list[ActRow]:
        """How a session began, and what people of the firm did with it, in order."""
        where = "intake = ? AND kind NOT IN ('heard', 'changed', 'clock') ORDER BY nth"
        return [ActRow(*each) for each in rows(self._connection, f"{_ACT_ROW} WHERE {where}", (row.id,))]

    def act(self, row: ActRow) -> Act:
        """One act in clear; the words of a message are in the message."""
        return _ACT.decode(self._vault.unseal(self._place_of_act(row.intake, row.nth), row.sealed))

    def flag(self, row: IntakeRow, message: str, *, nth: int, kind: str, urgency: int, clear: bytes) -> None:
        """Keep a flag of a message; the same one twice is one."""
        place = self._vault.place("intake_flag", "flag", f"{row.id}/{message}/{nth}")
        sealed = self._vault.seal(contact_subject(row.contact), place, clear, now_ms=self._now_ms)
        self._connection.execute(
            "INSERT INTO intake_flag (intake, message, nth, kind, urgency, sealed) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (row.id, message, nth, kind, urgency, sealed),
        )

    def flags(self, row: IntakeRow) -> list[FlagRow]:
        """Flags of a session, the most urgent first."""
        columns = "intake, message, nth, kind, urgency, sealed"
        sql = f"SELECT {columns} FROM intake_flag WHERE intake = ? ORDER BY urgency DESC, seq"  # noqa: S608 -- fixed text
        return [FlagRow(*each) for each in rows(self._connection, sql, (row.id,))]

    def flag_content(self, row: FlagRow) -> bytes:
        """What a flag is about, in clear."""
        place = self._vault.place("intake_flag", "flag", f"{row.intake}/{row.message}/{row.nth}")
        return self._vault.unseal(place, row.sealed)

    def exempt(self, number_hash: bytes, *, number: str, by: str) -> bool:
        """Never begin an intake with a number; False when that is so already."""
        place = self._vault.place("intake_exempt", "number", number_hash.hex())
        sealed = self._vault.seal(FIRM, place, number.encode(), now_ms=self._now_ms)
        before = self._connection.total_changes()
        self._connection.execute(
            "INSERT INTO intake_exempt (hash, added_by, added_at, sealed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (number_hash, by, self._now_ms, sealed),
        )
        return self._connection.total_changes() > before

    def exempted(self) -> list[str]:
        """Numbers that never begin an intake, in clear."""
        found = rows(self._connection, "SELECT hash, sealed FROM intake_exempt ORDER BY added_at, hash")
        return [
            self._vault.unseal(self._vault.place("intake_exempt", "number", each.hex()), sealed).decode()
            for each, sealed in found
        ]

    def end_exemption(self, number_hash: bytes) -> bool:
        """Let a number begin an intake again; False when it could already."""
        before = self._connection.total_changes()
        self._connection.execute("DELETE FROM intake_exempt WHERE hash = ?", (number_hash,))
        return self._connection.total_changes() > before

    def is_exempt(self, number_hashes: Sequence[bytes]) -> bool:
        """True when one of the numbers never begins an intake."""
        return any(
            rows(self._connection, "SELECT 1 FROM intake_exempt WHERE hash = ?", (each,)) for each in number_hashes
        )

    def _place_of_act(self, intake: str, nth: int) -> Place:
        return self._vault.place("intake_act", "act", f"{intake}/{nth}")

    def _sealed(self, contact: ContactId, session: Session) -> bytes:
        place = self._vault.place("intake", "session", session.id)
        return self._vault.seal(contact_subject(contact), place, _ENCODER.encode(session), now_ms=self._now_ms)

    def _in_states(self, states: Sequence[IntakeState], order: str, *, rows_max: int) -> list[IntakeRow]:
        listed = msgspec.json.encode([state.value for state in states]).decode()
        where = f"state IN (SELECT value FROM json_each(?)) ORDER BY {order} LIMIT ?"  # noqa: S608 -- fixed text
        return self._all(where, listed, rows_max)

    def _one(self, where: str, *bindings: object) -> IntakeRow:
        return self._all(where, *bindings)[0]

    def _all(self, where: str, *bindings: object) -> list[IntakeRow]:
        return [_row(each) for each in rows(self._connection, f"{_ROW} WHERE {where}", bindings)]


def _row(found: Sequence[object]) -> IntakeRow:
    values = list(found)
    values[5] = IntakeState(str(values[5]))
    values[7], values[15] = bool(values[7]), bool(values[15])
    return IntakeRow(*values)  # type: ignore[arg-type]  # the table is STRICT


def _kind(act: Act) -> str:
    return act.what.value if isinstance(act, Decided) else str(act.__struct_config__.tag)


def _message(act: Act) -> str | None:
    if isinstance(act, Heard):
        return act.said.message
    return act.by if isinstance(act, Changed) else None


def _bare(act: Act) -> Act:
    """The act without a client's words: those stay in the message alone, where they are erased with it."""
    if isinstance(act, Heard):
        return msgspec.structs.replace(act, said=msgspec.structs.replace(act.said, text=None))
    return act
