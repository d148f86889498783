"""A decision is about what somebody saw: what happened since stops it, and is told in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import OperatorId
from lhwa.domain.intake.choices import ConflictDecision, PartyRole, RejectionCode
from lhwa.domain.messages import MessageType
from lhwa.errors import ConflictError, UsageError
from lhwa.services.intake.conflicts import check_conflicts, decide_conflicts
from lhwa.services.intake.parties import add_party
from lhwa.services.intake.publishing import decline_tree, publish_tree
from lhwa.services.intake.reviewing import accept, ask_more, assign, hand_back, prepare_acceptance, reject, take_over
from lhwa.services.intake.seen_acts import require_seen
from lhwa.services.intake.views import show_intake
from lhwa.testing.builders import FIRM
from tests.services.intake.office import Office

SARI, BUDI = (Principal(OperatorId(name), FIRM, Role.LAWYER) for name in ("sari", "budi"))
SECRET = "Rahasia Contoh Wijaya"
FILE = {"type": MessageType.DOCUMENT, "wire_type": "document", "content": {"type": "document", "document": {"id": "1"}}}

Decide = Callable[[Office, str, int | None], Any]
DECISIONS: dict[str, Decide] = {
    "accept": lambda office, intake, seen: office.store.write(accept, SARI, intake, reason="x", seen=seen),
    "prepare": lambda office, intake, seen: office.store.write(prepare_acceptance, SARI, intake, seen=seen),
    "reject": lambda office, intake, seen: office.store.write(
        reject, SARI, intake, code=RejectionCode.OTHER, reason="x", seen=seen
    ),
    "ask": lambda office, intake, seen: office.store.write(ask_more, SARI, intake, question="children", seen=seen),
    "conflicts": lambda office, intake, seen: office.store.write(
        decide_conflicts, SARI, intake, ConflictDecision.NO_CONFLICT, reason="x", seen=seen
    ),
}


@pytest.fixture
def intake(office: Office) -> str:
    """A client has given a name, and a person has taken over."""
    office.says("Selamat malam")
    office.taps("agree")
    office.says(SECRET)
    office.store.write(take_over, SARI, office.intake().id)
    return office.intake().id


def acts(office: Office) -> int:
    return office.store.write(show_intake, SARI, office.intake().id).as_of_act


def since(office: Office, intake: str, seen: int) -> str:
    with pytest.raises(ConflictError) as refused:
        DECISIONS["reject"](office, intake, seen)
    assert refused.value.hint
    return str(refused.value)


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)
def test_a_decision_stands_when_nothing_happened_since_it_was_seen(office: Office, intake: str, decide: Decide) -> None:
    office.store.write(check_conflicts, SARI, intake)
    seen = acts(office)
    office.store.write(assign, SARI, intake, operator="sari")
    assert acts(office) > seen, "what the person did themselves is known to them"
    decide(office, intake, seen)


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)
def test_a_decision_falls_when_the_client_went_on(office: Office, intake: str, decide: Decide) -> None:
    office.store.write(check_conflicts, SARI, intake)
    office.store.write(assign, SARI, intake, operator="sari")
    seen = acts(office)
    office.says(SECRET)
    audited = office.store.read(lambda tx: tx.audit.frontier().size)
    with pytest.raises(ConflictError, match="Since you looked: the client wrote") as refused:
        decide(office, intake, seen)
    assert SECRET not in str(refused.value)
    assert office.store.read(lambda tx: tx.audit.frontier().size) == audited, "nothing was written"
    decide(office, intake, None)


@pytest.mark.parametrize("seen", [0, -1, 99])
def test_an_act_that_there_is_not_was_not_seen(office: Office, intake: str, seen: int) -> None:
    with pytest.raises(UsageError):
        DECISIONS["reject"](office, intake, seen)


def told(office: Office, *, seen: int, who: Principal = BUDI) -> str:
    """What somebody hears who looked as of an act; empty when nothing keeps them from deciding."""
    row = office.intake()
    try:
        office.store.read(require_seen, who, row, seen)
    except ConflictError as refused:
        return str(refused).removeprefix("Since you looked: ")
    return ""


def test_everything_that_can_happen_is_told_in_plain_words(office: Office) -> None:
    office.says("Selamat malam")
    happened: list[str] = []

    def then(*_done: object) -> None:
        happened.append(told(office, seen=acts(office) - 1))

    then(office.taps("agree"))
    then(office.says(SECRET, wamid="wamid.NAME"))
    then(office.says("Contoh Lain", type=MessageType.EDIT, wire_type="edit", target_wamid="wamid.NAME"))
    then(office.says(None, type=MessageType.REVOKE, wire_type="revoke", target_wamid="wamid.NAME"))
    then(office.says(None, **FILE))
    then(office.store.write(take_over, SARI, office.intake().id))
    then(office.says(SECRET))
    then(office.says(None, **FILE))
    then(office.store.write(hand_back, SARI, office.intake().id))
    then(office.taps("family"))
    office.clock.advance(24 * 3_600)
    office.run_jobs()
    then()
    then(office.says("ya"))
    then(office.taps("decline"))
    then(office.store.write(assign, SARI, office.intake().id, operator="budi"))
    then(office.store.write(ask_more, SARI, office.intake().id, question="children"))
    office.post()
    then(office.says("tidak"))
    then(office.says("BERHENTI"))
    assert happened == [
        "the client agreed to 'consent'.",
        "the client answered 'name'.",
        "the client edited a message.",
        "the client deleted a message.",
        "a file came.",
        "sari took it over.",
        "the client wrote.",
        "a file came.",
        "sari handed it back.",
        "the client answered 'area'.",
        "the client was reminded.",
        "the client answered 'children'.",
        "the client declined 'news'.",
        "sari took it into review.",
        "sari had 'children' asked.",
        "the client answered 'children'.",
        "the client withdrew the consent.",
    ]
    assert told(office, seen=1).endswith("; and 10 more.")
    assert SECRET not in told(office, seen=1)


def test_of_an_intake_that_has_ended_it_is_told_what_ended_it(office: Office, intake: str) -> None:
    office.store.write(reject, BUDI, intake, code=RejectionCode.OTHER, reason="x")
    office.clock.advance(2 * 3_600)
    assert since(office, intake, acts(office) - 1) == "Since you looked: budi rejected it."
    for decide in ("accept", "reject", "prepare"):
        with pytest.raises(ConflictError, match="This intake is rejected: budi rejected it 2 hours ago") as refused:
            DECISIONS[decide](office, intake, None)
        assert refused.value.hint


def test_of_an_intake_that_ended_in_silence_no_person_is_named(office: Office) -> None:
    office.says("Selamat malam")
    intake = office.intake().id
    for _reminded in range(20):
        office.clock.advance(24 * 3_600)
        office.run_jobs()
    with pytest.raises(ConflictError, match=r"This intake is expired: it expired \d+ days ago"):
        DECISIONS["reject"](office, intake, None)


def test_a_check_that_somebody_did_not_see_is_not_decided(office: Office, intake: str) -> None:
    seen = office.store.write(check_conflicts, SARI, intake).id
    office.clock.advance(1)
    newer = office.store.write(check_conflicts, BUDI, intake).id
    verdict = ConflictDecision.NO_CONFLICT
    with pytest.raises(ConflictError, match="Since you looked: the names were compared again, and 0 look alike"):
        office.store.write(decide_conflicts, SARI, intake, verdict, reason="x", check_seen=seen)
    office.store.write(decide_conflicts, BUDI, intake, verdict, reason="x", check_seen=newer)
    with pytest.raises(ConflictError, match="decided already: budi said no_conflict just now"):
        office.store.write(decide_conflicts, SARI, intake, verdict, reason="x", check_seen=newer)


def test_a_party_that_came_since_still_needs_another_check(office: Office, intake: str) -> None:
    office.store.write(check_conflicts, SARI, intake)
    office.store.write(add_party, BUDI, intake, name="PT Contoh Lawan", role=PartyRole.OPPONENT.value)
    office.store.write(decide_conflicts, SARI, intake, ConflictDecision.NO_CONFLICT, reason="x", seen=acts(office))


def test_who_decides_on_a_tree_too_late_is_told_who_did(office: Office) -> None:
    tree = office.store.read(lambda tx: tx.trees.all())[0].id
    for decide in (publish_tree, lambda tx, who, tree: decline_tree(tx, who, tree, reason="x")):
        with pytest.raises(ConflictError, match="Last decision: contoh-owner published it just now"):
            office.store.write(decide, BUDI, tree)
