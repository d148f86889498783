"""A firm that must not be seen, another firm with a token of each role, and a look at what lies on disk."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest

from lhwa.cli.app import build
from lhwa.cli.options import global_parameters
from lhwa.domain.access import Role
from lhwa.testing.command_lines import Things, command_lines, leaves
from lhwa.testing.webhooks import BusinessNumber, Client
from lhwa.testing.webhooks import build as webhook
from tests.journeys.intake_place import put_intake
from tests.journeys.outbound_place import NOWHERE, put_template

VICTIM, STRANGER = "korban", "lain"
NOT_ALLOWED = 4
CLIENT = Client(
    name="Klien Rahasia Xyzzy", wa_id="6289912345677", bsuid="ID.77665544332211", username="klien.rahasiaku.xyzzy"
)
SENTENCE = "kutipan rahasiaku milik korban"
ANSWER = "balasan rahasiaku untuk klien korban"
TEMPLATE = "templat_xyzzy"
TEMPLATE_FILE = f"""\
name: {TEMPLATE}
category: utility
languages:
  id:
    body: "Yth. {{{{nama}}}}, ini pengingat rahasiaku dari Kantor Xyzzy untuk Anda."
    examples: {{nama: Contoh}}
"""
SENTENCES = (
    CLIENT.name,
    "rahasiaku",  # one letter more than a firm's notices have, which speak of secrecy
    "6289912345677",
    "9912345677",
    "-5677",
    "77665544332211",
    "Kantor Xyzzy",
    "Wati Xyzzy",
)
SECRET = "s3cret-of-another-app-0000000"
SECRETS = json.dumps({"app_secret": "x" * 32, "verify_token": "verify-me-too"}, separators=(",", ":"))
"""Also what a command takes that wants one secret and nothing else."""
MISSING = {
    "alert": "01KAN5T9YB6Q2R8W4X7V3M0ZJA",
    "app": "app-tiada",
    "client": "+6289900000011",
    "contact": "3FM0RG8ZMZX08QWT",
    "conversation": "01KAN5T9YB6Q2R8W4X7V3M0ZJB",
    "consent": "01KAN5T9YB6Q2R8W4X7V3M0ZJH",
    "firm": "tiada",
    "intake": "01KAN5T9YB6Q2R8W4X7V3M0ZJJ",
    "letter": "01KAN5T9YB6Q2R8W4X7V3M0ZJC",
    "message": "01KAN5T9YB6Q2R8W4X7V3M0ZJD",
    "number": "309309309309309",
    "operator": "tiada-orang",
    "outbound": "01KAN5T9YB6Q2R8W4X7V3M0ZJG",
    "request": "01KAN5T9YB6Q2R8W4X7V3M0ZJE",
    "seq": "1",
    "template": "templat_tiada",
    "token": "01KAN5T9YB6Q2R8W4X7V3M0ZJF",
    "waba": "200300400500999",
    "wamid": "wamid.TIADA",
}


Lines = dict[tuple[str, ...], list[tuple[str, ...]]]


@dataclass
class World:
    """One home with both firms, and everything that a stranger could name of the first."""

    place: Any
    ids: dict[str, str]
    callers: dict[str, dict[str, str]]
    registry: bytes = b""
    missing: Mapping[str, str] = field(default_factory=lambda: MISSING)
    canaries: tuple[str, ...] = ()
    _last: dict[str, bytes | str] = field(default_factory=dict)
    _rows_of: dict[Path, tuple[tuple[bytes | None, ...], list[tuple[str, str]]]] = field(default_factory=dict)

    @cached_property
    def lines(self) -> Lines:
        """Every command with its command lines, about the firm's things."""
        return self._lines(self.ids)

    @cached_property
    def lines_to_nowhere(self) -> Lines:
        """The same lines about things that are nowhere."""
        return self._lines(self.missing)

    @cached_property
    def named(self) -> frozenset[str]:
        """All that names a thing of the firm."""
        return frozenset(value for name, value in self.ids.items() if name != "seq")

    def changed(self) -> list[str]:
        """What of the firm's is no longer as it was at the last look."""
        before, self._last = self._last or self.victims_state(), self.victims_state()
        return sorted(name for name in before.keys() | self._last if before.get(name) != self._last.get(name))

    @staticmethod
    def _lines(ids: Mapping[str, str]) -> Lines:
        shared = global_parameters()
        return {path: command_lines(path, each, Things(ids), shared=shared) for path, each in leaves(build()).items()}

    def victims_state(self) -> dict[str, bytes | str]:
        """What must not change: every byte in the firm's folder, and every row elsewhere that speaks of it."""
        home: Path = self.place.home
        files: dict[str, bytes | str] = {
            str(path.relative_to(home)): path.read_bytes()
            for folder in (home / "tenants" / VICTIM, home / "wake")
            for path in folder.rglob("*")
            if path.is_file() and (folder.name == VICTIM or path.name == VICTIM)
        }
        rows: dict[str, bytes | str] = {
            f"{name}: {table}": state
            for name in ("registry.db", "spool.db")
            for table, state in self._rows_about_it(home / name)
        }
        return files | rows

    def _rows_about_it(self, path: Path) -> Iterator[tuple[str, str]]:
        """The state of the firm's rows by their table; a file of the same bytes has the same rows."""
        parts = [Path(f"{path}{suffix}") for suffix in ("", "-wal", "-journal")]
        held = tuple(part.read_bytes() if part.exists() else None for part in parts)
        known, states = self._rows_of.get(path, ((), []))
        if held != known:
            states = [
                (table, _digest(repr(sorted(row for row in found if self.named & set(row.split("\x1f")))).encode()))
                for table, found in _rows(path)
            ]
            self._rows_of[path] = held, states
        yield from states

    def put_back(self) -> None:
        """Undo what a caller did to the registry by right, such as a token of the own firm."""
        path: Path = self.place.home / "registry.db"
        if path.read_bytes() != self.registry:
            path.write_bytes(self.registry)
            self._last = self.victims_state()


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if not table.startswith(("sqlite_", "audit_")):
                found = connection.execute(f'SELECT * FROM "{table}"').fetchall()
                yield table, ["\x1f".join(str(value) for value in row) for row in found]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


