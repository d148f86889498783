"""Marks of states: complete in both languages, and told apart without any colour."""

from __future__ import annotations

import pytest

from lhwa.domain.intake.states import IntakeState
from lhwa.domain.intake.urgency import Urgency
from lhwa.domain.outbound import OutboundState
from lhwa.services.inbox.alert import Severity
from lhwa.tui.act_table import ACTS
from lhwa.tui.lines import ROLES
from lhwa.tui.words import CHOICES, CONFLICTS, INTAKE, OUTBOUND, SEVERITY, URGENCY, State, choice_word, mark_of
from tests.tui.hostile import ATTACKS, active

TABLES = {"outbound": OUTBOUND, "intake": INTAKE, "urgency": URGENCY, "conflicts": CONFLICTS, "severity": SEVERITY}
QUIET = {"", "routine"}
"""Nothing is to be said about these."""


@pytest.mark.parametrize(
    ("states", "names"),
    [
        (OUTBOUND, {each.value for each in OutboundState}),
        (INTAKE, {each.value for each in IntakeState}),
        (URGENCY, {each.name.lower() for each in Urgency}),
        (SEVERITY, {each.value for each in Severity}),
        (CONFLICTS, {"unchecked", "outdated", "none", "found", "cleared", "conflict"}),
    ],
)
def test_every_state_has_a_mark(states: dict[str, State], names: set[str]) -> None:
    assert names <= states.keys()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("language", ["en", "id"])
def test_no_two_states_look_the_same_without_colours(table: str, language: str) -> None:
    told = [name for name in TABLES[table] if name not in QUIET]
    marks = {name: mark_of(TABLES[table], name, language) for name in told}
    assert all(mark.sign and mark.word and mark.role in ROLES for mark in marks.values())
    assert len({mark.word for mark in marks.values()}) == len(told)


@pytest.mark.parametrize("table", TABLES)
def test_what_the_colour_says_the_sign_says_too(table: str) -> None:
    for one in TABLES[table].values():
        for other in TABLES[table].values():
            if {one.role, other.role} & {"bad"} and one.role != other.role:
                assert one.sign != other.sign


def test_everything_that_can_be_chosen_has_a_name_in_both_languages() -> None:
    choices = {choice for act in ACTS for each in act.fields for choice in each.choices}
    assert choices == CHOICES.keys()
    assert choice_word("no_legal_matter", "en") == "no legal matter"
    for act in ACTS:
        for each in act.fields:
            assert len({choice_word(choice, "id") for choice in each.choices}) == len(each.choices)


def test_a_state_that_is_not_known_is_shown_by_its_own_word() -> None:
    assert mark_of(INTAKE, "on_hold", "id").word == "on hold"
    assert mark_of(INTAKE, None, "en").word == ""


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_word_that_is_not_known_does_nothing(attack: str) -> None:
    assert active(mark_of(OUTBOUND, attack, "en").word) == set()
