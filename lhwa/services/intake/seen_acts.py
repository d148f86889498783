"""What happened to an intake since somebody looked at it: a decision is about what a person saw.

Invariant: what is told names acts, questions by their node and people by their id, and no word of a client.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lhwa.domain.access import Principal
from lhwa.domain.instants import ago
from lhwa.domain.intake.answers import FILES
from lhwa.domain.intake.session import Begun, Clock, Decided, Decision, NoteKind, Session
from lhwa.domain.messages import MessageType
from lhwa.errors import ConflictError, SealError, UsageError
from lhwa.store.tables.intakes import ActRow, IntakeRow
from lhwa.store.transaction import Tx

BEGUN = str(Begun.__struct_config__.tag)
LOOK_AGAIN = "Look again, then decide."
ACTS_TOLD_MAX = 5
_DECIDED = {
    Decision.TAKE_OVER: "took it over",
    Decision.HAND_BACK: "handed it back",
    Decision.REVIEW: "took it into review",
    Decision.ACCEPT: "accepted it",
    Decision.REJECT: "rejected it",
}
_NOTED = {
    NoteKind.EDITED: "the client edited a message",
    NoteKind.DELETED: "the client deleted a message",
    NoteKind.WITHDRAWAL: "the client withdrew the consent",
    NoteKind.FILE: "a file came",
}


def require_seen(tx: Tx, principal: Principal, row: IntakeRow, seen: int | None) -> None:
    """Refuse what somebody decides about an intake that went on since they saw it. Their own acts they know.

    Args:
        seen: number of the newest act that they saw; None when nobody says.
    Raises: ConflictError with what happened; UsageError for an act that there is not.
    """
    if seen is None or seen == row.acts:
        return
    if not 0 < seen < row.acts:
        raise UsageError(f"This intake is as of act {row.acts}.", hint=f"Look at it: `lhwa intake show {row.id}`.")
    since = [act for act in tx.intakes.acts(row) if act.nth > seen and act.operator != principal.operator]
    if since:
        told = list(dict.fromkeys(_words(tx, row, since)))
        more = f"; and {len(told) - ACTS_TOLD_MAX} more" if len(told) > ACTS_TOLD_MAX else ""
        raise ConflictError(f"Since you looked: {'; '.join(told[:ACTS_TOLD_MAX])}{more}.", hint=LOOK_AGAIN)


def require_open(tx: Tx, row: IntakeRow) -> None:
    """Refuse what is wanted of an intake that has ended. Raises: ConflictError with what ended it."""
    if row.state.is_final:
        last = tx.intakes.acts(row)[-1]
        how = next(_words(tx, row, [last]))
        when = ago(last.at_ms, now_ms=tx.now_ms)
        raise ConflictError(f"This intake is {row.state.value}: {how} {when}.", hint="Nothing is left to do with it.")


def _words(tx: Tx, row: IntakeRow, acts: Sequence[ActRow]) -> Iterator[str]:
    """Each act in a few words."""
    session = _session(tx, row)
    for act in acts:
        if act.message is not None:
            yield _of_client(tx, session, act.message)
        elif act.operator is not None:
            yield f"{act.operator} {_did(tx, act)}"
        else:
            yield _of_clock(tx, act)


def _of_client(tx: Tx, session: Session | None, message: str) -> str:
    if session is None:
        return "the client wrote"
    for node, given in session.answers.items():
        if message in (given.message, *given.added, *given.before):
            return f"the client answered '{node}'"
    for node, agreed in session.consents.items():
        if message == agreed.message:
            return f"the client {'agreed to' if agreed.agrees else 'declined'} '{node}'"
    for note in session.notes:
        if note.message == message and note.kind in _NOTED:
            return _NOTED[note.kind]
    row = tx.messages.get(message)
    return "a file came" if row is not None and MessageType(row.type) in FILES else "the client wrote"


def _did(tx: Tx, row: ActRow) -> str:
    if row.kind == Decision.ASK:
        act = _act(tx, row)
        return f"had '{act.node}' asked" if isinstance(act, Decided) else "had a question asked"
    return _DECIDED[Decision(row.kind)] if row.kind in _DECIDED else "began it"


def _of_clock(tx: Tx, row: ActRow) -> str:
    if row.kind == BEGUN:
        return "it began"
    act = _act(tx, row)
    return "the client was reminded" if isinstance(act, Clock) and not act.expires else "it expired"


def _session(tx: Tx, row: IntakeRow) -> Session | None:
    try:
        return tx.intakes.session(row)
    except SealError:
        return None


def _act(tx: Tx, row: ActRow) -> object:
    try:
        return tx.intakes.act(row)
    except SealError:
        return None
