"""Something done at the inbox, as a row of a table: what it is done to, what is typed, and what is so afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lhwa.domain.ids import ContactId
from lhwa.store.transaction import Tx
from lhwa.tui.acts import Kind
from tests.tui.place import SECOND

NOTE = "Telepon pengadilan dulu."
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


def outbound_is(name: str, state: str) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        row = tx.outbox.get(ids[name])
        return row is not None and row.state.value == state

    return holds


def intake_is(name: str, **facts: Any) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        row = tx.intakes.get(ids[name])
        return row is not None and all(getattr(row, fact) == value for fact, value in facts.items())

    return holds


def assigned(*names: str) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        rows = [tx.conversations.get(ids[name]) for name in names]
        return all(row is not None and row.assigned_to == SECOND for row in rows)

    return holds


def checked_again(tx: Tx, ids: Ids) -> bool:
    return tx.parties.checks_count(ids["intake.submitted"]) == 2


def conflict_is(decision: str) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        check = tx.parties.last_check(ids["intake.submitted"])
        return check is not None and check.decision == decision

    return holds


def party_named(tx: Tx, ids: Ids) -> bool:
    rows = tx.parties.of_intake(ids["intake.submitted"])
    return ("PT Contoh Jaya", "related") in [(tx.parties.name(row), row.role) for row in rows]


def held(kind: str, *, is_on: bool = True) -> Holds:
    return lambda tx, ids: (kind in tx.restrictions.of(ContactId(ids["contact.open"]))) is is_on


def unread(*names: str, some: bool) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        rows = [tx.conversations.get(ids[name]) for name in names]
        return all(row is not None and (row.unread > 0) is some for row in rows)

    return holds


def noted(tx: Tx, ids: Ids) -> bool:
    return NOTE in [tx.notes.text(row) for row in tx.notes.of_conversation(ids["thread.open"])]


def tree_is(state: str) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        row = tx.trees.get(ids["tree"])
        return row is not None and row.state == state

    return holds


def template_is(state: str) -> Holds:
    def holds(tx: Tx, ids: Ids) -> bool:
        row = tx.templates.submission(ids["template"])
        return row is not None and row.state.value == state

    return holds


def acknowledged(tx: Tx, ids: Ids) -> bool:
    return len(tx.acknowledged_alerts.by_whom([ids["alert"]])) == 1
