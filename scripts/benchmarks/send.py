"""`send`: messages/s through lhwa and a sandbox, against a plain httpx loop that posts the same bodies there."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from lhwa import bootstrap
from lhwa.adapters.channel.whatsapp_cloud.bodies import body_of
from lhwa.bootstrap import open_clock, open_registry
from lhwa.config.settings import Settings
from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import ULID_TAIL_BYTES, OperatorId, TenantId, ulid
from lhwa.domain.instants import to_ms
from lhwa.domain.outbound import OutboundMessage, OutboundState, Recipient, Text
from lhwa.errors import InvariantError
from lhwa.registry.tables import tenants
from lhwa.services.messaging.sending import SendRequest, request_send
from lhwa.store import wake
from lhwa.store.transaction import Tx
from lhwa.testing.webhooks import sign
from scripts.benchmarks import children, webhooks
from scripts.benchmarks.daemon import SETTINGS, BenchHome, Daemon, make_home
from scripts.benchmarks.options import Bench, measured, parser
from scripts.benchmarks.report import Cell, spread

MESSAGES = 1_000
MESSAGES_QUICK = 100
ROUNDS = 5
ROUNDS_QUICK = 2
AT_ONCE = 16
"""Requests under way at the same time, as many as lhwa has for one firm."""
PER_S = 1_000
"""What the number may send in a second, here and in the sandbox: so much that pacing decides nothing."""
TEXT = "Yth. klien, sidang Anda ditunda sampai minggu depan."
WAIT_S = 300.0
_SANDBOX = """\
import sys
from dataclasses import replace
from lhwa.cli import sandboxing
from lhwa.cli.app import main

made = sandboxing.accounts_for

def faster(session, **more):
    accounts = made(session, **more)
    return [replace(a, numbers=tuple(replace(n, messages_per_s=int(sys.argv[1])) for n in a.numbers)) for a in accounts]

sandboxing.accounts_for = faster
sys.exit(main(["--json", "sandbox", "serve", "--port", "0", "--seed", sys.argv[2], "--fault", "drop=1"]))
"""
"""The sandbox of the product, whose numbers may send more than Meta's."""
ABOUT = """Messages to as many clients as there are messages, put into the outbox in one commit. The clock runs
from the moment they are there until the last one is accepted in the firm's file: gates, paces, audit
records and two commits for each message included. The peer is an asyncio loop over httpx with as many requests under
way, which posts the same bodies to the same sandbox and keeps nothing. Ratios are taken within a round."""


def run(arguments: list[str]) -> int:
    """Measure; 1 when a message was not accepted."""
    options = parser("send", ABOUT)
    options.add_argument("--messages", type=int, default=None, help=f"of a round (default: {MESSAGES})")
    options.add_argument("--rounds", type=int, default=None, help=f"of both (default: {ROUNDS})")
    asked = options.parse_args(arguments)
    asked.messages = asked.messages or (MESSAGES_QUICK if asked.quick else MESSAGES)
    asked.rounds = asked.rounds or (ROUNDS_QUICK if asked.quick else ROUNDS)
    return measured("send", asked, arguments, _measure)


def _measure(bench: Bench) -> int:
    asked, tenant = bench.asked, TenantId(webhooks.tenant_of(0))
    settings = f"{SETTINGS}\n[outbound]\nmessages_per_s = {PER_S}\n"
    home = make_home(bench.work / "home", firms=1, settings=settings)
    lhwa_s: list[float] = []
    httpx_s: list[float] = []
    with _sandbox(home, bench.work, seed=asked.seed) as url:
        token = _token_of(home, tenant)
        home.home.settings_file.write_text(f'{settings}graph_url = "{url}"\n')
        _hear(home, url, asked.messages)
        for number in range(asked.rounds):
            bench.report.say(f"round {number + 1} of {asked.rounds}")
            lhwa_s.append(_through_lhwa(home, tenant, asked.messages))
            httpx_s.append(asyncio.run(_through_httpx(url, token, asked.messages)))
    rows = [_row("httpx loop", httpx_s, httpx_s, asked.messages), _row("lhwa", lhwa_s, httpx_s, asked.messages)]
    bench.report.table(f"send: {asked.rounds} rounds of {asked.messages} messages, against a plain httpx loop", rows)
    return 0


def _row(name: str, mine_s: list[float], peer_s: list[float], messages: int) -> dict[str, Cell]:
    return {
        "sender": name,
        "messages/s": messages / statistics.median(mine_s),
        "ms a message": statistics.median(mine_s) / messages * 1e3,
        "x httpx": spread([peer / mine for mine, peer in zip(mine_s, peer_s, strict=True)]),
    }


