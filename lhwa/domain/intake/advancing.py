"""The session machine: an act and a tree make of a session the next one, and say what to do. Pure and total.

Invariants: nothing is asked but consent before consent; every message of a client is an answer, an addition or a note;
no state is left but along `INTAKE_MOVES`; the same acts in the same order make the same session.
"""

from __future__ import annotations

from msgspec.structs import replace

from lhwa.domain.intake.answers import FILES, Said, read_answer, value_of_reply
from lhwa.domain.intake.asking import ask, ask_again, go_on, node_asked, put, question_asked, say
from lhwa.domain.intake.consented import may_be_asked
from lhwa.domain.intake.consenting import answered_notice, declined_later, takes_back, typed_agreement, withdrawn
from lhwa.domain.intake.keywords import Wish, wish_of
from lhwa.domain.intake.prompts import (
    AGREE,
    DECLINE,
    SKIP,
    SWITCH,
    WITHDRAW,
    Reply,
    read_reply,
)
from lhwa.domain.intake.session import (
    Act,
    Begun,
    Changed,
    Clock,
    Decided,
    Decision,
    Given,
    Heard,
    How,
    NoteKind,
    Prompt,
    Session,
    Step,
)
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.intake.trees import Consent, Question, Tree
from lhwa.domain.intake.wording import AnswerKind, Language, Words
from lhwa.domain.messages import MessageType
from lhwa.errors import ConflictError

CLOCK_MS = 1_000
"""Meta tells the time of a message in whole seconds."""
WORDED = frozenset({MessageType.TEXT, MessageType.BUTTON})
"""What a client typed, or tapped under a template."""
_I = IntakeState


def advance(tree: Tree, session: Session, act: Act) -> Step:
    """What an act makes of a session.

    Raises: ConflictError when a person wants what the state does not allow.
    """
    match act:
        case Begun():
            return _begun(tree, session, act)
        case Heard():
            return _heard(tree, session, act)
        case Changed():
            return Step(_changed(session, act))
        case Clock():
            return _clock(tree, session, act)
        case Decided():
            return _decided(tree, session, act)


def wish_in(said: Said) -> Wish | None:
    """What a message wants of the session itself: by words of its own, or by the button that takes consent back.

    That button counts whenever it is tapped, and whichever session it was of.
    """
    if said.reply is None:
        return wish_of(said.text) if said.type in WORDED else None
    reply = read_reply(said.reply)
    return Wish.WITHDRAW if reply is not None and reply.value == WITHDRAW else None


def _begun(tree: Tree, session: Session, act: Begun) -> Step:
    session = replace(session, language=act.language)
    return put(tree, session.moved(_I.AWAITING_CONSENT), tree.start)


def _heard(tree: Tree, session: Session, act: Heard) -> Step:
    said, at_ms = act.said, act.at_ms
    reply, wish = read_reply(said.reply), wish_in(said)
    if session.state.is_final:
        return Step(session.noted(NoteKind.AFTER_END, said.message, at_ms=at_ms))
    if wish is Wish.WITHDRAW:
        return withdrawn(tree, session, act)
    if reply is not None and takes_back(session, reply):
        return declined_later(tree, session, act, reply)
    if session.is_with_person or not session.state.waits_for_client:
        return Step(session.noted(NoteKind.TO_PERSON, said.message, at_ms=at_ms))
    if wish is Wish.PERSON:
        return _to_person(tree, session, said.message, at_ms=at_ms)
    if wish in (Wish.INDONESIAN, Wish.ENGLISH):
        return _in_language(tree, session, Language.EN if wish is Wish.ENGLISH else Language.ID, act)
    if reply is not None:
        return _tapped(tree, session, act, reply)
    if act.prompt is not Prompt.POSTED or (act.posted_at_ms or 0) > at_ms + CLOCK_MS:
        return _crossed(tree, session, act)
    if session.state is _I.AWAITING_CONSENT or isinstance(node_asked(tree, session), Consent):
        return answered_notice(tree, session, act, How.TYPED, agrees=typed_agreement(tree, session, said))
    return _typed(tree, session, act, wish)


