"""The world: a firm's real files, the sandbox as Meta, a sender and people, in one process without sockets.

Meta's clock is the true one; the firm's may be wrong. A sender can die or freeze at any point between two transactions.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lhwa.adapters.channel.whatsapp_cloud.bodies import body_of
from lhwa.adapters.channel.whatsapp_cloud.replies import Answer, receipt_of, refusal_of
from lhwa.domain.audit import AuditRecord
from lhwa.domain.elements import StatusElement
from lhwa.domain.ids import OperatorId, ulid
from lhwa.domain.instants import Instant, to_ms
from lhwa.domain.keys import TenantKeys
from lhwa.domain.outbound import OutboundMessage
from lhwa.domain.sealing import KEY_BYTES, KEY_ID_BYTES, Key
from lhwa.domain.send_errors import NOT_CONNECTED
from lhwa.domain.send_policy import SendPolicy
from lhwa.normalizer.normalize import normalize
from lhwa.ports.channel import Receipt, SendError
from lhwa.routes import REACTIONS, ROUTES
from lhwa.sandbox.accounts import SandboxAccount, sample_account
from lhwa.sandbox.exchange import ApiRequest
from lhwa.sandbox.faults import Faults
from lhwa.sandbox.sandbox import Sandbox
from lhwa.store.store import Store
from lhwa.store.tables.templates import TemplateRow
from lhwa.store.transaction import Tx
from lhwa.testing.builders import open_firm
from lhwa.testing.fakes import NOON, FakeClock

T = TypeVar("T")
CLIENTS = ("+6281230001111", "+6281230002222", "+6281230003333")
META_PER_S, SENDER_PER_S = 5, 3
"""Meta counts what clients write as well."""
UNDER_WAY_MAX = timedelta(seconds=120)
"""A request that takes longer was given up by whoever made it."""
GUARD_S = 120
"""A clock that is less behind breaks no window, however long the request takes."""


class SimulationError(AssertionError):
    """The world broke a promise."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What may go wrong in one world."""

    faults: Faults
    unreached: float = 0.0
    """No connection came about."""
    vanishes: float = 0.0
    """A request left and never arrived."""
    is_slow: bool = False
    """Requests stay under way for a while, so that Meta counts them closer together than they were sent."""
    has_wrong_clock: bool = False


@dataclass(slots=True)
class Journey:
    """One request from its mark to its settlement."""

    message: OutboundMessage
    attempt: int
    marked_at: Instant
    """By Meta's clock."""
    skew_s: float
    """How wrong the firm's clock was when the gates were asked."""
    answer: Receipt | SendError | None = None
    """None once it was posted: no answer will come."""
    is_posted: bool = False
    is_frozen: bool = False


@dataclass(slots=True)
class Book:
    """What happened, written down without the code that is checked."""

    words: Counter[str] = field(default_factory=Counter)
    """How often a person asked for a message again."""
    requested: list[str] = field(default_factory=list)
    told: dict[str, set[str]] = field(default_factory=dict)
    """Statuses that reached the firm, by wamid."""
    answered: set[str] = field(default_factory=set)
    """Messages one of whose receipts was stored."""
    late: set[str] = field(default_factory=set)
    """Messages of which something was posted or taken in by a sender that had been given up."""
    behind: set[str] = field(default_factory=set)
    """Messages that were posted while the firm's clock was far behind: it cannot know that a window has closed."""
    resolved: set[str] = field(default_factory=set)
    """Messages of which a person said that they had arrived."""
    approved: set[str] = field(default_factory=set)


