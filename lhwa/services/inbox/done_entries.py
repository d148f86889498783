"""Entries for what was done: acts of an intake, consents, whose a thread is, and what keeps messages from a contact.

They are few in any thread, so all of them are read, and whoever wants a page of them takes what belongs there. Answers
of the client are not among them: they stand there as messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import Entry as AuditEntry
from lhwa.domain.audit import operator_of
from lhwa.domain.events import EventType
from lhwa.domain.ids import ContactId
from lhwa.domain.instants import parse_rfc3339, rfc3339_ms, to_ms
from lhwa.domain.intake.states import IntakeState
from lhwa.services.inbox.entries import Entry
from lhwa.services.inbox.places import Rank, place
from lhwa.services.messaging.decisions import Decision, readable, shown_reason
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.tables.intakes import ActRow, IntakeRow
from lhwa.store.transaction import Tx

_ACTS = {
    "begun": "An intake began.",
    "take_over": "A person speaks with the client from here on.",
    "hand_back": "The questions go on where they were.",
    "ask": "Another question was put to the client.",
    "review": "A lawyer looks at the intake.",
    "accept": "The intake was accepted: there is a matter.",
    "reject": "The intake was rejected.",
}
"""Kind of an act -> what a person reads."""
_BY_CLIENT = {
    IntakeState.SUBMITTED: "The intake is complete: everything was asked.",
    IntakeState.DECLINED: "The client did not agree to a required notice: the intake ended.",
    IntakeState.WITHDRAWN: "The client took back the consent: the intake ended.",
    IntakeState.EXPIRED: "The client stopped answering: the intake ended.",
}
"""States that no act of a person brings about."""
_CONSENTS = {"given": "agreed", "refused": "did not agree", "withdrawn": "no longer agrees"}
_HOLDS = {
    "contact.held": "Messages to this contact are kept back: {kind}.",
    "contact.released": "Messages to this contact may leave again: {kind}.",
    "contact.flagged": "Somebody must make sure who this contact is: {reason}.",
    "contact.preference": "The client has told Meta about marketing messages: {word}.",
}
"""Action of an audit record -> what a person reads, with words of the record that lhwa chose itself."""
_WORDS = ("kind", "reason", "word")


def done_entries(tx: Tx, principal: Principal, thread: ConversationRow) -> list[Entry]:
    """What was done in and about one thread, oldest first."""
    parts = [] if thread.contact is None else list(dict.fromkeys([thread.contact, *tx.contacts.parts(thread.contact)]))
    found = [entry for intake in tx.intakes.of_thread(thread.id) for entry in _of_intake(tx, principal, intake)]
    found += _consents(tx, parts, thread)
    for each in map(readable, tx.audit.assignments(f"conversation:{thread.id}")):
        if each is not None:
            found.append(_assignment(principal, each, thread.id, "The conversation"))
    found += (entry for part in parts for entry in _holds(tx, principal, part))
    return sorted(found, key=lambda entry: entry.cursor)


def _of_intake(tx: Tx, principal: Principal, intake: IntakeRow) -> Iterator[Entry]:
    for act in tx.intakes.acts_of_people(intake):
        if act.kind in _ACTS:
            yield _act(principal, act)
    for stored in tx.events.about(f"intake:{intake.id}"):
        state = stored.event.data.get("state") if stored.event.type is EventType.INTAKE_UPDATED else None
        if state in _BY_CLIENT:
            at_ms = to_ms(parse_rfc3339(stored.event.time))
            yield Entry(
                key=f"event:{stored.event.id}",
                at_ms=at_ms,
                cursor=place(at_ms, Rank.ACT, f"event/{stored.seq:019d}"),
                kind="system",
                id=intake.id,
                type="intake",
                status=state,
                text=_BY_CLIENT[IntakeState(state)],
            )
    for record in _records(tx, f"intake:{intake.id}", ("intake.assigned",)):
        yield _assignment(principal, record, intake.id, "The intake")


def _act(principal: Principal, act: ActRow) -> Entry:
    reason = act.reason if principal.may(Permission.READ_CONTENT) or principal.may(Permission.READ_AUDIT) else None
    by = act.operator
    return Entry(
        key=f"act:{act.intake}:{act.nth}",
        at_ms=act.at_ms,
        cursor=place(act.at_ms, Rank.ACT, f"act/{act.intake}/{act.nth:09d}"),
        kind="system",
        id=act.intake,
        author=by,
        type="intake",
        status=act.kind,
        text=_ACTS[act.kind],
        decisions=()
        if by is None
        else (Decision(what=act.kind, at=rfc3339_ms(act.at_ms), by=by, reason=reason or None),),
    )


def _consents(tx: Tx, parts: Sequence[ContactId], thread: ConversationRow) -> Iterator[Entry]:
    for row in (row for part in parts for row in tx.consents.of_contact(part)):
        reply = tx.messages.get(row.reply)
        if reply is None or reply.conversation == thread.id:  # else it was said on another number of the firm
            yield Entry(
                key=f"consent:{row.id}",
                at_ms=row.at_ms,
                cursor=place(row.at_ms, Rank.ACT, f"consent/{row.audit_seq:019d}"),
                kind="system",
                id=row.id,
                type="consent",
                status=row.what,
                text=f"The client {_CONSENTS[row.what]}: {row.purpose} (notice {row.notice_version}).",
            )


def _holds(tx: Tx, principal: Principal, contact: ContactId) -> Iterator[Entry]:
    for record in _records(tx, f"contact:{contact}", tuple(_HOLDS)):
        words = {name: str(record.data.get(name, "")) for name in _WORDS}
        yield _recorded(principal, record, contact, "hold", _HOLDS[record.action].format(**words))


def _assignment(principal: Principal, record: AuditEntry, about: str, what: str) -> Entry:
    to = record.data.get("to")
    text = f"{what} was given to {to}." if to else f"{what} is nobody's now."
    entry = _recorded(principal, record, about, "assignment", text)
    return msgspec.structs.replace(entry, given_to=str(to) if to else None)


def _records(tx: Tx, target: str, actions: tuple[str, ...]) -> Iterator[AuditEntry]:
    """Records of some actions; of the many others only the beginning is looked at."""
    beginnings = tuple(f'{{"action":"{action}",'.encode() for action in actions)
    for row in tx.audit.about(target):
        record = readable(row) if row.entry.startswith(beginnings) else None
        if record is not None:
            yield record


def _recorded(principal: Principal, record: AuditEntry, about: str, kind: str, text: str) -> Entry:
    at_ms, by = to_ms(parse_rfc3339(record.ts)), operator_of(record.actor)
    what = record.action.rpartition(".")[2]
    return Entry(
        key=f"audit:{record.seq}",
        at_ms=at_ms,
        cursor=place(at_ms, Rank.ACT, f"audit/{record.seq:019d}"),
        kind="system",
        id=about,
        author=by,
        type=kind,
        status=what,
        text=text,
        decisions=()
        if by is None
        else (Decision(what=what, at=record.ts, by=by, reason=shown_reason(principal, record)),),
    )
