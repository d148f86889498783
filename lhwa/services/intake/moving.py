"""Moving a session: the machine says what an act makes of it, and everything that follows is one commit.

Invariants: an answer and the question after it are stored together or not at all, so that a crash asks exactly once;
every act leaves an audit record; words of a client are looked at by rules only after the consent.
"""

from __future__ import annotations

from lhwa.domain.audit import INTAKE, AuditRecord
from lhwa.domain.events import EventType, IntakeFact
from lhwa.domain.intake.advancing import advance
from lhwa.domain.intake.choices import PartyRole
from lhwa.domain.intake.session import (
    Act,
    Ask,
    Clock,
    Decided,
    Effect,
    Heard,
    NoteConsent,
    NoteWithdrawal,
    Say,
    Session,
)
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.intake.trees import Consent, Question, Tree
from lhwa.domain.jobs import INTAKES, JobKind
from lhwa.domain.outbound import FAREWELL
from lhwa.errors import InvariantError, SealError
from lhwa.services.intake.concerning import Client, client_of
from lhwa.services.intake.consent_ledger import note_consent, withdraw_all
from lhwa.services.intake.flagging import raise_flags
from lhwa.services.intake.parties import forget_parties, keep_parties
from lhwa.services.intake.prompting import AUTHOR, invite, put_prompt, take_back
from lhwa.store.announce import emit
from lhwa.store.tables.intakes import IntakeRow
from lhwa.store.transaction import Tx

HOUR_MS = 3_600_000


def move(tx: Tx, row: IntakeRow, act: Act, *, at_ms: int, actor: str = INTAKE, reason: str = "") -> IntakeRow:
    """Let something happen to a session, and do what follows from it.

    Raises: ConflictError when a person wants what the state does not allow, or the session moved since it was read.
    """
    tree, session = tree_of(tx, row), tx.intakes.session(row)
    step = advance(tree, session, act)
    moved = tx.intakes.advance(row, act, step.session, at_ms=at_ms, reason=reason)
    data: dict[str, str | int] = {"act": str(act.__struct_config__.tag), "nth": moved.acts, "state": moved.state.value}
    if isinstance(act, Decided):
        data["act"] = act.what.value
    if reason:
        data["reason"] = reason
    tx.audit.append(AuditRecord(actor, "intake.advanced", f"intake:{row.id}", data))
    client = client_of(tx, row.conversation)
    if client is None:
        raise InvariantError("An intake is with one person.")
    _Following(tx, moved, tree, step.session, client).do(step.effects)
    if isinstance(act, Heard) and is_read_by_rules(session.state) and is_read_by_rules(step.session.state):
        raise_flags(tx, moved, act.said, at_ms=act.at_ms)
    if step.session.answers != session.answers:
        keep_parties(tx, moved, tree, step.session)
    if step.session.state is not session.state:
        announce(tx, moved)
        if step.session.state is IntakeState.WITHDRAWN:
            forget_parties(tx, moved)
    if not step.session.state.waits_for_client or step.session.is_with_person:
        take_back(tx, moved.prompt)
        tx.intakes.note_asked(moved, prompt=moved.prompt, due_at_ms=None, is_reminded=False)
    now = tx.intakes.get(row.id)
    return moved if now is None else now


def is_readable(tx: Tx, row: IntakeRow) -> bool:
    """False when the client was erased: nothing moves such a session but its end."""
    try:
        tx.intakes.session(row)
    except SealError:
        return False
    return True


def lapse(tx: Tx, row: IntakeRow) -> None:
    """End a session that nobody can read any more, so that it keeps neither others nor its client's next one back."""
    ended = tx.intakes.lapse(row)
    data: dict[str, str | int] = {"act": "clock", "nth": ended.acts, "state": ended.state.value, "why": "erased"}
    tx.audit.append(AuditRecord(INTAKE, "intake.advanced", f"intake:{row.id}", data))
    announce(tx, ended)


def announce(tx: Tx, row: IntakeRow) -> None:
    """Put the new state of an intake on the bus."""
    fact = IntakeFact(
        intake_id=row.id,
        state=row.state.value,
        tree=row.tree,
        version=row.version,
        conversation_id=row.conversation,
    )
    emit(
        tx,
        EventType.INTAKE_UPDATED,
        f"intake:{row.id}",
        fact,
        at_ms=tx.now_ms,
        identity=f"{row.acts}",
        raw_event="",
    )


