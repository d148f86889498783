"""What a process pays for starting: modules that everybody imports stay light."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    *("apsw", "sqlite_utils", "aiosqlite", "cryptography", "keyring", "uvicorn", "httptools", "structlog"),
    *("httpx", "starlette", "textual", "watchfiles", "phonenumbers", "prometheus_client", "rich.table"),
    *("textual_serve", "aiohttp"),
)


def imported_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nsys.stderr.write(' '.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(ran.stderr.split())


@pytest.mark.parametrize(
    "module", ["lhwa", "lhwa.errors", "lhwa.domain.access", "lhwa.domain.events", "lhwa.bootstrap"]
)
def test_a_light_module_brings_nothing_heavy(module: str) -> None:
    assert imported_by(f"import {module}") & set(HEAVY) == set()


def test_the_command_line_brings_nothing_heavy_for_its_help() -> None:
    ran = imported_by(
        "import contextlib, io\n"
        "from lhwa.cli.app import main\n"
        "import sys\n"
        "sys.argv = ['lhwa', '--help']\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main()\n"
    )
    assert "lhwa.cli.app" in ran
    assert ran & set(HEAVY) <= {"rich.table"}, "Typer's own help draws with rich"


def test_making_sample_webhooks_needs_the_standard_library_only() -> None:
    third_party = {*HEAVY, "msgspec", "typer", "rich"}
    assert imported_by("import lhwa.testing.webhooks") & third_party == set()


def test_the_daemons_webhook_path_never_loads_pythons_sqlite_into_a_firms_file() -> None:
    assert (
        imported_by("import lhwa.store.store, lhwa.store.spool, lhwa.bus.worker, lhwa.routes")
        & {
            "sqlite3",
            "sqlite_utils",
            "aiosqlite",
        }
        == set()
    )