@contextmanager
def _sandbox(home: BenchHome, work: Path, *, seed: int) -> Iterator[str]:
    """The sandbox of this home as a child; gives its URL. Statuses go nowhere: they are not what is measured."""
    env = children.python_env(LHWA_HOME=str(home.home.root))
    argv = [sys.executable, "-c", _SANDBOX, str(PER_S * 10), str(seed)]
    with (work / "sandbox.log").open("wb") as log:
        child: subprocess.Popen[bytes] = children.start(argv, cwd=work, log=log, env=env, talks=True)
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line:
            raise RuntimeError(f"The sandbox did not start: {(work / 'sandbox.log').read_text()[-2_000:]}")
        yield str(json.loads(line)["graphUrl"])
    finally:
        children.stop(child)


def _token_of(home: BenchHome, tenant: TenantId) -> str:
    with open_registry(home.home, home.root) as registry, registry.read() as view:
        token = tenants.access_token(view, tenant)
    if token is None:
        raise InvariantError("The sandbox gave the firm no token.")
    return token.decode("ascii")


def _phone(nth: int) -> str:
    return f"+6281230{nth:06}"


def _hear(home: BenchHome, url: str, clients: int) -> None:
    """Each client writes: the firm knows them, the sandbox too, and every window is open."""
    with Daemon(home) as daemon, httpx.Client(trust_env=False, timeout=30) as http:
        for first in range(0, clients, webhooks_a_time := 50):
            body = _written(range(first, min(first + webhooks_a_time, clients)))
            signature = sign(body, webhooks.APP_SECRET.encode())
            headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
            answer = http.post(f"http://127.0.0.1:{daemon.port}/webhooks/whatsapp", content=body, headers=headers)
            answer.raise_for_status()
        daemon.await_drained()
        for nth in range(clients):
            http.post(f"{url}/_sandbox/say", json={"from": _phone(nth), "text": "Halo"}).raise_for_status()


def _written(clients: range) -> bytes:
    now = int(datetime.now(UTC).timestamp())
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "622150001234", "phone_number_id": webhooks.number_of(0)},
        "contacts": [{"profile": {"name": "Klien Contoh"}, "wa_id": _phone(nth)[1:]} for nth in clients],
        "messages": [
            {"from": _phone(nth)[1:], "id": f"wamid.bench{nth}", "timestamp": str(now), "type": "text",
             "text": {"body": "Halo"}}
            for nth in clients
        ],
    }  # fmt: skip
    entry = {"id": webhooks.waba_of(0), "changes": [{"value": value, "field": "messages"}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def _through_lhwa(home: BenchHome, tenant: TenantId, messages: int) -> float:
    """Seconds from the first wake-up until all of a round are accepted."""
    with Daemon(home), home.open_store(tenant) as store:
        store.write(_request_all, tenant, messages)
        began_s = time.perf_counter()
        wake.touch(home.home.wake_dir, tenant)
        while store.read(_open):
            if time.perf_counter() - began_s > WAIT_S:
                raise RuntimeError(f"Not all messages had left within {WAIT_S:.0f} s.")
            time.sleep(0.01)
        took_s = time.perf_counter() - began_s
        if failed := store.read(_failed):
            raise RuntimeError(f"{failed} messages failed.")
        return took_s


def _open(tx: Tx) -> dict[str, int]:
    return tx.outbox.counts()


def _failed(tx: Tx) -> int:
    return len(tx.outbox.newest(rows_max=10, states=(OutboundState.FAILED, OutboundState.EXPIRED)))


def _request_all(tx: Tx, tenant: TenantId, messages: int) -> None:
    policy = bootstrap.send_policy(Settings(), numbers=(webhooks.number_of(0),), time_zone="Asia/Jakarta")
    owner = Principal(OperatorId("contoh"), tenant, Role.OWNER)
    for nth in range(messages):
        wanted = SendRequest(contact=_phone(nth), content=Text(body=TEXT))
        outcome = request_send(tx, owner, wanted, policy, outbound_id=_new_id())
        if outcome.refused is not None:
            raise InvariantError(f"A message was refused by {outcome.refused.rule.value}.")


def _new_id() -> str:
    return ulid(to_ms(open_clock().now()), os.urandom(ULID_TAIL_BYTES))


async def _through_httpx(url: str, token: str, messages: int) -> float:
    """Seconds until all of a round are posted."""
    number = webhooks.number_of(0)
    bodies = [
        body_of(
            OutboundMessage(
                id=_new_id(), phone_number_id=number, recipient=Recipient(phone=_phone(nth)), content=Text(body=TEXT)
            )
        )
        for nth in range(messages)
    ]
    waiting = iter(bodies)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as http:

        async def post_some() -> None:
            for body in waiting:
                (await http.post(f"/v25.0/{number}/messages", json=body)).raise_for_status()

        began_s = time.perf_counter()
        await asyncio.gather(*[post_some() for _ in range(AT_ONCE)])
        return time.perf_counter() - began_s
