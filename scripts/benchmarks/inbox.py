"""`inbox`: what people wait for at the screen, with a hundred conversations and with a hundred thousand."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from scripts.benchmarks.inbox_fill import fill
from scripts.benchmarks.inbox_screen import Seen
from scripts.benchmarks.options import Bench, measured, numbers, parser
from scripts.benchmarks.report import Cell

SIZES = [100, 100_000]
THREADS = [50, 50_000]
ABOUT = """The inbox over a firm's own files, small and full: from the start of the process to the first name on a
terminal, from the start of the app to its first paint, opening a long thread, going through list and thread page by
page, and the memory that it takes. Each size runs in a process of its own; the ratio to the smallest size is what
counts."""
START_S_MAX = 30
FIRST_NAME = "Contoh"
RATIO_MAX = 2.0
"""More than this against the small home means that something grows with the number of conversations."""


def run(arguments: list[str]) -> int:
    """Measure; 1 when the first paint or the memory grows with the home."""
    options = parser("inbox", ABOUT)
    options.add_argument("--sizes", type=numbers, default=None, help="conversations (default: 100,100000)")
    options.add_argument("--threads", type=numbers, default=None, help="of the long thread (default: 50,50000)")
    options.add_argument("--rounds", type=int, default=5, help="starts of each (default: %(default)s)")
    asked = options.parse_args(arguments)
    asked.sizes = sorted(asked.sizes or ([100, 2_000] if asked.quick else SIZES))
    asked.threads = sorted(asked.threads or ([50, 1_000] if asked.quick else THREADS))
    asked.rounds = 1 if asked.quick else asked.rounds
    return measured("inbox", asked, arguments, _measure)


def _measure(bench: Bench) -> int:
    rows: list[dict[str, Cell]] = []
    for size, messages in zip(bench.asked.sizes, bench.asked.threads, strict=True):
        bench.report.say(f"filling {size:,} conversations, one of them with {messages:,} messages")
        full = fill(bench.work / str(size), conversations=size, thread_messages=messages)
        seen = [_screen(full.home.home.root, full.home.tenants[0], full.long_thread) for _ in range(bench.asked.rounds)]
        starts = sorted(_start_ms(full.home.home.root, full.home.tenants[0]) for _ in range(bench.asked.rounds))
        rows.append({"conversations": size, "messages": messages, "start ms": _middle(starts), **_of(seen)})
    bench.report.table("the inbox, medians of the rounds", rows)
    first, last = rows[0], rows[-1]
    ratios = {name: _ratio(first[name], last[name]) for name in first if name not in ("conversations", "messages")}
    bench.report.table(f"{last['conversations']:,} conversations against {first['conversations']:,}", [dict(ratios)])
    grows = [name for name in ("first paint ms", "memory MiB") if (ratios[name] or 0) > RATIO_MAX]
    for name in grows:
        bench.report.note(f"{name} grows with the home.")
    return 1 if grows else 0


def _of(seen: list[Seen]) -> dict[str, Cell]:
    return {
        "first paint ms": _middle(sorted(each.first_paint_ms for each in seen)),
        "open thread ms": _middle(sorted(each.open_ms for each in seen)),
        "list page p50 ms": _middle(sorted(each.list_p50_ms for each in seen)),
        "list page max ms": max(each.list_max_ms for each in seen),
        "thread page p50 ms": _middle(sorted(each.thread_p50_ms for each in seen)),
        "thread page max ms": max(each.thread_max_ms for each in seen),
        "to the end ms": _middle(sorted(each.end_ms for each in seen)),
        "memory MiB": _middle(sorted(each.memory_mib for each in seen)),
    }


def _middle(values: list[float]) -> float:
    return round(values[len(values) // 2], 1)


def _ratio(first: Cell, last: Cell) -> float | None:
    if isinstance(first, (int, float)) and isinstance(last, (int, float)) and first:
        return round(last / first, 2)
    return None


def _screen(home: Path, tenant: str, thread: str) -> Seen:
    """One run in a process of its own: memory is that of the inbox, and imports are warm from the disk alone."""
    words = [sys.executable, "-m", "scripts.benchmarks.inbox_screen", str(home), tenant, thread]
    root = Path(__file__).resolve().parents[2]
    answer = subprocess.run(words, cwd=root, capture_output=True, check=False, text=True, timeout=300)
    if answer.returncode:
        raise RuntimeError(answer.stderr[-2_000:])
    return Seen(**json.loads(answer.stdout))


def _start_ms(home: Path, tenant: str) -> float:
    """From `lhwa inbox` at a prompt to the first name on the terminal."""
    begun = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
        words = [sys.executable, "-m", "lhwa", "--home", str(home), "--tenant", tenant, "inbox"]
        os.execve(sys.executable, words, environ)
    try:
        shown = b""
        while FIRST_NAME.encode() not in shown:
            if time.perf_counter() - begun > START_S_MAX or not select.select([terminal], [], [], START_S_MAX)[0]:
                raise RuntimeError("no name came on the screen")
            shown += os.read(terminal, 65_536)
        return (time.perf_counter() - begun) * 1000
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)
