"""`lhwa status`: is it running, and does anything wait."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer

from lhwa.cli.firm import open_firm, open_spool
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.errors import LhwaError

if TYPE_CHECKING:
    from lhwa.daemon.lock import DaemonFacts
    from lhwa.services.messaging.flow import FirmStatus

app = Group("Is it running, and does anything wait.")

ADMIN_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class _Shown:
    """One firm's numbers, and its times as its people read them."""

    now: FirmStatus
    last_webhook: str
    oldest_waits_since: str


@app.add("status", examples=["lhwa status", "lhwa --json status", "lhwa status -t firma"])
def status(ctx: typer.Context) -> None:
    """Show the daemon, the firm's queues, the oldest waiting item and the last webhook.

    Who installed lhwa sees what belongs to no firm too, and, when no firm is named, every firm in a row of its own.
    """
    from lhwa.daemon.lock import running_daemon

    session = Session.of(ctx)
    tenants, is_installer = _asked_for(session)
    firms, broken = _of_firms(session, tenants)
    of_nobody = _of_nobody(session) if is_installer else None
    facts = running_daemon(session.home.lock_file)
    workers = [] if facts is None else [_worker(facts, is_installer=is_installer)]
    if session.out.json:
        data = _facts(session, [each.now for each in firms])
        unrouted, unreadable = of_nobody or (None, None)
        data["queues"] |= {"unrouted": {"waiting": unrouted}, "unreadable": {"kept": unreadable}}
        each_firm = [_facts(session, [each.now]) for each in firms]
        session.out.emit({"running": facts is not None, "workers": workers, **data, "firms": each_firm})
    else:
        _show(session, firms, daemon=_daemon_line(workers), of_nobody=of_nobody, in_rows=len(tenants) > 1)
    for tenant, error in broken.items():
        session.out.warn(f"{tenant}: {error.message}")
    if broken:
        raise next(iter(broken.values()))


def _asked_for(session: Session) -> tuple[list[str], bool]:
    """The firms to show; and True for the installer: nobody else learns what lies beside their own firm."""
    from lhwa.services.access.callers import is_installer, own_tenants

    with session.registry() as registry:
        with registry.read() as view:
            by_installer = is_installer(view, session.installer)
        own = own_tenants(registry, session.caller, now=session.now)
        named = session.wanted_tenant is not None or len(own) < 2
        return [session.tenant(registry)] if named else list(own), by_installer


def _of_firms(session: Session, tenants: list[str]) -> tuple[list[_Shown], dict[str, LhwaError]]:
    """The firms that could be looked into, and what was wrong with the others: they must not hide each other."""
    firms, broken = [], {}
    for tenant in tenants:
        try:
            firms.append(_of_firm(session, tenant))
        except LhwaError as error:
            if len(tenants) == 1:
                raise
            broken[tenant] = error
    return firms, broken


def _of_firm(session: Session, tenant: str) -> _Shown:
    from lhwa.services.messaging.flow import firm_status

    named = Session(replace(session.asked, tenant=tenant), session.environ)
    with open_firm(named) as firm, open_spool(session) as spool:
        now = firm.store.read(firm_status, firm.principal, spool=spool.read)
        return _Shown(now, firm.clock(now.last_webhook_at), firm.clock(now.oldest_waiting_at))


def _of_nobody(session: Session) -> tuple[int, int]:
    """Requests of no firm in the whole installation: unrouted, and unreadable."""
    with open_spool(session) as spool:
        aside = spool.read.counts().by_state
    return aside.get("unrouted", 0), aside.get("dead", 0)


def _facts(session: Session, firms: list[FirmStatus]) -> dict[str, Any]:
    """The numbers of one firm, or the sums of several: the same fields."""
    oldest = min((each.oldest_waiting_at for each in firms if each.oldest_waiting_at), default=None)
    return {
        "tenant": firms[0].tenant if len(firms) == 1 else None,
        "queues": {
            "requests": {"waiting": sum(each.waiting_requests for each in firms)},
            "jobs": {
                "waiting": sum(each.waiting_jobs for each in firms),
                "running": sum(each.running_jobs for each in firms),
            },
            "deadLetters": {"open": sum(each.dead_letters for each in firms)},
            "statuses": {"parked": sum(each.parked_statuses for each in firms)},
        },
        "oldestWaitingAt": oldest,
        "oldestAgeS": _age_s(session, oldest),
        "lastWebhookAt": max((each.last_webhook_at for each in firms if each.last_webhook_at), default=None),
        "messages": sum(each.messages for each in firms),
        "auditEntries": sum(each.audit_entries for each in firms),
    }


