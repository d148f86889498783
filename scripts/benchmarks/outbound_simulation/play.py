"""Playing a seed: so many random steps, then quiet, then every law."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lhwa.bus.jobs import next_run_in_ms
from lhwa.domain.instants import to_ms
from lhwa.sandbox.faults import Faults
from scripts.benchmarks.outbound_simulation import people
from scripts.benchmarks.outbound_simulation.laws import check
from scripts.benchmarks.outbound_simulation.sender import LEASE_MS, RETRIES, Sender
from scripts.benchmarks.outbound_simulation.world import CLIENTS, SimulationError, Weather, World

STEPS = 300
QUIET_ROUNDS_MAX = 3_000
_MEMORY = Path("/dev/shm")
_WAITS_S = (0.05, 0.2, 1.0, 5.0, 30.0, 90.0, 300.0, 3_600.0, 6 * 3_600.0, 23.9 * 3_600.0)
_SKEWS_S = (0.0, 60.0, 3_600.0, 90_000.0, -60.0, -240.0, -3_600.0, -90_000.0)
_CODES = (131000, 131016, 131026, 131048, 131049, 131057, 133004, 2, 4, 190, 131031, 132015, 131050, 80007)


@dataclass(frozen=True, slots=True)
class Played:
    """What a seed was about."""

    asked: int
    accepted: int


def play(seed: int, *, steps: int = STEPS) -> Played:
    """Play one seed. Raises: SimulationError, which names the seed."""
    draw = random.Random(f"plan-{seed}")
    with _folder() as root:
        world = World(root, seed, weather_of(seed))
        try:
            sender = Sender(world)
            world.say(CLIENTS[0], world.numbers[0])
            for _ in range(draw.randint(steps // 3, steps)):
                _step(world, sender, draw)
            _become_quiet(world, sender)
            return Played(len(world.book.requested), check(world))
        except Exception as error:
            error.add_note(f"Again: python -m scripts.benchmarks.outbound_simulation --seed {seed}")
            raise
        finally:
            world.close()


def weather_of(seed: int) -> Weather:
    """What goes wrong in the world of a seed: in each other things, in some nothing."""
    draw = random.Random(f"weather-{seed}")

    def rate(most: float) -> float:
        return draw.random() * most if draw.random() < 0.5 else 0.0

    if draw.random() < 0.1:
        return Weather(Faults())
    codes = tuple((code, 0.05 + rate(0.2)) for code in draw.sample(_CODES, k=draw.randrange(3)))
    faults = Faults(
        lost_response=rate(0.4),
        duplicate=rate(0.4),
        reorder=rate(0.4),
        delay=rate(0.3),
        drop=rate(0.3),
        batch=rate(0.4),
        http_500=rate(0.3),
        http_429=rate(0.2),
        bsuid_only=rate(0.6),
        token_expiry=rate(0.03),
        codes=codes,
    )
    return Weather(
        faults,
        unreached=rate(0.3),
        vanishes=rate(0.2),
        is_slow=draw.random() < 0.3,
        has_wrong_clock=draw.random() < 0.3,
    )


def _step(world: World, sender: Sender, draw: random.Random) -> None:
    world.pass_time(0.001)  # no two people act at the same moment
    world.collect_webhooks()
    weights = {
        "drain": 30, "travel": 30, "webhook": 22, "write": 16, "decide": 8, "wait": 14, "say": 5,
        "die": 2, "freeze": 2, "restrict": 1, "token": 1, "clock": 2 if world.weather.has_wrong_clock else 0,
    }  # fmt: skip
    match draw.choices(list(weights), weights=list(weights.values()))[0]:
        case "drain":
            _drain(world, sender)
        case "travel":
            _travel(world, sender, draw)
        case "webhook" if world.held:
            world.deliver(draw.randrange(len(world.held)), again=draw.random() < 0.1)
        case "write":
            for _ in range(draw.choice((1, 1, 2, 4))):
                people.writes(world)
        case "decide":
            people.decides(world)
        case "wait" if world.weather.is_slow or not sender.under_way:
            # Long waits are rare: most things happen within one window.
            world.pass_time(draw.choices(_WAITS_S, weights=(4, 4, 4, 4, 4, 3, 3, 2, 1, 0.5))[0])
        case "say":
            world.say(draw.choice(CLIENTS), draw.choice(world.numbers))
        case "die":
            sender.die()
        case "freeze":
            sender.freeze()
        case "restrict":
            people.restricts(world)
        case "token":
            world.sandbox.renew_token(world.token)
        case "clock":
            world.set_clock(draw.choice(_SKEWS_S))


def _drain(world: World, sender: Sender) -> None:
    if not sender.start():
        sender.look()
    if not world.weather.is_slow:
        for journey in sender.under_way:
            if not journey.is_posted:
                world.post(journey)


def _travel(world: World, sender: Sender, draw: random.Random) -> None:
    """A request goes on its way, or its answer comes back."""
    journeys = [*sender.under_way, *sender.frozen]
    if not journeys:
        return
    journey = draw.choice(journeys)
    if not journey.is_posted:
        world.post(journey)
    else:
        sender.settle(journey)


def _become_quiet(world: World, sender: Sender) -> None:
    """Everybody goes home; what waits has all the time that it needs."""
    world.set_clock(0.0)
    world.sandbox.renew_token(world.token)
    for _ in range(QUIET_ROUNDS_MAX):
        for journey in [*sender.under_way, *sender.frozen]:
            if not journey.is_posted:
                world.post(journey)
            sender.settle(journey)
        world.collect_webhooks()
        while world.held:
            world.deliver(0)
        if sender.start() or sender.look() or sender.is_draining:
            continue
        wait_s = _next_s(world)
        if wait_s is None:
            return
        world.pass_time(wait_s)
    raise SimulationError("it never became quiet")


def _next_s(world: World) -> float | None:
    """How long until something happens by itself; None when nothing will."""
    job_ms = next_run_in_ms(world.store, lease_ms=LEASE_MS, retries=RETRIES)
    webhook_at = world.sandbox.next_webhook_at()
    waits_ms = [] if job_ms is None else [job_ms]
    if webhook_at is not None:
        waits_ms.append(max(to_ms(webhook_at) - to_ms(world.now), 0))
    return (min(waits_ms) + 1) / 1000 if waits_ms else None


@contextmanager
def _folder() -> Iterator[Path]:
    # In memory when there is such a folder: what a crash does to a disk is the subject of other tests.
    with tempfile.TemporaryDirectory(prefix="lhwa-", dir=_MEMORY if _MEMORY.is_dir() else None) as path:
        yield Path(path)
