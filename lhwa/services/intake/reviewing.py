"""What people do with an intake: take it over, ask for more, assign, accept, reject.

Invariants: only a lawyer accepts or rejects; nothing is accepted without a check of its names that a lawyer decided;
a rejection sends nothing by itself.
"""

from __future__ import annotations

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.ids import ulid
from lhwa.domain.intake.choices import RejectionCode
from lhwa.domain.intake.session import Decided, Decision
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.text import safe_text
from lhwa.errors import ConflictError, UsageError
from lhwa.services.intake.conflicts import CLEARED, check_conflicts, current_check, intake_of, needs_check
from lhwa.services.intake.moving import is_readable, move, tree_of
from lhwa.services.intake.seen_acts import require_open, require_seen
from lhwa.services.messaging.reasons import checked_reason
from lhwa.store.tables.intakes import IntakeRow
from lhwa.store.tables.matters import MatterWords
from lhwa.store.transaction import Tx

TITLE_CHARS_MAX = 200


class Accepted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of an intake."""

    id: str
    state: str
    matter_id: str


class Rejected(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of an intake, and a text that a person may send."""

    id: str
    state: str
    contact_id: str
    closing_text: str
    """Approved with the tree; nothing sends it but a person."""


def take_over(tx: Tx, principal: Principal, intake: str) -> IntakeRow:
    """A person speaks with the client from here on; the tree is silent."""
    return _act(tx, principal, intake, Decision.TAKE_OVER, Permission.RUN_INTAKE)


def hand_back(tx: Tx, principal: Principal, intake: str) -> IntakeRow:
    """The tree goes on where it was."""
    return _act(tx, principal, intake, Decision.HAND_BACK, Permission.RUN_INTAKE)


def ask_more(tx: Tx, principal: Principal, intake: str, *, question: str, seen: int | None = None) -> IntakeRow:
    """Have one of the tree's own questions put to the client: people write no questions past the approved ones.

    Args:
        question: its node.
        seen: as for `accept`.
    """
    return _act(tx, principal, intake, Decision.ASK, Permission.DECIDE_INTAKE, node=question, seen=seen)


def assign(tx: Tx, principal: Principal, intake: str, *, operator: str) -> IntakeRow:
    """Say whose intake it is; one that waits is under review from here on."""
    principal.require(Permission.RUN_INTAKE)
    row = intake_of(tx, intake)
    require_open(tx, row)
    tx.intakes.assign(row, operator)
    data = {"to": operator}
    tx.audit.append(AuditRecord(operator_actor(principal.operator), "intake.assigned", f"intake:{row.id}", data))
    if row.state is IntakeState.SUBMITTED or (row.state is IntakeState.IN_PROGRESS and row.is_with_person):
        return _move(tx, principal, row, Decision.REVIEW)
    return intake_of(tx, intake)


def prepare_acceptance(tx: Tx, principal: Principal, intake: str, *, seen: int | None = None) -> bool:
    """Compare the names of an intake that is about to be accepted, unless they are compared as of now.

    Returns: True when they were compared only by this, so that nobody can have seen what was found.
    Raises: NotAllowedError for those who may not accept; ConflictError for what cannot be accepted. Nothing is written
        then.
    """
    principal.require(Permission.DECIDE_INTAKE)
    row = intake_of(tx, intake)
    require_seen(tx, principal, row, seen)
    _require_acceptable(tx, row)
    is_due = needs_check(tx, row)
    if is_due:
        check_conflicts(tx, principal, row.id)
    return is_due


def accept(
    tx: Tx,
    principal: Principal,
    intake: str,
    *,
    reason: str,
    title: str | None = None,
    lawyer: str | None = None,
    external_reference: str | None = None,
    seen: int | None = None,
) -> Accepted:
    """Take the client: the intake becomes a matter.

    A check without a hit that nobody decided is decided by this, with its reason.

    Args:
        title: of the matter; the tree and the day when nothing is said.
        lawyer: the operator who is responsible; whoever accepts when nobody is named.
        external_reference: its name in the firm's system of record.
        seen: number of the newest act of the intake that the lawyer saw; None when nobody says.
    Raises: ConflictError when the names were not compared, or their hits are not cleared; when the intake went on since
        it was seen, with what happened.
    """
    principal.require(Permission.DECIDE_INTAKE)
    row, why = intake_of(tx, intake), checked_reason(reason)
    require_seen(tx, principal, row, seen)
    _require_acceptable(tx, row)
    _require_cleared(tx, principal, row, reason=why)
    if row.state in (IntakeState.SUBMITTED, IntakeState.IN_PROGRESS):
        row = _move(tx, principal, row, Decision.REVIEW)
    row = _move(tx, principal, row, Decision.ACCEPT, reason=why)
    matter = ulid(tx.now_ms, tx.vault.blind("matter", row.id))
    words = MatterWords(
        title=_plain(title, "title") or f"{row.tree} {tx.now:%Y-%m-%d}",
        external_reference=_plain(external_reference, "reference"),
    )
    responsible = lawyer or row.assigned_to or principal.operator
    tx.matters.open(matter, words, intake=row.id, contact=row.contact, lawyer=responsible, by=principal.operator)
    data = {"intake": row.id, "lawyer": responsible}
    tx.audit.append(AuditRecord(operator_actor(principal.operator), "matter.opened", f"matter:{matter}", data))
    return Accepted(id=row.id, state=row.state.value, matter_id=matter)


