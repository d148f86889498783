"""A home that is ready: an app, two firms, and a lawyer in the first."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import make_root_key
from lhwa.bootstrap import open_clock
from lhwa.services.access.apps import add_app
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.installation import init_installation
from lhwa.services.access.operators import add_operator
from lhwa.services.access.tenants import add_tenant

Run = Callable[..., subprocess.CompletedProcess[str]]

APP_SECRET = "s3cret-of-the-meta-app-000000"
SECRETS = json.dumps({"app_secret": APP_SECRET, "verify_token": "verify-me"})


@pytest.fixture(scope="session")
def ready_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ready")
    root.chmod(0o700)
    key = make_root_key(FileSecretStore(root / "secrets"))
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
