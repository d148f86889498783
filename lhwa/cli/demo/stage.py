"""The stage: a temporary home, set up by the real commands, with the real daemon as a child process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lhwa.cli.demo.story import NAMES, NUMBERS, ZONES
from lhwa.config import Home
from lhwa.daemon.lock import DaemonFacts, running_daemon
from lhwa.errors import LhwaError, UnavailableError

APP = "demo"
APP_SECRET = "sample-secret-of-the-demo-app-0000"  # noqa: S105 -- lives as long as the demo
VERIFY_TOKEN = "sample-verify-token"  # noqa: S105 -- as above
START_S = 20.0
STOP_S = 12.0


class Stage:
    """A home that exists for one demo."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lhwa-demo-"))
        self.home = Home(self._folder / "home")
        self._daemon: subprocess.Popen[bytes] | None = None
        self._sandbox: subprocess.Popen[bytes] | None = None
        self.graph_url = f"http://127.0.0.1:{_free_port()}"
        """Where the sandbox plays Meta."""

    @property
    def log_file(self) -> Path:
        """What the daemon says."""
        return self._folder / "serve.log"

    def set_up(self) -> list[str]:
        """Run the commands that an operator would; returns them as lines to show."""
        lines = [self._run("init", "--non-interactive", "--root-key", "file", "--owner", "Operator Contoh")]
        secrets = json.dumps({"app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN})
        lines.append(self._run("app", "add", APP, stdin=secrets))
        for firm, number in NUMBERS.items():
            words = ["tenant", "add", firm, "--name", NAMES[firm], "--waba", number.waba_id]
            words += ["--phone-number-id", number.phone_number_id, "--app", APP, "--time-zone", ZONES[firm]]
            lines.append(self._run(*words))
        return lines

    def start(self) -> DaemonFacts:
        """Start the daemon and wait until it serves. Raises: UnavailableError with where its log is."""
        with self.log_file.open("wb") as log:
            self._daemon = subprocess.Popen(  # noqa: S603 -- our own program
                [
                    *(sys.executable, "-m", "lhwa", "serve", "--port", "0", "--admin-port", "0"),
                    *("--graph-url", self.graph_url),
                ],
                env=self.environ(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the demo, which then stops the daemon in order
            )
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._daemon.poll() is None:
            facts = running_daemon(self.home.lock_file)
            if facts is not None and facts.webhook:
                return facts
            time.sleep(0.05)
        raise UnavailableError("The daemon did not start.", hint=f"Its log: {self._log_tail()}")

    def start_sandbox(self) -> None:
        """Put the sandbox in Meta's place; it sends its webhooks to the daemon, which has to run already."""
        with (self._folder / "sandbox.log").open("wb") as log:
            self._sandbox = subprocess.Popen(  # noqa: S603 -- as above
                [sys.executable, "-m", "lhwa", "sandbox", "serve", "--port", self.graph_url.rpartition(":")[2]],
                env=self.environ(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._sandbox.poll() is None:
            if self._child("sandbox", "setup", "--json").returncode == 0:
                return
            time.sleep(0.05)
        raise UnavailableError("The sandbox did not start.", hint="Run `lhwa sandbox serve` to see why.")

    def is_running(self) -> bool:
        """True while the daemon lives."""
        return self._daemon is not None and self._daemon.poll() is None

    def close(self) -> int:
        """Stop the daemon in order and remove the home; returns the daemon's exit code."""
        code = 0
        if self._sandbox is not None and self._sandbox.poll() is None:
            self._sandbox.terminate()
            try:
                self._sandbox.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._sandbox.kill()
                self._sandbox.wait()
        if self._daemon is not None and self._daemon.poll() is None:
            self._daemon.send_signal(signal.SIGTERM)
            try:
                code = self._daemon.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._daemon.kill()
                code = self._daemon.wait()
        elif self._daemon is not None:
            code = self._daemon.returncode
        shutil.rmtree(self._folder, ignore_errors=True)
        return code

    def environ(self) -> dict[str, str]:
        """The environment of our children: this home, and no identity but the user's."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LHWA_")}
        return kept | {"LHWA_HOME": str(self.home.root), "LHWA_GRAPH_URL": self.graph_url}

    def ask(self, *words: str, token: str = "") -> Any:
        """Run a command with --json and return what it says.

        Args:
            token: of the person who acts; the installer when empty.
        """
        done = self._child(*words, "--json", token=token)
        return json.loads(done.stdout or b"null")

    def watch(self, *words: str) -> None:
        """Run a command to its end, whatever it says."""
        self._child(*words)

    def _run(self, *words: str, stdin: str | None = None) -> str:
        done = self._child(*words, stdin=stdin)
        if done.returncode:
            raise LhwaError(f"`lhwa {' '.join(words)}` failed.", hint=done.stderr.decode("utf-8", "replace")[-500:])
        shown = " ".join(f'"{word}"' if " " in word else word for word in words)
        piped = 'echo \'{"app_secret": …, "verify_token": …}\' | ' if stdin else ""
        return f"{piped}lhwa {shown}"

    def _child(self, *words: str, stdin: str | None = None, token: str = "") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 -- our own program
            [sys.executable, "-m", "lhwa", *words],
            env=self.environ() | ({"LHWA_TOKEN": token} if token else {}),
            input=(stdin or "").encode(),
            capture_output=True,
            check=False,
        )

    def _log_tail(self) -> str:
        return self.log_file.read_text("utf-8", "replace")[-500:]


def _free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
