"""`lhwa status`: is it running, and does anything wait."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import typer

from lhwa.cli.firm import local_time, open_firm, open_spool_reader
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.errors import LhwaError, NotAllowedError

if TYPE_CHECKING:
    from lhwa.daemon.lock import DaemonFacts
    from lhwa.services.access.oversight import FirmFromOutside
    from lhwa.services.messaging.flow import FirmStatus
    from lhwa.store.spool_rows import SpoolReader

app = Group("Is it running, and does anything wait.")

ADMIN_TIMEOUT_S = 1.0
_INTAKES = {
    "toDecide": ("submitted", "under_review"),
    "underWay": ("new", "awaiting_consent", "in_progress", "needs_info"),
}
_OUTBOX = {"pendingApproval": "pending_approval", "queued": "queued", "sending": "sending", "inDoubt": "in_doubt"}
"""Field -> state."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """One firm's numbers, and its times as its people read them."""

    now: FirmStatus
    last_webhook: str
    oldest_waits_since: str
    clock: Callable[[str | None], str]
    """A time as the firm's people read it."""


@dataclass(slots=True)
class _Found:
    """What a look at the installation brought."""

    of_nobody: tuple[int, int] | None
    """Unrouted and unreadable requests; None for everybody but the installer."""
    in_rows: bool
    firms: list[_Shown] = field(default_factory=list)
    broken: dict[str, LhwaError] = field(default_factory=dict)


@app.add("status", examples=["lhwa status", "lhwa --json status", "lhwa status -t firma"])
def status(ctx: typer.Context) -> None:
    """Show the daemon, the firm's queues, the oldest waiting item and the last webhook.

    Who installed lhwa sees what belongs to no firm too, and, when no firm is named, every firm in a row of its own; of
    a firm where they have no role only what lies outside its file.
    """
    from lhwa import bootstrap
    from lhwa.daemon.lock import running_daemon
    from lhwa.errors import StorageError, UnavailableError, VerificationError

    session = Session.of(ctx)
    bootstrap.open_home(session.environ, session.asked.home)  # a home that is not there has lost nothing
    facts = running_daemon(session.home.lock_file)
    try:
        found = _look(session)
    except (StorageError, UnavailableError, VerificationError):
        if not session.out.json:
            session.out.record(None, {"daemon": _daemon_line([] if facts is None else [_worker(facts)])})
        raise
    workers = [] if facts is None else [_worker(facts, is_installer=found.of_nobody is not None)]
    if session.out.json:
        session.out.emit({"running": facts is not None, "workers": workers, **_as_json(session, found)})
    else:
        _show(session, found, daemon=_daemon_line(workers))
    for tenant, error in found.broken.items():
        session.out.warn(f"{tenant}: {error.message}")
    if found.broken:
        raise next(iter(found.broken.values()))


def _look(session: Session) -> _Found:
    """All that this caller may see; nobody but the installer learns what lies beside their own firm.

    A firm that cannot be looked into must not hide the others, and not the daemon from the installer.
    """
    from lhwa.services.access.callers import is_installer
    from lhwa.services.access.oversight import of_nobody, oversee

    outside: dict[str, FirmFromOutside] = {}
    aside = None
    with open_spool_reader(session) as spool:
        with session.registry() as registry:
            with registry.read() as view:
                by_installer = is_installer(view, session.installer)
            if by_installer:
                outside = {firm.tenant: firm for firm in oversee(registry, session.installer, spool=spool)}
                aside = of_nobody(registry, session.installer, spool=spool)
            everything = by_installer and session.wanted_tenant is None
            tenants = list(outside) if everything else [session.tenant(registry)]
        found = _Found(of_nobody=aside, in_rows=len(tenants) != 1)
        for tenant in tenants:
            try:
                found.firms.append(_of_firm(session, tenant, spool, outside.get(tenant)))
            except LhwaError as error:
                if not everything:
                    raise
                found.broken[tenant] = error
    return found


