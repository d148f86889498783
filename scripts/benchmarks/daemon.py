"""A home with many firms, made in one process, and its daemon as a child."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, cast

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import make_root_key
from lhwa.bootstrap import open_clock, open_registry, open_store
from lhwa.config.home import Home
from lhwa.domain.ids import TenantId
from lhwa.domain.sealing import Key
from lhwa.services.access.apps import add_app
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.installation import init_installation
from lhwa.services.access.tenants import add_tenant, resume_tenant, suspend_tenant
from lhwa.store.spool import create_spool
from lhwa.store.store import Store
from scripts.benchmarks import children, webhooks

START_S = 60.0
SETTINGS = """\
# The limits protect a firm from floods; here the flood is what is measured.
[server]
port = 0
admin_port = 0

[limits]
connections_per_source_max = 10000
requests_per_s_per_source = 10000000
burst_per_source = 10000000
requests_per_s_total = 10000000
burst_total = 10000000

[spool]
pending_bytes_max = 1099511627776

[log]
level = "warning"
format = "json"

[root_key]
store = "file"
"""


@dataclass(frozen=True, slots=True)
class BenchHome:
    """A home and what opens it."""

    home: Home
    root: Key
    firms: int

    @property
    def tenants(self) -> list[TenantId]:
        """The ids of its firms."""
        return [TenantId(webhooks.tenant_of(firm)) for firm in range(self.firms)]

    def open_store(self, tenant: TenantId) -> Store:
        """A firm's store, made when it has none yet; the caller closes it. Only while no daemon is measured."""
        with open_registry(self.home, self.root) as registry:
            keys = registry.tenant_keys(tenant)
        return open_store(
            self.home,
            tenant,
            keys,
            registry=lambda: open_registry(self.home, self.root),
            clock=open_clock(),
            is_founded=False,
        )

    def found(self, tenants: Iterable[TenantId] | None = None) -> None:
        """Make the files of firms beforehand, so that no run pays for it."""
        for tenant in self.tenants if tenants is None else tenants:
            self.open_store(tenant).close()

    def suspend(self) -> None:
        """From now on requests of all firms are stored and wait."""
        self._each(suspend_tenant)

    def resume(self) -> None:
        """Serve them."""
        self._each(resume_tenant)

    def _each(self, act: object) -> None:
        assert callable(act)
        with open_registry(self.home, self.root) as registry:
            for tenant in self.tenants:
                act(registry, Caller(os_uid=os_uid()), tenant, reason="benchmark", now=datetime.now(UTC))


def make_home(folder: Path, *, firms: int, founded: bool = True, settings: str = SETTINGS) -> BenchHome:
    """Make a home with this many firms under one Meta app."""
    home, caller, now = Home(folder), Caller(os_uid=os_uid()), datetime.now(UTC)
    folder.mkdir(mode=0o700, parents=True)
    root = make_root_key(FileSecretStore.for_home(folder, path=None, environ=os.environ))
    home.settings_file.write_text(settings)
    create_spool(home.spool_db)
    with init_installation(
        home.registry_db, root, operator="contoh", name="Contoh", os_uid=os_uid(), now=now
    ) as registry:
        add_app(registry, caller, "main", app_secret=webhooks.APP_SECRET, verify_token=secrets.token_hex(16), now=now)
        for firm in range(firms):
            add_tenant(
                registry,
                caller,
                webhooks.tenant_of(firm),
                name=f"Kantor Contoh {firm}",
                waba_id=webhooks.waba_of(firm),
                phone_number_ids=[webhooks.number_of(firm)],
                app="main",
                now=now,
            )
    made = BenchHome(home, root, firms)
    if founded:
        made.found()
    return made


@dataclass(slots=True)
class Daemon:
    """`lhwa serve` as a child. `log` keeps what it said."""

    home: BenchHome
    child: subprocess.Popen[bytes] | None = None
    port: int = 0
    admin_port: int = 0
    started_in_s: float = 0.0
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.home.home.root.with_name(self.home.home.root.name + ".log")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.child is not None
        return self.child.pid

    def start(self) -> None:
        """Start it and wait until it listens."""
        root = self.home.home.root
        began_s = time.perf_counter()
        with self.log.open("ab") as log:
            self.child = children.start(
                [sys.executable, "-m", "lhwa", "serve"], cwd=root, log=log, env=children.python_env(LHWA_HOME=str(root))
            )
        try:
            while not self._listens():
                self._refuse_dead(began_s)
                time.sleep(0.005)
        except BaseException:
            self.kill()
            raise
        self.started_in_s = time.perf_counter() - began_s

    def stop(self) -> None:
        """Stop it in order."""
        if self.child is not None:
            children.stop(self.child)

    def kill(self) -> None:
        """End it as a power failure of the process would: without a last word."""
        if self.child is not None:
            self.child.kill()
            children.stop(self.child)

    def readiness(self) -> dict[str, Any]:
        """What `/readyz` says."""
        return cast("dict[str, Any]", json.loads(self._admin("/readyz")))

    def metrics(self) -> str:
        """What `/metrics` says."""
        return self._admin("/metrics").decode()

    def await_drained(self, *, wait_s: float = 3_600.0) -> None:
        """Wait until nothing waits for the worker."""
        until_s = time.monotonic() + wait_s
        while self.readiness().get("waitingRequests") != 0:
            if time.monotonic() > until_s:
                raise RuntimeError(f"Requests still wait after {wait_s:.0f} s.")
            time.sleep(0.05)

    def _admin(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def _refuse_dead(self, began_s: float) -> None:
        if self.child is None or self.child.poll() is not None or time.perf_counter() - began_s > START_S:
            raise RuntimeError(f"The daemon did not start: {self.log.read_text()[-2_000:]}")

    def _listens(self) -> bool:
        try:
            facts = json.loads(self.home.home.lock_file.read_bytes())
        except (OSError, ValueError):
            return False
        if facts.get("pid") != self.pid:
            return False
        self.port, self.admin_port = (int(facts[name].rpartition(":")[2]) for name in ("webhook", "admin"))
        return True
