"""`lhwa status`: is it running, and does anything wait."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from lhwa.cli.firm import open_firm, open_spool
from lhwa.cli.group import Group
from lhwa.cli.session import Session

if TYPE_CHECKING:
    from lhwa.daemon.lock import DaemonFacts

app = Group("Is it running, and does anything wait.")

ADMIN_TIMEOUT_S = 1.0


@app.add("status", examples=["lhwa status", "lhwa --json status", "lhwa status -t firma"])
def status(ctx: typer.Context) -> None:
    """Show the daemon, the firm's queues, the oldest waiting item and the last webhook."""
    from lhwa.daemon.lock import running_daemon
    from lhwa.services.messaging.flow import firm_status

    session = Session.of(ctx)
    with open_firm(session) as firm, open_spool(session) as spool:
        now = firm.store.read(firm_status, firm.principal, spool=spool.read)
        aside = spool.read.counts().by_state
        unrouted, unreadable = aside.get("unrouted", 0), aside.get("dead", 0)
    facts = running_daemon(session.home.lock_file)
    workers = [] if facts is None else [_worker(facts)]
    data = {
        "tenant": now.tenant,
        "running": facts is not None,
        "workers": workers,
        "queues": {
            "requests": {"waiting": now.waiting_requests},
            "jobs": {"waiting": now.waiting_jobs, "running": now.running_jobs},
            "deadLetters": {"open": now.dead_letters},
            "statuses": {"parked": now.parked_statuses},
            "unrouted": {"waiting": unrouted},
            "unreadable": {"kept": unreadable},
        },
        "oldestWaitingAt": now.oldest_waiting_at,
        "oldestAgeS": _age_s(session, now.oldest_waiting_at),
        "lastWebhookAt": now.last_webhook_at,
        "messages": now.messages,
        "auditEntries": now.audit_entries,
    }
    session.out.record(
        data,
        {
            "firm": now.tenant,
            "daemon": _daemon_line(workers),
            "last webhook": firm.clock(now.last_webhook_at),
            "waiting requests": now.waiting_requests,
            "oldest waits since": firm.clock(now.oldest_waiting_at),
            "waiting jobs": now.waiting_jobs,
            "dead letters": _advised(now.dead_letters, "lhwa deadletters list"),
            "unrouted, no firm's": _advised(unrouted, "lhwa tenant add-number, then lhwa events replay --unrouted"),
            "unreadable, no firm's": _advised(unreadable, "lhwa deadletters list --requests"),
            "parked statuses": now.parked_statuses,
            "messages": now.messages,
            "audit records": now.audit_entries,
        },
    )


def _worker(facts: DaemonFacts) -> dict[str, Any]:
    """What the daemon says of itself; `ready` is None when its admin listener does not answer."""
    ready = _readiness(facts.admin)
    return {
        "pid": facts.pid,
        "startedAt": facts.started_at,
        "webhook": facts.webhook,
        "admin": facts.admin,
        "ready": ready.get("ready"),
        "lastServedAt": ready.get("lastServedAt"),
        "openFirms": ready.get("openFirms"),
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
