"""The conflict gate: the names of an intake compared with all names of the firm, and what a lawyer decides on the hits.

Invariants: names lie sealed and the index holds keyed hashes alone; a decision belongs to exactly the names and hits
that were compared; a new name has its own intake compared again and flags the matters that it touches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import INTAKE, AuditRecord, operator_actor
from lhwa.domain.ids import ulid
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.intake.choices import ConflictDecision, PartyRole
from lhwa.domain.intake.conflict_check import find_conflicts
from lhwa.domain.intake.party_names import PartyName, parse
from lhwa.domain.intake.states import IntakeState
from lhwa.errors import ConflictError, NotAllowedError, SealError
from lhwa.services.intake.seen_acts import LOOK_AGAIN, require_seen
from lhwa.services.messaging.decisions import who_did
from lhwa.services.messaging.meant import intake_meant
from lhwa.services.messaging.reasons import checked_reason
from lhwa.services.messaging.views import note_read
from lhwa.store.tables.intakes import IntakeRow
from lhwa.store.tables.matters import MatterRow
from lhwa.store.tables.parties import CheckRow, Outcome, PartyRow
from lhwa.store.transaction import Tx

CLEARED = (ConflictDecision.NO_CONFLICT, ConflictDecision.WAIVED)


class Hit(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A name of this intake that is, or could be, a name of another one."""

    name: str
    role: str
    other_name: str
    other_role: str
    other_intake: str
    other_matter: str | None = None
    strength: str
    reasons: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Hit({self.strength})"