def reject(
    tx: Tx, principal: Principal, intake: str, *, code: RejectionCode, reason: str, seen: int | None = None
) -> Rejected:
    """Do not take the client. Nothing is sent: the closing text is only offered.

    Args:
        code: the kind of reason.
        reason: in a person's words.
        seen: as for `accept`.
    """
    principal.require(Permission.DECIDE_INTAKE)
    row, why = intake_of(tx, intake), checked_reason(reason)
    require_seen(tx, principal, row, seen)
    require_open(tx, row)
    row = _move(tx, principal, row, Decision.REJECT, reason=f"{code.value}: {why}")
    text = tree_of(tx, row).phrases.closing.in_language(tx.intakes.session(row).language)
    return Rejected(id=row.id, state=row.state.value, contact_id=row.contact, closing_text=text)


def _require_acceptable(tx: Tx, row: IntakeRow) -> None:
    """What the client has not agreed to, or a tree still asks about, is not accepted behind their back."""
    require_open(tx, row)
    if row.state in (IntakeState.NEW, IntakeState.AWAITING_CONSENT):
        raise ConflictError("The client has not agreed to anything yet.", hint="Ask them, or reject the intake.")
    if row.state is IntakeState.IN_PROGRESS and not row.is_with_person:
        hint = f"To decide on what there is, take it over first: lhwa intake take-over {row.id}"
        raise ConflictError("The client is still being asked.", hint=hint)


def _require_cleared(tx: Tx, principal: Principal, row: IntakeRow, *, reason: str) -> None:
    check = current_check(tx, row)
    if check.decision is None and check.hits == 0:
        tx.parties.decide(check, "no_conflict", by=principal.operator, reason=reason)
        data = {"decision": "no_conflict", "reason": reason, "hits": 0, "check": check.id}
        actor = operator_actor(principal.operator)
        tx.audit.append(AuditRecord(actor, "conflict.decided", f"intake:{row.id}", data))
        return
    if check.decision is None:
        raise ConflictError(
            f"{check.hits} names look like names of other matters or intakes, and nobody has decided on them.",
            hint=f"Look at them: `lhwa conflict check {row.id}`. A lawyer decides: no_conflict, waived or conflict.",
        )
    if check.decision not in CLEARED:
        raise ConflictError("A lawyer found a conflict of interest.", hint="Reject the intake, or check it again.")


def _act(
    tx: Tx,
    principal: Principal,
    intake: str,
    what: Decision,
    permission: Permission,
    *,
    node: str | None = None,
    seen: int | None = None,
) -> IntakeRow:
    principal.require(permission)
    row = intake_of(tx, intake)
    require_seen(tx, principal, row, seen)
    return _move(tx, principal, row, what, node=node)


def _move(
    tx: Tx, principal: Principal, row: IntakeRow, what: Decision, *, node: str | None = None, reason: str = ""
) -> IntakeRow:
    if not is_readable(tx, row):
        raise ConflictError(
            "Nothing of this intake can be read any more: its client was erased.",
            hint="It ends by itself when its time is over, or when the client writes again.",
        )
    act = Decided(what=what, operator=principal.operator, at_ms=tx.now_ms, node=node)
    return move(tx, row, act, at_ms=tx.now_ms, actor=operator_actor(principal.operator), reason=reason)


def _plain(text: str | None, what: str) -> str | None:
    if text is None:
        return None
    plain = " ".join(text.split())
    if not plain or len(plain) > TITLE_CHARS_MAX or safe_text(plain, newlines=False) != plain:
        raise UsageError(f"The {what} has 1 to {TITLE_CHARS_MAX} printable characters.")
    return plain
