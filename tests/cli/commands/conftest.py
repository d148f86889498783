"""A home that is ready: an app, two firms, and a lawyer in the first; and one where the daemon has run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import make_root_key
from lhwa.bootstrap import open_clock
from lhwa.services.access.apps import add_app
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.installation import init_installation
from lhwa.services.access.operators import add_operator
from lhwa.services.access.tenants import add_tenant
from lhwa.store.spool import create_spool
from lhwa.testing.webhooks import BusinessNumber, Client, build, encode, set_path, sign

Run = Callable[..., subprocess.CompletedProcess[str]]

APP_SECRET = "s3cret-of-the-meta-app-000000"
SECRETS = json.dumps({"app_secret": APP_SECRET, "verify_token": "verify-me"})


@pytest.fixture(scope="session")
def ready_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ready")
    root.chmod(0o700)
    key = make_root_key(FileSecretStore(root / "secrets"))
    create_spool(root / "spool.db")
    (root / "lhwa.toml").write_text('[root_key]\nstore = "file"\n')
    now, me = open_clock().now(), Caller(os_uid=os_uid())
    with init_installation(
        root / "registry.db", key, operator="sari", name="Sari Contoh", os_uid=os_uid(), now=now
    ) as registry:
        add_app(registry, me, "main", app_secret=APP_SECRET, verify_token="verify-me", now=now)
        for number, (tenant, name) in enumerate([("firma", "Firma Contoh"), ("lain", "Firma Lain")], start=1):
            add_tenant(
                registry,
                me,
                tenant,
                name=name,
                waba_id=str(200300400500600 + number),
                phone_number_ids=[str(301301301301301 + number)],
                app="main",
                now=now,
            )
        add_operator(registry, me, "firma", operator="budi", name="Budi Contoh", role="lawyer", now=now)
        add_operator(registry, me, "firma", operator="wati", name="Wati Contoh", role="owner", now=now)
    return root


@pytest.fixture
def firm(ready_home: Path, home: Path, lhwa: Run) -> Run:
    """Run in a copy of that home."""
    shutil.copytree(ready_home, home)
    return lhwa


@pytest.fixture
def token(firm: Run) -> Callable[[str], dict[str, str]]:
    """The environment in which somebody acts in the first firm."""

    def of(operator: str) -> dict[str, str]:
        issued = firm("token", "issue", operator, "-t", "firma")
        assert issued.returncode == 0, issued.stderr
        return {"LHWA_TOKEN": issued.stdout.strip()}

    return of


CLIENT = Client(name="Contoh Klien", wa_id="6281230001111", bsuid="ID.88001122334455")
AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
IN_MESSAGES = "entry.0.changes.0.value"
SENT = [
    # firm, kind, and what is changed in it
    ("firma", "text", (f"{IN_MESSAGES}.messages.0.text.body", "Halo [bold]Kantor[/bold]")),
    ("firma", "document", None),
    ("firma", "echo", (f"{IN_MESSAGES}.message_echoes.0.id", "wamid.ECHO")),
    ("firma", "status_read", (f"{IN_MESSAGES}.statuses.0.id", "wamid.ECHO")),
    ("firma", "poison", None),
    ("firma", "account_restriction", None),
    ("lain", "text", None),
    ("firma", "text", (f"{IN_MESSAGES}.metadata.phone_number_id", "999999999999999")),
]


@pytest.fixture(scope="session")
def lived_in_home(ready_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose daemon has received every one of SENT, and has ended."""
    root = tmp_path_factory.mktemp("lived-in") / "home"
    shutil.copytree(ready_home, root)
    with serving(root) as facts, httpx.Client(trust_env=False) as client:
        for seq, (firm, kind, change) in enumerate(SENT, start=1):
            nth = 1 if firm == "firma" else 2
            number = BusinessNumber(
                phone_number_id=str(301301301301301 + nth),
                display_phone_number="622150001234",
                waba_id=str(200300400500600 + nth),
            )
            payload = build(kind, number=number, client=CLIENT, seq=seq, at=AT)
            body = encode(payload if change is None else set_path(payload, *change))
            headers = {"X-Hub-Signature-256": sign(body, APP_SECRET.encode())}
            answer = client.post(f"http://{facts['webhook']}/webhooks/whatsapp", content=body, headers=headers)
            assert answer.status_code == 200
        until = time.monotonic() + 20
        while client.get(f"http://{facts['admin']}/readyz").json().get("waitingRequests"):
            assert time.monotonic() < until
            time.sleep(0.02)
    return root


@contextmanager
def serving(root: Path) -> Iterator[dict[str, Any]]:
    """The daemon of a home, as its own process, for the block; gives what the lock file says of it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LHWA_")}
    argv = [sys.executable, "-m", "lhwa", "serve", "--home", str(root), "--port", "0", "--admin-port", "0"]
    daemon = subprocess.Popen(argv, env=environ, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 20
        while not (said := (root / "serve.lock").exists() and (root / "serve.lock").read_bytes()):
            assert time.monotonic() < until
            assert daemon.poll() is None
            time.sleep(0.02)
        yield json.loads(said)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(10) == 0
    finally:
        daemon.kill()
        daemon.communicate()


@pytest.fixture
def office(lived_in_home: Path, home: Path, lhwa: Run) -> Run:
    """Run in a copy of the home where the daemon has run, as the one who installed it, in the first firm."""
    shutil.copytree(lived_in_home, home)

    def run(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        return lhwa("-t", "firma", *words, **more)

    return run


@pytest.fixture
def data(office: Run) -> Callable[..., Any]:
    """What a command that must succeed answers with --json, as data."""

    def of(*words: str, **more: Any) -> Any:
        done = office("--json", *words, **more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return of


@pytest.fixture
def role(office: Run) -> Callable[[str], dict[str, str]]:
    """The environment in which an operator of this role acts in the first firm."""

    def of(name: str) -> dict[str, str]:
        added = office("operator", "add", f"contoh-{name}", "--role", name)
        assert added.returncode == 0, added.stderr
        return {"LHWA_TOKEN": office("token", "issue", f"contoh-{name}").stdout.strip()}

    return of
