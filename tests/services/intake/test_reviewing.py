"""What people do with an intake, and the conflict gate before an acceptance."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.intake.choices import ConflictDecision, RejectionCode
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.intake.trees import Branch, Condition, Consent, Question
from lhwa.domain.intake.wording import AnswerKind
from lhwa.domain.outbound import OutboundState
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.services.intake.conflicts import check_conflicts, decide_conflicts, last_check, needs_check
from lhwa.services.intake.parties import add_party
from lhwa.services.intake.reviewing import (
    accept,
    ask_more,
    assign,
    hand_back,
    prepare_acceptance,
    reject,
    take_over,
)
from lhwa.services.intake.views import list_intakes
from lhwa.services.intake.waiting import pending_intakes
from lhwa.testing.builders import acting_as
from lhwa.testing.intake import SMALL_TREE, words
from tests.services.intake.office import Office

LAWYER, STAFF, OWNER = (acting_as(role) for role in (Role.LAWYER, Role.STAFF, Role.OWNER))
NODES = SMALL_TREE.nodes
OTHER = Party(wa_id="6281230002222", bsuid="ID.99001122334455", profile_name="Contoh Lain")


def through(
    office: Office, *, name: str = "Rina Contoh", opponent: str | None = None, party: Party | None = None
) -> str:
    """A client answers everything; returns the id of the intake."""
    who: dict[str, Any] = {} if party is None else {"party": party}
    office.says("Selamat malam", **who)
    office.taps("agree", **who)
    office.says(name, **who)
    if opponent is None:
        office.taps("family", **who)
        office.says("ya", **who)
    else:
        office.taps("land", **who)
        office.says(opponent, **who)
        office.says("17-08-2026", **who)
        office.taps("skip", **who)
    office.taps("decline", **who)
    assert office.intake().state is IntakeState.SUBMITTED
    return office.intake().id


def accepted(office: Office, intake: str) -> str:
    office.store.write(check_conflicts, LAWYER, intake)
    return office.store.write(accept, LAWYER, intake, reason="clear case").matter_id


def test_nothing_is_accepted_before_the_names_were_compared(office: Office) -> None:
    intake = through(office)
    with pytest.raises(ConflictError, match="never compared"):
        office.store.write(accept, LAWYER, intake, reason="clear case")
    matter = accepted(office, intake)
    assert office.intake().state is IntakeState.ACCEPTED
    row = office.store.read(lambda tx: tx.matters.of_intake(intake))
    assert row is not None
    assert (row.id, row.lawyer) == (matter, LAWYER.operator)
    with pytest.raises(ConflictError, match="accepted"):
        office.store.write(accept, LAWYER, intake, reason="once more")
    (decided,) = office.audited("conflict.decided")
    assert decided["data"]["reason"] == "clear case"


@pytest.mark.parametrize(
    "who", [STAFF, OWNER, acting_as(Role.FINANCE), acting_as(Role.AUDITOR), acting_as(Role.SERVICE)]
)
def test_only_a_lawyer_accepts_rejects_or_decides(office: Office, who: Any) -> None:
    intake = through(office)
    office.store.write(check_conflicts, LAWYER, intake)
    acts: list[tuple[Any, dict[str, Any]]] = [
        (accept, {"reason": "x"}),
        (reject, {"code": RejectionCode.OTHER, "reason": "x"}),
        (ask_more, {"question": "date"}),
    ]
    for act, facts in acts:
        with pytest.raises(NotAllowedError):
            office.store.write(act, who, intake, **facts)
    with pytest.raises(NotAllowedError):
        office.store.write(decide_conflicts, who, intake, ConflictDecision.WAIVED, reason="x")


def test_an_opponent_who_is_a_client_stops_the_acceptance_until_a_lawyer_decides(office: Office) -> None:
    accepted(office, through(office, name="Drs. H. Soeharto Tjokro, S.H."))
    intake = through(office, name="Rina Contoh", opponent="suharto cokro", party=OTHER)
    check = office.store.write(check_conflicts, STAFF, intake)
    (hit,) = check.hits
    assert (hit.role, hit.other_role, hit.strength) == ("opponent", "client", "same_after_rules")
    assert any("old spelling" in reason for reason in hit.reasons)
    with pytest.raises(ConflictError, match="nobody has decided"):
        office.store.write(accept, LAWYER, intake, reason="clear case")
    office.store.write(decide_conflicts, LAWYER, intake, ConflictDecision.CONFLICT, reason="he is our client")
    with pytest.raises(ConflictError, match="conflict of interest"):
        office.store.write(accept, LAWYER, intake, reason="clear case")
    office.store.write(check_conflicts, LAWYER, intake)
    office.store.write(decide_conflicts, LAWYER, intake, ConflictDecision.WAIVED, reason="both agreed in writing")
    assert office.store.write(accept, LAWYER, intake, reason="clear case").state == "accepted"


def test_a_party_that_is_named_later_is_compared_again_and_flags_old_matters(office: Office) -> None:
    old = through(office, name="Budi Santoso Contoh")
    accepted(office, old)
    new = through(office, name="Rina Contoh", party=OTHER)
    office.store.write(check_conflicts, LAWYER, new)
    assert office.store.read(lambda tx: tx.matters.flagged()) == []
    office.store.write(add_party, STAFF, new, name="Budi Santoso Contoh", role="opponent")
    (flagged,) = office.store.read(lambda tx: tx.matters.flagged())
    assert flagged.intake == old
    check = office.store.read(lambda tx: last_check(tx, tx.intakes.get(new)))  # type: ignore[arg-type]  # it is there
    assert check is not None
    assert len(check.hits) == 1
    with pytest.raises(ConflictError, match="nobody has decided"):
        office.store.write(accept, LAWYER, new, reason="clear case")


def test_a_decision_is_worth_nothing_once_other_names_have_come(office: Office) -> None:
    intake = through(office, name="Budi Santoso Contoh")
    office.store.write(check_conflicts, LAWYER, intake)
    office.store.write(
        decide_conflicts, LAWYER, intake, ConflictDecision.NO_CONFLICT, reason="nobody else has the name"
    )
    other = through(office, name="Rina Contoh", party=OTHER)
    office.store.write(add_party, STAFF, other, name="BUDI SANTOSO CONTOH, S.E.", role="opponent")
    with pytest.raises(ConflictError, match="have changed"):
        office.store.write(accept, LAWYER, intake, reason="clear case")
    row = office.store.read(lambda tx: tx.intakes.get(intake))
    assert row is not None
    assert office.store.read(needs_check, row)


def test_the_name_index_holds_no_name_in_clear(office: Office) -> None:
    through(office, name="Zulkarnaen Contohwati")
    for path in (office.store._database, office.store._database.with_name("tenant.db-wal")):
        held = path.read_bytes().lower()
        assert b"zulkarnaen" not in held
        assert b"contohwati" not in held


def test_a_person_takes_over_and_hands_back(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    intake = office.intake().id
    office.store.write(take_over, STAFF, intake)
    assert office.intake().due_at_ms is None
    assert office.says("Saya Rina") == []
    office.store.write(hand_back, STAFF, intake)
    assert office.post() == ["Name? (id)\n\n_Ketik ORANG untuk bicara dengan staf_"]
    assert office.intake().due_at_ms is not None
    office.says("Rina Contoh")
    assert office.session().answers["name"].value == "Rina Contoh"


def test_a_lawyer_has_another_question_asked(office: Office) -> None:
    intake = through(office)
    office.store.write(ask_more, LAWYER, intake, question="date")
    assert office.intake().state is IntakeState.NEEDS_INFO
    assert office.post()[0].startswith("When?")
    office.says("17-08-2026")
    assert office.intake().state is IntakeState.UNDER_REVIEW
    with pytest.raises(ConflictError, match="no such question"):
        office.store.write(ask_more, LAWYER, intake, question="consent")


def test_a_rejection_sends_nothing_and_offers_a_text(office: Office) -> None:
    intake = through(office)
    before = len(office.outbox())
    done = office.store.write(reject, LAWYER, intake, code=RejectionCode.NO_CAPACITY, reason="no lawyer is free")
    assert done.state == "rejected"
    assert done.closing_text
    assert len(office.outbox()) == before
    with pytest.raises(UsageError):
        office.store.write(reject, LAWYER, intake, code=RejectionCode.OTHER, reason="")


def test_an_assigned_intake_is_under_review(office: Office) -> None:
    intake = through(office)
    row = office.store.write(assign, STAFF, intake, operator="contoh-lawyer")
    assert (row.state, row.assigned_to) == (IntakeState.UNDER_REVIEW, "contoh-lawyer")


def test_who_is_a_client_already_is_not_asked_again(office: Office) -> None:
    accepted(office, through(office))
    assert office.says("Selamat pagi, ada kabar?") == []
    assert len(office.intakes()) == 1


def test_a_consent_can_be_taken_back_after_the_decision(office: Office) -> None:
    accepted(office, through(office))
    office.says("berhenti")
    assert office.intake().state is IntakeState.ACCEPTED
    ledger = office.store.read(lambda tx: [row.what for row in tx.consents.newest(rows_max=10)])
    assert ledger == ["withdrawn", "refused", "given"]


@pytest.mark.parametrize(("answer", "is_asked"), [("agree", True), ("decline", False)])
def test_a_question_behind_a_refused_notice_is_not_put_by_a_lawyer(
    empty_office: Office,
    answer: str,
    is_asked: bool,  # noqa: FBT001 -- a parameter
) -> None:
    office = empty_office
    health = Question(id="health", kind=AnswerKind.TEXT, text=words("Health?"), next=(Branch(to="review"),))
    ways = (Branch(to="health", when=Condition(node="news", is_one_of=("yes",))), Branch(to="review"))
    nodes = [replace(node, next=ways) if isinstance(node, Consent) and node.id == "news" else node for node in NODES]
    office.publish(replace(SMALL_TREE, nodes=(*nodes, health)))
    office.says("Selamat malam")
    office.taps("agree")
    office.says("Rina Contoh")
    office.taps("family")
    office.says("ya")
    office.taps(answer)
    if is_asked:
        office.says("Sehat")
    intake = office.intake().id
    office.store.write(ask_more, LAWYER, intake, question="name")
    if is_asked:
        office.store.write(ask_more, LAWYER, intake, question="health")
    else:
        with pytest.raises(ConflictError, match="has not agreed"):
            office.store.write(ask_more, LAWYER, intake, question="health")


def test_a_limit_hides_no_urgent_intake_behind_newer_ones(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.says("Rina Contoh, suami saya ditahan polisi")
    urgent = office.intake().id
    for number in range(3):
        office.says("Selamat malam", party=Party(wa_id=f"628123000444{number}"))
    for everything in (False, True):
        shown = office.store.write(list_intakes, LAWYER, everything=everything, rows_max=2)
        assert shown[0].id == urgent
        assert len(shown) == 2
    every = office.store.write(list_intakes, LAWYER, everything=True, rows_max=99)
    assert len(every) == 4
    assert every[1].started_at < every[2].started_at < every[3].started_at


@pytest.mark.parametrize("ending", ["reject", "take over"])
def test_a_question_that_has_not_left_stays_here_when_nobody_waits_for_its_answer(office: Office, ending: str) -> None:
    intake = through(office)
    office.clock.advance(60)
    office.store.write(ask_more, LAWYER, intake, question="name")
    if ending == "reject":
        office.store.write(reject, LAWYER, intake, code=RejectionCode.NO_CAPACITY, reason="Nobody is free")
    else:
        office.store.write(take_over, LAWYER, intake)
    assert office.post() == []
    assert office.outbox()[-1].state is OutboundState.CANCELLED
    if ending == "take over":
        office.store.write(hand_back, LAWYER, intake)
        assert [text.split("\n")[0] for text in office.post()] == ["Name? (id)"]


def test_what_a_client_left_behind_names_no_party(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.says("Rina Contoh")
    office.taps("land")
    office.says("PT Lawan Contoh")
    assert names(office) == {"Rina Contoh", "PT Lawan Contoh"}
    office.says("kembali")
    office.says("kembali")
    office.taps("family")
    office.says("ya")
    assert names(office) == {"Rina Contoh"}


def test_who_withdraws_is_no_longer_looked_for(office: Office) -> None:
    intake = through(office, name="Zulkarnaen Contoh")
    office.says("berhenti")
    assert names(office) == set()
    with pytest.raises(ConflictError, match="withdrawn"):
        office.store.write(check_conflicts, LAWYER, intake)


def test_who_may_not_accept_leaves_no_check_behind(office: Office) -> None:
    intake = through(office)
    for who in (STAFF, OWNER):
        with pytest.raises(NotAllowedError):
            office.store.write(prepare_acceptance, who, intake)
    assert office.audited("conflict.checked") == []
    office.store.write(prepare_acceptance, LAWYER, intake)
    assert len(office.audited("conflict.checked")) == 1


def test_a_client_who_wants_a_person_is_accepted_by_one(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.says("Rina Contoh")
    intake = office.intake().id
    office.store.write(check_conflicts, LAWYER, intake)
    with pytest.raises(ConflictError, match="still being asked"):
        office.store.write(accept, LAWYER, intake, reason="spoke with her")
    office.says("orang")
    assert [each.id for each in office.store.read(pending_intakes, LAWYER)] == [intake]
    assert office.store.write(accept, LAWYER, intake, reason="spoke with her").state == "accepted"


def test_no_on_an_old_notice_takes_the_consent_back(office: Office) -> None:
    through(office)
    office.taps("decline", node="consent")
    assert office.intake().state is IntakeState.WITHDRAWN


def names(office: Office) -> set[str]:
    row = office.intake()
    return set(office.store.read(lambda tx: [tx.parties.name(each) for each in tx.parties.of_intake(row.id)]))