class Check(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One comparison as people see it."""

    id: str
    intake_id: str
    compared: int
    """Names of other intakes and matters that it was compared with."""
    hits: tuple[Hit, ...] = ()
    decision: str | None = None
    reason: str | None = None
    is_outdated: bool = False
    """Names have come or gone since: only another check tells all."""


def check_conflicts(tx: Tx, principal: Principal, intake: str) -> Check:
    """Compare the names of an intake with all others now, and keep what was found."""
    principal.require(Permission.RUN_INTAKE)
    row = intake_of(tx, intake)
    if row.state.is_final and row.state is not IntakeState.ACCEPTED:
        says = f"This intake is {row.state.value}: nobody acts on its names."
        raise ConflictError(says, hint="See `lhwa intake list`.")
    return _note_check(tx, row, _hits(tx, row), by=operator_actor(principal.operator))


def decide_conflicts(
    tx: Tx,
    principal: Principal,
    intake: str,
    decision: ConflictDecision,
    *,
    reason: str,
    seen: int | None = None,
    check_seen: str | None = None,
) -> Check:
    """What a lawyer makes of the newest check.

    Args:
        seen: number of the newest act of the intake that the lawyer saw.
        check_seen: id of the check that the lawyer saw.
    Raises: ConflictError when the names or hits have changed since, or the intake went on since it was seen.
    """
    principal.require(Permission.DECIDE_INTAKE)
    row, why = intake_of(tx, intake), checked_reason(reason)
    require_seen(tx, principal, row, seen)
    check = current_check(tx, row)
    if check_seen not in (None, check.id):
        raise ConflictError(
            f"Since you looked: the names were compared again, and {check.hits} look alike.", hint=LOOK_AGAIN
        )
    if not tx.parties.decide(check, decision.value, by=principal.operator, reason=why):
        who = who_did(tx, f"intake:{row.id}", {"conflict.decided": f"said {check.decision}"})
        raise ConflictError(
            f"This check is decided already: {who or check.decision}.",
            hint="Run `lhwa conflict check` for another one.",
        )
    tx.matters.is_checked(row.id)
    data = {"decision": decision.value, "reason": why, "hits": check.hits, "check": check.id}
    tx.audit.append(AuditRecord(operator_actor(principal.operator), "conflict.decided", f"intake:{row.id}", data))
    shown = last_check(tx, row)
    if shown is None:
        raise NotAllowedError(NOT_YOURS)
    return shown


def current_check(tx: Tx, row: IntakeRow) -> CheckRow:
    """The newest check, if it is about the names and hits of this moment.

    Raises: ConflictError when there is none, or something changed since.
    """
    check = tx.parties.last_check(row.id)
    hint = f"Run `lhwa conflict check {row.id}`."
    if check is None:
        raise ConflictError("The names of this intake were never compared.", hint=hint)
    if check.parties != _fingerprint(tx, row):
        raise ConflictError("A party was named since the names were compared.", hint=hint)
    if _hits_of(tx, check) != _hits(tx, row):
        raise ConflictError("Other names of the firm have changed since the names were compared.", hint=hint)
    return check


def needs_check(tx: Tx, row: IntakeRow) -> bool:
    """True when there is no check, or none of this moment's names and hits."""
    try:
        current_check(tx, row)
    except ConflictError:
        return True
    return False


def last_check(tx: Tx, row: IntakeRow) -> Check | None:
    """The newest check as people see it; None when there is none."""
    check = tx.parties.last_check(row.id)
    if check is None:
        return None
    return Check(
        id=check.id,
        intake_id=row.id,
        compared=_others(tx, row),
        hits=_hits_of(tx, check),
        decision=check.decision,
        reason=check.reason or None,
        is_outdated=needs_check(tx, row),
    )


class FlaggedMatter(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A matter that a later name touches."""

    id: str
    intake_id: str
    lawyer: str
    since: str
    title: str | None = None


def flagged_matters(tx: Tx, principal: Principal) -> list[FlaggedMatter]:
    """Matters that wait for another conflict check, the longest first."""
    principal.require(Permission.READ_RECORDS)
    may_read = principal.may(Permission.READ_CONTENT)
    rows = tx.matters.flagged()
    note_read(tx, principal, "matter.read", f"firm:{tx.tenant}", {"count": len(rows)})
    return [
        FlaggedMatter(
            id=row.id,
            intake_id=row.intake,
            lawyer=row.lawyer,
            since=rfc3339_ms(row.needs_check_since_ms or row.opened_at_ms),
            title=_title(tx, row) if may_read else None,
        )
        for row in rows
    ]


def conflict_states(tx: Tx, intakes: Sequence[str]) -> dict[str, str]:
    """Of each intake in one word: `unchecked`, `outdated`, `none`, `found`, `cleared`, `conflict`."""
    outcomes = tx.parties.outcomes(intakes)
    return {intake: _state(outcomes.get(intake)) for intake in intakes}


def _state(check: Outcome | None) -> str:
    if check is None:
        return "unchecked"
    if check.is_outdated:
        return "outdated"
    if check.decision == ConflictDecision.CONFLICT:
        return "conflict"
    if check.decision in CLEARED:
        return "cleared" if check.hits else "none"
    return "found" if check.hits else "none"


def intake_of(tx: Tx, intake: str) -> IntakeRow:
    """One intake by its id. Raises: NotAllowedError, the same for one that is not there and one that is not theirs."""
    row = tx.intakes.get(intake_meant(tx, intake))
    if row is None:
        raise NotAllowedError(NOT_YOURS, hint="See `lhwa intake list`.")
    return row


def compare_again(tx: Tx, row: IntakeRow) -> None:
    """A name is new: an intake that was compared before is compared again, and matters that it touches are flagged."""
    hits = _hits(tx, row)
    if tx.parties.last_check(row.id) is not None or tx.matters.of_intake(row.id) is not None:
        _note_check(tx, row, hits, by=INTAKE)
    for other in dict.fromkeys(hit.other_intake for hit in hits):
        tx.parties.outdate(other)
        if tx.matters.needs_check(other):
            tx.audit.append(AuditRecord(INTAKE, "matter.flagged", f"intake:{other}", {"by": row.id}))


def _note_check(tx: Tx, row: IntakeRow, hits: tuple[Hit, ...], *, by: str) -> Check:
    compared = _others(tx, row)
    check = ulid(tx.now_ms, tx.vault.blind("conflict_check", row.id, str(tx.parties.checks_count(row.id))))
    tx.parties.note_check(
        check,
        contact=row.contact,
        intake=row.id,
        by=by,
        parties=_fingerprint(tx, row),
        hits=len(hits),
        clear=msgspec.json.encode(hits),
    )
    data = {"check": check, "hits": len(hits), "compared": compared}
    tx.audit.append(AuditRecord(by, "conflict.checked", f"intake:{row.id}", data))
    if hits:
        tx.matters.needs_check(row.id)
    return Check(id=check, intake_id=row.id, compared=compared, hits=hits)


class _StoredNames:
    """The firm's other names, as the check looks them up: by keyed hashes, opened only where one is shared."""

    def __init__(self, tx: Tx, row: IntakeRow) -> None:
        self._tx = tx
        self._row = row
        self.seen: dict[str, tuple[PartyRow, str]] = {}
        self._parsed: dict[str, PartyName] = {}
        """One party often shares a key with several names of the intake."""

    def sharing(self, keys: frozenset[str]) -> Iterator[tuple[str, PartyName]]:
        """See `PartyIndex`."""
        for party in self._tx.parties.sharing(keys, besides=self._row.id):
            if party.id not in self._parsed:
                name = name_of(self._tx, party)
                if name is None:
                    continue
                self.seen[party.id] = party, name
                self._parsed[party.id] = parse(name)
            yield party.id, self._parsed[party.id]


def _hits(tx: Tx, row: IntakeRow) -> tuple[Hit, ...]:
    """Every likeness to a name of another intake, the strongest first."""
    found: list[tuple[int, Hit]] = []
    names = _StoredNames(tx, row)
    for party in tx.parties.of_intake(row.id):
        name = name_of(tx, party)
        for likeness in () if name is None else find_conflicts(parse(name), names):
            other, other_name = names.seen[likeness.party_id]
            # One client twice is no conflict; on two sides it is.
            same_side = party.role == other.role == PartyRole.CLIENT
            if name is None or (same_side and _is_same_client(tx, row, other)):
                continue
            matter = tx.matters.of_intake(other.intake)
            hit = Hit(
                name=name,
                role=party.role,
                other_name=other_name,
                other_role=other.role,
                other_intake=other.intake,
                other_matter=None if matter is None else matter.id,
                strength=likeness.match.strength.name.lower(),
                reasons=tuple(likeness.match.reasons),
            )
            found.append((-int(likeness.match.strength), hit))
    return tuple(hit for _, hit in sorted(found, key=lambda each: (each[0], each[1].other_intake, each[1].other_name)))


def _is_same_client(tx: Tx, row: IntakeRow, other: PartyRow) -> bool:
    """True when both intakes are of one person: their own earlier one is no hit."""
    another = tx.intakes.get(other.intake)
    return another is not None and another.contact in {row.contact, *tx.contacts.parts(row.contact)}


def _hits_of(tx: Tx, check: CheckRow) -> tuple[Hit, ...]:
    try:
        return msgspec.json.decode(tx.parties.found(check), type=tuple[Hit, ...])
    except SealError:
        return ()


def _others(tx: Tx, row: IntakeRow) -> int:
    return tx.parties.count() - len(tx.parties.of_intake(row.id))


def _fingerprint(tx: Tx, row: IntakeRow) -> bytes:
    names = [f"{party.role}:{name_of(tx, party)}" for party in tx.parties.of_intake(row.id)]
    return tx.parties.fingerprint(sorted(names))


def _title(tx: Tx, row: MatterRow) -> str | None:
    try:
        return tx.matters.words(row).title
    except SealError:
        return None


def name_of(tx: Tx, party: PartyRow) -> str | None:
    try:
        return tx.parties.name(party)
    except SealError:
        return None
