"""Intakes as people see them: the queue, and one intake with the message that each answer came from. Reads are audited.

A role without the right to read content sees that an intake exists and how it stands, and neither answer nor name.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.intake.session import Given, NoteKind, Session
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.intake.trees import Consent, Question, Tree
from lhwa.domain.intake.urgency import Urgency
from lhwa.domain.intake.wording import AnswerKind, Language
from lhwa.domain.phones import mask_e164
from lhwa.errors import SealError
from lhwa.services.intake.concerning import client_of
from lhwa.services.intake.conflicts import Check, conflict_states, intake_of, last_check
from lhwa.services.intake.consent_views import ConsentView, consent_view
from lhwa.services.intake.flagging import flag_words
from lhwa.services.intake.moving import tree_of
from lhwa.services.messaging.outbox_views import masked_contact
from lhwa.services.messaging.views import note_read
from lhwa.store.tables.intakes import ActRow, IntakeRow
from lhwa.store.transaction import Tx

QUEUE = (
    IntakeState.SUBMITTED,
    IntakeState.UNDER_REVIEW,
    IntakeState.NEEDS_INFO,
    IntakeState.IN_PROGRESS,
    IntakeState.AWAITING_CONSENT,
    IntakeState.NEW,
)
"""Open states, those that wait for the firm first."""


class IntakeView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One line of the queue."""

    id: str
    state: str
    urgency: str
    contact: str | None = None
    """Masked; absent without the right to read content."""
    contact_id: str
    conversation_id: str
    tree: str
    version: int
    started_at: str
    changed_at: str
    conflicts: str
    """`unchecked`, `none`, `found`, `cleared` or `conflict`."""
    assigned_to: str | None = None
    with_person: bool = False
    """A person speaks with the client; the tree is silent."""


class AnswerView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One answer, with the message that gave it."""

    node: str
    question: str
    answer: str
    message: str
    at: str
    how: str
    sensitive: bool = False
    more: tuple[str, ...] = ()
    """Messages in which the client went on."""
    earlier: tuple[str, ...] = ()
    """Messages of earlier answers."""
    left: bool = False
    """The client went back and took another way: it stands here, and names nobody."""
    edited_by: str | None = None
    deleted_at: str | None = None


class NoteView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something to see beside the answers."""

    kind: str
    message: str
    at: str
    node: str | None = None


class FlagView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What rules found in a message."""

    kind: str
    urgency: str
    message: str
    note: str
    phrase: str
    date: str | None = None


class ActView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thing that happened."""

    nth: int
    at: str
    kind: str
    message: str | None = None
    operator: str | None = None
    reason: str | None = None


