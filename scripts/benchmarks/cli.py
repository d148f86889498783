"""`cli`: start-up of commands against a Typer app with one empty command."""

from __future__ import annotations

import compileall
import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benchmarks import children
from scripts.benchmarks.daemon import Daemon, make_home
from scripts.benchmarks.load import Plan, run_load
from scripts.benchmarks.options import Bench, measured, parser
from scripts.benchmarks.report import Cell, spread
from scripts.benchmarks.webhooks import Traffic, tenant_of

ROUNDS = 25
ROUNDS_QUICK = 7
MESSAGES = 20
RUN_S_MAX = 60.0
EMPTY = '''\
import typer

app = typer.Typer()


@app.command()
def empty() -> None:
    """Do nothing."""


if __name__ == "__main__":
    app()
'''
ABOUT = """Wall time and CPU of whole processes, one of each command in turn, round by round; ratios are taken within a
round. Everything is compiled first and the pages are warm. The peer is a Typer app with one empty command, as Typer
makes it."""


@dataclass(slots=True)
class _Command:
    name: str
    argv: list[str]
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)


def run(arguments: list[str]) -> int:
    """Measure; 1 when a command failed."""
    options = parser("cli", ABOUT)
    options.add_argument("--rounds", type=int, default=None, help=f"of all commands (default: {ROUNDS})")
    asked = options.parse_args(arguments)
    asked.rounds = asked.rounds or (ROUNDS_QUICK if asked.quick else ROUNDS)
    return measured("cli", asked, arguments, _measure)


def _measure(bench: Bench) -> int:
    env = _environment(bench.work)
    commands = _commands(bench.work)
    for command in commands:
        _once(command, env, bench.work)
        command.wall_s.clear()
        command.cpu_s.clear()
    for number in range(bench.asked.rounds):
        # Each round begins with another command, so that none always follows the same one.
        first = number % len(commands)
        for command in commands[first:] + commands[:first]:
            _once(command, env, bench.work)
    base = next(command for command in commands if command.name == "typer --help")
    bench.report.table(
        f"cli: {bench.asked.rounds} rounds, against `typer --help`", [_row(each, base) for each in commands]
    )
    return 0


def _commands(work: Path) -> list[_Command]:
    python, lhwa = sys.executable, [sys.executable, "-m", "lhwa", "--home", str(work / "home")]
    return [
        _Command("python -c pass", [python, "-c", "pass"]),
        _Command("typer --help", [python, "-m", "empty_typer_app", "--help"]),
        _Command("typer (runs)", [python, "-m", "empty_typer_app"]),
        _Command("lhwa --help", [*lhwa, "--help"]),
        _Command("lhwa --version", [*lhwa, "--version"]),
        _Command("lhwa status", [*lhwa, "status"]),
        _Command("lhwa messages list", [*lhwa, "messages", "list", "-t", tenant_of(0)]),
    ]


def _environment(work: Path) -> dict[str, str]:
    """A small home with some messages, the empty app, and everything compiled."""
    home = make_home(work / "home", firms=2)
    with Daemon(home) as daemon:
        traffic = Traffic(tag="C0", firms=2)
        run_load(Plan(traffic=traffic, port=daemon.port, connections=2, duration_s=60, requests_max=MESSAGES))
        daemon.await_drained()
    apps = work / "apps"
    apps.mkdir()
    (apps / "empty_typer_app.py").write_text(EMPTY)
    for folder in (apps, children.ROOT / "lhwa"):
        compileall.compile_dir(folder, quiet=2)
    env = children.python_env()
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env | {"PYTHONPATH": f"{children.ROOT}{os.pathsep}{apps}"}


def _once(command: _Command, env: dict[str, str], cwd: Path) -> None:
    before, began_s = _children_cpu_s(), time.perf_counter()
    done = subprocess.run(command.argv, env=env, cwd=cwd, capture_output=True, timeout=RUN_S_MAX, check=False)
    command.wall_s.append(time.perf_counter() - began_s)
    command.cpu_s.append(_children_cpu_s() - before)
    if done.returncode:
        raise RuntimeError(f"`{command.name}` ended with {done.returncode}: {done.stderr.decode()[-500:]}")


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _row(command: _Command, base: _Command) -> dict[str, Cell]:
    return {
        "command": command.name,
        "median ms": statistics.median(command.wall_s) * 1e3,
        "least ms": min(command.wall_s) * 1e3,
        "most ms": max(command.wall_s) * 1e3,
        "CPU ms": statistics.median(command.cpu_s) * 1e3,
        "x typer --help": spread([mine / other for mine, other in zip(command.wall_s, base.wall_s, strict=True)]),
        "CPU x": spread([mine / other for mine, other in zip(command.cpu_s, base.cpu_s, strict=True)]),
    }
