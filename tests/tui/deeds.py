"""Every act of the inbox in every place where it is offered: whom it is done to, what is typed, and what becomes so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lhwa.domain.ids import ContactId
from lhwa.store.transaction import Tx
from lhwa.tui.acts import Kind
from tests.tui.place import SECOND

Ids = Mapping[str, str]
Holds = Callable[[Tx, Ids], object]
KIND_OF: dict[str, Kind] = {
    "list": "thread",
    "thread": "entry",
    "message": "entry",
    "review": "intake",
    "approvals": "waiting",
    "outbox": "outbound",
    "alerts": "alert",
}


@dataclass(frozen=True)
class Deed:
    """One act.

    Args:
        on: names of what the cursor is on, see `filling.fill`; of several, all are marked.
        line: what the log shows; names in braces stand for ids, `{seen}` for the newest act of the intake.
        audited: the action of its record.
        holds: what is so afterwards, from the rows.
        entry: in a thread, the message with the cursor; else the newest one.
        typed: what the line reads from stdin.
            opened: its detail is opened first.
        refused: what is said when it must fail, because nothing answers for Meta here.
    """

    act: str
    on: tuple[str, ...]
    line: str
    audited: str
    holds: Holds
    values: Mapping[str, str] | None = None
    entry: str = ""
    typed: str = ""
    opened: bool = False
    refused: str = ""


@dataclass(frozen=True)
class Walk:
    """Deeds that one person does one after another in one place."""

    where: str
    deeds: tuple[Deed, ...]


def _state(name: str, state: str) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        row = tx.outbox.get(ids[name])
        return row is not None and row.state.value == state

    return holds


def _intake(name: str, **facts: Any) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        row = tx.intakes.get(ids[name])
        return row is not None and all(getattr(row, fact) == value for fact, value in facts.items())

    return holds


def _assigned(*names: str) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        rows = [tx.conversations.get(ids[name]) for name in names]
        return all(row is not None and row.assigned_to == SECOND for row in rows)

    return holds


def _checked(tx: Tx, ids: Ids) -> bool:
    return tx.parties.checks_count(ids["intake.submitted"]) == 2


def _decided(decision: str) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        check = tx.parties.last_check(ids["intake.submitted"])
        return check is not None and check.decision == decision

    return holds


def _named(tx: Tx, ids: Ids) -> bool:
    rows = tx.parties.of_intake(ids["intake.submitted"])
    return ("PT Contoh Jaya", "related") in [(tx.parties.name(row), row.role) for row in rows]


def _held(kind: str, *, is_on: bool = True) -> Holds:
    return lambda tx, ids: (kind in tx.restrictions.of(ContactId(ids["contact.open"]))) is is_on


def _unread(*names: str, some: bool) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        rows = [tx.conversations.get(ids[name]) for name in names]
        return all(row is not None and (row.unread > 0) is some for row in rows)

    return holds


def _noted(tx: Tx, ids: Ids) -> bool:
    return "Telepon pengadilan dulu." in [tx.notes.text(row) for row in tx.notes.of_conversation(ids["thread.open"])]


def _tree(state: str) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        row = tx.trees.get(ids["tree"])
        return row is not None and row.state == state

    return holds


def _all(*those: Holds) -> Holds:
    return lambda tx, ids: all(each(tx, ids) for each in those)


def _acknowledged(tx: Tx, ids: Ids) -> bool:
    return len(tx.acknowledged_alerts.by_whom([ids["alert"]])) == 1


NOTE = "Telepon pengadilan dulu."
WHY = {"reason": "Jelas sudah"}
_WHY = "--reason 'Jelas sudah'"


def _before_decision(on: str, *, seen: bool, opened: bool = False) -> tuple[Deed, ...]:
    """What is done to an intake that was submitted, in an order in which all of it can be done."""
    shown = "--seen {seen} " if seen else ""
    how: dict[str, Any] = {"on": (on,), "opened": opened}
    return (
        Deed("check", line="conflict check {intake.submitted}", audited="conflict.checked", holds=_checked, **how),
        Deed(
            "party",
            line="conflict party {intake.submitted} --name 'PT Contoh Jaya' --role related",
            audited="party.named",
            holds=_named,
            values={"name": "PT Contoh Jaya", "role": "related"},
            **how,
        ),
        Deed(
            "decide-conflict",
            line=f"conflict decide {{intake.submitted}} waived {shown}{_WHY}",
            audited="conflict.decided",
            holds=_decided("waived"),
            values={"verdict": "waived", **WHY},
            **how,
        ),
        *(
            Deed(
                act,
                line=f"intake {act} {{intake.submitted}}",
                audited="intake.advanced",
                holds=_intake("intake.submitted", is_with_person=act == "take-over"),
                **how,
            )
            for act in ("take-over", "hand-back")
        ),
    )


def _ask(on: str, *, seen: bool, opened: bool = False) -> Deed:
    shown = "--seen {seen} " if seen else ""
    return Deed(
        "ask",
        (on,),
        f"intake ask {{intake.submitted}} {shown}--question date",
        "intake.advanced",
        _intake("intake.submitted", state="needs_info"),
        {"question": "date"},
        opened=opened,
    )


def _accept(on: str) -> Deed:
    return Deed(
        "accept",
        (on,),
        f"intake accept {{intake.submitted}} --seen {{seen}} {_WHY} --title 'Sengketa tanah' --lawyer contoh-lawyer",
        "matter.opened",
        _intake("intake.submitted", state="accepted"),
        {**WHY, "title": "Sengketa tanah", "lawyer": "contoh-lawyer"},
        opened=True,
    )


def _turn_down(on: str) -> Deed:
    return Deed(
        "turn-down",
        (on,),
        f"intake reject {{intake.submitted}} --seen {{seen}} --code no_capacity {_WHY}",
        "intake.advanced",
        _intake("intake.submitted", state="rejected"),
        {"code": "no_capacity", **WHY},
        opened=True,
    )


def _on_contact(on: str) -> tuple[Deed, ...]:
    """Acts on a conversation, wherever the cursor is in it."""
    kind = {"kind": "outbound_hold", **WHY}
    return (
        Deed(
            "assign",
            (on,),
            "conversations assign {thread.open} --to contoh-rani",
            "conversation.assigned",
            _assigned("thread.open"),
            {"to": SECOND},
        ),
        Deed(
            "seen", (on,), "conversations seen {thread.open}", "conversation.seen", _unread("thread.open", some=False)
        ),
        Deed(
            "unseen",
            (on,),
            "conversations seen {thread.open} --unread",
            "conversation.seen",
            _unread("thread.open", some=True),
        ),
        Deed(
            "note",
            (on,),
            "conversations note {thread.open} --text -",
            "note.added",
            _noted,
            {"text": NOTE},
            typed=NOTE,
        ),
        Deed(
            "hold",
            (on,),
            f"hold add {{contact.open}} --kind outbound_hold {_WHY}",
            "contact.held",
            _held("outbound_hold"),
            kind,
        ),
        Deed(
            "release",
            (on,),
            f"hold release {{contact.open}} --kind outbound_hold {_WHY}",
            "contact.released",
            _held("outbound_hold", is_on=False),
            kind,
        ),
    )


def _on_outbound(where: str) -> tuple[Deed, ...]:
    """Messages that need somebody; in a thread or in the outbox."""

    def of(person: str, name: str) -> dict[str, Any]:
        if where == "message":
            return {"on": (f"thread.{person}",), "entry": name}
        return {"on": (name,)}

    return (
        Deed(
            "resolve",
            line=f"outbox resolve {{outbound.in_doubt}} --resend {_WHY}",
            audited="outbound.resent",
            holds=_state("outbound.in_doubt", "queued"),
            values={"outcome": "resend", **WHY},
            **of("doubted", "outbound.in_doubt"),
        ),
        Deed(
            "retry",
            line=f"outbox retry {{outbound.failed}} {_WHY}",
            audited="outbound.retried",
            holds=_state("outbound.failed", "queued"),
            values=WHY,
            **of("troubled", "outbound.failed"),
        ),
        Deed(
            "cancel",
            line="outbox cancel {outbound.scheduled}",
            audited="outbound.cancelled",
            holds=_state("outbound.scheduled", "cancelled"),
            values={},
            **of("open", "outbound.scheduled"),
        ),
    )


_TELL_READ = Deed(
    "tell-read",
    ("thread.open",),
    "messages mark-read {message.open}",
    "",
    lambda *_: True,
    opened=True,
    refused="This firm has no access token",
)
WALKS = {
    "list": Walk(
        "list",
        (
            *_on_contact("thread.open"),
            _TELL_READ,
            *_before_decision("thread.submitted", seen=False),
            _ask("thread.submitted", seen=False),
        ),
    ),
    "thread": Walk(
        "thread",
        (
            *_on_contact("thread.open"),
            replace(_TELL_READ, opened=False),
            *_before_decision("thread.submitted", seen=True),
            _ask("thread.submitted", seen=True),
        ),
    ),
    "message": Walk("message", _on_outbound("message")),
    "review": Walk(
        "review",
        (
            Deed(
                "assign-intake",
                ("intake.submitted",),
                "intake assign {intake.submitted} --to contoh-rani",
                "intake.assigned",
                _intake("intake.submitted", assigned_to=SECOND),
                {"to": SECOND},
            ),
            *_before_decision("intake.submitted", seen=True, opened=True),
            _accept("intake.submitted"),
        ),
    ),
    "review: no": Walk("review", (_turn_down("intake.submitted"),)),
    "review: ask": Walk("review", (_ask("intake.submitted", seen=True, opened=True),)),
    "approvals": Walk(
        "approvals",
        (
            Deed(
                "approve",
                ("tree",),
                "approve {tree}",
                "tree.published",
                _tree("published"),
            ),
            Deed(
                "reject",
                ("template",),
                f"reject {{template}} {_WHY}",
                "template.declined",
                lambda tx, ids: True,
                WHY,
            ),
            Deed(
                "cancel",
                ("outbound.waiting_too",),
                f"outbox cancel {{outbound.waiting_too}} {_WHY}",
                "outbound.cancelled",
                _state("outbound.waiting_too", "cancelled"),
                WHY,
            ),
            *_before_decision("intake.submitted", seen=True, opened=True),
            _accept("intake.submitted"),
        ),
    ),
    "approvals: no": Walk(
        "approvals",
        (
            Deed(
                "reject",
                ("outbound.waiting",),
                f"reject {{outbound.waiting}} {_WHY}",
                "outbound.declined",
                _state("outbound.waiting", "cancelled"),
                WHY,
            ),
            _turn_down("intake.submitted"),
        ),
    ),
    "approvals: ask": Walk("approvals", (_ask("intake.submitted", seen=True, opened=True),)),
    "outbox": Walk("outbox", _on_outbound("outbox")),
    "alerts": Walk(
        "alerts",
        (
            Deed(
                "acknowledge",
                ("alert",),
                f"alerts acknowledge {{alert}} {_WHY}",
                "alert.acknowledged",
                _acknowledged,
                WHY,
            ),
        ),
    ),
}
"""Every act in every place where it is offered; each walk begins with the same home."""
