"""The line between the daemon and its worker process, with real processes at both ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lhwa.daemon.watching import Counts
from lhwa.daemon.worker_link import Report, WorkerLine, WorkerProcess
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import to_ms
from lhwa.testing.fakes import NOON

WAIT_S = 10


def echoing(line: socket.socket) -> int:
    """Report each order as it is heard: firms as dead letters, so that a report can carry them."""
    end = WorkerLine(line)
    if not end.wait_for_start():
        return 7

    async def serve() -> None:
        stop = asyncio.Event()
        heard = Counts()

        def say(kind: str) -> None:
            heard.add_dead_letters(kind, 1)
            end.report(Report(heard, is_running=True, open_stores=3, last_served_ms=to_ms(NOON), lines_lost=2))

        end.listen(
            wake=lambda firms: say(f"wake {min(firms, default='')} {max(firms, default='')}"),
            registry_changed=lambda: say("registry"),
            stop=stop.set,
        )
        say("began")
        await stop.wait()

    asyncio.run(serve())
    return 5


def deaf(line: socket.socket) -> int:
    """Begin, and hear nothing more."""
    WorkerLine(line).wait_for_start()
    time.sleep(60)
    return 0


@pytest.fixture
def made() -> Iterator[list[WorkerProcess]]:
    processes: list[WorkerProcess] = []
    yield processes
    for process in processes:
        process.kill()


def start(made: list[WorkerProcess], run: Any = echoing) -> WorkerProcess:
    made.append(WorkerProcess(run))
    return made[-1]


async def until(heard: list[Report], *kinds: str) -> Report:
    async with asyncio.timeout(WAIT_S):
        while not heard or not set(kinds) <= set(heard[-1].counts.dead_letters):  # noqa: ASYNC110 -- a list has no event
            await asyncio.sleep(0.005)
    return heard[-1]


async def until_named(heard: list[Report], *names: str) -> None:
    """Orders that are read together may be heard in another order, and woken firms together."""
    async with asyncio.timeout(WAIT_S):
        while not set(names) <= {name for kind in heard[-1].counts.dead_letters for name in kind.split()}:  # noqa: ASYNC110 -- a list has no event
            await asyncio.sleep(0.005)


async def test_orders_and_reports_go_through(made: list[WorkerProcess]) -> None:
    worker, heard = start(made), list[Report]()
    worker.start(heard.append)
    await asyncio.wait_for(worker.began(), WAIT_S)
    worker.wake()
    worker.wake([TenantId("firma"), TenantId("lain")])
    worker.look_at_registry()
    await until(heard, "began", "registry")
    assert (worker.is_running, worker.open_stores, worker.last_served) == (True, 3, NOON)
    assert heard[-1].lines_lost == 2
    await until_named(heard, "firma", "lain")
    await worker.stop(WAIT_S)
    assert (worker.exit_code, worker.is_running) == (5, False)
    await worker.stop(WAIT_S)  # again changes nothing


async def test_it_waits_for_the_start_and_ends_without_one(made: list[WorkerProcess]) -> None:
    worker = start(made)
    await asyncio.sleep(0.05)
    assert os.waitpid(worker.pid, os.WNOHANG) == (0, 0)  # noqa: ASYNC222 -- does not wait
    await worker.stop(WAIT_S)
    assert worker.exit_code == 7


async def test_a_worker_that_hears_nothing_is_ended_by_force(made: list[WorkerProcess]) -> None:
    worker = start(made, deaf)
    worker.start(lambda _report: None)
    await worker.stop(0.2)
    assert worker.exit_code == -signal.SIGKILL


async def test_the_end_of_a_worker_is_noticed(made: list[WorkerProcess]) -> None:
    worker = start(made)
    worker.start(lambda _report: None)
    await asyncio.wait_for(worker.began(), WAIT_S)
    worker.kill()
    assert await asyncio.wait_for(worker.ended(), WAIT_S) == -signal.SIGKILL
    worker.wake()  # nobody listens any more, and nobody minds


async def test_whoever_is_cancelled_while_waiting_takes_the_answer_from_nobody(made: list[WorkerProcess]) -> None:
    worker = start(made)
    worker.start(lambda _report: None)
    await asyncio.wait_for(worker.began(), WAIT_S)
    os.kill(worker.pid, signal.SIGSTOP)
    asyncio.get_running_loop().remove_reader(worker._line.fileno())
    worker._line.close()  # so that it ends as soon as it goes on
    impatient = asyncio.create_task(worker._reaped())
    await asyncio.sleep(0.05)
    impatient.cancel()
    os.kill(worker.pid, signal.SIGCONT)
    assert await asyncio.wait_for(worker._reaped(), WAIT_S) == 5


async def test_a_worker_that_ends_before_it_reports_counts_as_begun(made: list[WorkerProcess]) -> None:
    worker = start(made, lambda line: 3 if WorkerLine(line).wait_for_start() else 4)
    worker.start(lambda _report: None)
    await asyncio.wait_for(worker.began(), WAIT_S)
    assert await asyncio.wait_for(worker.ended(), WAIT_S) == 3


async def test_a_worker_whose_daemon_is_gone_is_told_to_stop(made: list[WorkerProcess]) -> None:
    worker = start(made)
    worker.start(lambda _report: None)
    await asyncio.wait_for(worker.began(), WAIT_S)
    asyncio.get_running_loop().remove_reader(worker._line.fileno())
    worker._line.close()
    _pid, status = await asyncio.wait_for(asyncio.to_thread(os.waitpid, worker.pid, 0), WAIT_S)
    assert os.waitstatus_to_exitcode(status) == 5


def test_a_line_that_is_full_says_so_and_what_was_told_before_is_whole() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    line = WorkerLine(ours)
    told = 0
    while line.report(Report(Counts(apply_s=[0.25] * 1_000))):
        told += 1
    assert told
    for _ in range(told):
        assert theirs.recv(1 << 20).endswith(b"}")
    assert line.report(Report(Counts()))
    theirs.close()
    assert line.report(Report(Counts())), "nobody listens: nothing to tell later"
    ours.close()


async def test_no_order_but_a_plain_wake_is_lost_on_a_full_line(made: list[WorkerProcess]) -> None:
    worker, heard = start(made), list[Report]()
    os.kill(worker.pid, signal.SIGSTOP)
    worker.start(heard.append)
    for _ in range(5_000):
        worker.wake()
    firms = [TenantId(f"firm-{number:05}") for number in range(10_000)]
    worker.wake(firms)
    worker.look_at_registry()
    os.kill(worker.pid, signal.SIGCONT)
    await until(heard, "began", "registry")
    await until_named(heard, "firm-00000", "firm-09999")
    await worker.stop(WAIT_S)
    assert worker.exit_code == 5