class IntakeDetail(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Everything about one intake that a person may see."""

    intake: IntakeView
    as_of_act: int
    """Number of the newest act: what a decision is about, when it says `--seen`."""
    language: str
    title: str
    asks: str | None = None
    """The question that is before the client now."""
    answers: tuple[AnswerView, ...] = ()
    documents: tuple[str, ...] = ()
    """Messages with files, asked for or not."""
    consents: tuple[ConsentView, ...] = ()
    flags: tuple[FlagView, ...] = ()
    check: Check | None = None
    notes: tuple[NoteView, ...] = ()
    history: tuple[ActView, ...] = ()
    matter_id: str | None = None
    unreadable: bool = False


def list_intakes(tx: Tx, principal: Principal, *, everything: bool, rows_max: int) -> list[IntakeView]:
    """Open intakes, or all: the most urgent first, of these the one that waits longest."""
    principal.require(Permission.READ_RECORDS)
    # Open ones come first, so that no limit hides one that waits behind those that ended.
    rows = tx.intakes.most_urgent(states=QUEUE, rows_max=rows_max)
    # Who was told that a person would write waits for one, whatever the state says.
    rows.sort(key=lambda row: (-row.urgency, not row.is_with_person))
    if everything:
        ended = tuple(state for state in IntakeState if state.is_final)
        rows += tx.intakes.newest_in(ended, rows_max=rows_max - len(rows)) if len(rows) < rows_max else []
    note_read(tx, principal, "intake.read", f"firm:{tx.tenant}", {"count": len(rows)})
    states = conflict_states(tx, [row.id for row in rows])
    return [intake_view(tx, principal, row, conflicts=states[row.id]) for row in rows]


def review_queue(tx: Tx, principal: Principal, *, rows_max: int) -> list[IntakeView]:
    """Intakes that wait for a lawyer, and clients who wait for a person: the most urgent first, then the oldest.

    Whoever shows them records that somebody looked.
    """
    principal.require(Permission.READ_RECORDS)
    rows = tx.intakes.for_review(rows_max=rows_max)
    states = conflict_states(tx, [row.id for row in rows])
    return [intake_view(tx, principal, row, conflicts=states[row.id]) for row in rows]


def show_intake(tx: Tx, principal: Principal, intake: str) -> IntakeDetail:
    """One intake with everything that a lawyer needs for a decision."""
    principal.require(Permission.READ_RECORDS)
    row = intake_of(tx, intake)
    note_read(tx, principal, "intake.read", f"intake:{row.id}", {"count": 1})
    return intake_detail(tx, principal, row)


def intake_detail(tx: Tx, principal: Principal, row: IntakeRow) -> IntakeDetail:
    """The same of an intake that somebody has found. Whoever shows it records that somebody looked."""
    tree, matter = tree_of(tx, row), tx.matters.of_intake(row.id)
    may_read = principal.may(Permission.READ_CONTENT)
    session = _session(tx, row) if may_read else None
    language = Language.ID if session is None else session.language
    shown = IntakeDetail(
        intake=intake_view(tx, principal, row, conflicts=conflict_states(tx, [row.id])[row.id]),
        as_of_act=row.acts,
        language=language.value,
        title=tree.title.in_language(language),
        consents=tuple(_consents(tx, principal, row)),
        history=tuple(_act_view(each) for each in tx.intakes.acts(row)),
        matter_id=None if matter is None else matter.id,
        unreadable=may_read and session is None,
    )
    if session is None:
        return shown
    return msgspec.structs.replace(
        shown,
        asks=_asked(tree, session),
        answers=tuple(_answers(tree, session)),
        documents=_documents(session, tree),
        flags=tuple(_flags(tx, row)),
        check=last_check(tx, row),
        notes=tuple(
            NoteView(kind=note.kind.value, message=note.message, at=rfc3339_ms(note.at_ms), node=note.node)
            for note in session.notes
        ),
    )


def intake_view(tx: Tx, principal: Principal, row: IntakeRow, *, conflicts: str) -> IntakeView:
    """One intake as a line.

    Args:
        conflicts: what `conflict_states` says of it.
    """
    return IntakeView(
        id=row.id,
        state=row.state.value,
        urgency=Urgency(row.urgency).name.lower(),
        contact=masked_contact(tx, row.contact) if principal.may(Permission.READ_CONTENT) else None,
        contact_id=row.contact,
        conversation_id=row.conversation,
        tree=row.tree,
        version=row.version,
        started_at=rfc3339_ms(row.started_at_ms),
        changed_at=rfc3339_ms(row.changed_at_ms),
        conflicts=conflicts,
        assigned_to=row.assigned_to,
        with_person=row.is_with_person,
    )


def _session(tx: Tx, row: IntakeRow) -> Session | None:
    try:
        return tx.intakes.session(row)
    except SealError:
        return None


def _answers(tree: Tree, session: Session) -> Iterator[AnswerView]:
    """In the order of the tree's own nodes: that is how a lawyer reads them."""
    for node in tree.nodes:
        given = session.answers.get(node.id)
        if isinstance(node, Question) and given is not None:
            yield AnswerView(
                node=node.id,
                question=node.text.in_language(session.language),
                answer=_shown(tree, node, given, session.language),
                message=given.message,
                at=rfc3339_ms(given.at_ms),
                how=given.how.value,
                sensitive=node.is_sensitive,
                left=node.id not in session.path,
                more=given.added,
                earlier=given.before,
                edited_by=given.edited_by,
                deleted_at=None if given.deleted_at_ms is None else rfc3339_ms(given.deleted_at_ms),
            )


def _shown(tree: Tree, node: Question, given: Given, language: Language) -> str:
    match node.kind:
        case AnswerKind.PHONE:
            return mask_e164(given.value)
        case AnswerKind.MONEY:
            return f"Rp {int(given.value):,}".replace(",", ".")
        case AnswerKind.YES_NO:
            words = tree.phrases.yes if given.value == "yes" else tree.phrases.no
            return words.in_language(language)
    title = next((each.title for each in node.options if each.value == given.value), None)
    return given.value if title is None else title.in_language(language)


def _asked(tree: Tree, session: Session) -> str | None:
    node = None if session.at is None else tree.node(session.at)
    if isinstance(node, Question):
        return node.text.in_language(session.language)
    return node.notice.in_language(session.language) if isinstance(node, Consent) else None


def _documents(session: Session, tree: Tree) -> tuple[str, ...]:
    kinds = {node.id: node.kind for node in tree.nodes if isinstance(node, Question)}
    found = [given.message for node, given in session.answers.items() if kinds.get(node) is AnswerKind.DOCUMENT]
    return (*found, *(note.message for note in session.notes if note.kind is NoteKind.FILE))


def _consents(tx: Tx, principal: Principal, row: IntakeRow) -> Iterator[ConsentView]:
    named = client_of(tx, row.conversation)
    same = (row.contact,) if named is None else dict.fromkeys((row.contact, *named.same))
    found = [each for contact in same for each in tx.consents.of_contact(contact) if each.intake == row.id]
    for each in sorted(found, key=lambda entry: entry.audit_seq):
        yield consent_view(tx, principal, each)


def _flags(tx: Tx, row: IntakeRow) -> Iterator[FlagView]:
    for each in tx.intakes.flags(row):
        words = flag_words(tx, each)
        yield FlagView(
            kind=each.kind,
            urgency=Urgency(each.urgency).name.lower(),
            message=each.message,
            note=words.note,
            phrase=words.phrase,
            date=words.date,
        )


def _act_view(row: ActRow) -> ActView:
    return ActView(
        nth=row.nth,
        at=rfc3339_ms(row.at_ms),
        kind=row.kind,
        message=row.message,
        operator=row.operator,
        reason=row.reason or None,
    )
