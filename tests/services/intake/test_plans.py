"""What an intake costs does not grow with the firm's file: its queries follow an index; a list asks nothing twice."""

from __future__ import annotations

import re

from msgspec.structs import replace

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.intake.choices import ConflictDecision
from lhwa.services.intake.conflicts import check_conflicts, decide_conflicts, flagged_matters, intake_of, needs_check
from lhwa.services.intake.moving import tree_of
from lhwa.services.intake.parties import add_party, keep_parties
from lhwa.services.intake.reviewing import accept
from lhwa.services.intake.views import list_intakes, show_intake
from lhwa.services.intake.waiting import pending_intakes
from lhwa.store.transaction import Tx
from lhwa.testing.builders import acting_as
from tests.services.intake.office import Office
from tests.services.intake.test_reviewing import LAWYER, OTHER, STAFF, through
from tests.services.query_plans import asked, careless_steps

AUDITOR = acting_as(Role.AUDITOR)
_OF_INTAKES = re.compile(
    r"\b(?:FROM|UPDATE|JOIN|INTO) (?:intake\w*|party\w*|conflict_check|consent|matter|tree_version)\b"
)
_ALLOWED = {
    "SCAN CONSTANT ROW",
    # Counted along the leaves of an index; no row is read.
    "SCAN party USING COVERING INDEX sqlite_autoindex_party_1",
    # One row for each tree that is in force.
    "SCAN tree_version USING INDEX tree_version_current",
}
_LISTS = (
    "FROM intake WHERE state IN (SELECT value FROM json_each(?)) ORDER BY",
    "FROM intake WHERE 1 ORDER BY seq DESC LIMIT",
)
"""What a person asks for reads as many rows as it shows, or all that are open; once."""


def test_no_query_of_an_intake_reads_a_whole_table(office: Office) -> None:
    with asked(office.store) as queries:
        _decide_about_two(office)
    mine = [sql for sql in queries if _OF_INTAKES.search(sql) and not any(each in sql for each in _LISTS)]
    assert len(mine) > 20
    found = {sql: _careless(office, sql) for sql in mine}
    assert {sql: steps for sql, steps in found.items() if steps} == {}


def test_a_list_asks_as_little_for_many_intakes_as_for_one(office: Office) -> None:
    through(office)
    alone = _queries_of_lists(office)
    for number in range(3):
        through(office, party=Party(wa_id=f"628123000333{number}", profile_name="Contoh Lain"))
    assert len(office.store.write(list_intakes, AUDITOR, everything=False, rows_max=100)) == 4
    assert _queries_of_lists(office) == alone


def _careless(office: Office, sql: str) -> list[str]:
    return [step for step in careless_steps(office.store, sql) if step not in _ALLOWED]


def _queries_of_lists(office: Office) -> int:
    """Asked by whoever reads no names: those are looked up for each row."""
    with asked(office.store) as queries:
        office.store.write(list_intakes, AUDITOR, everything=False, rows_max=100)
        office.store.write(list_intakes, AUDITOR, everything=True, rows_max=100)
        office.store.read(pending_intakes, AUDITOR)
    return queries.total()


def _decide_about_two(office: Office) -> None:
    """Everything that people do with intakes, and a client who changes a name."""
    store = office.store
    old = through(office, name="Budi Santoso Contoh", opponent="Siti Contoh")
    store.write(check_conflicts, LAWYER, old)
    store.write(accept, LAWYER, old, reason="clear case")
    new = through(office, name="Siti Contoh", opponent="Budi Santoso Contoh", party=OTHER)
    store.write(check_conflicts, STAFF, new)
    store.write(decide_conflicts, LAWYER, new, ConflictDecision.WAIVED, reason="both agreed in writing")
    store.write(add_party, STAFF, new, name="Siti Contoh", role="related")
    store.read(lambda tx: needs_check(tx, intake_of(tx, new)))
    store.write(_name_another, new)
    store.write(flagged_matters, LAWYER)
    for everything in (False, True):
        store.write(list_intakes, LAWYER, everything=everything, rows_max=10)
    store.write(show_intake, LAWYER, new)
    store.read(pending_intakes, LAWYER)


def _name_another(tx: Tx, intake: str) -> None:
    """As a client who answers the question of the opponent once more."""
    row = intake_of(tx, intake)
    session = tx.intakes.session(row)
    answer = replace(session.answers["opponent"], value="Contoh Pengganti")
    keep_parties(tx, row, tree_of(tx, row), replace(session, answers={**session.answers, "opponent": answer}))