class World:
    """Everything, and the moves that a plan is made of.

    Args:
        root: an empty folder.
        seed: everything random follows from it.
    """

    def __init__(self, root: Path, seed: int, weather: Weather) -> None:
        self.random = random.Random(seed)
        self.weather = weather
        self.now: Instant = NOON
        """Meta's time."""
        self.clock = FakeClock(NOON)
        self.skew_s = 0.0
        self.account: SandboxAccount = _account()
        self.sandbox = Sandbox(self.account, seed=seed, faults=weather.faults, now=NOON)
        self.token = self.account.tokens[0].value
        self.numbers = tuple(number.phone_number_id for number in self.account.numbers)
        self.policy = SendPolicy(zone=UTC, numbers=self.numbers)
        self.book = Book()
        self._root = root
        # Ids are keyed hashes: the order of people, too, has to follow from the seed.
        self._keys = TenantKeys(Key(self.random.randbytes(KEY_ID_BYTES), self.random.randbytes(KEY_BYTES)))
        self._ids = 0
        self.held: list[bytes] = []
        """Webhooks that left Meta and have not arrived."""
        self.store = self._opened()
        self.template = self._template_at_meta()
        self.store.write(_put_template, self.template)

    def close(self) -> None:
        """Close the firm's files."""
        self.store.close()

    def reopen(self) -> None:
        """What a new process does after the old one died."""
        self.store.close()
        self.store = self._opened()

    def new_id(self) -> str:
        """A new ULID that follows from the seed."""
        self._ids += 1
        return ulid(to_ms(self.clock.now()), self._ids.to_bytes(10, "big"))

    def pass_time(self, seconds: float) -> None:
        """Time passes for everybody."""
        self.now += timedelta(seconds=seconds)
        self.clock.advance(seconds)

    def set_clock(self, skew_s: float) -> None:
        """Somebody sets the firm's clock: so far ahead of the true time, or behind it."""
        self.skew_s = skew_s
        self.clock.set(self.now + timedelta(seconds=skew_s))

    def say(self, client: str, number: str) -> None:
        """A client writes."""
        self.pass_time(1.0)
        self.sandbox.say(client, "Selamat siang.", now=self.now, to=number)

    def collect_webhooks(self) -> None:
        """What Meta has to tell by now is on its way."""
        self.held += [post.body for post in self.sandbox.due_webhooks(now=self.now)]

    def deliver(self, index: int, *, again: bool = False) -> None:
        """One webhook arrives; `again`: it will come once more."""
        body = self.held[index] if again else self.held.pop(index)
        elements = normalize(body)
        self._ids += 1
        outcomes = self.store.write(ROUTES.inbound.apply, elements, f"01SIM{self._ids:06}", to_ms(self.clock.now()))
        if {"postponed", "buried"} & set(outcomes):
            raise SimulationError(f"a webhook of the sandbox could not be applied: {outcomes}")
        for element in elements:
            if isinstance(element, StatusElement):
                self.book.told.setdefault(element.wamid, set()).add(element.status)

    def post(self, journey: Journey) -> None:
        """A request leaves, and its answer is known, if there will be one."""
        journey.is_posted = True
        if journey.is_frozen:
            self.book.late.add(journey.message.id)
        if journey.skew_s < -GUARD_S:
            self.book.behind.add(journey.message.id)
        if self.now - journey.marked_at > UNDER_WAY_MAX:
            return
        roll = self.random.random()
        if roll < self.weather.unreached:
            journey.answer = SendError("Nothing was posted.", verdict=NOT_CONNECTED)
            return
        if roll < self.weather.unreached + self.weather.vanishes:
            return
        reply = self.sandbox.handle(self._request(journey.message), now=self.now)
        if not reply.is_lost:
            answer = Answer(reply.status, reply.body, reply.headers.get("retry-after"))
            journey.answer = receipt_of(answer) or refusal_of(answer)

    def operator(self, name: str) -> OperatorId:
        """A sample operator."""
        return OperatorId(f"contoh-{name}")

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Look into the firm's file."""
        return self.store.read(fn)

    def _request(self, message: OutboundMessage) -> ApiRequest:
        return ApiRequest(
            method="POST",
            path=f"/v25.0/{message.phone_number_id}/messages",
            headers={"authorization": f"Bearer {self.token}", "content-type": "application/json"},
            body=msgspec.json.encode(body_of(message)),
            content_type="application/json",
        )

    def _opened(self) -> Store:
        return open_firm(self._root / "firm", keys=self._keys, clock=self.clock, reactions=REACTIONS)

    def _template_at_meta(self) -> str:
        """The name of a new approved template. Its own request may meet faults, so each try has another name."""
        headers = {"authorization": f"Bearer {self.token}"}
        for number in range(100):
            name = f"kabar_berkas_{number}"
            made = ApiRequest(
                method="POST",
                path=f"/v25.0/{self.account.waba_id}/message_templates",
                headers=headers,
                body=msgspec.json.encode(_template(name)),
            )
            reply = self.sandbox.handle(made, now=self.now)
            self.sandbox.renew_token(self.token)
            if reply.status == 200 and not reply.is_lost:
                self.sandbox.approve_template(msgspec.json.decode(reply.body)["id"], now=self.now)
                return name
        raise SimulationError("no template could be made")


def _template(name: str) -> dict[str, Any]:
    # Meta refuses a second template with the same text.
    text = f"Halo {{{{1}}}}, berkas Anda sudah kami terima dan sedang diperiksa ({name})."
    body = {"type": "BODY", "text": text, "example": {"body_text": [["Contoh"]]}}
    return {"name": name, "language": "id", "category": "UTILITY", "components": [body]}


def _put_template(tx: Tx, name: str) -> None:
    row = TemplateRow(
        name=name,
        language="id",
        vendor_id=None,
        status="APPROVED",
        category="UTILITY",
        quality="",
        definition=msgspec.json.encode(_template(name)).decode(),
        synced_at_ms=tx.now_ms,
    )
    tx.templates.put(row)
    tx.audit.append(AuditRecord("system:simulation", "template.synced", f"template:{name}"))


def _account() -> SandboxAccount:
    account = sample_account(0)
    first = replace(account.numbers[0], messages_per_s=META_PER_S)
    second = replace(first, phone_number_id="301301301301399", display_phone_number="622150001299")
    return replace(account, numbers=(first, second))
