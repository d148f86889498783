"""Following one webhook through the stages, by reading what is stored."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial

from lhwa import bootstrap
from lhwa.cli.demo.story import NUMBERS, Outcome, Step
from lhwa.config import Home, Settings
from lhwa.domain.ids import TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.store.spool_rows import SpoolReader, SpoolRow
from lhwa.store.store import Store
from lhwa.store.transaction import Tx

APPLIED_S = 10.0
LOOK_S = 0.004


@dataclass(slots=True)
class Seen:
    """What became of one step, as the files say."""

    step: Step
    http: int | None = None
    sealed_bytes: int = 0
    made: list[str] = field(default_factory=list)
    """What was stored, one short line each."""
    outcome: Outcome | None = None

    @property
    def ok(self) -> bool:
        """True when it was answered and became what the script says."""
        return self.http == self.step.status and self.outcome == self.step.outcome


class Tracer:
    """Reads the spool and both firms' files while the daemon writes them."""

    def __init__(self, home: Home) -> None:
        root = bootstrap.open_root_key(home, Settings(), {})
        self._spool = SpoolReader.open(home.spool_db)
        self._stores: dict[str, Store] = {}
        with bootstrap.open_registry(home, root) as registry:
            keys: dict[str, TenantKeys] = {firm: registry.tenant_keys(TenantId(firm)) for firm in NUMBERS}
        for firm in NUMBERS:
            self._stores[firm] = bootstrap.open_store(
                home,
                TenantId(firm),
                keys[firm],
                registry=partial(bootstrap.open_registry, home, root),
                clock=bootstrap.open_clock(),
                is_founded=True,
            )
        self._last_seq = 0

    def close(self) -> None:
        """Close the files."""
        self._spool.close()
        for store in self._stores.values():
            store.close()

    def follow(self, seen: Seen) -> None:
        """Wait until what the step stored has been applied, and note what it became."""
        if seen.http != 200:
            seen.outcome = Outcome.REFUSED
            return
        rows = self._spool.after(self._last_seq)
        if not rows:
            seen.outcome = Outcome.DUPLICATE
            return
        self._last_seq = rows[-1].seq
        seen.sealed_bytes = sum(len(row.sealed) for row in rows)
        kinds: list[Outcome] = []
        for row in rows:
            kinds += self._applied(row, seen)
        seen.outcome = Outcome.MIXED if len(rows) > 1 else (kinds[0] if kinds else None)

    def new_rows(self) -> list[SpoolRow]:
        """Requests that came by themselves since the last look."""
        rows = self._spool.after(self._last_seq)
        if rows:
            self._last_seq = rows[-1].seq
        return rows

    def _applied(self, row: SpoolRow, seen: Seen) -> list[Outcome]:
        until = time.monotonic() + APPLIED_S
        while time.monotonic() < until:
            now = self._spool.by_event(row.event_id)
            if now is not None and now.state != "stored":
                break
            time.sleep(LOOK_S)
        if row.tenant is None:
            return []
        found = self._stores[row.tenant].read(_made_of, row.event_id)
        seen.made += [f"{kind.value} {text}" for kind, text in found]
        return [kind for kind, _ in found]


def _made_of(tx: Tx, raw_event: str) -> list[tuple[Outcome, str]]:
    made = [(Outcome.MESSAGE, str(row.id)) for row in tx.messages.of_raw_event(raw_event)]
    made += [(Outcome.STATUS, row.status) for row in tx.statuses.of_raw_event(raw_event)]
    made += [
        (Outcome.PLATFORM, f"{row.field} {row.event}".strip()) for row in tx.platform_events.of_raw_event(raw_event)
    ]
    return made + [(Outcome.DEAD_LETTER, row.reason) for row in tx.dead_letters.of_raw_event(raw_event)]
