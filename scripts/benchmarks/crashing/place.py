"""A home with three firms, and the real daemon of it as a child process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import lhwa
from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import make_root_key, read_root_key
from lhwa.bootstrap import open_clock
from lhwa.config import Home
from lhwa.domain.ids import TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.registry.registry import Registry
from lhwa.services.access.apps import add_app
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.installation import init_installation
from lhwa.services.access.tenants import add_tenant
from lhwa.store.spool import create_spool
from lhwa.testing.webhooks import BusinessNumber

APP_SECRET = b"s3cret-of-the-meta-app-000000"
START_S_MAX = 30.0
END_S_MAX = 15.0
ALL, DAEMON, WORKER = "all", "daemon", "worker"
"""Which process is killed: every one, the one that takes the requests, or the one beside it that applies them."""
LOOK_S = 0.005
LEASE_S = 5
"""Of jobs, the shortest that can be set: so long a killed daemon's jobs may seem to run."""
TROUBLE = ("Traceback", '"firm_in_trouble"', '"part_broke_down"', '"webhook_not_stored"', '"observer_broke"')
"""What no daemon may say after a crash of the one before it."""
NUMBERS = {
    TenantId(name): BusinessNumber(
        phone_number_id=str(301301301301301 + nth),
        display_phone_number=f"62215000123{nth}",
        waba_id=str(200300400500600 + nth),
    )
    for nth, name in enumerate(("firma", "lain", "ketiga"))
}


class Violation(Exception):  # noqa: N818 -- it is the finding, not a fault of this program
    """A promise was broken; the text says which."""


