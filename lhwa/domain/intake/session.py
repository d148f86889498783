"""One intake session as a value: where it stands, what was answered by which message, and what is noted beside.

Invariant: a session holds no word of a client from before the consent; those messages are named by id alone.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from lhwa.domain.intake.answers import Said
from lhwa.domain.intake.states import INTAKE_MOVES, IntakeState
from lhwa.domain.intake.wording import Language
from lhwa.domain.outbound import Content
from lhwa.errors import ConflictError


class How(StrEnum):
    """How an answer or a consent came."""

    BUTTON = "button"
    TYPED = "typed"
    FILE = "file"


class Given(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer, bound to the message that gave it."""

    value: str
    message: str
    at_ms: int
    how: How
    added: tuple[str, ...] = ()
    """Messages in which the client went on before the next question was there."""
    before: tuple[str, ...] = ()
    """Messages of earlier answers to the same question."""
    edited_by: str | None = None
    """The client changed the message afterwards: both wordings stay in the thread."""
    deleted_at_ms: int | None = None
    """The client took the message back afterwards."""

    def __repr__(self) -> str:
        return f"Given({self.message})"


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one notice."""

    agrees: bool
    message: str
    at_ms: int
    how: How


class NoteKind(StrEnum):
    """Something that a lawyer should see beside the answers."""

    BEFORE_CONSENT = "before_consent"
    """A message from before the consent: it is in the thread, and no answer."""
    UNFIT = "unfit"
    """A message that did not fit the question."""
    CROSSED = "crossed"
    """Written before the question had reached the client."""
    LATE = "late"
    """A tap on a question that was answered or left before, with another answer."""
    REPEATED = "repeated"
    """The same answer once more."""
    FILE = "file"
    """A file that no question asked for."""
    TO_PERSON = "to_person"
    """A message while a person speaks with the client, or after everything was asked."""
    EDITED = "edited"
    DELETED = "deleted"
    AFTER_END = "after_end"
    WITHDRAWAL = "withdrawal"


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One remark; the words are in the message."""

    kind: NoteKind
    message: str
    at_ms: int
    node: str | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One client going through one version of one tree."""

    id: str
    tree: str
    version: int
    state: IntakeState = IntakeState.NEW
    language: Language = Language.ID
    at: str | None = None
    """The node that is before the client."""
    asked: int = 0
    """Questions and notices put before the client so far, repeated ones too."""
    tries: int = 0
    """Messages in a row that did not fit."""
    path: tuple[str, ...] = ()
    """Nodes that were answered or skipped, in order."""
    answers: dict[str, Given] = {}
    consents: dict[str, Agreed] = {}
    notes: tuple[Note, ...] = ()
    is_with_person: bool = False
    """A person speaks with the client; the tree is silent."""

    def moved(self, state: IntakeState) -> Session:
        """The same in another state. Raises: ConflictError when that is no legal move."""
        if state is self.state:
            return self
        if state not in INTAKE_MOVES[self.state]:
            raise ConflictError(
                f"An intake that is {self.state.value} does not become {state.value}.",
                hint="Look at it again with `lhwa intake show`.",
            )
        return msgspec.structs.replace(self, state=state)

    def noted(self, kind: NoteKind, message: str, *, at_ms: int, node: str | None = None) -> Session:
        """The same with a remark."""
        note = Note(kind=kind, message=message, at_ms=at_ms, node=node)
        return msgspec.structs.replace(self, notes=(*self.notes, note))

    @property
    def values(self) -> dict[str, str]:
        """What conditions look at: kept answers, and consents as `yes` or `no`."""
        consents = {node: "yes" if agreed.agrees else "no" for node, agreed in self.consents.items()}
        return consents | {node: given.value for node, given in self.answers.items()}


class Prompt(StrEnum):
    """What became of the question that a session last put."""

    POSTED = "posted"
    WAITING = "waiting"
    """It has not left yet."""
    LOST = "lost"
    """It never will: the window was closed, or sending failed."""


class Heard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="act", tag="heard"):
    """A client wrote, or tapped."""

    said: Said
    at_ms: int
    """By Meta's clock."""
    prompt: Prompt = Prompt.LOST
    posted_at_ms: int | None = None


class Changed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="act", tag="changed"):
    """A client edited or deleted a message."""

    target: str
    """Our id of the message."""
    by: str
    """Our id of the edit or deletion."""
    at_ms: int
    is_deleted: bool = False


class Clock(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="act", tag="clock"):
    """Time passed without an answer."""

    asked: int
    """Which question it was about."""
    expires: bool = False


class Decision(StrEnum):
    """What a person does with a session."""

    TAKE_OVER = "take_over"
    HAND_BACK = "hand_back"
    ASK = "ask"
    REVIEW = "review"
    ACCEPT = "accept"
    REJECT = "reject"


class Decided(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="act", tag="decided"):
    """A person acted."""

    what: Decision
    operator: str
    at_ms: int
    node: str | None = None
    """Of `ask`."""


class Begun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="act", tag="begun"):
    """A session begins: a client wrote for the first time, or a person started it."""

    language: Language = Language.ID
    operator: str | None = None


Act = Begun | Heard | Changed | Clock | Decided
"""Everything that can happen to a session. The session is what its acts, in their order, make of it."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Put a question or notice before the client."""

    node: str
    content: Content
    is_reminder: bool = False


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """Tell the client something that asks nothing."""

    what: str
    content: Content


class NoteConsent(msgspec.Struct, frozen=True, kw_only=True):
    """Put the answer to a notice into the consent ledger."""

    node: str
    agreed: Agreed


class NoteWithdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """Every consent of this session ends."""

    message: str
    at_ms: int
    how: How


Effect = Ask | Say | NoteConsent | NoteWithdrawal
"""What has to be done outside, in the transaction that stores the session."""


class Step(msgspec.Struct, frozen=True):
    """What an act makes of a session."""

    session: Session
    effects: tuple[Effect, ...] = ()
