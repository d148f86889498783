"""What is sent: sample webhooks chosen by a seed, and a journal of what was sent and how it was answered.

Bodies are put together by `merge`, so what each firm must find in the spool is known without asking lhwa.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from lhwa.domain.ids import TenantId
from lhwa.testing.webhooks import KINDS, Client, build, encode, merge
from scripts.benchmarks.crashing.place import NUMBERS

RECENT = 300
"""So many of the newest requests are sent again, whole or in other company."""
CLIENTS = tuple(
    Client(name=f"Contoh Klien {nth}", wa_id=f"62812300{nth:05}", bsuid=f"ID.880011{nth:08}") for nth in range(40)
)
NOT_OURS = frozenset({"other_object", "empty"})
"""They belong to no firm."""
OTHERS = tuple(name for name in KINDS if name not in NOT_OURS)
TEXTS = ("text", "text", "text_reply", "image", "document", "voice", "echo")
STATUSES = ("status_sent", "status_delivered", "status_read", "status_failed")
ALERTS = ("account_restriction", "account_violation", "phone_quality_flagged", "security_pin_changed")
"""Each puts a job, so that kills meet jobs that are being done."""
ALERTS_AT_ONCE = 25
LONG_ITEMS = (200, 1_000)


@dataclass(slots=True)
class Webhook:
    """One sample webhook of one firm, with the ids of the messages that it must become."""

    firm: TenantId
    payload: dict[str, Any]
    wamids: tuple[str, ...]


@dataclass(slots=True)
class Request:
    """One HTTP request: several webhooks in one body, of one firm or of several."""

    webhooks: tuple[Webhook, ...]
    body: bytes
    is_forged: bool = False
    parts: dict[TenantId, bytes] = field(default_factory=dict)
    """SHA-256 of what each firm must find in the spool, byte for byte."""
    wamids: tuple[tuple[TenantId, str], ...] = ()
    is_acked: bool = False

    def forget(self) -> None:
        """Only the digests are needed from now on."""
        self.webhooks, self.body = (), b""


def request_of(webhooks: Sequence[Webhook], *, is_forged: bool = False) -> Request:
    """A request of these webhooks."""
    firms = dict.fromkeys(each.firm for each in webhooks)
    parts = {
        firm: hashlib.sha256(encode(merge([each.payload for each in webhooks if each.firm == firm]))).digest()
        for firm in firms
    }
    wamids = tuple((each.firm, wamid) for each in webhooks for wamid in each.wamids)
    body = encode(merge([each.payload for each in webhooks]))
    return Request(tuple(webhooks), body, is_forged, parts, wamids)


class Journal:
    """Everything that was sent to one home. For several threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.requests: dict[bytes, Request] = {}
        self.recent: deque[Request] = deque()
        self.numbers: Iterator[int] = count(1)
        self.answers: dict[int, int] = {}
        self.lost_answers = 0
        self.forged: set[bytes] = set()

    def add(self, request: Request) -> Request:
        """Remember a request before it is sent; the same bytes are the same request."""
        digest = hashlib.sha256(request.body).digest()
        with self.lock:
            if request.is_forged:
                self.forged.update(request.parts.values())
                return request
            known = self.requests.get(digest)
            if known is None:
                known = self.requests[digest] = request
                self.recent.append(request)
            elif not known.body:
                # Some kinds say the same every time: their bytes come again long after they were forgotten.
                known.webhooks, known.body = request.webhooks, request.body
            return known

    def note(self, request: Request, status: int | None) -> None:
        """Remember how it was answered; None when the answer never came."""
        with self.lock:
            if status is None:
                self.lost_answers += 1
                return
            self.answers[status] = self.answers.get(status, 0) + 1
            if status == 200:
                request.is_acked = True

    def unanswered(self) -> list[Request]:
        """Requests that nobody was told 200 for: Meta would send them again."""
        with self.lock:
            return [each for each in self.requests.values() if not each.is_acked]

    def trim(self) -> None:
        """Forget the bodies of all but the newest requests. Only while nothing is sent."""
        while len(self.recent) > RECENT and self.recent[0].is_acked:
            self.recent.popleft().forget()

    def again(self, rng: random.Random) -> Request | None:
        """One of the newest requests, perhaps one that is under way."""
        with self.lock:
            return rng.choice(self.recent) if self.recent else None


class Maker:
    """Chooses what one client sends next."""

    def __init__(self, journal: Journal, rng: random.Random) -> None:
        self._journal = journal
        self._rng = rng
        self._at = datetime.now(UTC)

    def next(self) -> Request:
        """The next request, remembered in the journal."""
        rng, luck = self._rng, self._rng.random()
        before = self._journal.again(rng)
        if luck < 0.12 and before is not None:
            return self._journal.add(before)
        if luck < 0.24 and before is not None:
            # What was sent before, in the company of something new: the same elements in other bytes.
            return self._journal.add(request_of([*before.webhooks[-3:], self.webhook()]))
        if luck < 0.36:
            several = [self.webhook(firm) for firm in NUMBERS for _ in range(rng.randint(0, 2))]
            rng.shuffle(several)
            return self._journal.add(request_of(several or [self.webhook()]))
        if luck < 0.375:
            return self._journal.add(request_of([self._long()]))
        if luck < 0.4:
            return self._journal.add(self.alerts(rng.choice(list(NUMBERS))))
        return self._journal.add(request_of([self.webhook()], is_forged=luck > 0.98))

    def webhook(self, firm: TenantId | None = None, kind: str | None = None) -> Webhook:
        """A webhook that was not sent before; chosen where nothing is named."""
        rng = self._rng
        kind = kind or rng.choice(rng.choices((TEXTS, STATUSES, OTHERS), (5, 2, 3))[0])
        firm = firm or rng.choice(list(NUMBERS))
        return Webhook(firm, payload := self._build(kind, firm), _wamids(kind, payload))

    def alerts(self, firm: TenantId) -> Request:
        """Many alerts of one firm in one request."""
        return request_of([self.webhook(firm, self._rng.choice(ALERTS)) for _ in range(ALERTS_AT_ONCE)])

    def _long(self) -> Webhook:
        """One body that is applied in several slices."""
        firm = self._rng.choice(list(NUMBERS))
        payload = self._build("text", firm)
        value = payload["entry"][0]["changes"][0]["value"]
        [text] = value["messages"]
        items = range(self._rng.randint(*LONG_ITEMS))
        value["messages"] = [text | {"id": f"{text['id']}-{nth}"} for nth in items]
        return Webhook(firm, payload, _wamids("text", payload))

    def _build(self, kind: str, firm: TenantId) -> dict[str, Any]:
        with self._journal.lock:
            seq = next(self._journal.numbers)
        # Alerts are told apart by their time alone.
        at = self._at - timedelta(seconds=seq) if kind in ALERTS else self._at
        return build(kind, number=NUMBERS[firm], client=self._rng.choice(CLIENTS), seq=seq, at=at)


def _wamids(kind: str, payload: dict[str, Any]) -> tuple[str, ...]:
    """The ids that must become messages; for kinds whose items are elsewhere the completeness ledger counts alone."""
    if KINDS[kind].gives != "message" and kind not in ("batch", "text_handed_over"):
        return ()
    values = [change["value"] for entry in payload["entry"] for change in entry["changes"]]
    items = [item for value in values for name in ("messages", "message_echoes") for item in value.get(name, ())]
    return tuple(item["id"] for item in items if isinstance(item.get("id"), str))
