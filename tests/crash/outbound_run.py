"""A home whose messages go to a Meta that holds its answers back, and kills of the daemon while it waits for them.

In the end every message was posted at most once, and each one is either accepted or in doubt.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from lhwa import bootstrap
from lhwa.bootstrap import open_clock
from lhwa.config.settings import Settings
from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import ULID_TAIL_BYTES, OperatorId, TenantId, ulid
from lhwa.domain.instants import to_ms
from lhwa.domain.outbound import OutboundState, Text
from lhwa.errors import LhwaError
from lhwa.services.audit.views import verify_firm
from lhwa.services.messaging.sending import SendRequest, request_send
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.webhooks import BusinessNumber, Client, build, encode, merge, sign
from scripts.benchmarks.crashing.place import ALL, APP_SECRET, LEASE_S, Daemon, Place, Violation

FIRMS = 8
"""They take turns: a killed daemon's drain of one firm seems to run until its lease lapses."""
MESSAGES_MAX = 5
"""Of one round; each to a client of its own, as one in doubt holds up the next to the same client."""
OPEN = (OutboundState.QUEUED, OutboundState.SENDING)
POST_S_MAX = 30.0
END_S_MAX = LEASE_S + 30.0
NUMBERS = {
    TenantId(f"firma-{nth}"): BusinessNumber(
        phone_number_id=str(301301301301301 + nth),
        display_phone_number=f"62215000123{nth}",
        waba_id=str(2003004005 + nth),
    )
    for nth in range(FIRMS)
}


class HoldingMeta:
    """Takes every message, counts it by our id, and answers when it is let."""

    def __init__(self) -> None:
        self.posted: Counter[str] = Counter()
        self.may_be_answered: set[str] = set()
        self.answered: set[str] = set()
        self._news = threading.Condition()
        self._to_answer: frozenset[str] = frozenset()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="meta", daemon=True)
        self._thread.start()

    def hold(self, *, but: Iterable[str] = ()) -> None:
        """Answer no message but these. By name: a post of a daemon that is gone may still lie in a socket."""
        with self._news:
            self._to_answer = frozenset(but)

    def wait_for(self, messages: list[str], *, least: int, answered: bool = False) -> None:
        """Wait until so many of these were posted, or answered. Raises: Violation when they never are."""
        with self._news:
            seen = self.answered if answered else self.posted
            if not self._news.wait_for(lambda: sum(each in seen for each in messages) >= least, POST_S_MAX):
                raise Violation(f"fewer than {least} messages left within {POST_S_MAX:.0f} s")

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def _take(self, message: str) -> bool:
        """Count a message; True when it is answered."""
        with self._news:
            self.posted[message] += 1
            self._news.notify_all()
            if message not in self._to_answer:
                return False
            self.may_be_answered.add(message)
            return True

    def _answered(self, message: str) -> None:
        with self._news:
            self.answered.add(message)
            self._news.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        meta = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                with suppress(ConnectionError):  # the daemon was killed
                    super().handle()

            def do_POST(self) -> None:
                raw_body = self.rfile.read(length := int(self.headers["content-length"]))
                if len(raw_body) < length:
                    return  # killed in the middle of it: Meta has no message
                message = json.loads(raw_body)["biz_opaque_callback_data"].removeprefix("lhwa:")
                if not meta._take(message):
                    with suppress(OSError):
                        self.rfile.read(1)  # nothing comes: until the daemon is gone
                    self.close_connection = True
                    return
                raw = json.dumps({"messaging_product": "whatsapp", "messages": [{"id": f"wamid.{message}"}]}).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
                with suppress(OSError):
                    self.wfile.write(head.encode() + raw)
                meta._answered(message)

            def log_message(self, *_args: Any) -> None:
                """Nothing."""

        return Handler


class OutboundPlace(Place):
    """A home with firms that have a token, and clients who have just written."""

    def __init__(self, root: Path, *, graph_url: str) -> None:
        super().__init__(root, numbers=NUMBERS, access_token="token-of-a-test")
        self._graph_url = graph_url

    def environ(self) -> dict[str, str]:
        """As the other crash tests have it, with the Meta of this run."""
        return super().environ() | {"LHWA_OUTBOUND__GRAPH_URL": self._graph_url}

    def store_of(self, firm: TenantId) -> Store:
        """A firm's store as a command opens it."""
        return bootstrap.open_store(
            self.home, firm, self.keys_of(firm), registry=None, clock=open_clock(), is_founded=True
        )


