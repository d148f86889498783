"""A home with two firms, the real command line, and the real daemon as a child process behind real sockets."""

from __future__ import annotations

import functools
import hashlib
import hmac
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import httpx
import pytest

from lhwa.cli.app import main
from lhwa.domain.yaml_source import parse_yaml
from lhwa.services.intake import tree_files

Done = subprocess.CompletedProcess[str]
T = TypeVar("T")

SECRET = "s3cret-of-the-meta-app-000000"
SECRETS_ON_STDIN = json.dumps({"app_secret": SECRET, "verify_token": "verify-me"})
PATH = "/webhooks/whatsapp"
START_S_MAX = 20.0
STOP_S_MAX = 10.0
SETTLE_S_MAX = 20.0
LOOK_S, LOOK_S_MAX = 0.02, 0.1


class Pipe(io.StringIO):
    """A stdin that is not a terminal."""

    def isatty(self) -> bool:
        return False


def eventually(look: Callable[[], T], *, within_s: float = SETTLE_S_MAX, what: str = "") -> T:
    """What `look` returns as soon as it is true. To look takes the time of whoever is waited for: it grows rare."""
    until, pause_s = time.monotonic() + within_s, LOOK_S
    while not (found := look()):
        assert time.monotonic() < until, f"still not after {within_s} s: {what or look}"
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.25, LOOK_S_MAX)
    return found


