"""Any series of requests, batches, faults, kills and power losses: answered 200 is kept and applied exactly once."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lhwa.testing.disk import Fault, FaultyDisk, Operation, Outcome, Survival

FILES = ["", "spool.db-wal", "spool.db"] + [
    f"firma/{name}{log}" for name in ("tenant.db", "keys.db") for log in ("-wal", "")
]
OUTCOMES = [Outcome.ERROR, Outcome.TORN, Outcome.FULL, Outcome.POWER_CUT]

faults = st.builds(
    Fault,
    operation=st.sampled_from([Operation.SYNC, Operation.WRITE, Operation.READ, Operation.TRUNCATE, Operation.DELETE]),
    outcome=st.sampled_from(OUTCOMES),
    file=st.sampled_from(FILES),
    after=st.integers(0, 6),
    times=st.sampled_from([1, 2, None]),
)
survivals = st.sampled_from(list(Survival))
firms = st.integers(0, 1)
puts = st.tuples(st.just("put"), firms, st.lists(st.integers(0, 30), min_size=1, max_size=5))
steps = st.one_of(
    puts,
    puts,
    st.tuples(st.just("again"), st.integers(0, 50)),
    st.tuples(st.just("drain")),
    st.tuples(st.just("serve_once")),
    st.tuples(st.just("checkpoint"), firms),
    st.tuples(st.just("fail"), faults),
    st.tuples(st.just("fill"), st.integers(0, 200_000)),
    st.tuples(st.just("heal")),
    st.tuples(st.just("restart"), st.sampled_from(["stop", "kill"])),
    st.tuples(st.just("lose_power"), survivals),
)


def _take(world: Any, step: tuple[Any, ...]) -> None:
    kind, *rest = step
    if kind == "put":
        firm = world.firms[rest[0]]
        world.put(firm, *(f"{firm} {number}" for number in rest[1]))
    elif kind == "again" and world.sent:
        again = list(world.sent)[rest[0] % len(world.sent)]
        world.put(world.sent[again][0], again=again)
    elif kind == "checkpoint":
        world.checkpoint(world.firms[rest[0]])
    elif kind == "fail":
        world.disk.fail(rest[0])
    elif kind == "fill":
        world.disk.fail(room_bytes=rest[0])
    elif kind == "heal":
        world.disk.heal()
    elif kind in ("drain", "serve_once"):
        getattr(world, kind)()
    elif kind == "restart":
        getattr(world, rest[0])()
        world.start()
    elif kind == "lose_power":
        world.lose_power(rest[0])
        world.start()


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 16), series=st.lists(steps, min_size=4, max_size=24), last=survivals)
def test_acknowledged_is_durable_and_applied_exactly_once(
    new_world: Any, seed: int, series: list[tuple[Any, ...]], last: Survival
) -> None:
    with FaultyDisk(seed=seed, remembers=True) as disk, tempfile.TemporaryDirectory() as folder:
        world = new_world(Path(folder), disk)
        try:
            for step in series:
                _take(world, step)
                if disk.is_dark:
                    world.lose_power(last)
                    world.start()
            world.settled()
            world.lose_power(last)
            world.settled()
            world.quick_check()
        finally:
            world.close()
