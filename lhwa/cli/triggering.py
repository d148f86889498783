"""Making and sending a volley of signed test webhooks."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lhwa import bootstrap
from lhwa.cli.session import Session
from lhwa.daemon.lock import running_daemon
from lhwa.domain.ids import TenantId
from lhwa.errors import LhwaError, UnavailableError, UsageError
from lhwa.services.access.callers import require_installer
from lhwa.testing.webhooks import KINDS, BusinessNumber, Client, build, encode, kind_named, set_path, sign

PATH = "/webhooks/whatsapp"
TIMEOUT_S = 15.0
SAMPLE_NUMBER = "622150001234"
SAMPLE_CLIENT = Client(name="Contoh Klien", wa_id="6281230001111", bsuid="ID.88001122334455", username="contoh.klien")


@dataclass(frozen=True, slots=True)
class Volley:
    """What to send, and how."""

    kind: str
    changes: tuple[str, ...]
    count: int
    duplicate: bool
    shuffle: bool
    seed: int
    to: str | None


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind as it is listed."""

    name: str
    field: str
    summary: str


@dataclass(frozen=True, slots=True)
class _Target:
    """Whom the webhooks are for, and what signs them."""

    number: BusinessNumber
    app_secret: bytes


def kinds() -> list[KindLine]:
    """Every kind that can be sent."""
    return [KindLine(kind.name, kind.field, kind.summary) for kind in KINDS.values()]


def send_volley(session: Session, volley: Volley, *, dry_run: bool) -> None:
    """Send it and say how it was answered. Raises: LhwaError when an answer was not 200."""
    kind_named(volley.kind)
    target = _target(session)
    bodies = _bodies(session, volley, target.number)
    if dry_run:
        for body in bodies:
            session.out.emit({"body": body.decode(), "signature": sign(body, target.app_secret)})
        return
    url = volley.to or _daemon_url(session)
    answers: Counter[int] = Counter()
    for status in _post_all(url, bodies, target.app_secret):
        answers[status] += 1
    session.out.done(
        f"{sum(answers.values())} sent to {url}: " + ", ".join(f"{n} x {status}" for status, n in answers.items()),
        {"to": url, "sent": sum(answers.values()), "answers": {str(status): n for status, n in answers.items()}},
    )
    if set(answers) != {200}:
        raise LhwaError("Not every webhook was answered 200.", hint="Look at the daemon's log.")


def _target(session: Session) -> _Target:
    with session.registry() as registry:
        with registry.read() as view:
            require_installer(view, session.installer)
        tenant = session.tenant(registry)
    table = bootstrap.load_routing(session.home, session.settings, session.environ)
    number = next((number for number, owner in table.tenant_of_number.items() if owner == tenant), None)
    if number is None:
        raise UsageError(f"The firm {tenant} has no number.", hint="Add one: lhwa tenant add-number")
    waba = next(waba for waba, owner in table.tenant_of_waba.items() if owner == tenant)
    secret = next(
        secret.secret
        for secret in table.apps[table.app_of_tenant[TenantId(tenant)]].secrets
        if secret.not_after is None
    )
    return _Target(BusinessNumber(phone_number_id=number, display_phone_number=SAMPLE_NUMBER, waba_id=waba), secret)


def _bodies(session: Session, volley: Volley, number: BusinessNumber) -> list[bytes]:
    order = random.Random(volley.seed or None)  # noqa: S311 -- a test's order guards nothing
    first = volley.seed * 1_000_000 if volley.seed else secrets.randbits(40)
    bodies = []
    for seq in range(first, first + volley.count):
        payload = build(volley.kind, number=number, client=SAMPLE_CLIENT, seq=seq, at=session.now)
        for change in volley.changes:
            payload = _changed(payload, change)
        bodies += [encode(payload)] * (2 if volley.duplicate else 1)
    if volley.shuffle:
        order.shuffle(bodies)
    return bodies


def _changed(payload: dict[str, Any], change: str) -> dict[str, Any]:
    path, equals, value = change.partition("=")
    if not equals:
        raise UsageError(f"--set {change!r} has no value.", hint="Write it as PATH=VALUE.")
    return set_path(payload, path, value)


def _daemon_url(session: Session) -> str:
    facts = running_daemon(session.home.lock_file)
    if facts is None or not facts.webhook:
        raise UnavailableError("No daemon serves this home.", hint="Start one: lhwa serve; or name a URL with --to.")
    return f"http://{facts.webhook}{PATH}"


def _post_all(url: str, bodies: list[bytes], app_secret: bytes) -> Iterator[int]:
    import httpx  # noqa: PLC0415 -- 0.3 s that a dry run need not pay

    is_plain = url.startswith("http:")  # to read all certificates takes longer than to post
    try:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=not is_plain) as client:
            for body in bodies:
                headers = {"Content-Type": "application/json", "X-Hub-Signature-256": sign(body, app_secret)}
                yield client.post(url, content=body, headers=headers).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnavailableError(
            f"{url} does not answer ({type(error).__name__}).", hint="Is the daemon running?"
        ) from None
