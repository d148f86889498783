"""Every act of the inbox in every place where it is offered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.tui.deeds import (
    NOTE,
    Deed,
    Walk,
    acknowledged,
    assigned,
    checked_again,
    conflict_is,
    held,
    intake_is,
    noted,
    outbound_is,
    party_named,
    template_is,
    tree_is,
    unread,
)
from tests.tui.place import SECOND

WHY = {"reason": "Jelas sudah"}
_WHY = "--reason 'Jelas sudah'"


def _before_decision(on: str, *, seen: bool, opened: bool = False) -> tuple[Deed, ...]:
    """What is done to an intake that was submitted, in an order in which all of it can be done."""
    shown = "--seen {seen} " if seen else ""
    how: dict[str, Any] = {"on": (on,), "opened": opened}
    return (
        Deed("check", line="conflict check {intake.submitted}", audited="conflict.checked", holds=checked_again, **how),
        Deed(
            "party",
            line="conflict party {intake.submitted} --name 'PT Contoh Jaya' --role related",
            audited="party.named",
            holds=party_named,
            values={"name": "PT Contoh Jaya", "role": "related"},
            **how,
        ),
        Deed(
            "decide-conflict",
            line=f"conflict decide {{intake.submitted}} waived {shown}{_WHY}",
            audited="conflict.decided",
            holds=conflict_is("waived"),
            values={"verdict": "waived", **WHY},
            **how,
        ),
        *(
            Deed(
                act,
                line=f"intake {act} {{intake.submitted}}",
                audited="intake.advanced",
                holds=intake_is("intake.submitted", is_with_person=act == "take-over"),
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
        intake_is("intake.submitted", state="needs_info"),
        {"question": "date"},
        opened=opened,
    )


def _accept(on: str) -> Deed:
    return Deed(
        "accept",
        (on,),
        f"intake accept {{intake.submitted}} --seen {{seen}} {_WHY} --title 'Sengketa tanah' --lawyer contoh-lawyer",
        "matter.opened",
        intake_is("intake.submitted", state="accepted"),
        {**WHY, "title": "Sengketa tanah", "lawyer": "contoh-lawyer"},
        opened=True,
    )


def _turn_down(on: str) -> Deed:
    return Deed(
        "turn-down",
        (on,),
        f"intake reject {{intake.submitted}} --seen {{seen}} --code no_capacity {_WHY}",
        "intake.advanced",
        intake_is("intake.submitted", state="rejected"),
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
            assigned("thread.open"),
            {"to": SECOND},
        ),
        Deed("seen", (on,), "conversations seen {thread.open}", "conversation.seen", unread("thread.open", some=False)),
        Deed(
            "unseen",
            (on,),
            "conversations seen {thread.open} --unread",
            "conversation.seen",
            unread("thread.open", some=True),
        ),
        Deed(
            "note",
            (on,),
            "conversations note {thread.open} --text -",
            "note.added",
            noted,
            {"text": NOTE},
            typed=NOTE,
        ),
        Deed(
            "hold",
            (on,),
            f"hold add {{contact.open}} --kind outbound_hold {_WHY}",
            "contact.held",
            held("outbound_hold"),
            kind,
        ),
        Deed(
            "release",
            (on,),
            f"hold release {{contact.open}} --kind outbound_hold {_WHY}",
            "contact.released",
            held("outbound_hold", is_on=False),
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
            holds=outbound_is("outbound.in_doubt", "queued"),
            values={"outcome": "resend", **WHY},
            **of("doubted", "outbound.in_doubt"),
        ),
        Deed(
            "retry",
            line=f"outbox retry {{outbound.failed}} {_WHY}",
            audited="outbound.retried",
            holds=outbound_is("outbound.failed", "queued"),
            values=WHY,
            **of("troubled", "outbound.failed"),
        ),
        Deed(
            "cancel",
            line="outbox cancel {outbound.scheduled}",
            audited="outbound.cancelled",
            holds=outbound_is("outbound.scheduled", "cancelled"),
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
            *_before_decision("thread.submitted", seen=True, opened=True),
            _ask("thread.submitted", seen=True, opened=True),
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
                intake_is("intake.submitted", assigned_to=SECOND),
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
                tree_is("published"),
            ),
            Deed(
                "reject",
                ("template",),
                f"reject {{template}} {_WHY}",
                "template.declined",
                template_is("declined"),
                WHY,
            ),
            Deed(
                "cancel",
                ("outbound.waiting_too",),
                f"outbox cancel {{outbound.waiting_too}} {_WHY}",
                "outbound.cancelled",
                outbound_is("outbound.waiting_too", "cancelled"),
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
                outbound_is("outbound.waiting", "cancelled"),
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
                acknowledged,
                WHY,
            ),
        ),
    ),
}
"""Every act in every place where it is offered; each walk begins with the same home."""