def tree_of(tx: Tx, row: IntakeRow) -> Tree:
    """The version of the tree that a session runs on, whatever was published since."""
    found = tx.trees.version(row.tree, row.version)
    if found is None:
        raise InvariantError("An intake runs on a version of a tree that is not here.")
    return found.tree()


def is_read_by_rules(state: IntakeState) -> bool:
    """True once a client has agreed that their words are looked at, and has not taken it back."""
    return state in (
        IntakeState.IN_PROGRESS,
        IntakeState.SUBMITTED,
        IntakeState.UNDER_REVIEW,
        IntakeState.NEEDS_INFO,
    )


class _Following:
    """What follows from one act."""

    def __init__(self, tx: Tx, row: IntakeRow, tree: Tree, session: Session, client: Client) -> None:
        self._tx = tx
        self._row = row
        self._tree = tree
        self._session = session
        self._client = client

    def do(self, effects: tuple[Effect, ...]) -> None:
        author: str | None = AUTHOR
        for nth, effect in enumerate(effects):
            name = f"{self._row.acts}/{nth}"
            match effect:
                case Ask():
                    self._ask(effect, name)
                case Say() if author is not None:
                    put_prompt(self._tx, self._client, effect.content, intake=self._row.id, nth=name, author=author)
                case NoteConsent():
                    self._note_consent(effect)
                case NoteWithdrawal():
                    # What confirms it is the one text that still leaves, and it leaves once.
                    author = FAREWELL if self._withdraw(effect) else None

    def _withdraw(self, effect: NoteWithdrawal) -> bool:
        return withdraw_all(
            self._tx, self._client, message=effect.message, at_ms=effect.at_ms, how=effect.how, intake=self._row.id
        )

    def _ask(self, effect: Ask, name: str) -> None:
        tx, row = self._tx, self._row
        prompt = put_prompt(tx, self._client, effect.content, intake=row.id, nth=name)
        if prompt is None:
            language, since_ms = self._session.language, row.started_at_ms
            invite(tx, self._client, intake=row.id, nth=name, language=language, since_ms=since_ms)
        if effect.is_reminder:
            asked_ms = row.asked_at_ms or tx.now_ms
            due_ms = max(asked_ms + self._tree.expire_after_h * HOUR_MS, tx.now_ms + HOUR_MS)
            # The client answers the question, whichever message of it they look at.
            tx.intakes.note_asked(row, prompt=row.prompt or prompt, due_at_ms=due_ms, is_reminded=True)
        else:
            due_ms = tx.now_ms + min(self._tree.remind_after_h, self._tree.expire_after_h) * HOUR_MS
            tx.intakes.note_asked(row, prompt=prompt, due_at_ms=due_ms, is_reminded=False)
        tx.jobs.hasten(JobKind.WATCH_INTAKES, watch_payload(tx), place=INTAKES, run_at_ms=due_ms)

    def _note_consent(self, effect: NoteConsent) -> None:
        node = self._tree.node(effect.node)
        if not isinstance(node, Consent):
            raise InvariantError("Consent is given to a notice.")
        note_consent(
            self._tx,
            self._client,
            node,
            effect.agreed,
            intake=self._row.id,
            prompt=self._row.prompt,
            language=self._session.language,
            guardian=self._names_client(),
        )

    def _names_client(self) -> str | None:
        """Who the client said they are."""
        for node in self._tree.nodes:
            if isinstance(node, Question) and node.party is PartyRole.CLIENT and node.id in self._session.answers:
                return self._session.answers[node.id].value
        return None


def watch_payload(tx: Tx) -> bytes:
    """Which firm's intakes are watched."""
    return b'{"tenant":"' + tx.tenant.encode() + b'"}'


def silence(row: IntakeRow, tree: Tree, *, now_ms: int) -> Clock:
    """What time makes of a session that is due: a reminder first, then its end."""
    expires_ms = (row.asked_at_ms or now_ms) + tree.expire_after_h * HOUR_MS
    return Clock(asked=row.asked, expires=row.is_reminded or expires_ms <= now_ms)
