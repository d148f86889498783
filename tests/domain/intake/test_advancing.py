"""The session machine: no question before consent, no message lost, exactly one state, and a replay that agrees."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.intake.advancing import advance
from lhwa.domain.intake.answers import Said
from lhwa.domain.intake.asking import TRIES_MAX
from lhwa.domain.intake.prompts import reply_id
from lhwa.domain.intake.session import (
    Act,
    Ask,
    Begun,
    Changed,
    Clock,
    Decided,
    Decision,
    Effect,
    Heard,
    NoteConsent,
    NoteKind,
    NoteWithdrawal,
    Prompt,
    Session,
)
from lhwa.domain.intake.states import INTAKE_MOVES, IntakeState
from lhwa.domain.intake.trees import Question
from lhwa.domain.intake.wording import Language
from lhwa.domain.messages import MessageType
from lhwa.domain.outbound_limits import content_findings
from lhwa.errors import ConflictError
from lhwa.testing.intake import SMALL_TREE

SESSION = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
START_MS = 1_700_000_000_000


class Walk:
    """A session with everything that happened to it."""

    def __init__(self) -> None:
        self.session = Session(id=SESSION, tree=SMALL_TREE.name, version=1)
        self.acts: list[Act] = []
        self.effects: list[Effect] = []
        self.heard = 0
        self.do(Begun())

    def do(self, act: Act) -> Sequence[Effect]:
        step = advance(SMALL_TREE, self.session, act)
        if step.session.state is not self.session.state:
            assert step.session.state in INTAKE_MOVES[self.session.state]
        self.session = step.session
        self.acts.append(act)
        self.effects += step.effects
        return step.effects

    def say(self, text: str | None, *, prompt: Prompt = Prompt.POSTED, type_: MessageType = MessageType.TEXT) -> str:
        return self._hear(Said(message=f"m{self.heard}", type=type_, text=text), prompt)

    def tap(self, value: str, *, node: str | None = None) -> str:
        reply = reply_id(SESSION, node or str(self.session.at), value)
        return self._hear(Said(message=f"m{self.heard}", type=MessageType.INTERACTIVE, text=value, reply=reply))

    def _hear(self, said: Said, prompt: Prompt = Prompt.POSTED) -> str:
        self.heard += 1
        at_ms = START_MS + self.heard * 60_000
        self.do(Heard(said=said, at_ms=at_ms, prompt=prompt, posted_at_ms=at_ms - 30_000))
        return said.message

    @property
    def asked(self) -> list[str]:
        return [effect.node for effect in self.effects if isinstance(effect, Ask)]


def state_of(walk: Walk) -> IntakeState:
    return walk.session.state


def to_questions() -> Walk:
    walk = Walk()
    walk.tap("agree")
    return walk


def to_review() -> Walk:
    walk = to_questions()
    walk.say("Rina Contoh")
    walk.tap("family")
    walk.say("ya")
    walk.tap("decline")
    return walk


def test_a_client_who_answers_ends_with_a_lawyer() -> None:
    walk = to_review()
    assert state_of(walk) is IntakeState.SUBMITTED
    assert walk.asked == ["consent", "name", "area", "children", "news"]
    assert walk.session.values == {
        "consent": "yes",
        "name": "Rina Contoh",
        "area": "family",
        "children": "yes",
        "news": "no",
    }
    ledger = [effect for effect in walk.effects if isinstance(effect, NoteConsent)]
    assert [(each.node, each.agreed.agrees, each.agreed.how.value) for each in ledger] == [
        ("consent", True, "button"),
        ("news", False, "button"),
    ]


@pytest.mark.parametrize("text", ["ok", "baik pak", "ya", "👍", "Nama saya Rina Contoh", "besok saya ditahan"])
def test_what_is_no_clear_word_is_no_consent_and_no_answer(text: str) -> None:
    walk = Walk()
    message = walk.say(text)
    assert state_of(walk) is IntakeState.AWAITING_CONSENT
    assert walk.session.answers == {}
    assert walk.session.consents == {}
    assert [(note.kind, note.message) for note in walk.session.notes] == [(NoteKind.BEFORE_CONSENT, message)]
    assert set(walk.asked) == {"consent"}


def test_files_in_a_row_bring_the_notice_back_once() -> None:
    walk = Walk()
    asked = len(walk.asked)
    for _ in range(3):
        walk.heard += 1
        said = Said(message=f"m{walk.heard}", type=MessageType.IMAGE)
        at_ms = START_MS + walk.heard * 1_000
        walk.do(Heard(said=said, at_ms=at_ms, prompt=Prompt.POSTED, posted_at_ms=START_MS))
    assert len(walk.asked) == asked + 1
    assert len(walk.session.notes) == 3


def test_an_optional_notice_is_left_open_in_the_end() -> None:
    walk = to_questions()
    walk.say("Rina Contoh")
    walk.tap("family")
    walk.say("ya")
    for _ in range(TRIES_MAX + 1):
        walk.say("nanti saja")
    assert state_of(walk) is IntakeState.SUBMITTED
    assert "news" not in walk.session.consents


@pytest.mark.parametrize("text", ["SETUJU", "Saya setuju.", "I agree!", "setuju (id)"])
def test_clear_words_are_consent(text: str) -> None:
    walk = Walk()
    message = walk.say(text)
    assert state_of(walk) is IntakeState.IN_PROGRESS
    assert walk.session.consents["consent"].message == message


def test_nobody_is_asked_anything_who_declines() -> None:
    walk = Walk()
    walk.tap("decline")
    assert state_of(walk) is IntakeState.DECLINED
    assert walk.asked == ["consent"]


def test_silence_expires_and_is_reminded_once_for_each_question() -> None:
    walk = to_questions()
    reminded = walk.do(Clock(asked=walk.session.asked))
    assert [type(effect) for effect in reminded] == [Ask]
    assert walk.do(Clock(asked=walk.session.asked - 1, expires=True)) == ()
    assert state_of(walk) is IntakeState.IN_PROGRESS
    walk.do(Clock(asked=walk.session.asked, expires=True))
    assert state_of(walk) is IntakeState.EXPIRED


@pytest.mark.parametrize("text", ["berhenti", "STOP!", "Tarik persetujuan", "I withdraw my consent"])
@pytest.mark.parametrize("walk_to", [to_questions, to_review])
def test_a_withdrawal_counts_at_once_wherever_the_session_is(walk_to: Callable[[], Walk], text: str) -> None:
    walk = walk_to()
    message = walk.say(text)
    assert state_of(walk) is IntakeState.WITHDRAWN
    assert [effect.message for effect in walk.effects if isinstance(effect, NoteWithdrawal)] == [message]


def test_the_button_of_the_receipt_withdraws_at_any_time() -> None:
    walk = to_review()
    walk.tap("withdraw", node="consent")
    assert state_of(walk) is IntakeState.WITHDRAWN


def test_a_message_that_crossed_the_question_goes_with_the_answer_before() -> None:
    walk = to_questions()
    first = walk.say("Rina")
    second = walk.say("Rina Contoh binti Contoh", prompt=Prompt.WAITING)
    given_ = walk.session.answers["name"]
    assert (given_.message, given_.added) == (first, (second,))
    assert walk.session.at == "area"


def test_a_question_that_never_arrived_is_asked_when_the_client_writes_again() -> None:
    walk = to_questions()
    before = walk.asked
    message = walk.say("Halo, masih ada orang?", prompt=Prompt.LOST)
    assert walk.asked == [*before, "name"]
    assert [note.message for note in walk.session.notes] == [message]


def test_a_late_tap_changes_no_answer_and_is_noted() -> None:
    walk = to_questions()
    walk.say("Rina Contoh")
    walk.tap("family")
    repeated, late = walk.tap("family", node="area"), walk.tap("land", node="area")
    assert walk.session.answers["area"].value == "family"
    notes = {note.message: note.kind for note in walk.session.notes}
    assert notes == {repeated: NoteKind.REPEATED, late: NoteKind.LATE}


def test_back_asks_the_question_before_and_keeps_both_answers() -> None:
    walk = to_questions()
    first = walk.say("Rina")
    walk.say("kembali")
    second = walk.say("Rina Contoh")
    assert walk.session.answers["name"].message == second
    assert walk.session.answers["name"].before == (first,)
    assert walk.session.at == "area"


def test_an_optional_question_is_skipped_and_another_one_is_not() -> None:
    walk = to_questions()
    walk.say("Rina Contoh")
    walk.say("lewati")
    assert walk.session.at == "area"
    walk.tap("land")
    walk.say("lewati")
    assert walk.session.at == "date"
    assert "opponent" not in walk.session.answers


def test_after_too_many_answers_that_do_not_fit_a_person_takes_over() -> None:
    walk = to_questions()
    walk.say("Rina Contoh")
    for _ in range(TRIES_MAX + 1):
        walk.say("apa saja")
    assert walk.session.is_with_person
    asked = walk.asked
    walk.say("halo?")
    assert walk.asked == asked


def test_the_language_changes_in_the_middle() -> None:
    walk = to_questions()
    walk.say("english")
    assert walk.session.language is Language.EN
    last = walk.effects[-1]
    assert isinstance(last, Ask)
    assert "Name? (en)" in str(last.content.body)  # type: ignore[union-attr]  # a text


def test_an_edit_and_a_deletion_show_beside_the_answer() -> None:
    walk = to_questions()
    message = walk.say("Rina Contoh")
    walk.do(Changed(target=message, by="e1", at_ms=START_MS + 9))
    walk.do(Changed(target=message, by="d1", at_ms=START_MS + 10, is_deleted=True))
    given_ = walk.session.answers["name"]
    assert (given_.value, given_.edited_by, given_.deleted_at_ms) == ("Rina Contoh", "e1", START_MS + 10)


def test_a_lawyer_asks_more_and_decides() -> None:
    walk = to_review()
    walk.do(Decided(what=Decision.ASK, operator="o", at_ms=START_MS, node="date"))
    assert state_of(walk) is IntakeState.NEEDS_INFO
    walk.say("17-08-2026")
    assert state_of(walk) is IntakeState.UNDER_REVIEW
    walk.do(Decided(what=Decision.ACCEPT, operator="o", at_ms=START_MS))
    assert state_of(walk) is IntakeState.ACCEPTED
    for what in (Decision.REJECT, Decision.ACCEPT, Decision.TAKE_OVER):
        with pytest.raises(ConflictError):
            walk.do(Decided(what=what, operator="o", at_ms=START_MS))


def test_who_has_not_consented_cannot_be_accepted() -> None:
    walk = Walk()
    for what in (Decision.ACCEPT, Decision.REVIEW, Decision.ASK):
        with pytest.raises(ConflictError):
            walk.do(Decided(what=what, operator="o", at_ms=START_MS, node="date"))


TEXTS = st.sampled_from(
    ["Rina Contoh", "setuju", "tidak", "ok", "ya", "english", "bahasa", "kembali", "lewati", "orang", "17-08-2026", "1"]
)
RARE = st.sampled_from(["berhenti", "mulai", "tarik persetujuan"])
VALUES = st.sampled_from(["agree", "decline", "language", "skip", "land", "family", "other", "yes", "no", "nonsense"])
NODES = st.sampled_from([node.id for node in SMALL_TREE.nodes])
MESSAGE = st.integers(0, 12).map(lambda nth: f"m{nth}")
STEP = st.one_of(
    st.tuples(st.just("say"), TEXTS, st.sampled_from(Prompt)),
    st.tuples(st.just("say"), TEXTS, st.just(Prompt.POSTED)),
    st.tuples(st.just("tap"), VALUES, st.none()),
    st.tuples(st.just("tap"), VALUES, NODES),
    st.tuples(st.just("file"), st.sampled_from([MessageType.IMAGE, MessageType.STICKER]), st.none()),
    st.tuples(st.just("change"), MESSAGE, st.booleans()),
    st.tuples(st.just("clock"), st.integers(-1, 0), st.booleans()),
    st.tuples(st.just("decide"), st.sampled_from(Decision), NODES),
    st.tuples(st.just("say"), RARE, st.just(Prompt.POSTED)),
)


def take(walk: Walk, step: tuple[object, ...]) -> str | None:
    """One step; returns the message of the client, if it was one."""
    match step:
        case ("say", str(text), Prompt() as prompt):
            return walk.say(text, prompt=prompt)
        case ("tap", str(value), node):
            return walk.tap(value, node=node) if node or walk.session.at else None  # type: ignore[arg-type]
        case ("file", MessageType() as type_, _):
            return walk.say(None, type_=type_)
        case ("change", str(target), bool(gone)):
            walk.do(Changed(target=target, by=f"c{len(walk.acts)}", at_ms=START_MS, is_deleted=gone))
        case ("clock", int(off), bool(expires)):
            walk.do(Clock(asked=walk.session.asked + off, expires=expires and len(walk.acts) % 5 == 0))
        case ("decide", Decision() as what, str(node)):
            try:
                walk.do(Decided(what=what, operator="o", at_ms=START_MS, node=node))
            except ConflictError:
                return None
    return None


def named(session: Session) -> set[str]:
    """Every message that the session names."""
    found = {note.message for note in session.notes}
    found |= {agreed.message for agreed in session.consents.values()}
    for given_ in session.answers.values():
        found |= {given_.message, *given_.added, *given_.before}
    return found


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([Walk, to_questions, to_review]), st.lists(STEP, max_size=25))
def test_whatever_happens_the_laws_hold(begun: Callable[[], Walk], steps: list[tuple[object, ...]]) -> None:
    walk = begun()
    messages: set[str] = set()
    for step in steps:
        seen = len(walk.effects)
        message = take(walk, step)
        if message is not None:
            messages.add(message)
        assert messages <= named(walk.session)  # no message is lost
        required = walk.session.consents.get("consent")
        consented = required is not None and required.agrees
        asked = [effect for effect in walk.effects[seen:] if isinstance(effect, Ask)]
        if not consented:
            assert walk.session.answers == {}
            assert all(effect.node == "consent" for effect in asked)
        assert walk.session.state.waits_for_client or not [each for each in asked if not each.is_reminder]
        assert all(
            not list(content_findings(effect.content)) for effect in walk.effects[seen:] if hasattr(effect, "content")
        )
    again = Session(id=SESSION, tree=SMALL_TREE.name, version=1)
    for act in walk.acts:
        again = advance(SMALL_TREE, again, act).session
    assert again == walk.session


def test_every_question_of_the_tree_can_be_asked() -> None:
    walk = to_review()
    for node in SMALL_TREE.nodes:
        if isinstance(node, Question):
            walk.do(Decided(what=Decision.ASK, operator="o", at_ms=START_MS, node=node.id))
            walk.do(Decided(what=Decision.REVIEW, operator="o", at_ms=START_MS))
