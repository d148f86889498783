"""Tokens: issued once in clear, kept as hashes, scoped to one operator in one firm."""

from __future__ import annotations

import os
import secrets

from lhwa.domain.access import Permission
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.ids import OperatorId, TenantId, ulid
from lhwa.domain.instants import Instant, rfc3339, to_ms
from lhwa.errors import ConflictError, NotAllowedError
from lhwa.registry.registry import Registry
from lhwa.registry.tables import operators, tokens
from lhwa.registry.transaction import Tx
from lhwa.registry.views import IssuedToken, TokenView
from lhwa.services.access import rules
from lhwa.services.access.callers import Caller, authorise, not_yours, principal_of, token_hash

TOKEN_PREFIX = "lhwa_"  # noqa: S105 -- what every token starts with, so that scanners of leaked secrets find it


def issue_token(
    registry: Registry,
    caller: Caller,
    tenant: str,
    *,
    operator: str,
    days: int = rules.TOKEN_DAYS,
    label: str = "",
    now: Instant,
) -> IssuedToken:
    """Make a token for somebody with a role in the firm. Its text is returned here and never again.

    Holders cannot do this for themselves: an expiring token would then not expire.
    """
    firm, person = TenantId(tenant), OperatorId(operator)
    end, what_for = rules.end_of_token(days, now=now), rules.display_name(label) if label else ""
    text = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = TokenView(ulid(to_ms(now), os.urandom(10)), person, firm, what_for, now, end, None, None)
    with registry.write(now=now) as tx:
        actor = operator_actor(authorise(tx, caller, firm, Permission.MANAGE_PEOPLE, now=now))
        if operators.active_role(tx, person, firm) is None:
            raise not_yours()
        data = {"expires_at": rfc3339(end), "operator": person, "tenant": firm}
        tokens.insert(
            tx.record(AuditRecord(actor, "token.issued", f"token:{token.id}", data)), token, sha256=token_hash(text)
        )
    return IssuedToken(token, text)


def list_tokens(registry: Registry, caller: Caller, tenant: str, *, now: Instant) -> tuple[TokenView, ...]:
    """All tokens of a firm, ended ones included."""
    with registry.read() as view:
        authorise(view, caller, TenantId(tenant), Permission.MANAGE_PEOPLE, now=now)
        return tokens.every(view, of=TenantId(tenant))


def revoke_token(registry: Registry, caller: Caller, tenant: str, *, token_id: str, now: Instant) -> TokenView:
    """End a token now: one's own, or anybody's in the firm for those who manage people."""
    firm = TenantId(tenant)
    with registry.write(now=now) as tx:
        actor = operator_actor(_revoker(tx, caller, firm, token_id, now=now))
        token = tokens.find(tx, token_id, of=firm)
        if token is None:
            raise not_yours()
        if token.revoked_at is not None:
            raise ConflictError("This token was revoked already.")
        data = {"operator": token.operator, "tenant": firm}
        tokens.revoke(tx.record(AuditRecord(actor, "token.revoked", f"token:{token_id}", data)), token_id)
        return tokens.find(tx, token_id, of=firm) or token


def _revoker(tx: Tx, caller: Caller, firm: TenantId, token_id: str, *, now: Instant) -> OperatorId:
    try:
        return authorise(tx, caller, firm, Permission.MANAGE_PEOPLE, now=now)
    except NotAllowedError:
        principal = principal_of(tx, caller, firm, now=now)
        token = tokens.find(tx, token_id, of=firm)
        if token is None or token.operator != principal.operator:
            raise
        return principal.operator
