"""Putting the next node of a tree before a client: asking, asking again, and the end of a path."""

from __future__ import annotations

from msgspec.structs import replace

from lhwa.domain.intake.prompts import consent_prompt, question_prompt
from lhwa.domain.intake.session import Ask, Effect, Say, Session, Step
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.intake.trees import Consent, Question, ToPerson, Tree
from lhwa.domain.intake.wording import Words
from lhwa.domain.outbound import Text
from lhwa.errors import InvariantError

TRIES_MAX = 3
"""So often a question is put again after messages that do not fit; then a person takes over."""


def put(tree: Tree, session: Session, to: str) -> Step:
    """Put a node before the client, or end where it is an end."""
    node = tree.node(to)
    session = replace(session, at=to, tries=0)
    if isinstance(node, Question) and session.state is IntakeState.AWAITING_CONSENT:
        raise InvariantError("a question before consent: such a tree is never published")
    if isinstance(node, Consent | Question):
        return ask(tree, session)
    ended = replace(session.moved(IntakeState.SUBMITTED), at=None, is_with_person=isinstance(node, ToPerson))
    text = Text(body=node.text.in_language(session.language))
    return Step(ended, (Say(what=node.id, content=text),))


def ask(tree: Tree, session: Session, *, before: Words | None = None, is_reminder: bool = False) -> Step:
    """Put once more what is before the client.

    Args:
        before: said first.
    """
    node = node_asked(tree, session)
    if isinstance(node, Consent):
        content = consent_prompt(session.id, node, tree.phrases, session.language)
    else:
        content = question_prompt(session.id, node, tree.phrases, session.language, before=before)
    asked = replace(session, asked=session.asked + 1)
    effects: tuple[Effect, ...] = (Ask(node=node.id, content=content, is_reminder=is_reminder),)
    if isinstance(node, Consent) and before is not None:
        effects = (Say(what="before", content=Text(body=before.in_language(session.language))), *effects)
    return Step(asked, effects)


def ask_again(tree: Tree, session: Session, *, before: Words) -> Step:
    """Put the same once more, with why; after too many tries a person takes over."""
    session = replace(session, tries=session.tries + 1)
    if session.tries > TRIES_MAX:
        return Step(replace(session, is_with_person=True), (say(tree, session, "person_comes"),))
    return ask(tree, session, before=before)


def go_on(tree: Tree, session: Session, node: str) -> Step:
    """After a node: wherever the tree goes from there."""
    return put(tree, replace(session, path=(*session.path, node)), tree.next_of(node, session.values))


def say(tree: Tree, session: Session, what: str) -> Say:
    """One of the tree's phrases, by its name."""
    words: Words = getattr(tree.phrases, what)
    return Say(what=what, content=Text(body=words.in_language(session.language)))


def node_asked(tree: Tree, session: Session) -> Consent | Question:
    """What is before the client. Raises: InvariantError when nothing is."""
    node = None if session.at is None else tree.node(session.at)
    if not isinstance(node, Consent | Question):
        raise InvariantError("nothing is before the client")
    return node


def question_asked(tree: Tree, session: Session) -> Question:
    """The question that is before the client. Raises: InvariantError when none is."""
    node = node_asked(tree, session)
    if not isinstance(node, Question):
        raise InvariantError("no question is before the client")
    return node
