"""A line to the intake machine itself: no network, no store, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Sequence

from lhwa.domain.intake.advancing import advance
from lhwa.domain.intake.answers import Said
from lhwa.domain.intake.session import (
    Act,
    Ask,
    Begun,
    Changed,
    Clock,
    Heard,
    NoteConsent,
    NoteWithdrawal,
    Prompt,
    Say,
    Session,
)
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.intake.trees import Tree
from lhwa.domain.messages import MessageType
from lhwa.domain.outbound import Content, Interactive, Text
from lhwa.sandbox.inbox import shown
from lhwa.sandbox.personas.phone import read_of
from lhwa.sandbox.personas.thread import Delete, Edit, Message, Read, SendFile, SharePlace, Tap, Write

BEGINS_MS = 1_795_000_000_000
HOUR_MS = 3_600_000


class MachineLine:
    """One client and one session.

    Args:
        is_slow: the firm's messages leave only when the client waits for them; else half a second later.
    """

    def __init__(self, tree: Tree, *, is_slow: bool = False) -> None:
        self.tree = tree
        self.session = Session(id="01KAN5T9YB6Q2R8W4X7V3M0ZJD", tree=tree.name, version=1)
        self.reminders = 0
        self._is_slow = is_slow
        self._now_ms = BEGINS_MS
        self._asked_at_ms = BEGINS_MS
        self._posted_at_ms: int | None = None
        self._count = 0
        self._leaving: list[Content] = []
        self._read: list[Read] = []

    def do(self, act: Message) -> str:
        """The client does something."""
        self._now_ms += 1_000
        wamid = self._next_id()
        if self.session.state is IntakeState.NEW:
            self._advance(Begun())
        if isinstance(act, Edit | Delete):
            target = act.wamid
            self._advance(Changed(target=target, by=wamid, at_ms=self._now_ms, is_deleted=isinstance(act, Delete)))
            return wamid
        posted_at_ms = self._posted_at_ms
        prompt = Prompt.WAITING if posted_at_ms is None else Prompt.POSTED
        # Meta tells whole seconds.
        at_ms = self._now_ms // 1_000 * 1_000
        self._advance(Heard(said=_said(act, wamid), at_ms=at_ms, prompt=prompt, posted_at_ms=posted_at_ms))
        if not self._is_slow:
            self._post()
        return wamid

    def wait(self, seconds: float) -> Sequence[Read]:
        """The client looks."""
        self._post()
        found, self._read = self._read, []
        self._now_ms += 2_000 if found else int(seconds * 1_000)
        return found

    def be_silent(self, seconds: float) -> None:
        """Time passes; the firm watches for silence."""
        until_ms = self._now_ms + int(seconds * 1_000)
        self._post()
        for due_h, expires in ((self.tree.remind_after_h, False), (self.tree.expire_after_h, True)):
            due_ms = self._asked_at_ms + due_h * HOUR_MS
            if due_ms <= until_ms:
                self._now_ms = due_ms
                self._advance(Clock(asked=self.session.asked, expires=expires))
                self._post()
        self._now_ms = until_ms

    def _advance(self, act: Act) -> None:
        step = advance(self.tree, self.session, act)
        self.session = step.session
        for effect in step.effects:
            match effect:
                case Ask():
                    self._leaving.append(effect.content)
                    self.reminders += effect.is_reminder
                    if not effect.is_reminder:
                        self._asked_at_ms, self._posted_at_ms = self._now_ms, None
                case Say():
                    self._leaving.append(effect.content)
                case NoteConsent() | NoteWithdrawal():
                    pass

    def _post(self) -> None:
        if self._leaving:
            self._now_ms += 500
            self._posted_at_ms = self._posted_at_ms or self._now_ms
        for content in self._leaving:
            message = {"messageId": self._next_id()} | _shown(content)
            self._read.append(read_of(message))
        self._leaving = []

    def _next_id(self) -> str:
        self._count += 1
        return f"wamid.M{self._count}"


def _shown(content: Content) -> dict[str, object]:
    if isinstance(content, Text):
        return shown("text", {"body": content.body})
    assert isinstance(content, Interactive)
    return shown("interactive", content.interactive)


def _said(act: Message, wamid: str) -> Said:
    match act:
        case Write():
            return Said(message=wamid, type=MessageType.TEXT, text=act.text)
        case Tap():
            return Said(message=wamid, type=MessageType.INTERACTIVE, text=act.choice.title, reply=act.choice.id)
        case SendFile():
            return Said(message=wamid, type=MessageType(act.kind))
        case SharePlace():
            return Said(message=wamid, type=MessageType.LOCATION, text=act.address)
        case Edit() | Delete():
            raise AssertionError("a change says nothing itself")
