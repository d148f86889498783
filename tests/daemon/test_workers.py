"""Several worker processes as one, with real processes behind it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.daemon.watching import Counts
from lhwa.daemon.worker_link import Report, WorkerLine
from lhwa.daemon.workers import PROCESSES_MAX, Share, Workers, how_many
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import to_ms
from lhwa.testing.fakes import NOON

WAIT_S = 10
PROCESSES = 3


def telling(line: socket.socket, *, share: Share) -> int:
    """Report each order with the share that heard it; end with a code that says which one it was."""
    end = WorkerLine(line)
    if not end.wait_for_start():
        return 7

    async def serve() -> None:
        stop = asyncio.Event()

        def say(what: str) -> None:
            counts = Counts(dead_letters={f"{what} {share.index}/{share.of}": 1})
            last_ms = to_ms(NOON) + share.index
            end.report(Report(counts, is_running=True, open_stores=2, last_served_ms=last_ms, lines_lost=1))

        end.listen(
            wake=lambda firms: say(f"woken{len(list(firms))}"), registry_changed=lambda: say("look"), stop=stop.set
        )
        say("began")
        await stop.wait()

    asyncio.run(serve())
    return 10 + share.index


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(telling, processes=PROCESSES)
    yield made
    made.kill()


async def until(heard: Counter[str], *wanted: str) -> None:
    async with asyncio.timeout(WAIT_S):
        while not set(wanted) <= set(heard):  # noqa: ASYNC110 -- a counter has no event
            await asyncio.sleep(0.005)


def all_of(word: str) -> list[str]:
    return [f"{word} {index}/{PROCESSES}" for index in range(PROCESSES)]


async def test_each_hears_every_order_and_they_answer_as_one(workers: Workers) -> None:
    heard: Counter[str] = Counter()
    workers.start(lambda report: heard.update(report.counts.dead_letters))
    await asyncio.wait_for(workers.began(), WAIT_S)
    workers.wake([TenantId("firma"), TenantId("lain")])
    workers.look_at_registry()
    await until(heard, *all_of("began"), *all_of("woken2"), *all_of("look"))
    workers.wake()
    await until(heard, *all_of("woken0"))
    assert (workers.is_running, workers.open_stores, workers.lines_lost) == (True, 2 * PROCESSES, PROCESSES)
    assert workers.last_served is not None
    assert to_ms(workers.last_served) == to_ms(NOON) + PROCESSES - 1
    await workers.stop(WAIT_S)
    assert not workers.is_running
    assert len(set(workers.pids)) == PROCESSES


async def test_the_end_of_any_of_them_is_noticed(workers: Workers) -> None:
    workers.start(lambda _report: None)
    await asyncio.wait_for(workers.began(), WAIT_S)
    os.kill(workers.pids[1], signal.SIGKILL)
    assert await asyncio.wait_for(workers.ended(), WAIT_S) == -signal.SIGKILL
    assert not workers.is_running
    await workers.stop(WAIT_S)


async def test_none_holds_the_line_of_another_open(workers: Workers) -> None:
    workers.start(lambda _report: None)
    await asyncio.wait_for(workers.began(), WAIT_S)
    for each in workers._processes:  # the daemon is gone
        asyncio.get_running_loop().remove_reader(each._line.fileno())
        each._line.close()
    ended = [
        await asyncio.wait_for(asyncio.to_thread(os.waitpid, pid, 0), WAIT_S) for pid in workers.pids
    ]  # the youngest still lives when the oldest has to notice
    assert [os.waitstatus_to_exitcode(status) for _pid, status in ended] == [10, 11, 12]


@given(st.text(max_size=31), st.integers(1, 64))
def test_every_firm_is_served_by_exactly_one(tenant: str, processes: int) -> None:
    assert sum(Share(index, processes).has(TenantId(tenant)) for index in range(processes)) == 1


def test_firms_are_spread_over_the_processes() -> None:
    served = Counter(index for firm in range(1_000) for index in range(4) if Share(index, 4).has(TenantId(f"f{firm}")))
    assert min(served.values()) > 150


def test_one_process_for_each_core_unless_a_setting_says_otherwise() -> None:
    assert how_many(0) == min(len(os.sched_getaffinity(0)), PROCESSES_MAX)
    assert how_many(7) == 7
