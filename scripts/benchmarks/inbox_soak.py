"""`inbox_soak`: two people at two inboxes for minutes of random acts; then every word is looked for in the file."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec

from lhwa.errors import LhwaError
from scripts.benchmarks import children
from scripts.benchmarks.inbox_soaking.checks import Filed, broken, filed
from scripts.benchmarks.inbox_soaking.hands import Seen
from scripts.benchmarks.inbox_soaking.town import LAWYERS, Town, town
from scripts.benchmarks.options import Bench, measured, parser

ABOUT = """Two lawyers act at random at their inboxes, each a process of its own, while clients write by the sandbox,
staff ask for approval and Meta's webhooks come twice and out of order. In the end everything that was confirmed on a
screen is in the firm's file once and in the audit log, no decision counts twice, every refusal says why, no inbox has
ended or stood still, and memory is bounded."""
QUICK_MINUTES = 0.15
LONG_MINUTES = 2.0
"""From here on the growth of memory counts."""
SETTLE_S, END_S = 60.0, 120.0


def run(arguments: list[str]) -> int:
    """Soak; 1 when a promise was broken."""
    options = parser("inbox_soak", ABOUT)
    options.add_argument("--minutes", type=float, default=5.0, help="how long (default: %(default)s)")
    asked = options.parse_args(arguments)
    asked.minutes = QUICK_MINUTES if asked.quick else asked.minutes
    return measured("inbox_soak", asked, arguments, _measure)


def _measure(bench: Bench) -> int:
    seen, found, faults = soak(bench.work, minutes=bench.asked.minutes, seed=bench.asked.seed)
    bench.report.table("two inboxes at once", [_row(operator, one) for operator, one in seen.items()])
    bench.report.note(f"{sum(found.messages.values())} messages came, {found.audit_records} audit records.")
    why = Counter(_sentence(ran.err) for one in seen.values() for ran in one.ran if not ran.is_done)
    for sentence, times in why.most_common():
        bench.report.note(f"refused {times} times: {sentence}")
    for fault in faults:
        bench.report.note(f"BROKEN: {fault}")
    return 1 if faults else 0


def soak(work: Path, *, minutes: float, seed: int) -> tuple[dict[str, Seen], Filed, list[str]]:
    """Play the whole of it; what both saw, what the file holds, and every promise that was broken."""
    chance = random.Random(seed)
    with town(work, seed=seed) as made:
        lasts_s = minutes * 60
        inboxes = {
            operator: _sits_down(made, operator, work / f"{operator}.log", seed=seed + number, lasts_s=lasts_s)
            for number, operator in enumerate(LAWYERS)
        }
        try:
            made.live(time.monotonic() + lasts_s, chance)
            seen = {operator: _ends(inbox, work / f"{operator}.log") for operator, inbox in inboxes.items()}
        finally:
            for inbox in inboxes.values():
                children.stop(inbox)
        found = _settled(made)
    return seen, found, list(broken(seen, found, made.said, is_long=minutes >= LONG_MINUTES))


def _sits_down(made: Town, operator: str, log: Path, *, seed: int, lasts_s: float) -> subprocess.Popen[bytes]:
    words = [str(made.folder), made.home.tenants[0], str(seed), str(lasts_s)]
    with log.open("ab") as complaints:
        return children.start(
            [sys.executable, "-m", "scripts.benchmarks.inbox_soaking.hands", *words],
            cwd=children.ROOT,
            log=complaints,
            env=made.environ(operator),
            talks=True,
        )


def _ends(inbox: subprocess.Popen[bytes], log: Path) -> Seen:
    told, _ = inbox.communicate(timeout=END_S)
    if inbox.returncode:
        raise LhwaError(f"An inbox ended with {inbox.returncode}.", hint=log.read_text()[-2_000:])
    return msgspec.json.decode(told, type=Seen)


def _settled(made: Town) -> Filed:
    """What the file holds once all that clients wrote has arrived; or when it should have."""
    ends_s = time.monotonic() + SETTLE_S
    with made.home.open_store(made.home.tenants[0]) as store:
        while True:
            found = store.read(filed)
            if all(found.messages[text] for text in made.said) or time.monotonic() > ends_s:
                return found
            time.sleep(0.5)


def _row(operator: str, seen: Seen) -> dict[str, str | int | float | None]:
    confirmed = sum(ran.is_done for ran in seen.ran)
    return {
        "who": operator,
        "acts": seen.acts,
        "confirmed": confirmed,
        "refused": len(seen.ran) - confirmed,
        "late p50 ms": round(seen.late_p50_ms, 1),
        "late p99 ms": round(seen.late_p99_ms, 1),
        "late max ms": round(seen.late_max_ms, 1),
        "memory first MiB": seen.memory_mib[0] if seen.memory_mib else None,
        "memory last MiB": seen.memory_mib[-1] if seen.memory_mib else None,
    }


def _sentence(err: str) -> str:
    return err.strip().split("\n")[0][:160]
