"""The parties of an intake: named by answers or by hand, compared at once, forgotten with the consent."""

from __future__ import annotations

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import INTAKE, AuditRecord, operator_actor
from lhwa.domain.ids import ulid
from lhwa.domain.intake.choices import PartyRole
from lhwa.domain.intake.name_views import blocking_keys
from lhwa.domain.intake.party_names import parse
from lhwa.domain.intake.session import Session
from lhwa.domain.intake.trees import Question, Tree
from lhwa.domain.text import safe_text
from lhwa.errors import UsageError
from lhwa.services.intake.conflicts import compare_again, intake_of, name_of
from lhwa.store.tables.intakes import IntakeRow
from lhwa.store.transaction import Tx

NAME_CHARS_MAX = 200


def add_party(tx: Tx, principal: Principal, intake: str, *, name: str, role: str) -> str:
    """Name a party by hand. Returns its id. Raises: UsageError for what cannot be a name."""
    principal.require(Permission.RUN_INTAKE)
    row = intake_of(tx, intake)
    wanted = " ".join(name.split())
    if not wanted or len(wanted) > NAME_CHARS_MAX or safe_text(wanted, newlines=False) != wanted:
        raise UsageError(f"A name has 1 to {NAME_CHARS_MAX} printable characters.", hint='Give --name "Contoh Nama".')
    if role not in {each.value for each in PartyRole}:
        raise UsageError("There is no such role.", hint="One of: client, opponent, related.")
    party = _add(tx, row, wanted, role=role, node=None, by=principal.operator)
    compare_again(tx, row)
    return party


def keep_parties(tx: Tx, row: IntakeRow, tree: Tree, session: Session) -> None:
    """Let the parties of an intake be those that its answers name now."""
    known = {party.node: party for party in tx.parties.of_intake(row.id) if party.node is not None}
    changed = False
    for node in tree.nodes:
        if not isinstance(node, Question) or node.party is None:
            continue
        # What lies on a way that the client left again names nobody.
        given = session.answers.get(node.id) if node.id in session.path else None
        party = known.get(node.id)
        name = None if given is None else " ".join(given.value.split())[:NAME_CHARS_MAX]
        before = None if party is None else name_of(tx, party)
        if party is not None and (name is None or before != name):
            tx.parties.end(party, keys=None if before is None else blocking_keys(parse(before)))
            party = None
        if name and party is None:
            _add(tx, row, name, role=node.party.value, node=node.id, by=None)
            changed = True
    if changed:
        compare_again(tx, row)


def forget_parties(tx: Tx, row: IntakeRow) -> None:
    """A client took the consent back: their names are no longer looked for."""
    for party in tx.parties.of_intake(row.id):
        name = name_of(tx, party)
        tx.parties.end(party, keys=None if name is None else blocking_keys(parse(name)))


def _add(tx: Tx, row: IntakeRow, name: str, *, role: str, node: str | None, by: str | None) -> str:
    party = ulid(tx.now_ms, tx.vault.blind("party", row.id, role, node or "", name, str(tx.parties.last_seq())))
    keys = blocking_keys(parse(name))
    tx.parties.add(party, contact=row.contact, intake=row.id, role=role, name=name, keys=keys, node=node, added_by=by)
    actor = INTAKE if by is None else operator_actor(by)
    tx.audit.append(AuditRecord(actor, "party.named", f"intake:{row.id}", {"party": party, "role": role}))
    return party
