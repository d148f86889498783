"""A firm as a command sees it: who acts, the open store, and the local time of the firm."""

# ruff: noqa: PLC0415 -- a command pays only for what it opens

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any

from lhwa.cli.columns import Brief
from lhwa.cli.session import Session

if TYPE_CHECKING:
    from lhwa.domain.access import Permission, Principal
    from lhwa.domain.ids import OperatorId
    from lhwa.domain.keys import TenantKeys
    from lhwa.outbound.draining import Account
    from lhwa.store.spool import Spool
    from lhwa.store.spool_rows import SpoolReader
    from lhwa.store.store import Store

_ZONES = {
    name: timezone(timedelta(hours=hours), short)
    for name, short, hours in (("Asia/Jakarta", "WIB", 7), ("Asia/Makassar", "WITA", 8), ("Asia/Jayapura", "WIT", 9))
}
"""Indonesia's zones without the time zone database, whose import takes longer than the rest of a small table."""
_ZONES_SINCE = datetime(1988, 1, 1, tzinfo=UTC)
"""Since then they are what they are, and nobody turns a clock."""


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm, open for the length of a command."""

    principal: Principal
    keys: TenantKeys
    store: Store
    time_zone: str
    phone_number_ids: tuple[str, ...]
    """Meta's ids of the firm's own numbers."""

    def clock(self, text: str | None) -> str:
        """A time in the firm's own zone."""
        return local_time(text, self.time_zone)

    def moment(self, text: str | None) -> Brief | None:
        """The same as a cell of a table, which has a short form; None for none."""
        if text is None:
            return None
        full = self.clock(text)
        return Brief(full, full if full == text else full.rpartition(":")[0])


def local_time(text: str | None, time_zone: str) -> str:
    """An RFC 3339 text in a zone, `22 Nov 20:05:07 WIB`; `-` for none.

    Never raises: a time that has no local spelling, at the edge of the calendar, is shown as it is stored.
    """
    if text is None:
        return "-"
    from lhwa.domain.instants import parse_rfc3339

    try:
        at = parse_rfc3339(text)
        local = at.astimezone(_zone(time_zone, at))
    except (ValueError, OverflowError):
        return text
    name = _ZONES[time_zone].tzname(None) if time_zone in _ZONES else local.tzname() or ""
    return f"{local:%d %b %H:%M:%S} {name}".rstrip()


def zone_of(name: str) -> tzinfo:
    """A firm's time zone, for times of these years."""
    return _zone(name, _ZONES_SINCE)


def _zone(name: str, at: datetime) -> tzinfo:
    if name in _ZONES and at >= _ZONES_SINCE:
        return _ZONES[name]
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


@contextmanager
def open_firm(session: Session, named: str | None = None) -> Iterator[Firm]:
    """The firm that this command speaks of, for the one who acts.

    Args:
        named: by an argument of the command, before all other ways to name one.
    Raises: NotAllowedError, the same for a firm that is not there and one that is not theirs.
    """
    from lhwa import bootstrap
    from lhwa.services.access.callers import authenticate
    from lhwa.services.access.tenants import show_tenant

    with session.registry() as registry:
        tenant = session.tenant(registry, named)
        principal = authenticate(registry, session.caller, tenant, now=session.now)
        view = show_tenant(registry, session.caller, tenant, now=session.now)
        keys = registry.tenant_keys(tenant)
    opening = bootstrap.open_store(
        session.home,
        tenant,
        keys,
        registry=session.registry,
        clock=bootstrap.open_clock(),
        is_founded=view.founded_at is not None,
    )
    with opening as store:
        yield Firm(principal, keys, store, view.time_zone, view.phone_number_ids)


def people_of(session: Session, firm: Firm) -> dict[str, str]:
    """The names of the firm's people by their ids."""
    from lhwa.services.access.operators import names_in

    with session.registry() as registry:
        return names_in(registry, session.caller, firm.principal.tenant, now=session.now)


def colleague_of(session: Session, firm: Firm, operator: str, *, able_to: Permission) -> OperatorId:
    """Somebody of the firm, by id, whose role grants something. Raises: NotAllowedError for everybody else."""
    from lhwa.services.access.operators import colleague

    with session.registry() as registry:
        return colleague(registry, session.caller, firm.principal.tenant, operator, able_to=able_to, now=session.now)


def say_unless_serving(session: Session) -> None:
    """Tell whoever put something on its way that nothing leaves as long as no daemon runs."""
    from lhwa.daemon.lock import running_daemon

    if running_daemon(session.home.lock_file) is None:
        session.out.say("lhwa is not running: nothing leaves until you start it with `lhwa serve`.")


def account_of(session: Session, firm: Firm) -> Account:
    """How the firm speaks to Meta right now: the way its daemon does."""
    from lhwa import bootstrap

    settings = replace(session.settings, outbound=replace(session.settings.outbound, graph_url=session.graph_url))
    root = bootstrap.open_root_key(session.home, settings, session.environ)
    return bootstrap.open_account(session.home, settings, root, firm.principal.tenant)


@contextmanager
def open_spool(session: Session) -> Iterator[Spool]:
    """The spool of this home, to change it. Raises: StorageError, VerificationError when it is gone or emptied."""
    from lhwa.store.spool import Spool

    spool = Spool(session.home.spool_db)
    try:
        yield spool
    finally:
        spool.close()


@contextmanager
def open_spool_reader(session: Session) -> Iterator[SpoolReader]:
    """The spool of this home, to look into it: without a writer's thread. Raises as `open_spool`."""
    from lhwa.store.spool_rows import SpoolReader

    reader = SpoolReader.open(session.home.spool_db)
    try:
        yield reader
    finally:
        reader.close()


def without_none(data: dict[str, Any]) -> dict[str, Any]:
    """A record for people without the lines that say nothing."""
    return {name: value for name, value in data.items() if value not in (None, "", (), [])}
