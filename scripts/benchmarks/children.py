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


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used, in the program and in the kernel for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_kib(pid: int) -> dict[str, int]:
    """RSS and PSS of a process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    found = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    return {"rss": found["Rss"], "pss": found["Pss"]}


def open_files(pid: int) -> int:
    """How many descriptors a process has."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


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
