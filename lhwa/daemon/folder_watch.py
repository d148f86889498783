"""Noticing what people edit in the firms' folders, and having it read: one watch in each worker, for its own firms.

    kernel's word, or the next look round -> the folder looks other than before, and twice the same -> read -> record

A folder that appears tells nobody (`folder_events.py` says why), so the firms are looked at in turn, a bounded number
each time, however many there are. The same looks stand in for the kernel where it has no watches left.

Invariants: a folder that goes on changing is read when it rests, and now and then until it does; what was read while
it changed is read again; one firm's trouble is said once and costs the others nothing.
A folder that is removed while no daemon runs leaves its versions as they were until a command reads it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lhwa.config import Home
from lhwa.daemon.folder_events import FolderEvents, Place
from lhwa.daemon.folder_look import ABSENT, Look, look_into
from lhwa.domain.edited_files import Noticed
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.ports.clock import Clock
from lhwa.services.intake.edited_trees import read_trees_for_daemon
from lhwa.services.templates.recording import read_for_daemon
from lhwa.store.transaction import Tx
from lhwa.telemetry.logs import Log

Recording = Callable[[Tx], Noticed | None]
"""What to do in a transaction of the firm; returns None when a newer reading was recorded already."""
FolderReader = Callable[[Path, Instant], Recording]
"""Reads a folder, also one that is gone, off the event loop. The time is taken before the reading begins."""
Record = Callable[[TenantId, Recording], Awaitable[Noticed | None]]

READERS: Mapping[str, FolderReader] = {
    # folder of a firm -> what reads it
    "intake": read_trees_for_daemon,
    "templates": read_for_daemon,
}

LOOK_S = 2.0
PLACES_MAX = 250
"""Looked at in one go: about a millisecond."""
SETTLE_S = 0.15
"""An editor writes, renames and sets times, one right after the other."""
UNSETTLED_S_MAX = 5.0
READ_PAUSE_S = 0.02
"""Between two readings: after a start there may be one for each firm, and messages go first."""
REST_S = 30.0
FAULTS_TOLD_MAX = 20

_log = Log("watcher")


@dataclass(frozen=True, slots=True)
class _Unsettled:
    """A folder that looks other than when it was read."""

    look: Look
    since_s: float
    began_s: float


class FolderWatch:
    """The edited folders of some firms.

    Args:
        firms: those that are served now; the same object for as long as they are the same.
        record: runs a transaction in a firm's file.
        readers: what reads each folder, by its name.
    """

    def __init__(
        self,
        home: Home,
        *,
        firms: Callable[[], Collection[TenantId]],
        record: Record,
        clock: Clock,
        readers: Mapping[str, FolderReader] = READERS,
    ) -> None:
        self._home = home
        self._firms = firms
        self._record = record
        self._clock = clock
        self._readers = readers
        self._ring_of: object = None
        self._ring: list[Place] = []
        self._turn = 0
        self._next_round_s = 0.0
        self._hinted: dict[Place, None] = {}
        self._has_hint = asyncio.Event()
        self._unsettled: dict[Place, _Unsettled] = {}
        self._ready: dict[Place, None] = {}
        self._rests_until_s: dict[Place, float] = {}
        self._read_as: dict[Place, Look] = {}
        self._trouble: dict[Place, str] = {}
        self._events = FolderEvents(self._hint)

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._events.run())
            parts.create_task(self._look())

    # Looking: by turns, and at once where something was heard.

    async def _look(self) -> None:
        while True:
            await self._wait()
            if places := self._next_places():
                for place, look in await asyncio.to_thread(self._looks, places):
                    self._weigh(place, look)
            if self._ready:
                # The newest first: who edits now waits for it, and after a start all others are there.
                await self._read(self._ready.popitem()[0])
                await asyncio.sleep(READ_PAUSE_S)

    def _looks(self, places: Iterable[Place]) -> list[tuple[Place, Look]]:
        looks = [(place, look_into(self._path(place))) for place in places]
        return [(place, look) for place, look in looks if look is not None]

    async def _wait(self) -> None:
        self._follow_firms()
        if self._hinted or self._ready:
            return
        wait_s = max(self._next_round_s - self._clock.monotonic_s(), 0.0)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(wait_s, SETTLE_S) if self._unsettled else wait_s):
                await self._has_hint.wait()
        self._has_hint.clear()

    def _follow_firms(self) -> None:
        firms = self._firms()
        if firms is self._ring_of:
            return
        self._ring_of, before = firms, set(self._ring)
        self._ring = [(tenant, name) for tenant in sorted(firms) for name in self._readers]
        for place in before - set(self._ring):
            # When it is served again it is read again: much may have happened meanwhile.
            for kept in (self._hinted, self._unsettled, self._ready, self._rests_until_s, self._read_as, self._trouble):
                kept.pop(place, None)
            self._events.follow(place, self._path(place), None)
        self._hint(place for place in self._ring if place not in before)

    def _next_places(self) -> list[Place]:
        now_s = self._clock.monotonic_s()
        heard = list(self._hinted)[:PLACES_MAX]
        for place in heard:
            del self._hinted[place]
        places = dict.fromkeys(heard)
        places |= {place: None for place, each in self._unsettled.items() if now_s >= each.since_s + SETTLE_S}
        if now_s >= self._next_round_s:
            self._next_round_s = now_s + LOOK_S
            end = self._turn + PLACES_MAX
            places |= dict.fromkeys(self._ring[self._turn : end])
            self._turn = end if end < len(self._ring) else 0
        return [place for place in places if place not in self._ready]

    def _weigh(self, place: Place, look: Look) -> None:
        """Have a folder read that looks other than when it was read, as soon as it looks the same for a while."""
        if place[0] not in self._firms():
            return
        self._events.follow(place, self._path(place), look.identity)
        if look == self._read_as.get(place, ABSENT):
            self._unsettled.pop(place, None)
            return
        now_s = self._clock.monotonic_s()
        if now_s < self._rests_until_s.get(place, now_s):
            return
        before = self._unsettled.get(place)
        if before is None:
            self._unsettled[place] = _Unsettled(look, now_s, now_s)
        elif now_s >= before.began_s + UNSETTLED_S_MAX or (before.look == look and now_s >= before.since_s + SETTLE_S):
            del self._unsettled[place]
            self._ready[place] = None
        elif before.look != look:
            self._unsettled[place] = _Unsettled(look, now_s, before.began_s)

    # Reading.

    async def _read(self, place: Place) -> None:
        tenant, name = place
        began = self._clock.now()

        def read() -> tuple[Look | None, Recording]:
            # The look comes first: what changes while we read looks other than this afterwards.
            return look_into(self._path(place)), self._readers[name](self._path(place), began)

        try:
            look, recording = await asyncio.to_thread(read)
            if look is None or tenant not in self._firms():
                return
            noticed = await self._record(tenant, recording)
        except Exception as error:  # noqa: BLE001 -- one firm's trouble never stops the others
            self._rests_until_s[place] = self._clock.monotonic_s() + REST_S
            if self._trouble.get(place) != (said := f"{type(error).__name__}: {error}"):
                self._trouble[place] = said
                _log.error("edited_files_not_recorded", error, tenant=tenant, kind=name)
            return
        self._rests_until_s.pop(place, None)
        self._trouble.pop(place, None)
        if noticed is None:
            self._hint([place])
            return
        self._read_as[place] = look
        _tell(place, noticed)

    def _hint(self, places: Iterable[Place]) -> None:
        self._hinted |= dict.fromkeys(places)
        self._has_hint.set()

    def _path(self, place: Place) -> Path:
        tenant, name = place
        return self._home.tenant_dir(tenant) / name


def _tell(place: Place, noticed: Noticed) -> None:
    tenant, name = place
    if noticed.changed:
        _log.info("edited_files_taken_over", tenant=tenant, kind=name, changed=noticed.changed)
    for fault in noticed.faults[:FAULTS_TOLD_MAX]:
        _log.warning("edited_file_refused", tenant=tenant, kind=name, file=fault.file, line=fault.line, rule=fault.rule)
    if len(noticed.faults) > FAULTS_TOLD_MAX:
        _log.warning("edited_files_refused", tenant=tenant, kind=name, count=len(noticed.faults))
