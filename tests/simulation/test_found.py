"""Plans that a person or the simulation found worth keeping: each is a corner that once was wrong or could be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scripts.benchmarks.simulating.plan import Clock, Fact, Map, Prune, Send, Serve, Step, Suspend, random_plan, shrunk

DAY_S = 86_400
TEXT = Fact(0, 2, "text", 1)
DEVICE, USER, BOTH, OTHER_NUMBER, OTHER_USER = range(5)
"""People: by number alone, by user id alone, by both, and the two that share one of them."""


def says(person: int, seq: int, kind: str = "text") -> Send:
    return Send((Fact(0, person, kind, seq),))


PLANS: list[tuple[str, list[Step]]] = [
    ("one message", [Send((TEXT,))]),
    ("told twice in one request", [Send((TEXT, TEXT))]),
    ("told again in another batch", [Send((TEXT,)), Serve(0), Send((Fact(0, 0, "text", 2), TEXT))]),
    ("a number, then the user id that has it", [says(DEVICE, 0), Serve(0), says(BOTH, 1), Serve(0), says(USER, 2)]),
    ("a user id, then its number", [says(USER, 0), says(BOTH, 1), says(DEVICE, 2)]),
    ("a recycled number", [says(BOTH, 0), says(DEVICE, 1), says(OTHER_USER, 2), says(DEVICE, 3)]),
    ("a recycled number, told backwards", [says(DEVICE, 3), says(OTHER_USER, 2), says(DEVICE, 1), says(BOTH, 0)]),
    ("a second number of one user", [says(BOTH, 0), says(OTHER_NUMBER, 1), says(DEVICE, 2)]),
    ("one message told about different people", [says(DEVICE, 0), says(BOTH, 0), says(OTHER_USER, 0)]),
    ("live and imported", [says(BOTH, 0, "history"), Serve(0), says(BOTH, 0), says(BOTH, 0, "standby")]),
    ("a status before its message", [says(BOTH, 0, "status_read"), Serve(0), says(BOTH, 0, "echo")]),
    (
        "a clock that was wrong by days when a message came, and right when it came again",
        [says(DEVICE, 5), Serve(0), Clock(-3 * DAY_S), Send((Fact(0, 0, "text", 5), Fact(0, 2, "text", 1))), Serve(1)],
    ),
    (
        "redelivered after the spool forgot",
        [Send((TEXT,)), Serve(0), Clock(8 * DAY_S), Prune(), Send((TEXT,)), Serve(1)],
    ),
    (
        "a worker that died before its mark",
        [
            Send((TEXT, Fact(0, 2, "status_read", 1), Fact(0, 2, "account_restriction", 1), Fact(0, 2, "poison", 1))),
            Serve(0, forgets=True),
            Serve(1),
            Serve(0),
        ],
    ),
    (
        "statuses in any order",
        [says(BOTH, 0, "echo"), says(BOTH, 0, "status_read"), Serve(0), says(BOTH, 0, "status_delivered"), Serve(1)],
    ),
    (
        "failed and delivered all the same",
        [says(BOTH, 0, "status_failed"), says(BOTH, 0, "echo"), Serve(0), says(BOTH, 0, "status_delivered"), Serve(0)],
    ),
    ("names told out of order", [says(BOTH, 1), Serve(0), says(BOTH, 5), Serve(0), says(BOTH, 3)]),
    (
        "an identity change told of two people, by a clock that was wrong the second time",
        [
            Send((Fact(0, 4, "system_user_id_changed", 4),)),
            Clock(-3 * DAY_S),
            Send((Fact(0, 2, "system_user_id_changed", 4), Fact(0, 4, "system_user_id_changed", 4))),
        ],
    ),
    ("suspended midway", [Send((TEXT,)), Suspend(0, is_active=False), Serve(0), says(BOTH, 2), Serve(1)]),
    ("mapped late", [Send((Fact(2, 2, "text", 0), TEXT)), Serve(0), Map(), Send((Fact(2, 0, "text", 1),))]),
    ("a number that changed by a system message", [says(BOTH, 0), says(BOTH, 1, "system_number_changed")]),
    ("poison among others", [Send((TEXT, Fact(0, 0, "poison", 0), Fact(0, 0, "text", 2))), Serve(0)]),
]


@pytest.mark.parametrize("plan", [plan for _name, plan in PLANS], ids=[name for name, _plan in PLANS])
def test_a_plan_ends_in_the_same_records(play: Callable[[list[Step]], int], plan: list[Step]) -> None:
    assert play(plan) > 0


def test_a_seed_always_makes_the_same_plan() -> None:
    assert random_plan(7) == random_plan(7)
    assert random_plan(7) != random_plan(8)


def test_a_failing_plan_becomes_as_short_as_it_can_be() -> None:
    def fails(plan: list[Any]) -> bool:
        return any(isinstance(step, Send) and TEXT in step.facts for step in plan) and Map() in plan

    sends = [Send((Fact(0, 0, "text", 2), TEXT)), Send((TEXT, TEXT))]
    long: list[Step] = [Serve(0), Map(), sends[0], Clock(1), Map(), Prune(), sends[1]]
    assert sorted(shrunk(long, fails=fails), key=repr) == [Map(), Send((TEXT,))]
