"""Child processes of a benchmark: each is ended by its own id, also after Ctrl-C and after a failure."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
"""The tree that is measured: the one that this script is a part of."""
STOP_S = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Missing(Exception):  # noqa: N818 -- it is no error of the program: something has to be installed
    """A program that a benchmark needs is not there; the text says how to get it."""


def start(
    argv: Sequence[str], *, cwd: Path, log: IO[bytes] | int = subprocess.DEVNULL, env: Mapping[str, str] | None = None,
    talks: bool = False,
) -> subprocess.Popen[bytes]:  # fmt: skip
    """Start a child in a session of its own, so that Ctrl-C reaches us first and we end it in order.

    Args:
        talks: its stdin and stdout are pipes to us.
    """
    pipe = subprocess.PIPE if talks else None
    return subprocess.Popen(
        list(argv),
        cwd=cwd,
        env=None if env is None else dict(env),
        stdin=pipe or subprocess.DEVNULL,
        stdout=pipe or log,
        stderr=log,
        start_new_session=True,
    )


def python_env(**more: str) -> dict[str, str]:
    """The environment in which a child's `import lhwa` finds the tree that is measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LHWA_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def stop(child: subprocess.Popen[Any], *, how: signal.Signals = signal.SIGTERM, wait_s: float = STOP_S) -> None:
    """End a child and wait until it is gone; one that does not listen is killed."""
    if child.poll() is None:
        with suppress(ProcessLookupError):
            child.send_signal(how)
        try:
            child.wait(wait_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def family(pid: int) -> list[int]:
    """A process and all that it started: lhwa's daemon is several processes, and all of them count."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that ended meanwhile
            for child in (task / "children").read_text().split():
                found += family(int(child))
    return found


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process and its children have used, in the programs and in the kernel for them."""
    return sum(_own_cpu_s(each) for each in family(pid))


def _own_cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_kib(pid: int) -> dict[str, int]:
    """RSS and PSS of a process and its children; what they share counts in each RSS, and once in PSS."""
    total = {"rss": 0, "pss": 0}
    for each in family(pid):
        lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()[1:]
        found = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
        total["rss"] += found["Rss"]
        total["pss"] += found["Pss"]
    return total


def open_files(pid: int) -> int:
    """How many descriptors a process and its children have."""
    return sum(1 for each in family(pid) for _ in Path(f"/proc/{each}/fd").iterdir())


@contextmanager
def told_to_stop() -> Iterator[None]:
    """SIGTERM and SIGHUP end a benchmark as Ctrl-C does, through everything that has to be undone."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
