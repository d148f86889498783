"""Plans: what happens in a simulated world, step by step. A plan is plain data, so it can be shrunk and kept.

The people share identifiers on purpose: a number alone, a user id alone, both, a second number, a recycled number. The
same `seq` has the same wamid whoever it is from, so one message is told in several ways; its time follows from `seq`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from lhwa.testing.webhooks import Client

FIRMS = ("firma", "firmb", "firmc")
LATE_FIRM = 2
"""Its number is mapped late: what comes before is unrouted."""
N1, N2 = "6281230001111", "6281230002222"
B1, B2 = "ID.88001122334455", "ID.88001122334466"
PEOPLE = (
    Client(name="Contoh Satu", wa_id=N1, bsuid=None),
    Client(name="Contoh Dua", wa_id=None, bsuid=B1),
    Client(name="Contoh Tiga", wa_id=N1, bsuid=B1, username="contoh.tiga"),
    Client(name="Contoh Empat", wa_id=N2, bsuid=B1),
    Client(name="Contoh Lima", wa_id=N1, bsuid=B2, username="contoh.lima"),
    Client(name="Contoh Enam", wa_id=N2, bsuid=None, username="contoh.enam"),
)
KINDS = (
    "text",
    "image",
    "edit",
    "reaction",
    "text_in_group",
    "text_bsuid_only",
    "echo",
    "standby",
    "history",
    "history_media",
    "status_sent",
    "status_delivered",
    "status_read",
    "status_failed",
    "system_number_changed",
    "system_user_id_changed",
    "account_restriction",
    "template_rejected",
    "call_connect",
    "marketing_stop",
    "poison",
)
SEQS = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that Meta tells: of which firm, about whom, what, and which of many."""

    firm: int
    person: int
    kind: str
    seq: int


@dataclass(frozen=True, slots=True)
class Send:
    """One webhook request with these facts."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Serve:
    """One round of one worker; `forgets`: it dies after its commit, before it can mark what it served."""

    worker: int
    forgets: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock is set, forwards or backwards."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Suspend:
    """A firm is not served any more, or served again."""

    firm: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class Map:
    """The late firm gets its number, and what came before is routed again."""


@dataclass(frozen=True, slots=True)
class Prune:
    """What was applied more than seven days ago is forgotten by the spool: a redelivery is new to it."""


@dataclass(frozen=True, slots=True)
class See:
    """A person of a firm marks one of its threads as seen, or as unread."""

    firm: int
    thread: int
    is_unread: bool = False


Step = Send | Serve | Clock | Suspend | Map | Prune | See
CLOCKS = (1, 60, 7_200, 90_000, 8 * 86_400, -1, -7_200, -90_000, -3 * 86_400)


def random_plan(seed: int, *, steps: int = 30) -> list[Step]:
    """The plan of a seed: facts are drawn from few, so that they are told again and again."""
    draw = random.Random(seed)
    pool = [_random_fact(draw) for _ in range(draw.randint(3, 14))]
    plan: list[Step] = []
    for _ in range(draw.randint(5, steps)):
        match draw.choices(range(7), weights=[50, 25, 12, 5, 3, 5, 10])[0]:
            case 0:
                plan.append(Send(tuple(draw.choices(pool, k=draw.randint(1, 4)))))
            case 1:
                plan.append(Serve(draw.randrange(2), forgets=draw.random() < 0.3))
            case 2:
                plan.append(Clock(draw.choice(CLOCKS)))
            case 3:
                plan.append(Suspend(draw.randrange(len(FIRMS)), is_active=draw.random() < 0.5))
            case 4:
                plan.append(Map())
            case 5:
                plan.append(Prune())
            case _:
                plan.append(See(draw.choice((0, 0, 0, 1, 2)), draw.randrange(SEQS), is_unread=draw.random() < 0.3))
    return plan


def _random_fact(draw: random.Random) -> Fact:
    # Mostly one firm: facts that never meet prove nothing.
    firm = draw.choices(range(len(FIRMS)), weights=[6, 1, 2])[0]
    return Fact(firm, draw.randrange(len(PEOPLE)), draw.choice(KINDS), draw.randrange(SEQS))


def shrunk(plan: list[Step], *, fails: Callable[[list[Step]], bool]) -> list[Step]:
    """A shorter plan that still fails: steps, and facts in them, are left out as long as it does."""
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for smaller in _smaller(plan):
            if fails(smaller):
                plan, is_smaller = smaller, True
                break
    return plan


def _smaller(plan: list[Step]) -> list[list[Step]]:
    found = []
    half = len(plan) // 2
    if half > 1:
        found += [plan[:half], plan[half:]]
    found += [plan[:at] + plan[at + 1 :] for at in range(len(plan))]
    for at, step in enumerate(plan):
        if isinstance(step, Send) and len(step.facts) > 1:
            for gone in range(len(step.facts)):
                fewer = Send(step.facts[:gone] + step.facts[gone + 1 :])
                found.append([*plan[:at], fewer, *plan[at + 1 :]])
    return found
