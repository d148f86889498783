"""As much of Redis as a benchmark needs: the server as a child on a socket of its own, and commands to it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from scripts.benchmarks import children

START_S = 10.0
HINT = (
    "redis-server is not on the PATH. Install it, such as with `apt-get install redis-server` or `brew install redis`."
)

Reply = int | bytes | None | list["Reply"]


class Redis:
    """A private Redis. `fsync` is `always` (like lhwa, nothing is answered before it is on disk) or `everysec`."""

    def __init__(self, folder: Path, *, fsync: str = "always") -> None:
        self.path = folder / "redis.sock"
        program = require()
        argv = [
            program, "--port", "0", "--unixsocket", str(self.path), "--dir", str(folder), "--save", "",
            "--appendonly", "yes", "--appendfsync", fsync, "--maxmemory-policy", "noeviction", "--daemonize", "no",
        ]  # fmt: skip
        with (folder / "redis.log").open("ab") as log:
            self.child = children.start(argv, cwd=folder, log=log)
        self._socket: socket.socket | None = None
        self._await()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.child.pid

    def call(self, *words: str | int) -> Reply:
        """Run one command."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(str(self.path))
            self._reader = self._socket.makefile("rb")
        parts = [str(word).encode() for word in words]
        request = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        self._socket.sendall(request)
        return self._reply()

    def count(self, *words: str | int) -> int:
        """Run a command that answers a number."""
        reply = self.call(*words)
        if not isinstance(reply, int):
            raise TypeError(f"Redis answered {type(reply).__name__} to {words[0]}.")
        return reply

    def stop(self) -> None:
        """End it."""
        if self._socket is not None:
            self._reader.close()
            self._socket.close()
            self._socket = None
        children.stop(self.child)

    def kill(self) -> None:
        """End it without a last word."""
        self.child.kill()
        self.stop()

    def _reply(self) -> Reply:
        line = self._reader.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(f"Redis: {rest.decode(errors='replace')}")
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._reader.read(int(rest) + 2)[:-2]
        return [self._reply() for _ in range(int(rest))]

    def _await(self) -> None:
        until_s = time.monotonic() + START_S
        while True:
            try:
                if self.call("PING") == b"PONG":
                    return
            except (OSError, RuntimeError):
                self._socket = None
            if self.child.poll() is not None or time.monotonic() > until_s:
                self.stop()
                raise RuntimeError("redis-server did not start.")
            time.sleep(0.02)


def require() -> str:
    """Where redis-server is. Raises: Missing when it is nowhere."""
    program = shutil.which("redis-server")
    if program is None:
        raise children.Missing(HINT)
    return program


def version() -> str:
    """What `redis-server --version` says of itself, shortened; empty when there is none."""
    program = shutil.which("redis-server")
    if program is None:
        return ""
    words = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()
    return next((word.removeprefix("v=") for word in words if word.startswith("v=")), "")