def _show(
    session: Session, firms: list[_Shown], *, daemon: str, of_nobody: tuple[int, int] | None, in_rows: bool
) -> None:
    """Show people one firm line by line, or several in rows."""
    aside = {}
    if of_nobody is not None:
        unrouted, unreadable = of_nobody
        aside = {
            "unrouted, no firm's": _advised(unrouted, "lhwa tenant add-number, then lhwa events replay --unrouted"),
            "unreadable, no firm's": _advised(unreadable, "lhwa deadletters list --requests"),
        }
    if in_rows:
        session.out.record(None, {"daemon": daemon, **aside})
        session.out.heading("Firms")
        _table(session, firms)
        return
    [firm] = firms
    pairs = {
        "firm": firm.now.tenant,
        "daemon": daemon,
        "last webhook": firm.last_webhook,
        "waiting requests": firm.now.waiting_requests,
        "oldest waits since": firm.oldest_waits_since,
        "waiting jobs": firm.now.waiting_jobs,
        "dead letters": _advised(firm.now.dead_letters, "lhwa deadletters list"),
        **aside,
        "parked statuses": firm.now.parked_statuses,
        "messages": firm.now.messages,
        "audit records": firm.now.audit_entries,
    }
    session.out.record(None, pairs)


def _table(session: Session, firms: list[_Shown]) -> None:
    session.out.table(
        firms,
        {
            "firm": lambda each: each.now.tenant,
            "last webhook": lambda each: each.last_webhook,
            "waiting requests": lambda each: each.now.waiting_requests,
            "oldest waits since": lambda each: each.oldest_waits_since,
            "waiting jobs": lambda each: each.now.waiting_jobs,
            "dead letters": lambda each: each.now.dead_letters,
            "messages": lambda each: each.now.messages,
        },
    )


def _worker(facts: DaemonFacts, *, is_installer: bool) -> dict[str, Any]:
    """What the daemon says of itself; `ready` is None when its admin listener does not answer."""
    ready = _readiness(facts.admin)
    return {
        "pid": facts.pid,
        "startedAt": facts.started_at,
        "webhook": facts.webhook,
        "admin": facts.admin,
        "ready": ready.get("ready"),
        "lastServedAt": ready.get("lastServedAt"),
        "openFirms": ready.get("openFirms") if is_installer else None,
    }


def _readiness(admin: str) -> dict[str, Any]:
    import json
    from http.client import HTTPConnection, HTTPException

    if not admin:
        return {"ready": None}  # it has the lock and has not said yet where it listens
    # Straight to the listener: a proxy from the environment has no business with this machine's own loopback.
    connection = HTTPConnection(admin, timeout=ADMIN_TIMEOUT_S)
    try:
        connection.request("GET", "/readyz")
        facts: dict[str, Any] = json.loads(connection.getresponse().read())
    except (OSError, ValueError, HTTPException):
        return {"ready": None}
    finally:
        connection.close()
    return facts


def _daemon_line(workers: list[dict[str, Any]]) -> str:
    if not workers:
        return "not running; start it: lhwa serve"
    state = {True: "ready", False: "not ready", None: "does not answer"}[workers[0]["ready"]]
    return f"{state}, process {workers[0]['pid']}, webhooks on {workers[0]['webhook']}"


def _age_s(session: Session, text: str | None) -> float | None:
    from lhwa.domain.instants import parse_rfc3339

    return None if text is None else max((session.now - parse_rfc3339(text)).total_seconds(), 0.0)


def _advised(count: int, command: str) -> str:
    return f"{count}; see: {command}" if count else "0"
