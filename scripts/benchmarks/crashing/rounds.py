"""Rounds: start the daemon, load it, kill it at a moment that the seed chooses, and look at what is left.

The seed fixes what is sent, by whom, and when the kill comes; how the machine interleaves it all it cannot fix. So a
seed that failed is likely to fail again, and not sure to.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.benchmarks.crashing.checks import Seen, check_commands, check_firms, check_spool, wait_until_done
from scripts.benchmarks.crashing.load import Load
from scripts.benchmarks.crashing.place import ALL, DAEMON, NUMBERS, WORKER, Place, Violation
from scripts.benchmarks.crashing.traffic import Journal, Maker

MOMENTS: Mapping[str, float] = {
    "starting": 2,
    "first 200": 3,
    "under load": 5,
    "draining": 3,
    "stopping": 2,
}
"""When the kill comes, and how often in comparison."""
VICTIMS = {ALL: 3, DAEMON: 2, WORKER: 1}
AGAIN = 0.2
"""The share of rounds in which the next start is killed too."""
FULL_EVERY = 10
REDELIVERIES_MAX = 20


@dataclass(slots=True)
class Totals:
    """What a run did and saw."""

    seed: str
    rounds: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    victims: Counter[str] = field(default_factory=Counter)
    full_checks: int = 0
    elements: int = 0
    started_s: float = field(default_factory=time.monotonic)

    def as_data(self, journal: Journal) -> dict[str, Any]:
        """For JSON."""
        return {
            "seed": self.seed,
            "rounds": self.rounds,
            "kills": dict(sorted(self.kills.items())),
            "victims": dict(sorted(self.victims.items())),
            "fullChecks": self.full_checks,
            "requestsSent": len(journal.requests),
            "acknowledged": sum(request.is_acked for request in journal.requests.values()),
            "answers": {str(status): number for status, number in sorted(journal.answers.items())},
            "lostAnswers": journal.lost_answers,
            "forged": len(journal.forged),
            "elements": self.elements,
            "seconds": round(time.monotonic() - self.started_s, 1),
        }


class CrashRun:
    """One home under one seed."""

    def __init__(
        self, place: Place, *, seed: str, moments: Mapping[str, float] = MOMENTS, say: Callable[[str], None] = print
    ) -> None:
        self.place = place
        self.journal = Journal()
        self.seen = Seen()
        self.totals = Totals(seed)
        self._moments = moments
        self._say = say

    def run(self, rounds: int, *, full_every: int = FULL_EVERY) -> dict[str, Any]:
        """All rounds, with full checks in between and at the end. Raises: Violation at the first broken promise."""
        self._say(f"seed {self.totals.seed}, {rounds} rounds, home {self.place.home.root}")
        for nth in range(1, rounds + 1):
            try:
                self._round(nth)
                if nth == rounds or nth % full_every == 0:
                    self._look_at_all(is_last=nth == rounds)
            except Violation as violation:
                raise Violation(f"seed {self.totals.seed}, round {nth}: {violation}") from violation
        return self.totals.as_data(self.journal)

    def _round(self, nth: int) -> None:
        rng = random.Random(f"{self.totals.seed}/{nth}")
        [moment] = rng.choices(list(self._moments), list(self._moments.values()))
        self._kill_at(moment, rng, seed=f"{self.totals.seed}/{nth}")
        looks_at_once = rng.random() < 0.5
        if looks_at_once:
            # Half of the time the next daemon finds the file exactly as the killed one left it.
            check_spool(self.place, self.journal, self.seen)
        if rng.random() < AGAIN:
            self._kill_start(rng)
        if not looks_at_once:
            check_spool(self.place, self.journal, self.seen)
        self.totals.rounds += 1

    def _kill_start(self, rng: random.Random) -> None:
        daemon = self.place.start()
        time.sleep(rng.uniform(0.0, 0.7))
        daemon.kill(rng.choice((ALL, DAEMON)))
        self.totals.kills["starting"] += 1

    def _kill_at(self, moment: str, rng: random.Random, *, seed: str) -> None:
        if moment == "starting":
            self._kill_start(rng)
            return
        daemon = self.place.start()
        load = None
        [victim] = rng.choices(list(VICTIMS), list(VICTIMS.values()))
        try:
            daemon.wait_until_ready()
            load = Load(daemon, self.journal, seed=seed, backlog=self.journal.unanswered())
            if moment == "first 200":
                load.first.wait(10)
                time.sleep(rng.choice((0.0, rng.uniform(0.0, 0.01))))
            else:
                time.sleep(rng.uniform(0.02, 0.35))
            if moment == "draining":
                load.end()
                # Work for the drain and for its jobs, so that the kill meets both.
                maker = Maker(self.journal, rng)
                jobs = [maker.alerts(firm) for firm in NUMBERS]
                Load(daemon, self.journal, seed=seed, backlog=jobs, only_backlog=True).join()
                time.sleep(rng.uniform(0.0, 0.15))
            if moment == "stopping":
                load.daemon_stops = True
                daemon.terminate()
                time.sleep(rng.uniform(0.0, 0.3))
        finally:
            if load is not None:
                load.daemon_stops |= victim == WORKER
            daemon.kill(victim)
            if load is not None:
                load.join()
        self.totals.kills[moment] += 1
        self.totals.victims[victim] += 1

    def _look_at_all(self, *, is_last: bool) -> None:
        """Let a daemon finish everything, stop it, and check every promise."""
        daemon = self.place.start()
        try:
            daemon.wait_until_ready()
            for _ in range(REDELIVERIES_MAX):
                if not (backlog := self.journal.unanswered()):
                    break
                Load(daemon, self.journal, seed="redelivery", backlog=backlog, only_backlog=True).join()
            else:
                raise Violation(f"{len(backlog)} requests find no 200")
            wait_until_done(self.place, jobs_too=is_last)
            daemon.stop()
        finally:
            daemon.kill()
        self.place.wait_for_orphans()
        check_spool(self.place, self.journal, self.seen, anew=True)
        check_firms(self.place, self.journal, self.seen)
        if is_last:
            check_commands(self.place)
        self.journal.trim()
        self.totals.full_checks += 1
        self.totals.elements = self.seen.elements
        self._say(
            f"{self.totals.rounds} rounds: {len(self.journal.requests)} requests, {self.seen.elements} elements,"
            f" {self.journal.lost_answers} answers lost; all there, all once"
        )