def _of_firm(session: Session, tenant: str, spool: SpoolReader, outside: FirmFromOutside | None) -> _Shown:
    """One firm as the one who is logged in, else as the installer, else from outside."""
    named = Session(replace(session.asked, tenant=tenant), session.environ)
    try:
        return _inside(named, spool)
    except NotAllowedError:
        if outside is None:
            raise
    named.caller = session.installer
    try:
        return _inside(named, spool)
    except NotAllowedError:
        return _from_outside(outside)


def _inside(session: Session, spool: SpoolReader) -> _Shown:
    from lhwa.services.messaging.flow import firm_status

    with open_firm(session) as firm:
        now = firm.store.read(firm_status, firm.principal, spool=spool)
        return _Shown(now, firm.clock(now.last_webhook_at), firm.clock(now.oldest_waiting_at), firm.clock)


def _from_outside(seen: FirmFromOutside) -> _Shown:
    from lhwa.services.messaging.flow import FirmStatus

    now = FirmStatus(
        tenant=seen.tenant,
        waiting_requests=seen.waiting_requests,
        oldest_waiting_at=seen.oldest_waiting_at,
        last_webhook_at=seen.last_webhook_at,
    )
    last, oldest = (local_time(at, seen.time_zone) for at in (seen.last_webhook_at, seen.oldest_waiting_at))
    return _Shown(now, last, oldest, lambda text: local_time(text, seen.time_zone))


def _as_json(session: Session, found: _Found) -> dict[str, Any]:
    """The sums, what belongs to nobody, and each firm by itself: the same fields for everybody."""
    data = _facts(session, [each.now for each in found.firms])
    unrouted, unreadable = found.of_nobody or (None, None)
    data["queues"] |= {"unrouted": {"waiting": unrouted}, "unreadable": {"kept": unreadable}}
    return data | {"firms": [_facts(session, [each.now]) for each in found.firms]}


def _facts(session: Session, firms: list[FirmStatus]) -> dict[str, Any]:
    """The numbers of one firm, or the sums of several: the same fields."""
    oldest = min((each.oldest_waiting_at for each in firms if each.oldest_waiting_at), default=None)
    return {
        "tenant": firms[0].tenant if len(firms) == 1 else None,
        "queues": {
            "requests": {"waiting": _sum(each.waiting_requests for each in firms)},
            "jobs": {
                "waiting": _sum(each.waiting_jobs for each in firms),
                "running": _sum(each.running_jobs for each in firms),
            },
            "deadLetters": {"open": _sum(each.dead_letters for each in firms)},
            "statuses": {"parked": _sum(each.parked_statuses for each in firms)},
            "outbox": {
                name: _sum((each.outbox or {}).get(state, 0) if each.outbox is not None else None for each in firms)
                for name, state in _OUTBOX.items()
            },
            "intakes": {
                name: _sum(
                    sum((each.intakes or {}).get(state, 0) for state in states) if each.intakes is not None else None
                    for each in firms
                )
                for name, states in _INTAKES.items()
            },
        },
        "windows": {
            "open": _sum(each.open_windows for each in firms),
            "closingWithinAnHour": _sum(each.closing_windows for each in firms),
        },
        "templateFilesWithErrors": _sum(each.template_files_with_errors for each in firms),
        "stopped": firms[0].stopped if len(firms) == 1 else None,
        "oldestWaitingAt": oldest,
        "oldestAgeS": _age_s(session, oldest),
        "lastWebhookAt": max((each.last_webhook_at for each in firms if each.last_webhook_at), default=None),
        "messages": _sum(each.messages for each in firms),
        "auditEntries": _sum(each.audit_entries for each in firms),
    }


