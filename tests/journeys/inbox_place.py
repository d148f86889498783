"""An office with an inbox: a firm with a question tree and a template, a lawyer, a staff member, daemon and sandbox."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from tests.journeys.conftest import eventually
from tests.journeys.outbound_place import SandboxProcess, free_port, put_template, write_in
from tests.journeys.terminal import COLUMNS, LINES, Terminal
from tests.journeys.test_personas import publish

LAWYER, STAFF = "rani", "budi"


class Office:
    """One firm at work; each person has a token."""

    def __init__(self, place: Any) -> None:
        self.place = place
        publish(place)
        self.lawyer: dict[str, str] = place.token(LAWYER, "lawyer")
        self.staff: dict[str, str] = place.token(STAFF, "staff")
        self._port = free_port()
        self._old: set[str] = set()
        self.daemon = place.serve("--graph-url", self.graph_url)
        self.sandbox = SandboxProcess(place, port=self._port)
        put_template(place, self.sandbox.create_template())

    @property
    def graph_url(self) -> str:
        """Where the sandbox plays Meta."""
        return f"http://127.0.0.1:{self._port}"

    def inbox(self, who: dict[str, str], *, columns: int = COLUMNS, lines: int = LINES) -> Terminal:
        """Somebody sits down at a terminal."""
        return Terminal(self.place.environ(who), "-t", "firma", "inbox", columns=columns, lines=lines)

    def meets(self, contact: str, name: str, text: str) -> None:
        """A client of old, whom no tree asks, writes; the firm has it."""
        if contact not in self._old:
            self._old.add(contact)
            self.place.ok("-t", "firma", "intake", "exempt", contact)

        def heard() -> int:
            return sum(each.get("text") == text for each in self.place.messages())

        before = heard()  # of these words: others write meanwhile
        self.sandbox.control("/say", **{"from": contact, "text": text, "name": name})
        eventually(lambda: heard() > before, what="the client has written")

    def persona(self, contact: str, *, seed: int) -> subprocess.Popen[bytes]:
        """A made-up client who answers everything, while others go on."""
        words = ("sandbox", "persona", "cooperative", "--contact", contact, "--to", self.place.numbers["firma"])
        return subprocess.Popen(
            [sys.executable, "-m", "lhwa", *words, "--seed", str(seed), "--pace", "0.2"],
            env=self.place.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def daemon_again(self) -> None:
        """Start the daemon that was stopped, where the sandbox knows it."""
        port = self.daemon.webhook.rpartition(":")[2]
        self.daemon = self.place.serve("--graph-url", self.graph_url, "--port", port)

    def new_sandbox(self, *, faults: str) -> None:
        """Another sandbox in the same place, where something goes wrong."""
        self.sandbox.stop()
        self.sandbox = SandboxProcess(self.place, port=self._port, faults=faults)

    def messages_of(self, contact: str) -> list[dict[str, Any]]:
        """What stands in the outbox for somebody, newest first."""
        found: list[dict[str, Any]] = self.place.data("outbox", "list", "--limit", "1000")
        return [each for each in found if str(each["contact"]).endswith(contact[-4:])]

    def state(self, contact: str, *, within: tuple[str, ...]) -> dict[str, Any]:
        """Wait until the newest message to somebody is in one of these states; the message."""

        def look() -> dict[str, Any] | None:
            rows = self.messages_of(contact)
            return rows[0] if rows and rows[0]["state"] in within else None

        found = eventually(look, what=f"{within}: {self.messages_of(contact)[:1]}")
        assert found is not None
        return found

    def thread_of(self, contact: str) -> dict[str, Any]:
        """The conversation with somebody."""
        listed: list[dict[str, Any]] = self.place.data("conversations", "list")
        return next(each for each in listed if str(each["contact"]).endswith(contact[-4:]))

    def acts(self, action: str, *, by: str = LAWYER) -> list[dict[str, Any]]:
        """What the audit log says that somebody did, newest first."""
        log: list[dict[str, Any]] = self.place.data("audit", "log", "--limit", "2000")
        return [each for each in log if each["action"] == action and each["actor"].endswith(f":{by}")]

    def draft(self, contact: str, *, by: str = LAWYER) -> str:
        """What somebody has written so far to somebody, as it lies in the firm's file."""
        thread, found = self.thread_of(contact)["id"], [""]

        def read(tx: Any) -> None:
            row = tx.drafts.of(thread, by)
            found[0] = "" if row is None else tx.drafts.text(row)

        write_in(self.place, read)
        return found[0]

    def close(self) -> None:
        """End the sandbox, and the daemon."""
        self.sandbox.stop()
        self.daemon.kill()