def _kill_one(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Place:
    """One home, and everything that the harness does there.

    Args:
        numbers: its firms, each with its number.
        access_token: of every firm; without one nothing leaves.
    """

    def __init__(
        self, root: Path, *, numbers: Mapping[TenantId, BusinessNumber] = NUMBERS, access_token: str | None = None
    ) -> None:
        self.root = root
        self.home = Home(root / "home")
        self._numbers = numbers
        self._access_token = access_token
        self.orphans: list[int] = []
        """Workers whose daemon was killed."""
        self._starts = 0
        self._keys: dict[TenantId, TenantKeys] = {}

    def make(self) -> None:
        """Make the home, as `init`, `app add` and `tenant add` do."""
        self.home.root.mkdir(mode=0o700, parents=True)
        key = make_root_key(FileSecretStore(self.home.secrets_dir))
        create_spool(self.home.spool_db)
        self.home.settings_file.write_text('[root_key]\nstore = "file"\n')
        now, me = open_clock().now(), Caller(os_uid=os_uid())
        with init_installation(
            self.home.registry_db, key, operator="sari", name="Sari Contoh", os_uid=os_uid(), now=now
        ) as registry:
            add_app(registry, me, "main", app_secret=APP_SECRET.decode(), verify_token="verify-me", now=now)
            for firm, number in self._numbers.items():
                add_tenant(
                    registry,
                    me,
                    firm,
                    name=f"Firma {firm.title()}",
                    waba_id=number.waba_id,
                    phone_number_ids=[number.phone_number_id],
                    app="main",
                    access_token=self._access_token,
                    now=now,
                )

    def keys_of(self, firm: TenantId) -> TenantKeys:
        """The keys of a firm."""
        if not self._keys:
            root = read_root_key(FileSecretStore(self.home.secrets_dir))
            with Registry.open(self.home.registry_db, root) as registry:
                self._keys = {each: registry.tenant_keys(each) for each in self._numbers}
        return self._keys[firm]

    def environ(self) -> dict[str, str]:
        """Nothing of the machine's own, and the same lhwa as the one that is imported here."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
        return kept | {
            "HOME": str(self.root / "user"),
            "LHWA_HOME": str(self.home.root),
            "LHWA_WORKER__LEASE_S": str(LEASE_S),
            "LHWA_LOG__LEVEL": "warning",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "PYTHONPATH": str(Path(lhwa.__file__).parents[1]),
        }

    def start(self) -> Daemon:
        """Start the daemon and do not wait."""
        self._starts += 1
        return Daemon(self, self.root / f"serve-{self._starts}.log")

    def wait_for_orphans(self) -> None:
        """A worker whose daemon is gone finishes what it holds and ends. Raises: Violation when one does not."""
        until = time.monotonic() + END_S_MAX
        while left := [pid for pid in self.orphans if _is_running(pid)]:
            if time.monotonic() > until:
                for pid in left:
                    _kill_one(pid)
                raise Violation(f"{len(left)} workers outlived their daemons by {END_S_MAX:.0f} s")
            time.sleep(LOOK_S)
        self.orphans.clear()

    def command(self, *words: str) -> tuple[int, str]:
        """Run `lhwa WORDS` as its own process: exit code, and all that it said."""
        done = subprocess.run(
            [sys.executable, "-m", "lhwa", *words], env=self.environ(), capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr


class Daemon:
    """One `lhwa serve` process."""

    def __init__(self, place: Place, log: Path) -> None:
        self.place = place
        self.log = log
        self._was_told_to_stop = False
        argv = [sys.executable, "-m", "lhwa", "serve", "--port", "0", "--admin-port", "0"]
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                argv,
                env=place.environ(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        self.webhook = ("", 0)

    def wait_until_ready(self) -> None:
        """Wait until the lock file says where this process listens."""
        until = time.monotonic() + START_S_MAX
        while not (facts := self._facts()):
            if self.process.poll() is not None:
                raise Violation(f"the daemon ended with {self.process.returncode} at its start:\n{self.said()}")
            if time.monotonic() > until:
                raise Violation(f"the daemon was not ready within {START_S_MAX:.0f} s:\n{self.said()}")
            time.sleep(LOOK_S)
        host, _, port = facts["webhook"].rpartition(":")
        self.webhook = (host, int(port))

    def _facts(self) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = json.loads(self.place.home.lock_file.read_bytes())
        except (OSError, ValueError):
            return {}
        return facts if facts["pid"] == self.process.pid else {}

    def kill(self, victim: str = ALL) -> None:
        """SIGKILL to all of it or to one of its processes; then look at how the rest ended and at what it said."""
        if not self.log.exists():
            return  # it was looked at already
        workers = self._workers()
        if victim == WORKER and workers and self.process.poll() is None:
            _kill_one(workers[self.process.pid % len(workers)])
            self._wait_for_breakdown()
            return
        ended = self.process.poll()
        if ended is None:
            if victim == ALL:
                self._kill_group()
            self.process.kill()
            ended = self.process.wait()
        self.place.orphans += workers
        if ended not in (0, -signal.SIGKILL, -signal.SIGTERM):
            raise Violation(f"the daemon ended by itself with {ended}:\n{self.said()}")
        self._look_at_log()

    def _workers(self) -> list[int]:
        try:
            text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in text.split()]

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _wait_for_breakdown(self) -> None:
        """Without its worker the daemon ends, and whoever watches it starts another one."""
        try:
            code = self.process.wait(END_S_MAX)
        except subprocess.TimeoutExpired:
            self._kill_group()
            self.process.wait()
            raise Violation(f"the daemon went on without its worker:\n{self.said()}") from None
        if code == 0 and not self._was_told_to_stop:
            raise Violation(f"the daemon lost its worker and ended as if nothing was:\n{self.said()}")
        self.log.unlink()

    def terminate(self) -> None:
        """SIGTERM, without waiting."""
        self._was_told_to_stop = True
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """SIGTERM, and wait for the end that a service manager expects."""
        self.terminate()
        code = self.process.wait(30)
        if code != 0:
            raise Violation(f"the daemon ended with {code} after SIGTERM:\n{self.said()}")
        self._look_at_log()

    def _look_at_log(self) -> None:
        said = self.said()
        if any(word in said for word in TROUBLE):
            raise Violation(f"the daemon was in trouble:\n{said}")
        self.log.unlink(missing_ok=True)

    def said(self) -> str:
        """The end of its log; nothing once that was looked at."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4_000:] if self.log.exists() else ""