def _typed(tree: Tree, session: Session, act: Heard, wish: Wish | None) -> Step:
    question = question_asked(tree, session)
    if wish is Wish.BACK:
        return _back(tree, session, act)
    if wish is Wish.SKIP and (question.is_optional or question.kind is not AnswerKind.TEXT):
        return _skipped(tree, session, act, question)
    value = read_answer(question, act.said)
    if value is not None:
        how = How.FILE if act.said.type in FILES else How.TYPED
        return _answered(tree, session, question, _given(act, value, how))
    if act.said.type in FILES:
        return _unasked_file(tree, session, act, question)
    return _unfit(tree, session, act, question.invalid or tree.phrases.invalid(question.kind))


def _tapped(tree: Tree, session: Session, act: Heard, reply: Reply) -> Step:
    node = node_asked(tree, session)
    if reply.session != session.id or reply.node != session.at:
        return Step(_late(session, act, reply))
    if reply.value == SWITCH:
        other = Language.ID if session.language is Language.EN else Language.EN
        return _in_language(tree, session, other, act)
    if isinstance(node, Consent):
        agrees = {AGREE: True, DECLINE: False}.get(reply.value)
        return answered_notice(tree, session, act, How.BUTTON, agrees=agrees)
    if reply.value == SKIP:
        return _skipped(tree, session, act, node)
    value = value_of_reply(node, reply.value)
    if value is None:
        return _unfit(tree, session, act, tree.phrases.invalid(node.kind))
    return _answered(tree, session, node, _given(act, value, How.BUTTON))


def _answered(tree: Tree, session: Session, question: Question, given: Given) -> Step:
    earlier = session.answers.get(question.id)
    if earlier is not None:
        given = replace(given, before=(*earlier.before, earlier.message, *earlier.added))
    session = replace(session, answers=session.answers | {question.id: given})
    if session.state is _I.NEEDS_INFO:
        path = session.path if question.id in session.path else (*session.path, question.id)
        return Step(replace(session.moved(_I.UNDER_REVIEW), at=None, tries=0, path=path))
    return go_on(tree, session, question.id)


def _skipped(tree: Tree, session: Session, act: Heard, question: Question) -> Step:
    if not question.is_optional:
        return _unfit(tree, session, act, tree.phrases.required)
    session = session.noted(NoteKind.UNFIT, act.said.message, at_ms=act.at_ms, node=question.id)
    if session.state is _I.NEEDS_INFO:
        return Step(replace(session.moved(_I.UNDER_REVIEW), at=None, tries=0))
    return go_on(tree, session, question.id)


def _back(tree: Tree, session: Session, act: Heard) -> Step:
    """To the question before. Its answer stays until there is another one; a consent is taken back by its own words."""
    session = session.noted(NoteKind.UNFIT, act.said.message, at_ms=act.at_ms, node=session.at)
    asked = [node for node in session.path if isinstance(tree.node(node), Question)]
    if not asked or session.state is not _I.IN_PROGRESS:
        return ask(tree, session, before=tree.phrases.nothing_before)
    to = asked[-1]
    return put(tree, replace(session, path=session.path[: session.path.index(to)]), to)


def _unfit(tree: Tree, session: Session, act: Heard, why: Words) -> Step:
    session = session.noted(NoteKind.UNFIT, act.said.message, at_ms=act.at_ms, node=session.at)
    return ask_again(tree, session, before=why)


def _unasked_file(tree: Tree, session: Session, act: Heard, question: Question) -> Step:
    """A file comes where none was asked for. It is noted once; an album need not be answered picture by picture."""
    last = session.notes[-1] if session.notes else None
    session = session.noted(NoteKind.FILE, act.said.message, at_ms=act.at_ms, node=question.id)
    if last is not None and last.kind is NoteKind.FILE and last.node == question.id:
        return Step(session)
    return Step(session, (say(tree, session, "document_noted"),))


def _crossed(tree: Tree, session: Session, act: Heard) -> Step:
    """A message that was written before the question could be read: it goes with the answer before, or is noted."""
    said, node = act.said, session.at
    if session.state is _I.AWAITING_CONSENT:
        session = session.noted(NoteKind.BEFORE_CONSENT, said.message, at_ms=act.at_ms, node=node)
    else:
        last = session.path[-1] if session.path else None
        given = session.answers.get(last) if last is not None else None
        if last is not None and given is not None and given.how is not How.BUTTON:
            more = replace(given, added=(*given.added, said.message))
            session = replace(session, answers=session.answers | {last: more})
        else:
            kind = NoteKind.FILE if said.type in FILES else NoteKind.CROSSED
            session = session.noted(kind, said.message, at_ms=act.at_ms, node=node)
    # What never reached the client is asked now that there is a window again.
    return ask(tree, session) if act.prompt is Prompt.LOST else Step(session)


