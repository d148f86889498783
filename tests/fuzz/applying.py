"""What the messaging service owes any element: applied, known already, or buried, and never tried again for nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lhwa.bus.drain import drain_batch, settle
from lhwa.bus.progress import Progress
from lhwa.domain.ids import RawEventId
from lhwa.domain.instants import to_ms
from lhwa.domain.keys import TenantKeys, spool_key
from lhwa.domain.sealing import seal
from lhwa.normalizer.normalize import normalize
from lhwa.routes import REACTIONS, ROUTES
from lhwa.store.spool import SpoolRequest
from lhwa.store.spool_rows import request_place
from lhwa.testing.builders import open_firm, open_spool
from lhwa.testing.fakes import FakeClock
from tests.fuzz.firms import FIRMS, KEYS, NOW
from tests.fuzz.normalizer_laws import LawError

FINAL = {"applied", "duplicate", "buried"}
FIRM = FIRMS[0]


class Firm:
    """A firm with its file and a spool, open."""

    def __init__(self, root: Path) -> None:
        self.keys = TenantKeys(KEYS[FIRM])
        self.spool = open_spool(root / "spool.db")
        self.store = open_firm(root / FIRM, tenant=FIRM, keys=self.keys, clock=FakeClock(NOW), reactions=REACTIONS)
        self.outcomes: Counter[str] = Counter()
        self._number = 0

    def close(self) -> None:
        self.store.close()
        self.spool.close()

    def hold(self, body: bytes) -> None:
        """Whatever a request says, each of its elements comes to its end. Raises: LawError."""
        event = self._put(body)
        outcomes: Counter[str] = Counter()
        progress = Progress()
        while self.spool.read.state_of(event) == "stored":
            done = drain_batch(
                self.spool,
                self.store,
                ROUTES.inbound,
                keys=lambda: self.keys,
                requests_max=9,
                elements_max=1_000,
                progress=progress,
            )
            settle(self.spool, [done])
            if done.unreadable:
                raise LawError(f"a request stopped: {sorted(done.unreadable.values())}")
            outcomes += done.outcomes
        if outcomes.keys() - FINAL:
            raise LawError(f"elements were {dict(outcomes)}")
        expected = len(normalize(body))
        if sum(outcomes.values()) != expected:
            raise LawError(f"{expected} elements came to {sum(outcomes.values())} ends")
        self.outcomes += outcomes

    def _put(self, body: bytes) -> str:
        self._number += 1
        event = RawEventId(f"raw-{self._number}")
        sealed = seal(spool_key(KEYS[FIRM], NOW), request_place(FIRM, event), body)
        dedup = self._number.to_bytes(20, "big")
        self.spool.put([SpoolRequest(event, FIRM, "main", to_ms(NOW), dedup, len(body), sealed)]).result()
        return event
