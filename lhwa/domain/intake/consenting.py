"""Consent inside a session: the answer to a notice, what is neither yes nor no, and every way to take a consent back.

Invariants: only clear words and the notice's own buttons count; a withdrawal ends a session whatever its state.
"""

from __future__ import annotations

from msgspec.structs import replace

from lhwa.domain.intake.answers import FILES, Said
from lhwa.domain.intake.asking import TRIES_MAX, ask_again, go_on, node_asked, say
from lhwa.domain.intake.keywords import agreement_of
from lhwa.domain.intake.prompts import DECLINE, Reply, withdrawal_prompt
from lhwa.domain.intake.session import (
    Agreed,
    Effect,
    Heard,
    How,
    NoteConsent,
    NoteKind,
    NoteWithdrawal,
    Say,
    Session,
    Step,
)
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.intake.trees import Consent, Tree
from lhwa.domain.messages import MessageType
from lhwa.errors import InvariantError

BURST_MS = 20_000
"""Files that follow one another so quickly are one album: it brings the notice back once, not with every photo."""
_I = IntakeState


def answered_notice(tree: Tree, session: Session, act: Heard, how: How, *, agrees: bool | None) -> Step:
    """The answer to a notice. What is neither yes nor no is no consent, and nothing of it is kept."""
    node = node_asked(tree, session)
    if not isinstance(node, Consent):
        raise InvariantError("no notice is before the client")
    if agrees is None:
        return _unclear(tree, session, act, node)
    agreed = Agreed(agrees=agrees, message=act.said.message, at_ms=act.at_ms, how=how)
    session = replace(session, consents=session.consents | {node.id: agreed})
    noted: tuple[Effect, ...] = (NoteConsent(node=node.id, agreed=agreed),)
    if not agrees and node.is_required:
        return Step(session.moved(_I.DECLINED), (*noted, say(tree, session, "declined")))
    if agrees:
        receipt = withdrawal_prompt(session.id, node.id, tree.phrases, session.language)
        noted += (Say(what="consent_noted", content=receipt),)
    if session.state is _I.AWAITING_CONSENT and _has_required(tree, session):
        session = session.moved(_I.IN_PROGRESS)
    return _with(go_on(tree, session, node.id), *noted)


def typed_agreement(tree: Tree, session: Session, said: Said) -> bool | None:
    """True or False for clear words, those on the notice's own buttons among them; None for everything else.

    A button of another message and the words under a file answer something else.
    """
    if said.type is not MessageType.TEXT or said.reply is not None:
        return None
    node = node_asked(tree, session)
    if isinstance(node, Consent) and said.text:
        typed = " ".join(said.text.casefold().split()).strip(".!")
        for words, agrees in ((node.agree, True), (node.decline, False)):
            if typed in (words.id.casefold(), words.en.casefold()):
                return agrees
    return agreement_of(said.text)


def takes_back(session: Session, reply: Reply) -> bool:
    """True for a no on a notice of this session that was agreed to."""
    agreed = session.consents.get(reply.node)
    return reply.session == session.id and reply.value == DECLINE and agreed is not None and agreed.agrees


def declined_later(tree: Tree, session: Session, act: Heard, reply: Reply) -> Step:
    """No, on a notice that was agreed to before: as good as the words that take a consent back."""
    node = tree.node(reply.node)
    if not isinstance(node, Consent) or node.is_required:
        return withdrawn(tree, session, act)
    refused = Agreed(agrees=False, message=act.said.message, at_ms=act.at_ms, how=How.BUTTON)
    session = session.noted(NoteKind.WITHDRAWAL, act.said.message, at_ms=act.at_ms, node=node.id)
    session = replace(session, consents=session.consents | {node.id: refused})
    return Step(session, (NoteConsent(node=node.id, agreed=refused),))


def withdrawn(tree: Tree, session: Session, act: Heard) -> Step:
    """It ends whatever the state. Who had agreed to nothing here may have in another session: that ends, too."""
    how = How.BUTTON if act.said.reply else How.TYPED
    withdrawal = NoteWithdrawal(message=act.said.message, at_ms=act.at_ms, how=how)
    if session.state is _I.AWAITING_CONSENT and not session.consents:
        node = node_asked(tree, session)
        refused = Agreed(agrees=False, message=act.said.message, at_ms=act.at_ms, how=how)
        session = replace(session.moved(_I.DECLINED), consents={node.id: refused})
        noted = NoteConsent(node=node.id, agreed=refused)
        return Step(session, (withdrawal, noted, say(tree, session, "declined")))
    session = session.noted(NoteKind.WITHDRAWAL, act.said.message, at_ms=act.at_ms)
    ended = replace(session.moved(_I.WITHDRAWN), at=None)
    return Step(ended, (withdrawal, say(tree, session, "withdrawn")))


def _unclear(tree: Tree, session: Session, act: Heard, node: Consent) -> Step:
    """Neither yes nor no: it is asked again, once for an album; what is optional is left open in the end."""
    kind = NoteKind.BEFORE_CONSENT if session.state is _I.AWAITING_CONSENT else NoteKind.UNFIT
    last = session.notes[-1] if session.notes else None
    session = session.noted(kind, act.said.message, at_ms=act.at_ms, node=node.id)
    is_more = last is not None and last.kind is kind and act.at_ms - last.at_ms < BURST_MS
    if is_more and act.said.type in FILES:
        return Step(session)
    if not node.is_required and session.tries >= TRIES_MAX:
        return go_on(tree, session, node.id)
    return ask_again(tree, session, before=tree.phrases.consent_unclear)


def _has_required(tree: Tree, session: Session) -> bool:
    """True once a required notice is agreed to."""
    return any(
        agreed.agrees and isinstance(node := tree.node(each), Consent) and node.is_required
        for each, agreed in session.consents.items()
    )


def _with(step: Step, *effects: Effect) -> Step:
    """The same step after other effects."""
    return Step(step.session, (*effects, *step.effects))