def _to_person(tree: Tree, session: Session, message: str, *, at_ms: int) -> Step:
    session = session.noted(NoteKind.TO_PERSON, message, at_ms=at_ms, node=session.at)
    return Step(replace(session, is_with_person=True), (say(tree, session, "person_comes"),))


def _in_language(tree: Tree, session: Session, language: Language, act: Heard) -> Step:
    session = session.noted(NoteKind.UNFIT, act.said.message, at_ms=act.at_ms, node=session.at)
    if language is session.language and act.prompt is Prompt.WAITING:
        return Step(session)
    return ask(tree, replace(session, language=language))


def _changed(session: Session, act: Changed) -> Session:
    """An edit or deletion shows beside the answer; the answer stays what it was when it was given."""
    kind = NoteKind.DELETED if act.is_deleted else NoteKind.EDITED
    answers = dict(session.answers)
    for node, given in session.answers.items():
        if act.target in (given.message, *given.added, *given.before):
            mark = {"deleted_at_ms": act.at_ms} if act.is_deleted else {"edited_by": act.by}
            answers[node] = replace(given, **mark)
            return replace(session, answers=answers).noted(kind, act.by, at_ms=act.at_ms, node=node)
    return session.noted(kind, act.by, at_ms=act.at_ms)


def _clock(tree: Tree, session: Session, act: Clock) -> Step:
    if act.asked != session.asked or not session.state.waits_for_client or session.is_with_person:
        return Step(session)
    if act.expires:
        return Step(replace(session.moved(_I.EXPIRED), at=None))
    # A reminder is no further question: whoever waits for the answer goes on waiting from the same time.
    reminded = ask(tree, session, before=tree.phrases.reminder, is_reminder=True)
    return Step(session, reminded.effects)


def _decided(tree: Tree, session: Session, act: Decided) -> Step:
    session = _open(session)
    match act.what:
        case Decision.TAKE_OVER:
            return Step(replace(session, is_with_person=True))
        case Decision.HAND_BACK:
            return _handed_back(tree, session)
        case Decision.ASK:
            return _asked_more(tree, session, act)
        case Decision.REVIEW:
            return Step(replace(session.moved(_I.UNDER_REVIEW), at=None))
        case Decision.ACCEPT:
            return Step(replace(session.moved(_I.ACCEPTED), at=None))
        case Decision.REJECT:
            return Step(replace(session.moved(_I.REJECTED), at=None))


def _open(session: Session) -> Session:
    if session.state.is_final:
        raise ConflictError(f"This intake is {session.state.value}.", hint="Nothing is left to do with it.")
    return session


def _handed_back(tree: Tree, session: Session) -> Step:
    if not session.is_with_person:
        raise ConflictError("No person has taken this intake over.", hint="See `lhwa intake show`.")
    session = replace(session, is_with_person=False, tries=0)
    return ask(tree, session) if session.state.waits_for_client and session.at else Step(session)


def _asked_more(tree: Tree, session: Session, act: Decided) -> Step:
    """A lawyer has one of the tree's questions put, again or for the first time."""
    node = next((each for each in tree.nodes if each.id == act.node), None)
    if not isinstance(node, Question):
        raise ConflictError("This tree has no such question.", hint="See `lhwa tree show` for the questions it has.")
    if not may_be_asked(tree, session, node.id):
        raise ConflictError(
            "The client has not agreed to what this question is about.",
            hint="Take the intake over, and ask for the consent first.",
        )
    session = replace(session.moved(_I.NEEDS_INFO), at=node.id, tries=0, is_with_person=False)
    return ask(tree, session)


def _given(act: Heard, value: str, how: How) -> Given:
    return Given(value=value, message=act.said.message, at_ms=act.at_ms, how=how)


def _late(session: Session, act: Heard, reply: Reply) -> Session:
    given = session.answers.get(reply.node)
    same = given is not None and given.value == reply.value and reply.session == session.id
    kind = NoteKind.REPEATED if same else NoteKind.LATE
    return session.noted(kind, act.said.message, at_ms=act.at_ms, node=reply.node)
