"""Looking into firms' files from outside while the daemon writes them. Nothing here ever writes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import apsw

from lhwa.domain.ids import TenantId
from lhwa.store.connection import open_connection, rows
from scripts.benchmarks.daemon import BenchHome


def open_firm_file(home: BenchHome, tenant: TenantId) -> apsw.Connection:
    """A connection to a firm's file that leaves its log as it is."""
    connection = open_connection(home.home.tenant_db(tenant))
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    return connection


def messages_in(home: BenchHome) -> int:
    """How many messages all firms' files hold."""
    return sum(messages_of(home, tenant) for tenant in home.tenants)


def messages_of(home: BenchHome, tenant: TenantId) -> int:
    """How many messages one firm's file holds."""
    connection = open_firm_file(home, tenant)
    try:
        return int(rows(connection, "SELECT count(*) FROM message")[0][0])
    finally:
        connection.close()


@dataclass(slots=True)
class Watched:
    """One firm's file under observation."""

    connection: apsw.Connection
    version: int = -1
    seq: int = 0


@dataclass(slots=True)
class Onlooker:
    """Notes when each message became visible to another process. What it sees is committed."""

    seen_ns: dict[str, int] = field(default_factory=dict)
    """By event id of the stored request."""
    gaps_ms: list[float] = field(default_factory=list)
    """Between two looks at a file: no figure is finer than this."""
    _files: list[Watched] = field(default_factory=list)
    _last_ns: int = 0

    def begin(self, home: BenchHome, tenants: Sequence[TenantId]) -> None:
        """Open the files; what is in them now does not count."""
        for tenant in tenants:
            connection = open_firm_file(home, tenant)
            last = rows(connection, "SELECT coalesce(max(seq), 0) FROM message")[0][0]
            self._files.append(Watched(connection, seq=int(last)))
        self._last_ns = time.perf_counter_ns()

    def look(self) -> None:
        """One look at each file."""
        for file in self._files:
            version = int(rows(file.connection, "PRAGMA data_version")[0][0])
            if version == file.version:
                continue
            file.version = version
            found = rows(file.connection, "SELECT seq, raw_event FROM message WHERE seq > ? ORDER BY seq", (file.seq,))
            now_ns = time.perf_counter_ns()
            for seq, event in found:
                file.seq = int(seq)
                self.seen_ns.setdefault(str(event), now_ns)
        now_ns = time.perf_counter_ns()
        self.gaps_ms.append((now_ns - self._last_ns) / 1e6)
        self._last_ns = now_ns

    def end(self) -> None:
        """Close the files."""
        for file in self._files:
            file.connection.close()
        self._files.clear()