class OutboundRun:
    """Rounds of kills in one home."""

    def __init__(self, root: Path, *, seed: str) -> None:
        self.seed = seed
        self.meta = HoldingMeta()
        self.place = OutboundPlace(root, graph_url=self.meta.url)
        self.requested: dict[str, TenantId] = {}
        self.held: set[str] = set()
        self.kills = 0
        self._rng = random.Random(seed)
        self._next_client = dict.fromkeys(NUMBERS, 0)

    def run(self, rounds: int) -> None:
        """All rounds and the look at the end. Raises: Violation."""
        try:
            self.place.make()
            self._hear_from(clients=-(-rounds // FIRMS) * MESSAGES_MAX)
            for nth in range(rounds):
                self._round(list(NUMBERS)[nth % FIRMS])
            self._finish()
        finally:
            self.meta.close()

    def states(self) -> dict[str, OutboundState]:
        """Where every message is."""
        found: dict[str, OutboundState] = {}
        for firm in NUMBERS:
            with self.place.store_of(firm) as store:
                found |= store.read(_states)
        return found

    def _hear_from(self, *, clients: int) -> None:
        daemon = self.place.start()
        try:
            daemon.wait_until_ready()
            for number in NUMBERS.values():
                made = [
                    build("text", number=number, client=_client(nth), seq=nth, at=open_clock().now())
                    for nth in range(clients)
                ]
                _post(daemon, encode(merge(made)))
            until = time.monotonic() + END_S_MAX
            while any(self._heard(firm) < clients for firm in NUMBERS):
                if time.monotonic() > until:
                    raise Violation("the clients were not heard")
                time.sleep(0.02)
            daemon.stop()
        finally:
            daemon.kill()

    def _heard(self, firm: TenantId) -> int:
        if not self.place.home.tenant_db(firm).exists():
            return 0
        with suppress(LhwaError), self.place.store_of(firm) as store:  # its files may just be made
            return store.read(_threads)
        return 0

    def _round(self, firm: TenantId) -> None:
        messages = self._request(firm, self._rng.randint(1, MESSAGES_MAX))
        answers = self._rng.choice((0, 0, self._rng.randint(0, len(messages) - 1)))
        answered = self._rng.sample(messages, answers)
        self.meta.hold(but=answered)
        daemon = self.place.start()
        try:
            self.meta.wait_for(messages, least=self._rng.randint(answers + 1, len(messages)))
            self.meta.wait_for(answered, least=answers, answered=True)
            time.sleep(self._rng.choice((0.0, self._rng.uniform(0.0, 0.02))))
        finally:
            daemon.kill(ALL)
        self.held |= {each for each in messages if self.meta.posted[each] and each not in self.meta.may_be_answered}
        self.kills += 1

    def _request(self, firm: TenantId, count: int) -> list[str]:
        """Somebody sends messages while no daemon runs."""
        number = NUMBERS[firm].phone_number_id
        policy = bootstrap.send_policy(Settings(), numbers=(number,), time_zone="Asia/Jakarta")
        made = []
        with self.place.store_of(firm) as store:
            for _ in range(count):
                client, self._next_client[firm] = self._next_client[firm], self._next_client[firm] + 1
                message = ulid(to_ms(open_clock().now()), self._rng.randbytes(ULID_TAIL_BYTES))
                wanted = SendRequest(contact=f"+{_client(client).wa_id}", content=Text(body="Sidang ditunda."))
                owner = Principal(OperatorId("sari"), firm, Role.OWNER)
                outcome = store.write(request_send, owner, wanted, policy, outbound_id=message)
                if outcome.refused is not None:
                    raise Violation(f"a message was refused by {outcome.refused.rule.value}")
                self.requested[message] = firm
                made.append(message)
        return made

    def _finish(self) -> None:
        """A daemon that nobody kills does the rest; then look at every promise."""
        self.meta.hold(but=self.requested)
        daemon = self.place.start()
        try:
            daemon.wait_until_ready()
            until = time.monotonic() + END_S_MAX
            while left := [each for each, state in self.states().items() if state in OPEN]:
                if time.monotonic() > until:
                    raise Violation(f"{len(left)} messages are stuck")
                time.sleep(0.1)
            daemon.stop()
        finally:
            daemon.kill()
        self._look()

    def _look(self) -> None:
        twice = [each for each, times in self.meta.posted.items() if times > 1]
        if twice:
            raise Violation(f"{len(twice)} messages were posted more than once")
        states = self.states()
        if states.keys() != self.requested.keys():
            raise Violation("a message is lost, or one is there that nobody asked for")
        wrong = [each for each in self.held if states[each] is not OutboundState.IN_DOUBT]
        if wrong:
            raise Violation(f"{len(wrong)} messages without an answer are not in doubt: {states[wrong[0]]}")
        for message, state in states.items():
            if state is OutboundState.ACCEPTED and message not in self.meta.may_be_answered:
                raise Violation("a message counts as accepted that nobody answered")
            if state not in (OutboundState.ACCEPTED, OutboundState.IN_DOUBT):
                raise Violation(f"a message ended as {state}")
        for firm in NUMBERS:
            with self.place.store_of(firm) as store:
                if not store.read(verify_firm).ok:
                    raise Violation(f"the audit log of {firm} does not hold")


def _threads(tx: Tx) -> int:
    return len(tx.conversations.newest(rows_max=1_000))


def _states(tx: Tx) -> dict[str, OutboundState]:
    return {row.id: row.state for row in tx.outbox.newest(rows_max=10_000)}


def _client(nth: int) -> Client:
    return Client(name=f"Contoh Klien {nth}", wa_id=f"62812300{nth:05}", bsuid=f"ID.880011{nth:08}")


def _post(daemon: Daemon, body: bytes) -> None:
    import http.client  # noqa: PLC0415 -- beside the class of the library's server it would be mistaken for it

    connection = http.client.HTTPConnection(*daemon.webhook, timeout=10)
    headers = {"X-Hub-Signature-256": sign(body, APP_SECRET), "Content-Type": "application/json"}
    connection.request("POST", "/webhooks/whatsapp", body=body, headers=headers)
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        raise Violation(f"the clients were answered {status}")