@pytest.fixture(scope="module")
def world(shared: Any) -> World:
    """Both firms have received something; the daemon has ended."""
    ids = {"firm": VICTIM, "app": "korban-app", "number": "308308308308308", "waba": "200300400500608"}
    shared.ok("app", "add", ids["app"], stdin=json.dumps({"app_secret": SECRET, "verify_token": "verify-me-not"}))
    facts = ["--name", "Kantor Xyzzy", "--waba", ids["waba"], "--phone-number-id", ids["number"], "--app", ids["app"]]
    shared.ok("tenant", "add", VICTIM, *facts)
    ids |= _victims_people(shared)
    _receive(shared, ids)
    ids |= _victims_things(shared)
    callers = {role.value: shared.token(f"{role.value}-lain", role.value, firm=STRANGER) for role in Role}
    callers |= _dead(shared)
    world = World(shared, ids, callers, registry=(shared.home / "registry.db").read_bytes())
    world.canaries = tuple(world.named | {*SENTENCES, ids["wamid"].removeprefix("wamid.")})
    world.changed()
    return world


def _victims_people(place: Any) -> dict[str, str]:
    place.ok("operator", "add", "wati-xyzzy", "--role", "owner", "--full-name", "Wati Xyzzy", "-t", VICTIM)
    place.ok("token", "issue", "wati-xyzzy", "-t", VICTIM)
    return {"operator": "wati-xyzzy", "token": place.data("token", "list", firm=VICTIM)[0]["id"]}


