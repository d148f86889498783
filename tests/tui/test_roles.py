"""What each role sees and is offered in the inbox, and what becomes of a role that is taken away meanwhile."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from lhwa.domain.access import Role
from lhwa.testing.builders import acting_as
from lhwa.tui.act_table import ACTS
from tests.tui.deeds import KIND_OF
from tests.tui.filling import EVERYBODY
from tests.tui.hands import hands_of, records
from tests.tui.place import AUDITOR, FINANCE, LAWYER, OWNER, SECOND, STAFF, Place, settle

SECRETS = (
    *(party.profile_name for party in EVERYBODY.values() if party.profile_name),
    *(f"-{party.wa_id[-4:]}" for party in EVERYBODY.values() if party.wa_id),
    "tanah warisan",
    "Sidang",
    "surat kuasa",
    "akta",
    "Rina",
    "Dewi",
    "Pengingat",
)
EVERY_ACT_KEY = sorted({act.key for act in ACTS} | {"r", "t"})
PLACES = (
    ("list", "thread.open"),
    ("thread", "thread.rich"),
    ("review", "intake.submitted"),
    ("approvals", "outbound.waiting"),
    ("outbox", "outbound.failed"),
    ("alerts", "alert"),
)


async def test_a_lawyer_sees_what_others_must_not(place: Place) -> None:
    shown = ""
    async with hands_of(place, SECOND, size=(160, 60)) as hands:
        for where, name in (*PLACES, ("outbox", "outbound.scheduled"), ("thread", "thread.open")):
            await hands.at(where, name, opened=where != "list")
            shown += hands.shown
    unseen = [secret for secret in SECRETS if secret not in shown]
    assert set(unseen) <= {"-0022", "-0033"}, "numbers stand at the conversations that were opened"


@pytest.mark.parametrize("operator", [FINANCE, AUDITOR])
async def test_who_may_not_read_content_sees_none_and_is_offered_nothing(place: Place, operator: str) -> None:
    before = records(place)
    async with hands_of(place, operator, size=(160, 40)) as hands:
        for where, name in PLACES:
            await hands.at(where, name, opened=where != "list")
            assert place.ids[name][:6] in hands.shown or where in ("list", "thread", "alerts"), "it is there"
            found = [secret for secret in SECRETS if secret in hands.shown]
            assert found == [], where
            assert hands.offered() == set(), where
            await hands.pilot.press(*EVERY_ACT_KEY)
            await settle(hands.pilot)
            assert len(hands.app.screen_stack) == 2, where
            assert not hands.main.threads.opened.composer.is_open
        await hands.press("6")
        assert ("conversation.assigned" in hands.shown) is (operator == AUDITOR)
        assert hands.log == []
    assert records(place) == before


@pytest.mark.parametrize(("operator", "role"), [(STAFF, Role.STAFF), (LAWYER, Role.LAWYER), (OWNER, Role.OWNER)])
async def test_what_is_offered_is_what_the_role_may(place: Place, operator: str, role: Role) -> None:
    async with hands_of(place, operator) as hands:
        for where, name in PLACES:
            await hands.at(where, name, opened=where != "list")
            offered = hands.offered()
            may = {act.id for act in ACTS if KIND_OF[where] in act.on and acting_as(role).may(act.needs)}
            assert offered <= may, where
            applying = {act.id for act in ACTS if all(act.applies(each) for each in hands.subjects())}
            assert offered == may & applying, where


async def test_a_role_that_was_taken_away_is_gone_here_too(place: Place) -> None:
    message = place.ids["outbound.waiting"]
    async with hands_of(place, SECOND) as hands:
        await hands.at("approvals", "outbound.waiting")
        assert place.run(OWNER, ["operator", "set-role", SECOND, "--role", "finance"]).is_done
        await hands.press("a")
        assert hands.log == [f"\N{BALLOT X} lhwa approve {message}"]
        assert "may not" in hands.said[-1]
        row = hands.main.desk.store.read(lambda tx: tx.outbox.get(message))
        assert row is not None
        assert row.state.value == "pending_approval"
        hands.main._ask_whether_welcome()
        await settle(hands.pilot)
        assert hands.app.is_locked, "and what could be seen is"
        assert not any(secret in hands.shown for secret in SECRETS)
        hands.app.screen.query_one(Input).value = place.tokens[SECOND]
        await hands.press("enter")
        assert hands.app.is_locked, "whoever has another role now begins anew"


async def test_nothing_is_offered_that_an_intake_that_has_ended_cannot_take(place: Place) -> None:
    async with hands_of(place, SECOND) as hands:
        await hands.at("list")
        await hands.press("end")
        assert hands.rows.current is not None
        while hands.rows.current.intake_state != "accepted":
            await hands.press("k")
        assert hands.offered() >= {"check", "decide-conflict", "party"}, "a name may come later"
        assert not hands.offered() & {"take-over", "hand-back", "ask"}
