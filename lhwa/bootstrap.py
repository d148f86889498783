"""Settings -> open things. The only place that chooses adapters.

Every import of something heavy is inside the function that needs it, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lhwa.config import Home, Settings, find_home
from lhwa.errors import ConfigError

if TYPE_CHECKING:
    from lhwa.domain.events import EventType
    from lhwa.domain.ids import TenantId
    from lhwa.domain.jobs import JobKind
    from lhwa.domain.keys import TenantKeys
    from lhwa.domain.outbound import OutboundMessage
    from lhwa.domain.sealing import Key
    from lhwa.domain.send_policy import SendPolicy
    from lhwa.outbound.draining import Account
    from lhwa.ports.channel import Channel, ChannelAccess
    from lhwa.ports.clock import Clock
    from lhwa.ports.notifier import Notifier
    from lhwa.ports.secret_store import SecretStore
    from lhwa.ports.template_registry import TemplateRegistry
    from lhwa.registry.registry import Registry
    from lhwa.registry.routing import RoutingTable
    from lhwa.store.store import Store
    from lhwa.store.transaction import Reaction, Reactions

    OpenRegistry = Callable[[], AbstractContextManager[Registry]]

UPLOADED_LATER = "0"
"""In place of a document's id at Meta, in what is only shown."""


def open_clock() -> Clock:
    """The time of this machine."""
    from lhwa.adapters.clock.system import SystemClock  # noqa: PLC0415 -- see the module docstring

    return SystemClock()


def open_home(environ: Mapping[str, str], flag: Path | None = None) -> Home:
    """An initialised home; ConfigError when there is none where the flag or the environment says."""
    home = find_home(environ, flag)
    if not home.registry_db.exists():
        raise ConfigError(
            f"There is no lhwa installation in {home.root}.",
            hint="Run `lhwa init`, or name another home with --home or LHWA_HOME.",
        )
    return home


def open_secret_store(home: Home, settings: Settings, environ: Mapping[str, str]) -> SecretStore:
    """The secret store that settings name."""
    from lhwa.adapters import secret_store  # noqa: PLC0415 -- see the module docstring

    return secret_store.open_secret_store(
        settings.root_key.store,
        home=home.root,
        path=settings.root_key.path,
        environ=environ,
        allow=settings.plugins.allow,
    )


def open_root_key(home: Home, settings: Settings, environ: Mapping[str, str]) -> Key:
    """The root key of this home; ConfigError when its secret store has none."""
    from lhwa.adapters.secret_store.root_key import read_root_key  # noqa: PLC0415 -- see the module docstring

    return read_root_key(open_secret_store(home, settings, environ))


def open_registry(home: Home, root: Key) -> Registry:
    """The registry of this home, to be closed by the caller."""
    from lhwa.registry.registry import Registry  # noqa: PLC0415 -- see the module docstring

    return Registry.open(home.registry_db, root)


def open_store(
    home: Home,
    tenant: TenantId,
    keys: TenantKeys,
    *,
    registry: OpenRegistry | None,
    clock: Clock,
    is_founded: bool,
    is_daemon: bool = False,
) -> Store:
    """A firm's store, to be closed by the caller; a firm that never had files gets them now.

    Args:
        registry: opened only when the files cannot be used, to learn whether the firm ever had any, or when it does
            not know yet that they are there. None: files are opened and never made.
        is_founded: the registry knows that the firm has its files, as far as the caller knows.
    Raises: StorageError, VerificationError when files that were there are gone, emptied or not the right ones.
    """
    from lhwa.errors import StorageError, UnavailableError, VerificationError  # noqa: PLC0415 -- see the module docstring
    from lhwa.services.access.founding import found_once, remember_founded  # noqa: PLC0415 -- as above
    from lhwa.store.store import Store  # noqa: PLC0415 -- as above
    from lhwa.store.wake import touch  # noqa: PLC0415 -- as above

    def opened(*, create: bool = False) -> Store:
        return Store(
            home.tenant_db(tenant),
            home.keys_db(tenant),
            tenant=tenant,
            tenant_keys=keys,
            clock=clock,
            reactions=dict(_WhenNeeded()) if is_daemon else _WhenNeeded(),
            create=create,
            on_jobs=(lambda: None) if is_daemon else (lambda: touch(home.wake_dir, tenant)),
        )

    try:
        store = opened()
    except (StorageError, VerificationError):
        if registry is None:
            raise
        with registry() as opened_registry:
            found_once(opened_registry, tenant, create=lambda: opened(create=True))
        # Made here, or by another process since we looked; what is lost or damaged is refused once more.
        return opened()
    if registry is not None and not is_founded:
        # Who made the files may have died before it could say so. A busy registry is told the next time.
        with suppress(UnavailableError), registry() as opened_registry:
            remember_founded(opened_registry, tenant, now=clock.now())
    return store


