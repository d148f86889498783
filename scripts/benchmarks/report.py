"""What a benchmark found: a table to read, and a JSON file with everything and with where it was measured."""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
from rich.console import Console
from rich.table import Table

from lhwa import __version__
from scripts.benchmarks import redis

LOAD_MAX = 0.5
"""With more than this going on beside us, a figure is not to be quoted."""
Cell = str | int | float | None


class Report:
    """Collects the tables of one benchmark; `write` keeps them."""

    def __init__(self, name: str, *, out: Path, arguments: list[str], seed: int, work: Path) -> None:
        self._name = name
        self._out = out
        self._console = Console(width=None if sys.stdout.isatty() else 160)
        self._started = datetime.now(UTC)
        self._tables: list[dict[str, Any]] = []
        self._notes: list[str] = []
        self._about = {"benchmark": name, "arguments": arguments, "seed": seed, **machine(work)}
        self._console.print(f"[bold]{name}[/] on {self._about['cpus']} CPUs, {self._about['filesystem']}, seed {seed}")
        if self._about["load_average"] > LOAD_MAX:
            load = self._about["load_average"]
            self.note(f"Others use this machine too (load {load}): neither figures nor ratios are to be quoted.")

    def say(self, text: str) -> None:
        """Tell how far it is."""
        self._console.print(text, style="dim", markup=False, highlight=False)

    def note(self, text: str) -> None:
        """Something that belongs to the figures."""
        self._notes.append(text)
        self._console.print(text, markup=False, highlight=False)

    def table(self, title: str, rows: Sequence[dict[str, Cell]]) -> None:
        """Show and keep one table; the columns are those of the first row."""
        self._tables.append({"title": title, "rows": list(rows)})
        table = Table(title=title, title_justify="left")
        for column in rows[0] if rows else ():
            table.add_column(column, justify="right" if _is_number(rows[0][column]) else "left")
        for row in rows:
            table.add_row(*(shown(row.get(column)) for column in rows[0]))
        self._console.print(table)

    def write(self) -> Path:
        """Keep everything as JSON; returns the file."""
        self._out.mkdir(parents=True, exist_ok=True)
        path = self._out / f"{self._name}-{self._started:%Y%m%dT%H%M%SZ}.json"
        whole = {
            **self._about,
            "started_at": self._started.isoformat(timespec="seconds"),
            "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "tables": self._tables,
            "notes": self._notes,
        }
        path.write_text(json.dumps(whole, indent=1) + "\n")
        self._console.print(f"written: {path}", style="dim", markup=False, highlight=False)
        return path


def shown(value: Cell) -> str:
    """A figure with as many digits as mean something."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else value


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})" if values else "-"


def machine(work: Path) -> dict[str, Any]:
    """Where the figures come from."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "lhwa": __version__,
        "cpus": os.cpu_count(),
        "cpu": _cpu_model(),
        "load_average": round(os.getloadavg()[0], 2),
        "memory_gib": round(memory / 1024**3, 1),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "filesystem": _filesystem(work),
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
        "node": _version_of("node"),
        "redis": redis.version(),
    }


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float)


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _filesystem(work: Path) -> str:
    """The type of file system under a folder: on tmpfs an fsync costs nothing and the figures mean little."""
    found, at = "", work.resolve()
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return found
    best = -1
    for _, mount, kind, *_ in mounts:
        if at.is_relative_to(mount) and len(mount) > best:
            found, best = kind, len(mount)
    return found


def _version_of(program: str) -> str:
    if shutil.which(program) is None:
        return ""
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
