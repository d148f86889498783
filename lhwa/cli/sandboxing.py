"""Running the sandbox for a home or for nobody in particular, and speaking to one that runs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from lhwa import bootstrap
from lhwa.cli.session import Session
from lhwa.daemon.lock import running_daemon
from lhwa.domain.ids import TenantId
from lhwa.errors import ConfigError, UnavailableError, UsageError
from lhwa.registry.routing import RoutingTable
from lhwa.registry.tables import tenants
from lhwa.sandbox.accounts import TOKEN_PREFIX, SandboxAccount, SandboxNumber, SandboxToken, sample_account
from lhwa.services.access.callers import require_installer
from lhwa.services.access.tenants import set_access_token

HOST = "127.0.0.1"
PORT = 9191
WEBHOOK = "http://127.0.0.1:8080/webhooks/whatsapp"
TIMEOUT_S = 15.0
Asking = Callable[[str, str, dict[str, Any] | None], Any]


def accounts_for(session: Session, *, webhook: str | None, links: bool) -> list[SandboxAccount]:
    """The firms of this home as Meta has them; one sample firm where there is no home.

    Args:
        webhook: where webhooks go; the running daemon's when None.
        links: give a firm without an access token one of its own.
    Raises: NotAllowedError for everybody but the installer: the sandbox signs with the firms' own app secrets.
    """
    if not session.home.registry_db.exists():
        return [sample_account(webhook_url=webhook or WEBHOOK)]
    with session.registry() as registry, registry.read() as view:
        require_installer(view, session.installer)
    table = bootstrap.load_routing(session.home, session.settings, session.environ)
    wabas = {tenant: waba for waba, tenant in table.tenant_of_waba.items()}
    if not wabas:
        raise ConfigError("This home has no firm yet.", hint="Add one: lhwa tenant add; or name another --home.")
    url = webhook or _daemon_webhook(session)
    return [
        _account(session, table, tenant, waba, webhook=url, links=links, index=index)
        for index, (tenant, waba) in enumerate(sorted(wabas.items()))
    ]


def _account(
    session: Session, table: RoutingTable, tenant: TenantId, waba: str, *, webhook: str, links: bool, index: int
) -> SandboxAccount:
    app = table.app_of_tenant[tenant]
    secret = next((each.secret for each in table.apps[app].secrets if each.not_after is None), None)
    if secret is None:
        raise ConfigError(f"The app {app} has no secret that works.", hint="Run `lhwa app rotate-secret`.")
    numbers = sorted(number for number, owner in table.tenant_of_number.items() if owner == tenant)
    return SandboxAccount(
        name=tenant,
        waba_id=waba,
        app_id=f"4004004004{index:05}",
        app_secret=secret.decode("ascii"),
        webhook_url=webhook,
        numbers=tuple(
            SandboxNumber(phone_number_id=number, display_phone_number=f"62215000{index:02}{place:02}")
            for place, number in enumerate(numbers)
        ),
        tokens=(SandboxToken(value=_token(session, tenant, links=links)),),
    )


def _token(session: Session, tenant: TenantId, *, links: bool) -> str:
    """The firm's own access token, which stays here; a new one where it has none."""
    with session.registry() as registry:
        with registry.read() as view:
            known = tenants.access_token(view, tenant)
        if known is not None:
            return known.decode("ascii")
        token = TOKEN_PREFIX + secrets.token_urlsafe(24)
        if links:
            set_access_token(registry, session.installer, tenant, access_token=token, now=session.now)
            session.out.say(f"{tenant} had no access token: it has one of the sandbox now.")
    return token


def _daemon_webhook(session: Session) -> str:
    facts = running_daemon(session.home.lock_file)
    if facts is not None and facts.webhook:
        return f"http://{facts.webhook}/webhooks/whatsapp"
    server = session.settings.server
    return f"http://{server.host}:{server.port}/webhooks/whatsapp" if server.port else WEBHOOK


def sandbox_url(session: Session, named: str | None) -> str:
    """Where the sandbox is: as named, where settings send messages, or where it is when nobody says otherwise."""
    url = named or session.graph_url
    host = urlsplit(url).hostname
    if host in ("127.0.0.1", "localhost", "::1"):
        return url.rstrip("/")
    if named is not None:
        raise UsageError("A sandbox is on this machine only.", hint=f"Such as http://{HOST}:{PORT}.")
    return f"http://{HOST}:{PORT}"


def call(url: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask a running sandbox once. Raises: UnavailableError when none answers, UsageError when it refuses."""
    with line_to(url) as ask:
        return ask(method, path, body)


@contextmanager
def line_to(url: str) -> Iterator[Asking]:
    """Ask a running sandbox as often as needed, over one connection: method, path, body. Each raises as `call` does."""
    import httpx  # noqa: PLC0415 -- 0.3 s that serving need not pay

    is_plain = url.startswith("http:")  # to read all certificates takes longer than to ask
    with httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=not is_plain) as client:

        def ask(method: str, path: str, body: dict[str, Any] | None) -> Any:
            try:
                answer = client.request(method, f"{url}/_sandbox{path}", json=body)
                said = answer.json()
            except (httpx.HTTPError, httpx.InvalidURL, ValueError):
                raise UnavailableError(
                    f"No sandbox answers at {url}.",
                    hint=f"Start one: lhwa sandbox serve; or say where it is: --url http://{HOST}:PORT.",
                ) from None
            if answer.status_code != 200:
                raise UsageError(str(said.get("error", "The sandbox refused it.")), hint=str(said.get("hint", "")))
            return said

        yield ask


def run_sandbox(
    accounts: list[SandboxAccount],
    *,
    port: int,
    seed: int,
    faults: str,
    on_ready: Callable[[int], None],
    on_refused: Callable[[str, str], None],
) -> None:
    """Serve until Ctrl-C or SIGTERM. `on_ready` is told the port.

    Args:
        on_refused: told where a webhook was not taken, and why, once for each webhook.
    Raises: UsageError for a fault that does not exist, or a port in use.
    """
    import asyncio  # noqa: PLC0415 -- speaking to one needs none of this
    import socket  # noqa: PLC0415 -- as above

    import uvicorn  # noqa: PLC0415 -- as above

    from lhwa.sandbox.courier import WebhookCourier  # noqa: PLC0415 -- as above
    from lhwa.sandbox.faults import Faults  # noqa: PLC0415 -- as above
    from lhwa.sandbox.http import sandbox_app  # noqa: PLC0415 -- as above
    from lhwa.sandbox.sandbox import Sandbox  # noqa: PLC0415 -- as above

    clock = bootstrap.open_clock()
    sandbox = Sandbox(*accounts, seed=seed, now=clock.now(), faults=Faults.parse(faults))
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        # From here on nobody is turned away: who reads that it is ready may ask at once.
        listening.listen()
    except OSError as error:
        listening.close()
        raise UsageError(
            f"Port {port} of {HOST} cannot be used: {error.strerror}.", hint="Name another: --port 0."
        ) from None
    on_ready(listening.getsockname()[1])

    async def serve() -> None:
        app = sandbox_app(sandbox, clock, courier=WebhookCourier(sandbox, clock, on_refused=on_refused))
        config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=2)
        await uvicorn.Server(config).serve(sockets=[listening])

    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        return