class _WhenNeeded(Mapping["EventType", "tuple[JobKind | Reaction, ...]"]):
    """What reacts to which event, imported when somebody looks: most commands cause none, and the routes lead far."""

    @cached_property
    def _table(self) -> Reactions:
        from lhwa.routes import REACTIONS  # noqa: PLC0415 -- see above

        return REACTIONS

    def __getitem__(self, event: EventType) -> tuple[JobKind | Reaction, ...]:
        return self._table[event]

    def __iter__(self) -> Iterator[EventType]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


def send_policy(settings: Settings, *, numbers: tuple[str, ...], time_zone: str) -> SendPolicy:
    """What settings say about sending, for a firm with these phone number ids in this time zone."""
    from datetime import time  # noqa: PLC0415 -- see the module docstring
    from zoneinfo import ZoneInfo  # noqa: PLC0415 -- as above

    from lhwa.domain.access import Role  # noqa: PLC0415 -- as above
    from lhwa.domain.send_policy import QuietHours, SendPolicy  # noqa: PLC0415 -- as above

    outbound = settings.outbound
    begin, _, end = outbound.quiet_hours.partition("-")
    return SendPolicy(
        zone=ZoneInfo(time_zone),
        direct=frozenset(map(Role, outbound.direct_roles)),
        with_approval=frozenset(map(Role, outbound.approval_roles)),
        quiet=QuietHours(time.fromisoformat(begin), time.fromisoformat(end)) if begin else None,
        expires_ms=outbound.expires_hours * 3_600_000,
        numbers=numbers,
    )


def open_account(home: Home, settings: Settings, root: Key, tenant: TenantId) -> Account:
    """How a firm speaks to Meta right now: its token, its numbers and what it decided about sending."""
    from lhwa.outbound.draining import Account  # noqa: PLC0415 -- see the module docstring
    from lhwa.registry.tables import tenants  # noqa: PLC0415 -- as above

    with open_registry(home, root) as registry, registry.read() as view:
        firm = tenants.find(view, tenant)
        if firm is None:
            raise ConfigError("The registry does not know this firm any more.")
        token = tenants.access_token(view, tenant)
    return Account(
        policy=send_policy(settings, numbers=firm.phone_number_ids, time_zone=firm.time_zone),
        base_url=settings.outbound.graph_url,
        api_version=settings.outbound.api_version,
        token=None if token is None else token.decode("ascii"),
    )


def require_access(account: Account, node_id: str) -> ChannelAccess:
    """The right to ask Meta about one of the firm's numbers or accounts. Raises: ConfigError without a token."""
    access = account.access(node_id)
    if access is None:
        raise ConfigError(
            "This firm has no access token, so Meta cannot be asked.",
            hint="Store it: `lhwa tenant set-access-token FIRM < token.txt`. Without Meta: `lhwa sandbox serve`.",
        )
    return access


@asynccontextmanager
async def open_channel() -> AsyncIterator[Channel]:
    """What carries messages to Meta; its connections are closed with it."""
    import httpx  # noqa: PLC0415 -- see the module docstring

    from lhwa.adapters.channel.whatsapp_cloud.client import WhatsAppCloudChannel  # noqa: PLC0415 -- as above

    # Proxies and certificates of the environment are for people: where the token goes is a setting.
    async with httpx.AsyncClient(trust_env=False) as http:
        yield WhatsAppCloudChannel(http)


def posted_body(message: OutboundMessage) -> dict[str, Any]:
    """What would be posted to Meta for a message. A document gets its id there when it leaves."""
    import msgspec  # noqa: PLC0415 -- see the module docstring

    from lhwa.adapters.channel.whatsapp_cloud.bodies import body_of  # noqa: PLC0415 -- as above
    from lhwa.domain.outbound import Document  # noqa: PLC0415 -- as above

    if isinstance(message.content, Document):
        message = msgspec.structs.replace(message, content=message.content.at_meta(UPLOADED_LATER))
    return body_of(message)


@asynccontextmanager
async def open_template_registry(account: Account, waba_id: str) -> AsyncIterator[TemplateRegistry]:
    """A firm's templates at Meta; its connections are closed with it.

    Raises: ConfigError when the firm has no access token.
    """
    import httpx  # noqa: PLC0415 -- see the module docstring

    from lhwa.adapters.channel.whatsapp_cloud.template_calls import WhatsAppTemplateCalls  # noqa: PLC0415 -- as above

    access = require_access(account, waba_id)
    # See `open_channel`.
    async with httpx.AsyncClient(trust_env=False) as http:
        yield WhatsAppTemplateCalls(http, waba_id, access)


def open_notifier() -> Notifier:
    """Where alerts go."""
    from lhwa.adapters.notifier.log import LogNotifier  # noqa: PLC0415 -- see the module docstring

    return LogNotifier()


def load_routing(home: Home, settings: Settings, environ: Mapping[str, str]) -> RoutingTable:
    """The routing table of this moment, for a command."""
    import asyncio  # noqa: PLC0415 -- see the module docstring

    from lhwa.registry import lookup  # noqa: PLC0415 -- as above

    return asyncio.run(lookup.load_routing(home.registry_db, open_root_key(home, settings, environ)))
