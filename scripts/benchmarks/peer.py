"""The peer: Fastify, BullMQ and Redis under `scripts/bench_peer/`, installed by npm and started as children."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self, cast

from scripts.benchmarks import children, redis, webhooks
from scripts.benchmarks.redis import Redis

FOLDER = children.ROOT / "scripts" / "bench_peer"
QUEUE_KEY = "bull:webhooks"
HINT = "node and npm are not on the PATH. Install Node.js 20 or newer with npm."
CONCURRENCY = 50
INSTALL_S = 600
_SEAL_KEY = "5a" * 32
_INSTALL = ["npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]


def install() -> bool:
    """Install what package.json pins, once; returns True when the worker can write SQLite files.

    better-sqlite3 is compiled here from its own sources. Where that does not work, the peer's worker leaves out the
    rows, which is to its advantage.

    Raises: Missing when there is no redis-server, node or npm.
    """
    redis.require()
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise children.Missing(HINT)
    stamp, wanted = FOLDER / "node_modules" / ".installed", (FOLDER / "package.json").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Installing the peer's packages with npm (once) ...", file=sys.stderr)
        _npm(_INSTALL)
        _npm(["npm", "rebuild", "--build-from-source", "better-sqlite3"], must=False)
        stamp.write_text(wanted)
    return _has_sqlite()


def _npm(argv: list[str], *, must: bool = True) -> None:
    done = subprocess.run(argv, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=INSTALL_S)
    if must and done.returncode:
        raise children.Missing(f"`{' '.join(argv)}` failed in {FOLDER}: {done.stderr.strip()[-500:]}")


def _has_sqlite() -> bool:
    probe = "import('better-sqlite3').then(({default: D}) => new D(':memory:').close())"
    argv = ["node", "--input-type=module", "-e", probe]
    return subprocess.run(argv, cwd=FOLDER, capture_output=True, check=False, timeout=30).returncode == 0


class Peer:
    """One Redis and one Node process that listens, and if wanted one that works. Use it in a `with`."""

    def __init__(self, folder: Path, *, firms: int, fsync: str = "always", database: bool = True) -> None:
        folder.mkdir(mode=0o700, parents=True)
        self._folder = folder
        self._firms = {webhooks.number_of(firm): webhooks.tenant_of(firm) for firm in range(firms)}
        self._database = database
        self._fsync = fsync
        self._server: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.redis = Redis(folder, fsync=fsync)

    def __enter__(self) -> Self:
        try:
            self.start_server()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """The processes whose CPU counts."""
        running = {"node": self._server, "worker": self._worker}
        return {"redis": self.redis.pid} | {name: child.pid for name, child in running.items() if child is not None}

    def start_server(self) -> None:
        """Start the listener."""
        self._server, told = self._start("server.js")
        self.port = int(told["port"])

    def start_worker(self, *, latencies: bool = False) -> None:
        """Start the worker; it takes jobs from now on."""
        self._worker, _ = self._start("worker.js", latencies=latencies)

    def stop_worker(self) -> list[float]:
        """End the worker in order; what it measured from queued to done, in milliseconds, when that was wanted."""
        worker, self._worker = self._worker, None
        assert worker is not None
        assert worker.stdout is not None
        try:
            worker.terminate()
            line = worker.stdout.readline()
            return [float(each) for each in json.loads(line)["latencies"]] if line else []
        finally:
            children.stop(worker)

    def stop_server(self) -> None:
        """End the listener in order."""
        if self._server is not None:
            children.stop(self._server)
            self._server = None

    def waiting(self) -> int:
        """Jobs that nobody has taken."""
        return self.redis.count("LLEN", f"{QUEUE_KEY}:wait")

    def completed(self) -> int:
        """Jobs that are done."""
        return self.redis.count("ZCARD", f"{QUEUE_KEY}:completed")

    def failed(self) -> int:
        """Jobs that failed."""
        return self.redis.count("ZCARD", f"{QUEUE_KEY}:failed")

    def has_job(self, wamid: str) -> bool:
        """True when there is a job of this id."""
        return self.redis.count("EXISTS", f"{QUEUE_KEY}:{wamid}") == 1

    def kill(self) -> None:
        """End Redis and then the others without a last word."""
        self.redis.kill()
        for child in (self._server, self._worker):
            if child is not None:
                child.kill()
                children.stop(child)
        self._server = self._worker = None

    def restart_redis(self) -> None:
        """Start Redis again from its log."""
        self.redis = Redis(self._folder, fsync=self._fsync)

    def stop(self) -> None:
        """End everything."""
        for child in (self._worker, self._server):
            if child is not None:
                children.stop(child)
        self._worker = self._server = None
        self.redis.stop()

    def _start(self, script: str, **more: Any) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
        with (self._folder / f"{script}.log").open("ab") as log:
            child = children.start(["node", str(FOLDER / script)], cwd=FOLDER, log=log.fileno(), talks=True)
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps(self._settings() | more).encode())
            child.stdin.close()
            return child, _told(child.stdout.readline(), log=self._folder / f"{script}.log")
        except BaseException:
            children.stop(child)
            raise

    def _settings(self) -> dict[str, Any]:
        return {
            "redis": str(self.redis.path),
            "secret": webhooks.APP_SECRET,
            "key": _SEAL_KEY,
            "firms": self._firms,
            "folder": str(self._folder),
            "concurrency": CONCURRENCY,
            "database": self._database,
        }


def _told(line: bytes, *, log: Path) -> dict[str, Any]:
    """The first line of a child of ours."""
    if not line:
        raise RuntimeError(f"The peer did not start: {log.read_text()[-1_000:]}")
    return cast("dict[str, Any]", json.loads(line))
