"""What sending needs beside the daemon: the sandbox as a child process, a line that can be cut, templates."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import read_root_key
from lhwa.bootstrap import open_clock, open_registry, open_store
from lhwa.config import Home
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.ids import TenantId
from lhwa.store.tables.templates import TemplateRow
from lhwa.store.transaction import Tx

CLIENT = "+6281230001111"
"""The client of the sample webhooks."""
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there: what is sent there meets no sandbox that happens to run on this machine."""
START_S_MAX = 20.0
BODY = "Yth. {{nama}}, kami mengingatkan janji temu Anda pada {{waktu}} WIB. Terima kasih."
VALUES = {"nama": "Rina Contoh", "waktu": "Senin 10.00"}


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


SOON = """
import sys
from lhwa.sandbox import statuses
statuses._SENT_AFTER_S, statuses._DELIVERED_AFTER_S, statuses._FAILED_AFTER_S = (0.02, 0.2), (0.03, 0.3), (0.05, 0.3)
from lhwa.__main__ import main
sys.exit(main())
"""
"""The command line with a sandbox in which messages travel faster: nobody here waits for a telephone."""


class SandboxProcess:
    """`lhwa sandbox serve` of a home, as a child process.

    Args:
        port: where it listens; any free one when 0.
        faults: what goes wrong, as on the command line.
        webhook: where its webhooks go; the running daemon's when empty.
    """

    def __init__(self, place: Any, *, port: int = 0, faults: str = "", webhook: str = "", seed: int = 7) -> None:
        words = ["sandbox", "serve", "--port", str(port), "--seed", str(seed)]
        words += ["--fault", faults] if faults else []
        words += ["--webhook", webhook] if webhook else []
        self.log_file: Path = place.root / f"sandbox-{time.monotonic_ns()}.log"
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SOON, "--json", *words],
                env=place.environ(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log_file.read_text()
        self.facts: dict[str, Any] = json.loads(line)
        self.url: str = self.facts["graphUrl"]
        self.client = httpx.Client(base_url=self.url, timeout=30, trust_env=False, verify=False)  # plain HTTP
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_S_MAX
        while True:
            with suppress(httpx.HTTPError):
                if self.client.get("/_sandbox/journal").status_code == 200:
                    return
            assert self.process.poll() is None, self.log_file.read_text()
            assert time.monotonic() < until, "the sandbox does not answer"
            time.sleep(0.02)

    def account(self, firm: str = "firma") -> dict[str, Any]:
        """What it said of a firm when it started."""
        return next(each for each in self.facts["accounts"] if each["firm"] == firm)

    def token(self, firm: str = "firma") -> str:
        """The access token that the firm has for it."""
        return str(self.account(firm)["token"])

    def control(self, path: str, **body: Any) -> Any:
        """Ask a control route."""
        answer = self.client.post(f"/_sandbox{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def say(self, text: str = "Selamat siang", *, contact: str = CLIENT, to: str = "") -> str:
        """A client writes; returns the wamid."""
        return str(self.control("/say", **{"from": contact, "text": text} | ({"to": to} if to else {}))["messageId"])

    def posted(self) -> list[dict[str, Any]]:
        """Every message that somebody asked it to send, accepted or not, oldest first."""
        entries = self.client.get("/_sandbox/journal").json()["entries"]
        return [each for each in entries if each["path"].endswith("/messages")]

    def create_template(
        self, *, firm: str = "firma", name: str = "pengingat_janji", body: str = BODY
    ) -> dict[str, Any]:
        """Create a template at Meta and have it approved; returns it as Meta lists it."""
        examples = [{"param_name": each, "example": value} for each, value in VALUES.items()]
        part = {"type": "BODY", "text": body, "example": {"body_text_named_params": examples}}
        wanted = {"name": name, "language": "id", "category": "UTILITY", "parameter_format": "NAMED"}
        waba, headers = self.account(firm)["wabaId"], {"authorization": f"Bearer {self.token(firm)}"}
        path = f"/v25.0/{waba}/message_templates"
        fields = "id,name,language,status,category,components,parameter_format"
        listed: list[dict[str, Any]] = []
        while not listed:  # where responses get lost, also these do
            with suppress(httpx.TransportError):
                self.client.post(path, json=wanted | {"components": [part]}, headers=headers)
            with suppress(httpx.TransportError, ValueError):
                answer = self.client.get(path, params={"name": name, "fields": fields}, headers=headers)
                listed = answer.json().get("data", [])
        self.control(f"/templates/{listed[0]['id']}/approve")
        return listed[0] | {"status": "APPROVED"}

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.client.close()


class Line:
    """A TCP line to a server, that can be cut and mended: cut, it refuses connections."""

    def __init__(self, url: str) -> None:
        self._host, _, port = url.removeprefix("http://").rpartition(":")
        self._to_port = int(port)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._thread.start()

    def mend(self) -> None:
        """Let connections through."""
        self._run(self._mend())

    def cut(self) -> None:
        """Refuse new connections, and drop the ones that are there."""
        self._run(self._cut())

    def close(self) -> None:
        """End it."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._host, self._to_port)
        there = asyncio.create_task(_pump(reader, far_writer))
        back = asyncio.create_task(_pump(far_reader, writer))
        self._pumps |= {there, back}
        await asyncio.wait([there, back])
        self._pumps -= {there, back}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    except OSError:
        return
    finally:
        writer.close()


def put_template(place: Any, listed: dict[str, Any], *, firm: str = "firma") -> None:
    """Put a template, as Meta lists it, into a firm's file."""
    write_in(place, lambda tx: _put(tx, listed), firm=firm)


def write_in(place: Any, write: Callable[[Tx], None], *, firm: str = "firma") -> None:
    """Change a firm's file in one transaction."""
    home, tenant, clock = Home(place.home), TenantId(firm), open_clock()
    root = read_root_key(FileSecretStore(home.secrets_dir))
    with open_registry(home, root) as registry:
        keys = registry.tenant_keys(tenant)
    with open_store(
        home, tenant, keys, registry=lambda: open_registry(home, root), clock=clock, is_founded=False
    ) as store:
        store.write(write)


def _put(tx: Tx, listed: dict[str, Any]) -> None:
    name, language = listed["name"], listed["language"]
    tx.templates.put(
        TemplateRow(
            name=name,
            language=language,
            vendor_id=listed["id"],
            status=listed["status"],
            category=listed["category"],
            quality="UNKNOWN",
            definition=msgspec.json.encode(listed).decode(),
            synced_at_ms=tx.now_ms,
        )
    )
    tx.audit.append(AuditRecord(operator_actor("sari"), "template.synced", f"template:{name}/{language}", {}))


def written_ago(body: dict[str, Any], ago: timedelta) -> dict[str, Any]:
    """A webhook with texts, as if the client had written them some time ago."""
    at = int((open_clock().now() - ago).timestamp())
    for entry in body["entry"]:
        for change in entry["changes"]:
            for message in change["value"]["messages"]:
                message["timestamp"] = str(at)
    return body
