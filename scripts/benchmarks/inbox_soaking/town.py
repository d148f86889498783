"""The town of a soak: a firm, two lawyers and a staff member, the daemon, a sandbox, and clients who keep writing."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lhwa.bootstrap import open_registry
from lhwa.domain.access import Role
from lhwa.domain.ids import ulid
from lhwa.domain.instants import to_ms
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.operators import add_operator
from lhwa.services.access.tokens import issue_token
from lhwa.services.intake.exemptions import exempt
from lhwa.services.intake.publishing import publish_tree, submit_tree
from lhwa.testing.builders import acting_as
from lhwa.testing.intake import SMALL_TREE
from scripts.benchmarks import children, webhooks
from scripts.benchmarks.daemon import SETTINGS, BenchHome, Daemon, make_home

LAWYERS, STAFF = ("rani", "budi"), "wati"
CLIENTS = 12
PERSONA_EVERY_S, STAFF_EVERY_S = 8.0, 4.0
FAULTS = "duplicate=0.2,reorder=0.2,lost-response=0.05"
START_S = 30.0


@dataclass
class Town:
    """Everything but the two who sit at their inboxes."""

    home: BenchHome
    daemon: Daemon
    sandbox_url: str
    tokens: dict[str, str]
    said: list[str] = field(default_factory=list)
    """What clients of old wrote, each text once."""
    asked: list[str] = field(default_factory=list)
    """What staff wrote."""
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The home."""
        return self.home.home.root

    def environ(self, operator: str = "") -> dict[str, str]:
        """Of a child; with the token of a person."""
        more = {"LHWA_TOKEN": self.tokens[operator]} if operator else {}
        return children.python_env(LHWA_HOME=str(self.folder), LHWA_GRAPH_URL=self.sandbox_url, **more)

    def live(self, until_s: float, chance: random.Random) -> None:
        """Clients write, new ones are asked by the tree, staff write; until the time is up."""
        next_persona_s = next_staff_s = time.monotonic()
        personas = 0
        while (now_s := time.monotonic()) < until_s:
            self._says(chance)
            if now_s >= next_persona_s:
                personas += 1
                self._meets(personas)
                next_persona_s = now_s + PERSONA_EVERY_S
            if now_s >= next_staff_s:
                self._staff_asks(chance)
                next_staff_s = now_s + STAFF_EVERY_S
            time.sleep(chance.uniform(0.05, 0.6))
        for child in self._children:
            children.stop(child)

    def _says(self, chance: random.Random) -> None:
        number = chance.randrange(CLIENTS)
        text = f"salam {len(self.said)}"
        said = {"from": _client(number), "text": text, "name": f"Klien Contoh {number}", "to": webhooks.number_of(0)}
        self.ask("/say", said)
        self.said.append(text)

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """Ask a control route of the sandbox."""
        request = urllib.request.Request(
            f"{self.sandbox_url}/_sandbox{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def _meets(self, number: int) -> None:
        words = ["sandbox", "persona", "cooperative", "--contact", f"+62812310{number:05}", "--seed", str(number)]
        self._start([*words, "--to", webhooks.number_of(0), "--pace", "0.2", "--limit-s", "60"])

    def _staff_asks(self, chance: random.Random) -> None:
        text = f"tulisan {len(self.asked)}"
        self._start(["send", _client(chance.randrange(CLIENTS)), "--text", text], operator=STAFF)
        self.asked.append(text)

    def _start(self, words: list[str], *, operator: str = "") -> None:
        self._children = [child for child in self._children if child.poll() is None]
        argv = [sys.executable, "-m", "lhwa", "-t", self.home.tenants[0], *words]
        self._children.append(children.start(argv, cwd=self.folder, env=self.environ(operator)))


def _client(number: int) -> str:
    return f"+62812300{number:05}"


@contextmanager
def town(folder: Path, *, seed: int) -> Iterator[Town]:
    """Build it, and end all that it started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    home = make_home(folder / "home", firms=1, settings=f'{SETTINGS}\n[outbound]\ngraph_url = "{url}"\n')
    tokens = _people(home)
    with Daemon(home) as daemon:
        made = Town(home, daemon, url, tokens)
        words = ["sandbox", "serve", "--port", str(port), "--seed", str(seed), "--fault", FAULTS]
        with (folder / "sandbox.log").open("ab") as log:
            sandbox = children.start([sys.executable, "-m", "lhwa", *words], cwd=folder, log=log, env=made.environ())
        try:
            _await(made, sandbox, folder / "sandbox.log")
            yield made
        finally:
            children.stop(sandbox)


def _people(home: BenchHome) -> dict[str, str]:
    tenant, caller, now = home.tenants[0], Caller(os_uid=os_uid()), datetime.now(UTC)
    tokens = {}
    with open_registry(home.home, home.root) as registry:
        for operator in (*LAWYERS, STAFF):
            role = Role.STAFF if operator == STAFF else Role.LAWYER
            add_operator(registry, caller, tenant, operator=operator, name=operator, role=role.value, now=now)
            tokens[operator] = issue_token(registry, caller, tenant, operator=operator, now=now).text
    with home.open_store(tenant) as store:
        submission = ulid(to_ms(store.now()), bytes(10))
        store.write(submit_tree, acting_as(Role.LAWYER, tenant=tenant), SMALL_TREE, submission=submission)
        store.write(publish_tree, acting_as(Role.OWNER, tenant=tenant), submission)
        for number in range(CLIENTS):
            store.write(exempt, acting_as(Role.LAWYER, tenant=tenant), _client(number))
    return tokens


def _await(made: Town, sandbox: subprocess.Popen[bytes], log: Path) -> None:
    ends_s = time.monotonic() + START_S
    while time.monotonic() < ends_s and sandbox.poll() is None:
        try:
            with urllib.request.urlopen(f"{made.sandbox_url}/_sandbox/journal", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The sandbox did not start: {log.read_text()[-1_000:]}")
