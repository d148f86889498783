"""Is every request that was answered 200 on the disk? Asked after the servers were killed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lhwa.bootstrap import open_registry
from lhwa.domain.ids import TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.errors import SealError
from lhwa.store.spool_rows import SpoolReader, SpoolRow, open_request
from scripts.benchmarks.daemon import BenchHome
from scripts.benchmarks.peer import Peer
from scripts.benchmarks.webhooks import wamid_of

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Kept:
    """What was promised and what is there."""

    accepted: int
    missing: int
    """Answered 200 and not on the disk: must be 0."""
    twice: int
    """On the disk more than once: must be 0."""
    unpromised: int
    """On the disk, and the answer never came: allowed, the sender sends again."""

    @property
    def is_sound(self) -> bool:
        """True when no promise was broken."""
        return not self.missing and not self.twice

    def __str__(self) -> str:
        if self.is_sound:
            return f"all {self.accepted:,} kept"
        return f"{self.missing:,} of {self.accepted:,} MISSING, {self.twice:,} twice"


def in_spool(home: BenchHome, accepted: Iterable[str]) -> Kept:
    """Open every stored request with its firm's key and compare the message ids with those that were answered 200."""
    promised, rows = set(accepted), list(wamids(home))
    found = {wamid for _, wamid in rows}
    return Kept(len(promised), len(promised - found), len(rows) - len(found), len(found - promised))


def wamids(home: BenchHome) -> Iterator[tuple[str, str]]:
    """Event id and message id of every stored request that opens and that can be read."""
    with open_registry(home.home, home.root) as registry:
        keys: dict[str, TenantKeys] = {}
        for row in _rows(home):
            if row.tenant is None:
                continue
            if row.tenant not in keys:
                keys[row.tenant] = registry.tenant_keys(TenantId(row.tenant))
            wamid = _wamid_in(row, keys[row.tenant])
            if wamid is not None:
                yield row.event_id, wamid


def in_redis(peer: Peer, tag: str, accepted: Iterable[int]) -> Kept:
    """Look every promised job up by its id, after Redis was killed and started again from its log."""
    numbers = list(accepted)
    missing = sum(1 for number in numbers if not peer.has_job(wamid_of(tag, number)))
    return Kept(len(numbers), missing, 0, 0)


def _rows(home: BenchHome) -> Iterator[SpoolRow]:
    reader, seq = SpoolReader.open(home.home.spool_db), 0
    try:
        while rows := reader.after(seq, rows_max=ROWS_AT_ONCE):
            yield from rows
            seq = rows[-1].seq
    finally:
        reader.close()


def _wamid_in(row: SpoolRow, keys: TenantKeys) -> str | None:
    """The message id in a row; None when it does not open, so that the request counts as missing."""
    try:
        body = json.loads(open_request(row, keys))
        return str(body["entry"][0]["changes"][0]["value"]["messages"][0]["id"])
    except (SealError, ValueError, LookupError):
        return None
