"""Who is calling: a token, else the user of the operating system.

Invariants: a token in use always wins over the user id; an unknown, expired, revoked or foreign token, a disabled
operator, a missing role and a missing firm all get one answer.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import timedelta

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.ids import OperatorId, TenantId
from lhwa.domain.instants import Instant
from lhwa.errors import NotAllowedError, UsageError
from lhwa.registry.registry import Registry
from lhwa.registry.tables import operators, tenants, tokens
from lhwa.registry.transaction import View
from lhwa.registry.views import TokenView

LAST_USED_GRAIN = timedelta(hours=1)
"""`last used` is that exact: not every command has to write."""
NOT_YOURS_HINT = (
    "Check the id of the firm. If a token has ended: an owner of the firm makes a new one with `lhwa token issue NAME "
    "-t FIRM`, and `lhwa login` keeps it."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who knocks.

    Args:
        token: the text of a token in use; None when there is none. An empty text is a token, and a wrong one.
        os_uid: the user id of the process; None where there are none.
    """

    token: str | None = field(default=None, repr=False)
    os_uid: int | None = None


def os_uid() -> int | None:
    """The user id of this process; None on Windows."""
    getuid = getattr(os, "getuid", None)
    return None if getuid is None else int(getuid())


def token_hash(text: str) -> bytes:
    """What the registry keeps of a token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def authenticate(registry: Registry, caller: Caller, tenant: str, *, now: Instant) -> Principal:
    """The principal as which the caller acts in a firm.

    Raises: NotAllowedError, always the same one.
    """
    with registry.read() as view:
        principal = principal_of(view, caller, TenantId(tenant), now=now)
        token = _live_token(view, caller, now=now)
    if token is not None and (token.last_used_at is None or now - token.last_used_at >= LAST_USED_GRAIN):
        registry.note_token_use(token.id, now=now)
    return principal


def pick_tenant(registry: Registry, caller: Caller, wanted: str | None, *, now: Instant) -> TenantId:
    """The firm that a command speaks of: the wanted one when it is the caller's, else the only one.

    Raises: NotAllowedError when the wanted one is not; UsageError when there is none, or a choice of the caller's own.
    """
    with registry.read() as view:
        own = _own_tenants(view, caller, now=now)
        if wanted is not None:
            tenant = TenantId(wanted)
            if tenant in own or (_installer(view, caller) is not None and tenants.exists(view, tenant)):
                return tenant
            raise not_yours()
        everything = tenants.ids(view) if _installer(view, caller) is not None else own
    if len(own) == 1:
        return own[0]
    if own:
        raise UsageError(f"Which firm? Yours are: {', '.join(own)}.", hint="Say it with --tenant or LHWA_TENANT.")
    if everything:
        raise UsageError(
            "You have no role in any firm.", hint="Take one: `lhwa operator set-role`; your name is in `lhwa whoami`."
        )
    raise UsageError("There is no firm yet.", hint="Add one: `lhwa tenant add --help`.")


def own_tenants(registry: Registry, caller: Caller, *, now: Instant) -> tuple[TenantId, ...]:
    """The firms where the caller has a role now: one for a token. Raises: NotAllowedError for somebody unknown."""
    with registry.read() as view:
        return _own_tenants(view, caller, now=now)


def principal_of(view: View, caller: Caller, tenant: TenantId, *, now: Instant) -> Principal:
    """`authenticate` inside a transaction."""
    operator = _operator(view, caller, tenant, now=now)
    role = None if operator is None else operators.active_role(view, operator, tenant)
    if operator is None or role is None:
        raise not_yours()
    return Principal(operator, tenant, role)


def authorise(view: View, caller: Caller, tenant: TenantId, permission: Permission, *, now: Instant) -> OperatorId:
    """Who does an administrative act in a firm: somebody with the permission there, or the installer."""
    installer = _installer(view, caller)
    if installer is not None and tenants.exists(view, tenant):
        return installer
    principal = principal_of(view, caller, tenant, now=now)
    principal.require(permission)
    return principal.operator


def is_installer(view: View, caller: Caller) -> bool:
    """True for the installer without a token."""
    return _installer(view, caller) is not None


def require_installer(view: View, caller: Caller) -> OperatorId:
    """The installer; NotAllowedError for everybody else, and for every token."""
    installer = _installer(view, caller)
    if installer is None:
        raise NotAllowedError(
            "Only the operator who installed lhwa on this machine may do this, and without a token.",
            hint="Run it as that user, with LHWA_TOKEN unset." if caller.token is not None else "Run it as that user.",
        )
    return installer


def not_yours() -> NotAllowedError:
    """The one answer."""
    return NotAllowedError(NOT_YOURS, hint=NOT_YOURS_HINT)


def _installer(view: View, caller: Caller) -> OperatorId | None:
    if caller.token is not None or caller.os_uid is None:
        return None
    return operators.installer_with_uid(view, caller.os_uid)


def _operator(view: View, caller: Caller, tenant: TenantId, *, now: Instant) -> OperatorId | None:
    if caller.token is None:
        return _installer(view, caller)
    token = _live_token(view, caller, now=now)
    return token.operator if token is not None and token.tenant == tenant else None


def _live_token(view: View, caller: Caller, *, now: Instant) -> TokenView | None:
    if caller.token is None:
        return None
    token = tokens.with_hash(view, token_hash(caller.token))
    return token if token is not None and token.live_at(now) else None


def _own_tenants(view: View, caller: Caller, *, now: Instant) -> tuple[TenantId, ...]:
    """The firms where the caller has a role now; NotAllowedError for somebody whom nobody knows."""
    installer = _installer(view, caller)
    if installer is not None:
        return operators.active_tenants(view, installer)
    token = _live_token(view, caller, now=now)
    if token is None or operators.active_role(view, token.operator, token.tenant) is None:
        raise not_yours()
    return (token.tenant,)
