"""When each firm is served: pure, by a clock that is an argument."""

from __future__ import annotations

from lhwa.bus.agenda import AT_ONCE_MAX, Agenda
from lhwa.domain.ids import TenantId

ONE, TWO, THREE = TenantId("one"), TenantId("two"), TenantId("three")
ALL = frozenset({ONE, TWO, THREE})


def test_requests_and_due_jobs_make_a_firm_due_and_nothing_else_does() -> None:
    agenda = Agenda()
    agenda.note(TWO, 10.0)
    assert agenda.due([ONE], ALL, 9.9) == [ONE]
    assert agenda.due([ONE], ALL, 10.0) == [ONE, TWO]
    assert agenda.due([ONE], frozenset({TWO}), 10.0) == [TWO], "a suspended firm waits"


def test_of_two_times_the_earlier_counts_until_it_is_looked_at() -> None:
    agenda = Agenda()
    agenda.note(ONE, 10.0)
    agenda.note(ONE, 5.0)
    agenda.note(ONE, 7.0)
    assert agenda.is_due(ONE, 5.0)
    agenda.begin(ONE)
    assert not agenda.is_due(ONE, 1e9)
    agenda.note(ONE, 20.0)
    assert agenda.wait_s(ALL, 15.0, most_s=60.0) == 5.0


def test_whoever_is_woken_is_due_whatever_the_clock_says() -> None:
    agenda = Agenda()
    agenda.wake([ONE])
    assert agenda.due([], ALL, -1e9) == [ONE]


def test_a_resting_firm_is_due_when_its_rest_ends_and_nobody_waits_for_it_before() -> None:
    agenda = Agenda()
    assert (agenda.failed(ONE), agenda.failed(ONE)) == (1, 2)
    agenda.rest(ONE, 30.0)
    agenda.wake([ONE])
    assert agenda.due([ONE], ALL, 29.0) == []
    assert agenda.wait_s(ALL, 29.0, most_s=60.0) == 1.0
    assert agenda.due([], ALL, 30.0) == [ONE]
    agenda.served(ONE)
    assert not agenda.is_resting(ONE, 0.0)
    assert agenda.failed(ONE) == 1


def test_nobody_waits_for_a_firm_that_is_not_served() -> None:
    agenda = Agenda()
    agenda.wake([ONE])
    assert agenda.wait_s(frozenset({TWO}), 0.0, most_s=5.0) == 5.0


def test_a_few_firms_are_looked_into_at_once() -> None:
    agenda = Agenda()
    agenda.look_round(ALL)
    assert agenda.due([], ALL, 0.0) == sorted(ALL)
    assert agenda.next_to_look() is None


def test_of_very_many_the_likely_ones_come_first_and_the_rest_one_by_one() -> None:
    agenda = Agenda()
    many = frozenset(TenantId(f"firm-{number}") for number in range(AT_ONCE_MAX + 1))
    agenda.look_round(many, likely=[TenantId("firm-7"), ONE])
    assert agenda.due([], many | ALL, 0.0) == ["firm-7"]
    looked = set()
    while (tenant := agenda.next_to_look()) is not None:
        looked.add(tenant)
    assert looked == many
