"""`lhwa hold`: what keeps messages from a contact."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.firm import open_firm, people_of
from lhwa.cli.group import Group
from lhwa.cli.session import Session

if TYPE_CHECKING:
    from lhwa.services.messaging.holds import HoldView

app = Group("What keeps messages from a contact: opt-outs, blocks and holds.")


class Kind(StrEnum):
    """What keeps messages from a contact."""

    OPT_OUT = "opt_out"
    BLOCKED = "blocked"
    OUTBOUND_HOLD = "outbound_hold"
    IDENTITY_CHANGED = "identity_changed"
    """A pause after a changed number or user id: it is lifted by hand, and never put there."""


_Contact = Annotated[str, typer.Argument(help="A contact's id, a telephone number, or a masked number.")]
_Kind = Annotated[Kind, typer.Option(help="What it is.", metavar="KIND")]
_Reason = Annotated[str, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")]


@app.add("add", examples=['lhwa hold add +6281230001111 --kind opt_out --reason "Asked by telephone"'])
def add(ctx: typer.Context, contact: _Contact, reason: _Reason, kind: _Kind = Kind.OUTBOUND_HOLD) -> None:
    """Keep messages from a contact: opt_out, blocked, or outbound_hold. What waits does not leave.

    Meta is told of a block, too, so that the contact cannot write to the firm either. It does that for those who wrote
    within the last 24 hours; `hold list` shows what it said. To ask it again, block the contact once more.
    """
    from lhwa.services.messaging.holds import add_hold
    from lhwa.store import wake

    session = Session.of(ctx)
    with open_firm(session) as firm:
        found = firm.store.write(add_hold, firm.principal, contact, kind.value, reason=reason)
        wake.touch(session.home.wake_dir, firm.principal.tenant)
    session.out.done(
        f"No message leaves for this contact now ({kind.value}).", {"contactId": found, "kind": kind.value}
    )


@app.add(
    "release",
    examples=[
        'lhwa hold release +6281230001111 --kind blocked --reason "A mistake"',
        'lhwa hold release +6281230001111 --kind identity_changed --reason "Spoke with the client by telephone"',
    ],
)
def release(
    ctx: typer.Context,
    contact: _Contact,
    reason: _Reason,
    kind: Annotated[Kind, typer.Option(help="What to lift.", metavar="KIND")] = Kind.OUTBOUND_HOLD,
) -> None:
    """Let messages to a contact leave again; `identity_changed` says that you made sure who has the number."""
    from lhwa.services.messaging.holds import release_hold
    from lhwa.store import wake

    session = Session.of(ctx)
    with open_firm(session) as firm:
        found = firm.store.write(release_hold, firm.principal, contact, kind.value, reason=reason)
        wake.touch(session.home.wake_dir, firm.principal.tenant)
    session.out.done(f"Released ({kind.value}).", {"contactId": found, "kind": kind.value})


@app.add("list", examples=["lhwa hold list", "lhwa --json hold list"])
def list_(ctx: typer.Context) -> None:
    """List everything that keeps messages from somebody now, oldest first."""
    from lhwa.services.messaging.holds import list_holds

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(list_holds, firm.principal)
        people = people_of(session, firm)
    session.out.table(
        shown,
        {
            "contact id": lambda each: each.contact_id,
            "contact": lambda each: each.contact,
            "kind": lambda each: each.kind,
            "since": lambda each: firm.moment(each.since),
            "by": lambda each: people.get(each.operator or "", each.operator or each.source),
            "reason": lambda each: each.reason,
            "at Meta": _at_meta,
        },
        important=("kind", "reason", "contact", "by"),
        empty="Nothing keeps messages from anybody.",
    )


_AT_META = {
    "waiting": "waiting",
    "blocked": "blocked",
    "too_late": "not possible: wrote more than 24 h ago",
    "refused": "refused",
    "released": "released",
}


def _at_meta(hold: HoldView) -> str | None:
    """What Meta said of a block, each word once; nothing for what Meta is not told."""
    words = {
        f"{_AT_META[each.state]} (code {each.error_code})" if each.state == "refused" and each.error_code
        else _AT_META[each.state]
        for each in hold.at_meta
    }  # fmt: skip
    return "; ".join(sorted(words)) or None