def _receive(place: Any, ids: Mapping[str, str]) -> None:
    """A text and a broken item for the firm, a text for the other, and a text for nobody."""
    daemon = place.daemons[0]
    number = BusinessNumber(phone_number_id=ids["number"], display_phone_number="622150001234", waba_id=ids["waba"])
    for seq, kind in enumerate(("text", "poison", "account_restriction")):
        # Written just now: the window is open, so that the firm can answer.
        body = webhook(kind, number=number, client=CLIENT, seq=seq, at=datetime.now(UTC))
        if kind == "text":
            body["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = SENTENCE
        # The first one may come before the daemon has heard of the firm.
        place.eventually(partial(_is_taken, daemon, body, ids["app"]), what="the daemon knows the firm")
    assert daemon.post(place.text("milik lain", firm=STRANGER)) == 200
    assert daemon.post(place.text("milik siapa", number="9" * 15)) == 200
    daemon.settle()
    daemon.stop()


def _is_taken(daemon: Any, body: dict[str, Any], app: str) -> bool:
    return bool(daemon.post(body, path=f"/webhooks/whatsapp/{app}", secret=SECRET) == 200)


def _victims_things(place: Any) -> dict[str, str]:
    [message] = place.messages(VICTIM)
    letters = place.letters(VICTIM)
    events = place.data("events", "list", firm=VICTIM)
    targets = [each["target"] for each in place.data("audit", "log", "--limit", "1000", firm=VICTIM)]
    put_template(place, _template(), firm=VICTIM)
    folder = place.home / "tenants" / VICTIM / "templates"
    folder.mkdir()
    (folder / f"{TEMPLATE}.yaml").write_text(TEMPLATE_FILE)
    place.ok("templates", "list", "-t", VICTIM)
    place.ok("tenant", "set-access-token", VICTIM, stdin="rahasiaku-token-korban")
    clerk = place.token("joko-xyzzy", "staff", firm=VICTIM)
    asked = place.data("send", f"+{CLIENT.wa_id}", "--text", ANSWER, firm=VICTIM, env=clerk)
    intake = put_intake(place, message=message["id"], words=SENTENCE, firm=VICTIM)
    return {
        "alert": next(each["id"] for each in place.data("alerts", "list", firm=VICTIM) if each.get("mayAcknowledge")),
        "client": f"+{CLIENT.wa_id}",
        "outbound": asked["id"],
        "intake": intake["intake"],
        "consent": intake["consent"],
        "template": TEMPLATE,
        "message": message["id"],
        "wamid": message["wamid"],
        "conversation": message["conversationId"],
        "contact": next(target for target in targets if target.startswith("contact:")).removeprefix("contact:"),
        "letter": letters[0]["id"],
        "request": letters[0]["rawEvent"],
        "seq": str(events[0]["seq"]),
    }


def _template() -> dict[str, Any]:
    body = {"type": "BODY", "text": "Yth. {{nama}}, ini pengingat rahasiaku dari Kantor Xyzzy untuk Anda."}
    facts = {"id": "7001002003", "name": TEMPLATE, "language": "id", "status": "APPROVED", "category": "UTILITY"}
    return facts | {"parameter_format": "NAMED", "components": [body]}


def _dead(place: Any) -> dict[str, dict[str, str]]:
    """Callers who are nobody any more."""
    ended = place.token("lama-lain", "owner", firm=STRANGER)
    with closing(sqlite3.connect(place.home / "registry.db")) as registry, registry:
        changed = registry.execute("UPDATE token SET expires_at = created_at + 1 WHERE operator = 'lama-lain'")
        assert changed.rowcount == 1
    revoked = place.token("dicabut-lain", "owner", firm=STRANGER)
    [token] = [each for each in place.data("token", "list", firm=STRANGER) if each["operator"] == "dicabut-lain"]
    place.ok("token", "revoke", token["id"], "-t", STRANGER)
    disabled = place.token("pergi-lain", "owner", firm=STRANGER)
    place.ok("operator", "disable", "pergi-lain", "--reason", "pindah", "-t", STRANGER)
    return {
        "an ended token": ended,
        "a revoked token": revoked,
        "a disabled operator": disabled,
        "an unknown token": {"LHWA_TOKEN": "lhwa_" + "x" * 43},
        "an empty token": {"LHWA_TOKEN": ""},
    }


@pytest.fixture(scope="module")
def ask(world: World) -> Callable[..., Any]:
    """Run one command line as somebody, with whatever it may want on stdin."""

    def run(words: tuple[str, ...], *flags: str, caller: str) -> Any:
        env = world.callers[caller] | {"LHWA_OUTBOUND__GRAPH_URL": NOWHERE}
        return world.place.run(*flags, *words, stdin=env["LHWA_TOKEN"] if "login" in words else SECRETS, env=env)

    return run


@pytest.fixture
def by_right(world: World, tmp_path: Path) -> Callable[[tuple[str, ...]], Any]:
    """Run a line in a copy of the home, as the one who installed lhwa and owns the firm, else as a lawyer of it."""
    shutil.copytree(world.place.root, tmp_path / "copy")
    place = type(world.place)(tmp_path / "copy")
    token = place.ok("token", "issue", "wati-xyzzy", "-t", VICTIM).strip()

    lawyer = place.token("sri-xyzzy", "lawyer", firm=VICTIM)

    def run(words: tuple[str, ...]) -> Any:
        stdin, env = token if words[0] == "login" else SECRETS, {"LHWA_OUTBOUND__GRAPH_URL": NOWHERE}
        done = place.run("-t", VICTIM, *words, stdin=stdin, env=env)
        is_for_lawyers = done.returncode == NOT_ALLOWED
        return place.run("-t", VICTIM, *words, stdin=stdin, env=env | lawyer) if is_for_lawyers else done

    return run
