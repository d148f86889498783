"""What people are shown of the registry. No secrets, and no rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from lhwa.domain.access import Role
from lhwa.domain.ids import AppName, OperatorId, PhoneNumberId, TenantId, is_tenant_id
from lhwa.domain.instants import Instant


def tenant_id(text: str) -> TenantId:
    """The id of a firm as read: it becomes a folder name, so anything else is refused with ValueError."""
    if not is_tenant_id(text):
        raise ValueError("no tenant id")
    return TenantId(text)


class TenantState(StrEnum):
    """Whether a firm is served."""

    ACTIVE = "active"
    """Webhooks are processed and people work."""
    SUSPENDED = "suspended"
    """Webhooks are kept; nothing is processed or sent."""


class OperatorState(StrEnum):
    """Whether an operator, or a membership in one firm, counts."""

    ACTIVE = "active"
    DISABLED = "disabled"


class SecretKind(StrEnum):
    """What a Meta app shares with us."""

    APP_SECRET = "app_secret"  # noqa: S105 -- the kind of a secret
    """Signs webhooks."""
    VERIFY_TOKEN = "verify_token"  # noqa: S105 -- the kind of a secret
    """Answers Meta's handshake."""


@dataclass(frozen=True, slots=True)
class SecretView:
    """That a secret exists; never the secret."""

    kind: SecretKind
    fingerprint: str
    created_at: Instant
    not_after: Instant | None
    """None for the current one."""


@dataclass(frozen=True, slots=True)
class AppView:
    """One Meta app."""

    name: AppName
    created_at: Instant
    secrets: tuple[SecretView, ...]
    """Current first."""
    tenants: int


@dataclass(frozen=True, slots=True)
class TenantView:
    """One firm."""

    id: TenantId
    name: str
    waba_id: str
    app: AppName
    time_zone: str
    state: TenantState
    created_at: Instant
    phone_number_ids: tuple[PhoneNumberId, ...]
    has_access_token: bool
    founded_at: Instant | None
    """When its files were made; None while it never had any."""


@dataclass(frozen=True, slots=True)
class Membership:
    """An operator's role in one firm."""

    tenant: TenantId
    role: Role
    state: OperatorState


@dataclass(frozen=True, slots=True)
class OperatorView:
    """One operator, with the memberships that the reader may know about."""

    id: OperatorId
    name: str
    state: OperatorState
    is_installer: bool
    memberships: tuple[Membership, ...]
    created_at: Instant


@dataclass(frozen=True, slots=True)
class TokenView:
    """That a token exists; only its hash is kept, and nobody is shown that."""

    id: str
    operator: OperatorId
    tenant: TenantId
    label: str
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None
    last_used_at: Instant | None

    def live_at(self, now: Instant) -> bool:
        """True when the token still opens the door."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token: the only time its text exists here."""

    view: TokenView
    text: str = field(repr=False)