def _show(session: Session, found: _Found, *, daemon: str) -> None:
    """Show people one firm line by line, or several in rows."""
    aside = {}
    if found.of_nobody is not None:
        unrouted, unreadable = found.of_nobody
        aside = {
            "unrouted, no firm's": _advised(unrouted, "lhwa tenant add-number, then lhwa events replay --unrouted"),
            "unreadable, no firm's": _advised(unreadable, "lhwa deadletters list --requests"),
        }
    if found.in_rows or not found.firms:
        session.out.record(None, {"daemon": daemon, **aside})
        session.out.heading("Firms")
        _table(session, found.firms)
        return
    [firm] = found.firms
    pairs = {
        "firm": firm.now.tenant,
        "daemon": daemon,
        "last webhook": firm.last_webhook,
        "waiting requests": firm.now.waiting_requests,
        "oldest waits since": firm.oldest_waits_since,
        "waiting jobs": _known(firm.now.waiting_jobs),
        "dead letters": _advised(firm.now.dead_letters, "lhwa deadletters list"),
        **aside,
        **_outgoing(firm),
        **_intakes(firm),
        "parked statuses": _known(firm.now.parked_statuses),
        **_faulty_files(firm.now),
        "messages": _known(firm.now.messages),
        "audit records": _known(firm.now.audit_entries),
    }
    session.out.record(None, pairs)


def _outgoing(firm: _Shown) -> dict[str, object]:
    """What waits in the outbox, and what a person has to do about it."""
    counts = firm.now.outbox
    if counts is None:
        return {"outbox": "-"}
    lines: dict[str, object] = {"outbox": f"{counts.get('queued', 0)} queued, {counts.get('sending', 0)} on the way"}
    closing = firm.now.closing_windows
    lines["open windows"] = f"{_known(firm.now.open_windows)}{f', {closing} close within an hour' if closing else ''}"
    if counts.get("pending_approval"):
        lines["to approve"] = _advised(counts["pending_approval"], "lhwa pending")
    if counts.get("in_doubt"):
        lines["in doubt"] = _advised(counts["in_doubt"], "lhwa outbox list --open")
    for what, until in (firm.now.stopped or {}).items():
        lines["sending stopped"] = f"{what}, next try {firm.clock(until)}"
    return lines


def _intakes(firm: _Shown) -> dict[str, object]:
    """Clients on their way, where there are any, and what a lawyer has to do about it."""
    counts = firm.now.intakes or {}
    lines: dict[str, object] = {}
    waiting, asked = (sum(counts.get(state, 0) for state in states) for states in _INTAKES.values())
    if waiting:
        lines["intakes to decide"] = _advised(waiting, "lhwa intake list")
    if asked:
        lines["intakes under way"] = asked
    if firm.now.matters_to_check:
        lines["matters to check"] = _advised(firm.now.matters_to_check, "lhwa conflict flagged")
    return lines


def _faulty_files(now: FirmStatus) -> dict[str, object]:
    """Nothing where all files are well, as where there are none."""
    count = now.template_files_with_errors
    return {"template files with errors": _advised(count, "lhwa templates lint")} if count else {}


def _table(session: Session, firms: list[_Shown]) -> None:
    session.out.table(
        firms,
        {
            "firm": lambda each: each.now.tenant,
            "last webhook": lambda each: each.last_webhook,
            "waiting requests": lambda each: each.now.waiting_requests,
            "oldest waits since": lambda each: each.oldest_waits_since,
            "waiting jobs": lambda each: _known(each.now.waiting_jobs),
            "dead letters": lambda each: _known(each.now.dead_letters),
            "messages": lambda each: _known(each.now.messages),
        },
        empty="No firm yet. Add one: lhwa tenant add --help",
    )


def _worker(facts: DaemonFacts, *, is_installer: bool = False) -> dict[str, Any]:
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


def _known(count: int | None) -> int | str:
    return "-" if count is None else count


def _sum(counts: Iterable[int | None]) -> int | None:
    """Of those that are known; None when none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _advised(count: int | None, command: str) -> str:
    if count is None:
        return "-"
    return f"{count}; see: {command}" if count else "0"