class Place:
    """One home, and everything that a person can do there."""

    firms = ("firma", "lain")
    numbers: Mapping[str, str] = {"firma": "301301301301301", "lain": "302302302302302"}
    wabas: Mapping[str, str] = {"firma": "200300400500600", "lain": "200300400500601"}
    secret = SECRET
    eventually = staticmethod(eventually)

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.daemons: list[Daemon] = []

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Nothing of the machine's own: no LHWA_*, no keyring, no user folders, no proxies."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
        user = self.root / "user"
        return kept | {
            "HOME": str(user),
            "LHWA_HOME": str(self.home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "XDG_CONFIG_HOME": str(user / "config"),
            **(more or {}),
        }

    def child(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Done:
        """Run `python -m lhwa WORDS` as its own process."""
        argv = [sys.executable, "-m", "lhwa", *words]
        return subprocess.run(
            argv, input=stdin, env=self.environ(env), capture_output=True, text=True, timeout=60, check=False
        )

    def run(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Done:
        """Run the same words in this process: faster, and nothing else differs."""
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environ(env), clear=True),
            mock.patch.object(sys, "stdin", Pipe(stdin)),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = main(words)
        return Done(list(words), code, out.getvalue(), err.getvalue())

    def ok(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """What a command that must succeed prints."""
        done = self.run(*words, stdin=stdin, env=env)
        assert done.returncode == 0, (words, done.returncode, done.stderr)
        return done.stdout

    def data(self, *words: str, firm: str = "firma", env: Mapping[str, str] | None = None) -> Any:
        """The same with --json, as data."""
        return json.loads(self.ok("--json", "-t", firm, *words, env=env))

    def messages(self, firm: str = "firma") -> list[dict[str, Any]]:
        """All messages of a firm, newest first."""
        found: list[dict[str, Any]] = self.data("messages", "list", "--limit", "100000", firm=firm)
        return found

    def texts(self, firm: str = "firma") -> list[str]:
        """All texts of a firm, in alphabetical order."""
        return sorted(message["text"] or "" for message in self.messages(firm))

    def letters(self, firm: str = "firma") -> list[dict[str, Any]]:
        """All dead letters of a firm that wait for a person."""
        found: list[dict[str, Any]] = self.data("deadletters", "list", "--limit", "100000", firm=firm)
        return found

    def token(self, operator: str, role: str, *, firm: str = "firma") -> dict[str, str]:
        """The environment in which a new operator acts in a firm."""
        self.ok("operator", "add", operator, "--role", role, "-t", firm)
        return {"LHWA_TOKEN": self.ok("token", "issue", operator, "-t", firm).strip()}

    def serve(self, *flags: str, env: Mapping[str, str] | None = None, **process: Any) -> Daemon:
        """Start the daemon and wait until it is ready."""
        daemon = self.start(*flags, env=env, **process)
        daemon.wait_until_ready()
        return daemon

    def start(self, *flags: str, env: Mapping[str, str] | None = None, **process: Any) -> Daemon:
        """Start the daemon and do not wait."""
        daemon = Daemon(self, flags, self.environ(env), process)
        self.daemons.append(daemon)
        return daemon

    def close(self) -> None:
        """End every daemon that a failed test left behind."""
        for daemon in self.daemons:
            daemon.kill()

    @staticmethod
    def envelope(value: dict[str, Any], *, firm: str = "firma", field: str = "messages") -> dict[str, Any]:
        """A whole webhook around one value."""
        change = {"value": value, "field": field}
        return {"object": "whatsapp_business_account", "entry": [{"id": Place.wabas[firm], "changes": [change]}]}

    @staticmethod
    def value(*messages: dict[str, Any], firm: str = "firma", number: str = "", name: str = "Contoh") -> dict[str, Any]:
        """The value of one number with messages of one client."""
        return {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": "622150001234",
                "phone_number_id": number or Place.numbers[firm],
            },
            "contacts": [{"profile": {"name": name}, "wa_id": "6281230001111"}],
            "messages": list(messages),
        }

    @staticmethod
    def message(text: str, *, wamid: str = "", sender: str = "6281230001111") -> dict[str, Any]:
        """One inbound text; its wamid follows from its text unless named."""
        return {
            "from": sender,
            "id": wamid or "wamid." + hashlib.sha256(text.encode()).hexdigest(),
            "timestamp": "1790000000",
            "type": "text",
            "text": {"body": text},
        }

    def text(self, text: str, *, wamid: str = "", firm: str = "firma", number: str = "") -> dict[str, Any]:
        """A whole webhook with one text."""
        return self.envelope(self.value(self.message(text, wamid=wamid), firm=firm, number=number), firm=firm)


class Daemon:
    """One `lhwa serve` process and its two listeners."""

    def __init__(self, place: Place, flags: tuple[str, ...], env: dict[str, str], process: dict[str, Any]) -> None:
        self.place = place
        self.log_file = place.root / f"serve-{len(place.daemons)}.log"
        program = process.pop("program", ["-m", "lhwa"])
        argv = [sys.executable, *program, "serve", "--port", "0", "--admin-port", "0", *flags]
        with self.log_file.open("wb") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **process}
            self.process = subprocess.Popen(argv, env=env, start_new_session=True, **streams)
        self.webhook = self.admin = ""
        self.client = httpx.Client(timeout=30, trust_env=False, verify=False)  # plain HTTP only

    def wait_until_ready(self) -> None:
        """Wait until the lock file says where this process listens."""
        facts: dict[str, Any] = eventually(self._facts, within_s=START_S_MAX, what=f"ready\n{self.said()}")
        self.webhook, self.admin = f"http://{facts['webhook']}", f"http://{facts['admin']}"

    def _facts(self) -> dict[str, Any]:
        assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.said()}"
        try:
            facts: dict[str, Any] = json.loads((self.place.home / "serve.lock").read_bytes())
        except (OSError, ValueError):
            return {}
        return facts if facts["pid"] == self.process.pid else {}

    def post(self, body: object, *, path: str = PATH, signature: str | None = "", secret: str = SECRET) -> int:
        """POST a body with our own signature, another one, or none; returns the status code."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if signature is not None:
            headers["X-Hub-Signature-256"] = signature or self.sign(raw, secret)
        return self.client.post(self.webhook + path, content=raw, headers=headers).status_code

    @staticmethod
    def sign(body: bytes, secret: str = SECRET) -> str:
        """Meta's signature, by our own hand."""
        return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

    def ready(self) -> httpx.Response:
        """What /readyz says."""
        return self.client.get(self.admin + "/readyz")

    def settle(self) -> None:
        """Wait until nothing waits in the spool."""
        eventually(lambda: self.ready().json().get("waitingRequests") == 0, what=f"nothing waits\n{self.said()}")

    def metric(self, line: str, *, absent: float | None = None) -> float:
        """The value of one line of /metrics, named with its labels; `absent` as long as nobody counted there."""
        page = self.client.get(self.admin + "/metrics").text
        values = [found.rpartition(" ")[2] for found in page.splitlines() if found.rpartition(" ")[0] == line]
        if not values and absent is not None:
            return absent
        assert len(values) == 1, (line, values)
        return float(values[0])

    def shows(self, line: str, *, least: float, most: float | None = None) -> None:
        """Wait until a line of /metrics has a value: requests are counted after they are answered."""
        eventually(lambda: self.metric(line, absent=-1) >= least, what=line)
        assert most is None or self.metric(line) <= most

    def said(self) -> str:
        """Its log so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def lines(self, event: str = "") -> list[dict[str, Any]]:
        """Its log lines, or those of one event."""
        found = [json.loads(line) for line in self.said().split("\n")[:-1]]  # the last one may be half written
        return [line for line in found if not event or line["event"] == event]

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Stop it as a service manager would: it must end by itself, in time, and say nothing bad."""
        started = time.monotonic()
        self.process.send_signal(how)
        code = self.process.wait(STOP_S_MAX + 5)
        assert code == 0, f"exit {code}:\n{self.said()}"
        assert time.monotonic() - started < STOP_S_MAX
        self.client.close()

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        code = self.process.wait(START_S_MAX)
        self.client.close()
        return code

    def kill(self) -> None:
        """SIGKILL, as a power cut or an out-of-memory killer does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.client.close()


_parsed_once = functools.lru_cache(parse_yaml)


@pytest.fixture(scope="module", autouse=True)
def _each_tree_is_parsed_once() -> Iterator[None]:
    """Commands that run in this process read the same question trees hundreds of times, and find the same there."""
    with mock.patch.object(tree_files, "parse_yaml", _parsed_once):
        yield


@pytest.fixture(scope="session")
def sample_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = Place(tmp_path_factory.mktemp("sample"))
    place.ok("init", "--non-interactive")
    place.ok("app", "add", "main", stdin=SECRETS_ON_STDIN)
    for firm in place.firms:
        facts = ["--waba", place.wabas[firm], "--phone-number-id", place.numbers[firm], "--app", "main"]
        place.ok("tenant", "add", firm, "--name", f"Firma {firm.title()}", *facts)
    return place.root


def _copied(sample_root: Path, root: Path) -> Iterator[Place]:
    shutil.copytree(sample_root, root, dirs_exist_ok=True)
    place = Place(root)
    yield place
    place.close()


@pytest.fixture
def place(sample_root: Path, tmp_path: Path) -> Iterator[Place]:
    """A home of its own for one test."""
    yield from _copied(sample_root, tmp_path)


@pytest.fixture(scope="module")
def shared(sample_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A home that the tests of one module share, with its daemon running: `shared.daemons[0]`."""
    for place in _copied(sample_root, tmp_path_factory.mktemp("shared")):
        daemon = place.serve("--host", "127.0.0.1", env={"LHWA_LOG__LEVEL": "debug"})
        yield place
        if daemon.process.poll() is None:
            daemon.stop()


@pytest.fixture
def daemon(shared: Place) -> Daemon:
    """The daemon of the shared home."""
    return shared.daemons[0]


@pytest.fixture(scope="module")
def written(shared: Place) -> Place:
    """A firm with a history of six messages, and the daemon gone."""
    daemon = shared.daemons[0]
    for nth in range(6):
        assert daemon.post(shared.text(f"catatan {nth}")) == 200
    daemon.settle()
    daemon.stop()
    return shared
